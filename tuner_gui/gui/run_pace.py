"""How fast a run gets on: trials per minute, and how long it will still take when many trials train side by side.

All moments are seconds of the run's own clock, which stands still while the run is paused. Both figures come from work
instead of ends: a trial in training counts by the share of its epochs that is done. The lanes of a program often end
together, so that counted ends would make both figures dance, and slow trials would leave them at nothing for minutes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

# Trials per minute are those of the last seconds, or of as many more as it takes to do so much work.
WINDOW_SECONDS, WINDOW_WORK = 10.0, 2.0
# How far back the speed is looked at for the time left.
SHORT_SECONDS, LONG_SECONDS = 10.0, 60.0
# A speed says something after so many seconds, and is never known more exactly than this.
LEAST_SECONDS, LEAST_DOUBT = 5.0, 0.1
# Twenty minutes of moments: with trials that take longer, so much of them is enough.
_EVERY_SECONDS, _MOST_SAMPLES = 0.5, 2400


class RunClock:
    """Seconds since the run began, without those in which it was paused."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._before = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        return self._before + (0.0 if self._since is None else self._now() - self._since)

    def go(self) -> None:
        """Begin, or go on; nothing if it goes already."""
        if self._since is None:
            self._since = self._now()

    def hold(self) -> None:
        self._before, self._since = self.seconds, None


class _Sample(NamedTuple):
    at: float
    done: float


class Work:
    """How many trials' worth of work was done at which moment."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_MOST_SAMPLES)

    def note(self, done: float, at: float) -> None:
        """``done``: the trials of this run that are over, and the shares of those in training."""
        if done <= 0:
            # While TensorFlow traces its functions nothing is done: that is no speed of the trials.
            self._samples.clear()
        if not self._samples or at - self._samples[-1].at >= _EVERY_SECONDS:
            self._samples.append(_Sample(at, done))

    def per_minute(self) -> float | None:
        """The speed of late, in trials; None while it is not known."""
        speed = self._speed(WINDOW_SECONDS, WINDOW_WORK)
        return None if speed is None else 60 * speed

    def seconds_for(self, work: float, *, lanes: int) -> tuple[float, float] | None:
        """From at least to at most so many seconds for so much more work; None while the speed is not known.

        At the end, lanes stand empty while the last trials come to theirs: half a trial's time at most.
        """
        speeds = [speed for span in (SHORT_SECONDS, LONG_SECONDS) if (speed := self._speed(span)) is not None]
        if not speeds or min(speeds) <= 0:
            return None
        low = work / max(speeds) * (1 - LEAST_DOUBT)
        high = work / min(speeds) * (1 + LEAST_DOUBT)
        return low, high + min(work, lanes / 2) / min(speeds) * (1 - 1 / max(lanes, 1))

    def _speed(self, seconds: float, work: float = 0.0) -> float | None:
        """Trials per second over at least so many seconds and so much work, or over all that is known."""
        if not self._samples:
            return None
        last = self._samples[-1]
        enough = (s for s in reversed(self._samples) if last.at - s.at >= seconds and last.done - s.done >= work)
        first = next(enough, self._samples[0])
        span = last.at - first.at
        # What was lost with a process that died was no work.
        return max(0.0, last.done - first.done) / span if span >= LEAST_SECONDS else None


def rate_words(per_minute: float) -> str:
    """A rate as people read it: "1,240 trials/min", "3.4 trials/min", "12 trials/h"."""
    figure, unit = (_figure(60 * per_minute), "h") if per_minute < 1 else (_figure(per_minute), "min")
    return f"{figure} {'trial' if figure == '1' else 'trials'}/{unit}"


def _figure(value: float) -> str:
    """Three digits at most, so that the last one does not dance."""
    if value < 9.95:
        return f"{value:.1f}".removesuffix(".0")
    step = 10 if value >= 995 else 1
    return f"{step * round(value / step):,}"
