"""An engine without a process: it "trains" by a formula, at once and in the session's thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialState,
    WeightsKept,
)

Outcome = Callable[[int, Mapping[str, Value]], TrialEnded]


def accuracy(values: Mapping[str, Value]) -> float:
    """Best at a learning rate of 0.03, falling off by decades."""
    distance = math.log10(float(values["learning_rate"])) - math.log10(0.03)
    return 0.95 * math.exp(-(distance**2) / 4)


def finished(trial: int, values: Mapping[str, Value]) -> TrialEnded:
    return TrialEnded(trial, TrialState.FINISHED, seconds=0.5, value=accuracy(values))


class FakeEngine:
    """``outcome`` decides how a trial ends; a trial in ``stuck`` trains until it is cancelled, or for ever if deaf.

    It trains ``lanes`` trials at once, and reports on all of them together. Only those that are among its best
    three come with their weights.
    """

    def __init__(
        self, outcome: Outcome = finished, *, epochs: int = 2, stuck: frozenset[int] = frozenset(), lanes: int = 1
    ) -> None:
        self.outcome = outcome
        self.lanes = lanes
        self.epochs = epochs
        self.stuck = stuck
        self.deaf = False
        self.is_paused = False
        self.is_closed = False
        self.never_ready = False
        self.starts: list[Definition] = []
        self.jobs: dict[int, Mapping[str, Value]] = {}
        self.seeds: dict[int, int] = {}
        self.trained_under: dict[int, Definition] = {}
        self._ready = False
        self._training: dict[int, Mapping[str, Value]] = {}
        self._events: list[Event] = []
        self._values: list[float] = []

    @property
    def room(self) -> int:
        return self.lanes - len(self._training) if self._ready else 0

    def start(self, definition: Definition) -> None:
        if not self.starts or self.starts[-1].data != definition.data:
            self._events += [TrainerStarting(), *([] if self.never_ready else [TrainerReady("made up")])]
            self._ready = not self.never_ready
        self.starts.append(definition)

    def submit(self, *, trial: int, values: Mapping[str, Value], seed: int) -> None:
        self.jobs[trial] = dict(values)
        self.seeds[trial] = seed
        self.trained_under[trial] = self.starts[-1]
        self._training[trial] = values
        for epoch in range(1, self.epochs + 1):
            self._events.append(EpochEnded(trial, epoch, {"loss": 1 / epoch, "val_accuracy": accuracy(values)}))
        if trial not in self.stuck:
            self._end(self.outcome(trial, values))
            self._events.append(TrainerLoad(1, len(self.jobs), programs=1, lanes=self.lanes, traces=7, waste=0.12))

    def _end(self, ended: TrialEnded) -> None:
        if ended.state is TrialState.FINISHED and ended.value is not None:
            self._values.append(ended.value)
            if ended.value in sorted(self._values)[-3:]:
                self._events.append(WeightsKept(ended.trial, b"npz"))
        self._events.append(ended)

    def cancel(self, trial: int, *, pruned: bool = False) -> None:
        if trial in self._training and not self.deaf:
            over = [event for event in self._events if isinstance(event, TrialEnded) and event.trial == trial]
            if pruned and not over:
                value = accuracy(self._training[trial])
                self._events.append(TrialEnded(trial, TrialState.PRUNED, seconds=0.1, value=value))
            elif not pruned:
                self._events.append(TrialEnded(trial, TrialState.CANCELLED, seconds=0.1, reason="cancelled"))

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def find_final_figure(self, *, trial: int, values: Mapping[str, Value], npz: bytes) -> None:
        raise NotImplementedError

    def fail(self, reason: str) -> None:
        self._events.append(TrainerFailed(reason))

    def waitables(self) -> list[int]:
        return []

    def next_deadline(self) -> float | None:
        return time.monotonic() if self._events and not self.is_paused else None

    def events(self) -> list[Event]:
        if self.is_paused:
            return []
        events, self._events = self._events, []
        for event in events:
            if isinstance(event, TrialEnded):
                self._training.pop(event.trial, None)
        return events

    def close(self) -> None:
        self.is_closed = True
        self._ready = False
        self._training.clear()
        self._events.clear()
