"""What the terminal shows of a search: one line per trial, or a bar where there is a terminal to draw it in."""

from __future__ import annotations

import time
from typing import Protocol, TextIO

from tuner_gui.search.progress import FEWEST_DURATIONS, format_duration, time_left, words_left
from tuner_gui.search.refine import format_share
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    Notice,
    RunPaused,
    RunResumed,
    RunStarted,
    SavingFailed,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialProgress,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.history import History


class Display(Protocol):
    """Takes the events of one run, in order, and is closed at its end."""

    def take(self, event: Event) -> None: ...

    def refresh(self) -> None:
        """Called now and then while no event comes."""

    def close(self) -> None: ...


class Tally:
    """What a display counts of one run: the trials that are over, how they ended, how long they took, the best."""

    def __init__(self, definition: Definition, history: History) -> None:
        self.definition = definition
        self.history = history
        self.budget: RunStarted | None = None
        self.over = 0
        self.ended: dict[TrialState, int] = {}
        self.running: dict[int, float] = {}
        self._load: TrainerLoad | None = None
        self._most_running = 0
        self._began: float | None = None
        self._seconds = 0.0
        self._durations = [
            t.seconds for t in history.trials if t.state is TrialState.FINISHED and t.seconds is not None
        ]

    def take(self, event: Event) -> None:
        self.history.apply(event)
        match event:
            case RunStarted():
                self.budget = event
            case TrainerLoad():
                self._load = event
            case TrialStarted():
                self._start(event)
            case TrialProgress() if event.trial in self.running:
                self.running[event.trial] = event.fraction
            case EpochEnded() if event.trial in self.running:
                self.running[event.trial] = min(1.0, event.epoch / self.definition.model.epochs)
            case TrialEnded():
                self._end(event)

    def _start(self, event: TrialStarted) -> None:
        self._began = self._began or time.monotonic()
        self.running[event.trial] = 0.0
        self._most_running = max(self._most_running, len(self.running))

    def _end(self, event: TrialEnded) -> None:
        self.running.pop(event.trial, None)
        self.over += 1
        self.ended[event.state] = self.ended.get(event.state, 0) + 1
        if event.state is TrialState.FINISHED:
            self._durations.append(event.seconds)
        if event.state is not TrialState.CANCELLED and self._began is not None:
            self._seconds = time.monotonic() - self._began

    @property
    def total(self) -> int | None:
        return None if self.budget is None else self.budget.trials

    def best_words(self) -> str:
        best = self.history.best_standing(self.definition.objective)
        if best is None:
            return "no trial finished yet"
        runs = f", {best.runs_words}" if best.runs > 1 else ""
        return f"best {self.definition.objective.metric} {best.value_words} (#{best.trial}{runs})"

    def left_words(self) -> str:
        """How long it will still take, as a range; empty while that cannot be told."""
        if self.total is None or self.over >= self.total:
            return ""
        lanes = self._load.lanes if self._load is not None else 0
        remaining = self.total - self.over - sum(self.running.values())
        left = time_left(self._durations, remaining, lanes or self._most_running)
        return "" if left is None else words_left(left)

    @property
    def _trained(self) -> int:
        return self.over - self.ended.get(TrialState.CANCELLED, 0)

    def rate_words(self) -> str:
        """How many trials a minute are trained, from when the first one started; empty while that cannot be told."""
        if self._trained < FEWEST_DURATIONS or not self._seconds:
            return ""
        rate = 60 * self._trained / self._seconds
        return f"{rate:,.0f} per minute" if rate >= 9.5 else f"{rate:.2g} per minute"

    def speed_words(self) -> str:
        """How fast it went: "64 trials in 3.1 s (1,240 per minute), 22 functions traced, 12 % …"; empty if nothing did.

        The time is that from the start of the first trial, when TensorFlow is loaded, to the end of the last one.
        """
        if not self._trained:
            return ""
        rate = self.rate_words()
        words = f"{self._trained} trial{'s' if self._trained > 1 else ''} in {format_duration(self._seconds)}"
        words += f" ({rate})" if rate else ""
        if self._load is not None and self._load.traces:
            masked = format_share(self._load.waste)
            words += f", {self._load.traces} functions traced, {masked} of the arithmetic masked"
        return words


class Lines:
    """Plain lines, for files and pipes: one for each trial that is over, and one for whatever stands in the way."""

    def __init__(self, tally: Tally, stream: TextIO) -> None:
        self._tally = tally
        self._stream = stream

    def take(self, event: Event) -> None:
        self._tally.take(event)
        words = self._words(event)
        if words:
            print(words, file=self._stream, flush=True)

    def refresh(self) -> None:
        """A line that was written stays as it is."""

    def close(self) -> None:
        """There is nothing to tidy up."""

    def _words(self, event: Event) -> str:
        if isinstance(event, TrialEnded):
            of = "" if self._tally.total is None else f" of {self._tally.total}"
            left = self._tally.left_words()
            tail = f"; {left}" if left else ""
            return f"{self._tally.over}{of}: {trial_words(self._tally, event)}; {self._tally.best_words()}{tail}"
        return other_words(event)


def trial_words(tally: Tally, event: TrialEnded) -> str:
    """How one trial went: "#5 finished, val_accuracy 0.9861, 2.1 s, with learning_rate 0.012, …"."""
    trial = tally.history.trial(event.trial)
    space, active = tally.definition.space, tally.definition.active(trial.values)
    values = ", ".join(
        f"{name} {format_in(space[name], value, 3) if name in space else format_value(value, 3)}"
        for name, value in trial.values.items()
        if name in active
    )
    value = "" if event.value is None else f", {tally.definition.objective.metric} {format_value(event.value)}"
    reason = f" ({event.reason})" if event.reason else ""
    return f"#{event.trial} {event.state}{reason}{value}, {format_duration(event.seconds)}, with {values}"


def other_words(event: Event) -> str:
    """What is worth a line beside the trials; empty for all else."""
    match event:
        case TrainerStarting():
            return "Starting TensorFlow …"
        case TrainerReady():
            return f"Ready: {event.description}"
        case TrainerFailed():
            return f"The training process failed: {event.reason}"
        case RunPaused(reason=str(reason)):
            return f"Paused: {reason}"
        case RunResumed():
            return "Going on."
        case SavingFailed():
            return f"Not saved: {event.reason}"
        case Notice():
            return event.text
    return ""
