"""What a session knows of one run, from RunStarted to RunEnded."""

from __future__ import annotations

from dataclasses import dataclass, field

from tuner_gui.search.pruning import Judge
from tuner_gui.study.events import TrialEnded, TrialState


@dataclass
class RunState:
    """``trials`` may be started in all, until ``deadline``, which was ``seconds`` away at the start; ``training`` are
    those that are with the engine, ``repeats`` counts those that the search has begun to confirm its best.

    ``drawn_out`` says that the strategy has nothing more to try, ``exhausted`` in words that nothing is left at all;
    ``pruned`` why trials are being given up.
    ``judge`` knows the curves.
    """

    trials: int | None
    deadline: float | None
    seconds: float | None = None
    started: int = 0
    repeats: int = 0
    paused: bool = False
    paused_by_saving: bool = False
    stop_at: float | None = None
    drawn_out: bool = False
    exhausted: str = ""
    training: set[int] = field(default_factory=set)
    pruned: dict[int, str] = field(default_factory=dict)
    judge: Judge = field(default_factory=Judge)
    failed: set[int] = field(default_factory=set)

    def wants_more(self, *, queued: int) -> bool:
        if self.exhausted:
            return False
        return self.trials is None or self.started + queued < self.trials

    def begin_anew(self) -> None:
        """Another region or strategy may have more to try."""
        self.drawn_out, self.exhausted = False, ""

    def grow(self, trials: int) -> None:
        """So many more than were asked for at its start."""
        self.begin_anew()
        if self.trials is not None:
            self.trials += trials

    def end(self, trial: int) -> bool:
        """Whether this is the end of a trial that was in training."""
        was_training = trial in self.training
        self.training.discard(trial)
        return was_training

    def given_up(self, reason: str) -> list[TrialEnded]:
        """The ends of all that is in training, which nobody waits for any longer."""
        ends = [TrialEnded(trial, TrialState.CANCELLED, 0.0, reason=reason) for trial in sorted(self.training)]
        self.training.clear()
        return ends

    def failures_in_a_row(self, failed: int) -> int:
        """Take note of a trial that failed; returns how many did in its row, which goes by their numbers.

        Of many in training, those that fail at once are the first to end, and say nothing about the others.
        """
        self.failed.add(failed)
        first = last = failed
        while first - 1 in self.failed:
            first -= 1
        while last + 1 in self.failed:
            last += 1
        return last - first + 1
