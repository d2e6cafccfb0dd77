"""What the terminal shows of a search: one line per trial, or a bar where there is a terminal to draw it in."""

from __future__ import annotations

from typing import Protocol, TextIO

from tuner_gui.search.progress import format_duration, time_left, words_left
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    Event,
    Notice,
    RunPaused,
    RunResumed,
    RunStarted,
    SavingFailed,
    TrainerFailed,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialProgress,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.history import History, Trial


class Display(Protocol):
    """Takes the events of one run, in order, and is closed at its end."""

    def take(self, event: Event) -> None: ...

    def close(self) -> None: ...


class Tally:
    """What a display counts of one run: the trials that are over, how they ended, how long they took, the best."""

    def __init__(self, definition: Definition, history: History) -> None:
        self.definition = definition
        self.history = history
        self.budget: RunStarted | None = None
        self.over = 0
        self.bad = 0
        self.running: dict[int, float] = {}
        self._durations = [
            t.seconds for t in history.trials if t.state is TrialState.FINISHED and t.seconds is not None
        ]

    def take(self, event: Event) -> None:
        self.history.apply(event)
        match event:
            case RunStarted():
                self.budget = event
            case TrialStarted():
                self.running[event.trial] = 0.0
            case TrialProgress():
                self.running[event.trial] = event.fraction
            case TrialEnded():
                self.running.pop(event.trial, None)
                self.over += 1
                self.bad += event.state in (TrialState.FAILED, TrialState.DIVERGED)
                if event.state is TrialState.FINISHED:
                    self._durations.append(event.seconds)

    @property
    def best(self) -> Trial | None:
        return self.history.best(self.definition.objective)

    @property
    def total(self) -> int | None:
        return None if self.budget is None else self.budget.trials

    def best_words(self) -> str:
        best = self.best
        if best is None:
            return "no trial finished yet"
        return f"best {self.definition.objective.metric} {format_value(best.value)} (#{best.number})"

    def left_words(self) -> str:
        """How long it will still take, as a range; empty while that cannot be told."""
        if self.total is None or self.over >= self.total:
            return ""
        left = time_left(self._durations, self.total - self.over)
        return "" if left is None else words_left(left)


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
    space = tally.definition.space
    values = ", ".join(
        f"{name} {format_in(space[name], value, 3) if name in space else format_value(value, 3)}"
        for name, value in trial.values.items()
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
