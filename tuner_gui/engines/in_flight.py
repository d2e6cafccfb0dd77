"""The trials that an engine has taken over and that are not over yet, and whose fault it is when the process ends.

A process trains many trials at once, and when it dies or gives no more sign, nobody can tell which of them did it. All
of them are suspects then, and are trained again one at a time, until one of them ends its process alone. A trial is
the same whatever trains beside it, so what it had reported before is not reported again.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialProgress
from tuner_gui.training.messages import Job


@dataclass
class _Trial:
    """``sent`` and ``sign`` are about the process that lives now; moments are those of time.monotonic()."""

    job: Job
    since: float
    sent: float | None = None
    sign: float | None = None
    epochs: int = 0
    cancelled: bool = False
    suspect: bool = False


class InFlight:
    def __init__(self, *, hang_seconds: float) -> None:
        self._hang_seconds = hang_seconds
        self._trials: dict[int, _Trial] = {}
        self._process_sign = 0.0

    # --- in and out ---

    def add(self, job: Job) -> None:
        self._trials[job.trial] = _Trial(job, time.monotonic())

    def remove(self, trial: int) -> float:
        """Its end is known; returns how many seconds it was in flight."""
        return time.monotonic() - self._trials.pop(trial).since

    def cancel(self, trial: int) -> None:
        if trial in self._trials:
            self._trials[trial].cancelled = True

    def __contains__(self, trial: int) -> bool:
        return trial in self._trials

    @property
    def numbers(self) -> list[int]:
        return list(self._trials)

    @property
    def sent(self) -> list[int]:
        """What the process has."""
        return [number for number, trial in self._trials.items() if trial.sent is not None]

    @property
    def given_up(self) -> list[int]:
        """What was cancelled and is with no process that could end it."""
        return [number for number, trial in self._trials.items() if trial.cancelled and trial.sent is None]

    @property
    def suspects(self) -> list[int]:
        return [number for number, trial in self._trials.items() if trial.suspect]

    def to_send(self) -> list[Job]:
        """What the process is to get now, and has from now on: all that waits, or one while there are suspects."""
        waiting = [trial for trial in self._trials.values() if trial.sent is None]
        if waiting and self.suspects:
            waiting = [] if self.sent else [self._trials[self.suspects[0]]]
        for trial in waiting:
            trial.sent = time.monotonic()
        return [trial.job for trial in waiting]

    # --- signs ---

    def is_new(self, event: Event) -> bool:
        """Take note of what the process reports; False for an epoch that another process has reported already."""
        self._process_sign = time.monotonic()
        match event:
            case TrialEnded():
                self._trials.pop(event.trial, None)
            case TrialProgress() | EpochEnded() if event.trial in self._trials:
                return self._note(self._trials[event.trial], event)
        return True

    def _note(self, trial: _Trial, event: TrialProgress | EpochEnded) -> bool:
        trial.sign = self._process_sign
        if isinstance(event, TrialProgress):
            return True
        if event.epoch <= trial.epochs:
            return False
        trial.epochs = event.epoch
        return True

    def resume(self) -> None:
        """After a pause, in which nothing gives a sign."""
        self._process_sign = time.monotonic()
        for trial in self._trials.values():
            trial.sign = trial.sign and self._process_sign

    def deadline(self) -> float | None:
        """When the first of the trials will have been without a sign for too long."""
        signs = self._signs().values()
        return min(signs) + self._hang_seconds if signs else None

    def silent(self) -> list[int]:
        """The trials that may be the one that hangs; none as long as no deadline has passed.

        Those whose last signs came at about the same time may all have been stopped by one of them.
        """
        now, deadline = time.monotonic(), self.deadline()
        if deadline is None or now <= deadline:
            return []
        return [number for number, sign in self._signs().items() if now - sign > self._hang_seconds / 2]

    def _signs(self) -> dict[int, float]:
        """The last sign of each trial that the process has; the process's own for those that have not begun."""
        return {
            number: trial.sign or max(trial.sent, self._process_sign)
            for number, trial in self._trials.items()
            if trial.sent is not None
        }

    # --- the end of a process ---

    def process_ended(self, suspects: Collection[int]) -> None:
        """No process has a trial now. One suspect is the one that did it, and clears the others."""
        for number, trial in self._trials.items():
            trial.sent = trial.sign = None
            if suspects:
                trial.suspect = len(suspects) > 1 and number in suspects
