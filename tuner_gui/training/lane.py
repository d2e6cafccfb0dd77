"""One trial on its way through a program."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialProgress, TrialState
from tuner_gui.training.lane_state import LaneState
from tuner_gui.training.messages import Job
from tuner_gui.training.settings import TrialSettings

SIGN_SECONDS = 0.25
"""Signs of life of one trial are not sent more often than this."""


class Clock:
    """Seconds that go by while training is not paused."""

    def __init__(self) -> None:
        self._paused_at: float | None = None
        self._paused = 0.0

    def now(self) -> float:
        return (time.monotonic() if self._paused_at is None else self._paused_at) - self._paused

    def pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = time.monotonic()

    def resume(self) -> None:
        if self._paused_at is not None:
            self._paused += time.monotonic() - self._paused_at
            self._paused_at = None


@dataclass(eq=False)
class Lane:
    """A trial in training: what it trains with, how far it has come, and its last word.

    ``state`` is where it starts from when that is not its first step. ``given_up`` is how a person or the search
    ended it; the program acts on it between two chunks.
    """

    job: Job
    settings: TrialSettings
    clock: Clock
    state: LaneState | None = None
    epoch: int = 0
    given_up: TrialState | None = None
    end: TrialEnded | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shape = self.settings.shape
        self._began: float | None = None
        self._last_sign = -math.inf
        # Epochs up to this one were reported before the trial had to begin again.
        self._told = 0
        self.is_alone = False

    @property
    def is_ending(self) -> bool:
        """Whether its place will soon be free."""
        return self.end is not None or self.epoch + max(1, self.job.epochs // 10) >= self.job.epochs

    @property
    def seconds(self) -> float:
        return 0.0 if self._began is None else self.clock.now() - self._began

    def begin(self) -> Event:
        if self._began is None:
            self._began = self.clock.now()
        self.epoch = self.state.epoch if self.state is not None else 0
        return TrialProgress(self.job.trial, self.epoch / self.job.epochs)

    def begin_again(self) -> None:
        """From the start, in a program of its own; what was reported already is not reported twice."""
        self._told = max(self._told, self.epoch)
        self.epoch = 0
        self.is_alone = True

    def sign(self, epoch_done: float) -> list[Event]:
        """A sign of life, if the last one is long enough ago."""
        now = time.monotonic()
        if now - self._last_sign < SIGN_SECONDS:
            return []
        self._last_sign = now
        return [TrialProgress(self.job.trial, min(1.0, (self.epoch + epoch_done) / self.job.epochs))]

    def end_epoch(self, metrics: Mapping[str, float]) -> list[Event]:
        """What is to be said after an epoch; the trial is over after its last one."""
        self.epoch += 1
        self.metrics = metrics
        said: list[Event] = []
        if self.epoch > self._told:
            said.append(EpochEnded(self.job.trial, self.epoch, metrics))
        if not math.isfinite(metrics["val_loss"]):
            value = named(metrics["val_loss"])
            said.append(
                self.finish(TrialState.DIVERGED, reason=f"validation loss became {value} at epoch {self.epoch}")
            )
        return said

    @property
    def is_through(self) -> bool:
        return self.end is None and self.epoch >= self.job.epochs

    def finish(self, state: TrialState, *, reason: str | None = None) -> TrialEnded:
        """The last word on the trial."""
        has_value = state in (TrialState.FINISHED, TrialState.PRUNED)
        value = self.metrics.get(self.job.objective) if has_value else None
        self.end = TrialEnded(self.job.trial, state, self.seconds, value=value, reason=reason)
        return self.end


def named(loss: float) -> str:
    return "NaN" if math.isnan(loss) else "infinite"
