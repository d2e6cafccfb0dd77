"""The history of a study in memory: every trial and its curves, kept up to date by events.

One thread owns a history. The session and the window each have their own, fed by the same events, so there is
nothing to lock. Columns grow in place, so that an event costs the same with ten trials and with ten thousand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.unit import units_of
from tuner_gui.study.definition import Objective
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    FinalFigure,
    NoteAdded,
    TrialDropped,
    TrialEnded,
    TrialProgress,
    TrialProtected,
    TrialQueued,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.stages import Stage
from tuner_gui.study.standing import Standing, Standings

Floats = NDArray[np.float64]

STATE_CODES = {state: code for code, state in enumerate(TrialState)}


@dataclass(frozen=True, slots=True)
class Trial:
    """One model trained with one set of values. ``value`` is the objective after the last epoch.

    ``fixed`` holds the hyperparameters that were not drawn for it. A parameter that is searched only later has its
    value from there: nothing is known less about the trials before.
    """

    number: int
    stage: int
    state: TrialState
    values: Mapping[str, Value]
    seed: int
    started_at: str
    value: float | None = None
    seconds: float | None = None
    reason: str | None = None
    lineage: Mapping[str, Value] | None = None
    fixed: Mapping[str, Value] = field(default_factory=dict)

    def value_of(self, name: str) -> Value | None:
        """What the trial had of a hyperparameter, drawn or fixed; None where that is not known."""
        return self.values.get(name, self.fixed.get(name))

    def is_like(self, other: Trial) -> bool:
        """Whether both trained the same network in the same way, but for the seed."""
        return {**self.fixed, **self.values} == {**other.fixed, **other.values}


class GrowingArray:
    """A numpy array with room to grow at its first axis; ``view`` is the used part.

    It begins empty, or as a copy of ``rows`` with no room yet: most curves of a loaded study never grow again.
    """

    def __init__(
        self, dtype: Any = np.float64, shape: tuple[int, ...] = (), *, rows: NDArray[Any] | None = None
    ) -> None:
        self._data = np.empty((16, *shape), dtype=dtype) if rows is None else np.array(rows)
        self._count = 0 if rows is None else len(rows)

    def __len__(self) -> int:
        return self._count

    @property
    def view(self) -> NDArray[Any]:
        return self._data[: self._count]

    @property
    def width(self) -> int:
        """The length of a row."""
        return int(self._data.shape[1])

    def extend(self, rows: NDArray[Any]) -> None:
        needed = self._count + len(rows)
        self._make_room(needed)
        self._data[self._count : needed] = rows
        self._count = needed

    def append(self, row: Any) -> None:
        self._make_room(self._count + 1)
        self._data[self._count] = row
        self._count += 1

    def _make_room(self, needed: int) -> None:
        if needed > len(self._data):
            bigger = np.empty((max(needed, 2 * len(self._data), 16), *self._data.shape[1:]), dtype=self._data.dtype)
            bigger[: self._count] = self.view
            self._data = bigger


class History:
    """Trials by number from 1 on without gaps, their per-epoch metrics, and columns for plots.

    ``version`` changes with every event that changed anything, ``ended`` with every trial that is over.
    """

    def __init__(self) -> None:
        self.version = 0
        self.ended = 0
        self.trials: list[Trial] = []
        self.queued: dict[int, TrialQueued] = {}
        self.progress: dict[int, float] = {}
        self.protected: set[int] = set()
        self.stages: dict[int, Stage] = {}
        self.final_figures: dict[int, FinalFigure] = {}
        self.notes: dict[int, str] = {}
        self.metric_names: list[str] = []
        self._curves: list[GrowingArray] = []
        self._stage_column = GrowingArray(np.int64)
        self._state_column = GrowingArray(np.int8)
        self._value_column = GrowingArray()
        self._root_column = GrowingArray(np.intp)
        self._standings: tuple[tuple[int, int], Standings] | None = None
        self._units: dict[Parameter, GrowingArray] = {}

    # --- reading ---

    def __len__(self) -> int:
        return len(self.trials)

    def trial(self, number: int) -> Trial:
        """The trial of that number; IndexError if it has not started."""
        if number < 1:
            raise IndexError(number)
        return self.trials[number - 1]

    @property
    def stage_column(self) -> NDArray[np.int64]:
        """The stage of each trial, ``[n]``, in order of the numbers."""
        return self._stage_column.view

    @property
    def state_column(self) -> NDArray[np.int8]:
        """The state of each trial as its place in :class:`TrialState`, ``[n]``."""
        return self._state_column.view

    @property
    def value_column(self) -> Floats:
        """The objective of each trial, ``[n]``; NaN where there is none (yet)."""
        return self._value_column.view

    def in_state(self, *states: TrialState) -> NDArray[np.bool_]:
        return np.asarray(np.isin(self.state_column, [STATE_CODES[state] for state in states]), dtype=bool)

    def units(self, parameter: Parameter) -> Floats:
        """Each trial's unit coordinate of a parameter, ``[n]``; NaN where the trial has no such value."""
        column = self._units.setdefault(parameter, GrowingArray())
        missing = self.trials[len(column) :]
        if missing:
            column.extend(_unit_column(parameter, missing))
        return column.view

    def curve(self, number: int, metric: str) -> Floats:
        """A metric of one trial after each epoch, ``[epochs]``; empty if it was never measured."""
        rows = self._curves[number - 1].view
        if metric not in self.metric_names:
            return np.empty(0)
        column = self.metric_names.index(metric)
        return rows[:, column] if column < rows.shape[1] else np.full(len(rows), np.nan)

    def curves(self, number: int) -> dict[str, Floats]:
        return {metric: self.curve(number, metric) for metric in self.metric_names}

    def is_running(self, number: int) -> bool:
        return number in self.progress

    def epochs(self, number: int) -> int:
        return len(self._curves[number - 1])

    def best(self, objective: Objective) -> Trial | None:
        """The finished trial with the best value, or the best mean where the best were repeated; the earliest of
        equals."""
        order = self.standings(objective).order
        return self.trials[order[0]] if len(order) else None

    def best_standing(self, objective: Objective) -> Standing | None:
        """How the best trial stands: over how many runs, how far apart they are, and what cannot be told from it."""
        standings = self.standings(objective)
        return standings.standing(int(standings.order[0])) if len(standings.order) else None

    def ranked(self, objective: Objective, count: int) -> list[int]:
        """The numbers of the best finished trials, at most ``count``, the best first; the earliest of equals.

        Of a trial and its repeats only the first is among them.
        """
        return [int(row) + 1 for row in self.standings(objective).order[:count]]

    def best_runs(self, objective: Objective, count: int) -> list[int]:
        """The numbers of the finished trials with the best values of their own, repeats left out, the best first."""
        rows = np.flatnonzero(
            self.in_state(TrialState.FINISHED)
            & np.isfinite(self.value_column)
            & (self.root_column == np.arange(len(self)))
        )
        order = np.argsort(-objective.sign * self.value_column[rows], kind="stable")[:count]
        return [int(row) + 1 for row in rows[order]]

    def standings(self, objective: Objective) -> Standings:
        """All finished trials with their repeats; kept until another trial has ended."""
        key = (self.ended, objective.sign)
        if self._standings is None or self._standings[0] != key:
            values = np.where(self.in_state(TrialState.FINISHED), self.value_column, np.nan)
            self._standings = key, Standings(values, self.root_column, objective.sign)
        return self._standings[1]

    @property
    def root_column(self) -> NDArray[np.intp]:
        """The row of the trial that each trial repeats with another seed, ``[n]``; its own where it repeats none."""
        return self._root_column.view

    def repeats(self, number: int) -> list[int]:
        """The trials with the same values as this one and other seeds, itself among them, in order of their numbers."""
        root = self.root_column[number - 1]
        return [int(row) + 1 for row in np.flatnonzero(self.root_column == root)]

    def counts(self) -> dict[TrialState, int]:
        counted = np.bincount(self.state_column, minlength=len(TrialState))
        return {state: int(counted[code]) for state, code in STATE_CODES.items()}

    def copy(self) -> History:
        """An independent history with the same content, for another thread."""
        twin = History()
        twin.queued = dict(self.queued)
        twin.progress = dict(self.progress)
        twin.protected = set(self.protected)
        twin.stages = dict(self.stages)
        twin.final_figures = dict(self.final_figures)
        twin.notes = dict(self.notes)
        twin.metric_names = list(self.metric_names)
        twin.load(self.trials, [curve.view for curve in self._curves])
        twin.version = self.version
        return twin

    # --- changing ---

    def load(self, trials: Sequence[Trial], curves: Sequence[Floats]) -> None:
        """Take over many trials at once, each with its curves ``[epochs, metrics]`` in the order of metric_names."""
        for trial in trials:
            self._note_root(trial)
        self.ended += len(trials)
        self._curves.extend(GrowingArray(rows=rows) for rows in curves)
        self._stage_column.extend(np.array([t.stage for t in trials], dtype=np.int64))
        self._state_column.extend(np.array([STATE_CODES[t.state] for t in trials], dtype=np.int8))
        self._value_column.extend(np.array([np.nan if t.value is None else t.value for t in trials], dtype=np.float64))
        self.version += 1

    def apply(self, event: Event) -> None:  # noqa: C901
        """Take over one event; those that say nothing of a trial change nothing."""
        match event:
            case TrialQueued():
                self.queued[event.trial] = event
            case TrialDropped():
                self.queued.pop(event.trial, None)
            case TrialStarted():
                self._start(event)
            case TrialProgress():
                if event.trial not in self.progress:
                    return  # a late word on a trial that is over
                self.progress[event.trial] = event.fraction
            case TrialProtected():
                (self.protected.add if event.on else self.protected.discard)(event.trial)
            case EpochEnded():
                self._end_epoch(event)
            case TrialEnded():
                self._end(event)
            case FinalFigure():
                self.final_figures[event.trial] = event
            case NoteAdded():
                self.notes[event.trial] = event.text
            case _:
                return
        self.version += 1

    def _start(self, event: TrialStarted) -> None:
        if event.trial != len(self.trials) + 1:
            raise ValueError(f"trial {event.trial} started after trial {len(self.trials)}")
        self.queued.pop(event.trial, None)
        self.progress[event.trial] = 0.0
        self.stages[event.stage.number] = event.stage
        self._note_root(
            Trial(
                event.trial,
                event.stage.number,
                TrialState.RUNNING,
                event.values,
                event.seed,
                event.at,
                lineage=event.lineage,
                fixed=event.fixed,
            )
        )
        self._curves.append(GrowingArray(shape=(len(self.metric_names),)))
        self._stage_column.append(event.stage.number)
        self._state_column.append(STATE_CODES[TrialState.RUNNING])
        self._value_column.append(np.nan)

    def _note_root(self, trial: Trial) -> None:
        """Add the trial. A repeat of a repeat belongs to the first; one that is none, whatever it says, to itself."""
        root = row = len(self.trials)
        of = (trial.lineage or {}).get("repeats")
        if isinstance(of, int) and 1 <= of <= row and self.trials[of - 1].is_like(trial):
            root = int(self.root_column[of - 1])
        self.trials.append(trial)
        self._root_column.append(root)

    def _end_epoch(self, event: EpochEnded) -> None:
        new = [name for name in event.metrics if name not in self.metric_names]
        self.metric_names.extend(new)
        curve = self._curves[event.trial - 1]
        if curve.width < len(self.metric_names):
            curve = self._widened(curve, len(self.metric_names))
            self._curves[event.trial - 1] = curve
        curve.append([event.metrics.get(name, math.nan) for name in self.metric_names])

    @staticmethod
    def _widened(curve: GrowingArray, metrics: int) -> GrowingArray:
        wide = GrowingArray(shape=(metrics,))
        old = curve.view
        wide.extend(np.hstack([old, np.full((len(old), metrics - old.shape[1]), np.nan)]))
        return wide

    def _end(self, event: TrialEnded) -> None:
        index = event.trial - 1
        self.progress.pop(event.trial, None)
        self.protected.discard(event.trial)
        self.ended += 1
        self.trials[index] = replace(
            self.trials[index], state=event.state, value=event.value, seconds=event.seconds, reason=event.reason
        )
        self._state_column.view[index] = STATE_CODES[event.state]
        self._value_column.view[index] = np.nan if event.value is None else event.value


def _unit_column(parameter: Parameter, trials: Sequence[Trial]) -> Floats:
    values = [(index, trial.value_of(parameter.name)) for index, trial in enumerate(trials)]
    placed = [(index, value) for index, value in values if value is not None and _has_place(parameter, value)]
    column = np.full(len(trials), np.nan)
    if placed:
        column[[index for index, _ in placed]] = units_of(parameter, [value for _, value in placed])
    return column


def _has_place(parameter: Parameter, value: Value) -> bool:
    """A parameter may have been of another kind when a trial was drawn."""
    return isinstance(parameter, ChoiceParameter) or not isinstance(value, (str, bool))
