"""How long a search will still take, as an honest range, and durations in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

# With fewer finished trials than this nothing is said: a guess from one trial is not worth reading.
FEWEST_DURATIONS = 3
# Refining changes how long trials take, so only the latest ones count.
LATEST = 30
# Two-sided 90 % of a normal distribution, and how much wider a t distribution is with few durations
# (Cornish–Fisher expansion, first term).
_NORMAL_90 = 1.645


def time_left(durations: Sequence[float], remaining: float, at_once: int = 1) -> tuple[float, float] | None:
    """Seconds until ``remaining`` more trials are over, as (at least, at most); simulated, it holds 8 to 9 times in 10.

    ``durations`` are those of the trials that are over, in seconds, oldest first; what is not a number above 0 is
    left out. None while fewer than 3 are known. ``at_once`` trials run side by side; of what is in training, only the
    share that is not done yet remains.
    """
    latest = np.array([d for d in durations if math.isfinite(d) and d > 0], dtype=np.float64)[-LATEST:]
    if len(latest) < FEWEST_DURATIONS:
        return None
    if remaining <= 0:
        return 0.0, 0.0
    known, lanes = len(latest), min(max(at_once, 1), math.ceil(remaining))
    mean = float(latest.mean())
    # The sum of what is to come scatters by itself, and its mean is known only from few trials.
    spread = float(latest.std(ddof=1)) * math.sqrt(remaining + remaining**2 / known)
    quantile = _NORMAL_90 * (1 + (_NORMAL_90**2 + 1) / (4 * (known - 1)))
    low = max(remaining * mean - quantile * spread, remaining * float(latest.min()) * 0.5)
    high = remaining * mean + quantile * spread
    # Side by side, the last ones to finish leave the other lanes waiting.
    tail = (1 - 1 / lanes) * float(latest.max())
    return low / lanes, high / lanes + tail


def words_left(seconds: tuple[float, float]) -> str:
    """A range of seconds as people say it: "20–35 min left", "about 10 s left"."""
    low, high = (max(0.0, value) for value in sorted(seconds))
    if high < 1:
        return "about 1 s left" if high > 0 else "nearly done"
    size, unit = _unit(high)
    first, last = _rounded(low / size), _rounded(high / size)
    if first == last:
        return f"about {last:g} {unit} left"
    if first == 0:
        return f"less than {last:g} {unit} left"
    return f"{first:g}–{last:g} {unit} left"


def format_duration(seconds: float) -> str:
    """A duration in at most two units: "0.8 s", "42 s", "3 min 5 s", "2 h 10 min"; a dash where there is none."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two_units(whole, 60, "min", "s")
    minutes = round(seconds / 60)
    if minutes < 24 * 60:
        return _two_units(minutes, 60, "h", "min")
    return _two_units(round(seconds / 3600), 24, "d", "h")


def _two_units(amount: int, each: int, big: str, small: str) -> str:
    many, rest = divmod(amount, each)
    return f"{many} {big} {rest} {small}" if rest else f"{many} {big}"


def _unit(seconds: float) -> tuple[float, str]:
    """The unit in which the longer end is a number of one or two digits."""
    for size, unit, up_to in ((1.0, "s", 90), (60.0, "min", 90), (3600.0, "h", 48)):
        if seconds < up_to * size:
            return size, unit
    return 86400.0, "d"


def _rounded(amount: float) -> float:
    """To what can honestly be promised: halves below 2, whole numbers below 10, fives above."""
    if amount < 2:
        return round(2 * amount) / 2
    if amount < 10:
        return float(round(amount))
    return float(5 * round(amount / 5))
