"""Scales: increasing maps from a value to the line on which trials fall evenly.

``linear``  t = x           for sets in which every value is as likely to be good as any other
``log``     t = ln x        for a learning rate in [1e-4, 1], where each decade deserves its share
``log1m``   t = -ln(1 - x)  for a β in [0.9, 0.999], where what matters is the averaging window 1 / (1 - β)
"""

from __future__ import annotations

import enum
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Scale(enum.StrEnum):
    LINEAR = "linear"
    LOG = "log"
    LOG1M = "log1m"


def forward(scale: Scale, x: ArrayLike) -> NDArray[np.float64]:
    """Map values to the scale's line. A value that the scale cannot hold (log of 0) becomes NaN."""
    values = np.asarray(x, dtype=np.float64)
    if scale is Scale.LINEAR:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.log(values) if scale is Scale.LOG else -np.log1p(-values)
    return np.where(np.isfinite(t), t, np.nan)


def backward(scale: Scale, t: ArrayLike) -> NDArray[np.float64]:
    """The inverse of :func:`forward`, up to rounding (see :mod:`tuner_gui.space.unit` for the exact one)."""
    points = np.asarray(t, dtype=np.float64)
    if scale is Scale.LINEAR:
        return points
    return np.exp(points) if scale is Scale.LOG else -np.expm1(-points)


def what_fits(scale: Scale) -> str:
    """The values that a scale can hold, in words that complete "expected …"."""
    if scale is Scale.LOG:
        return "a number above 0, because the scale is log"
    if scale is Scale.LOG1M:
        return "a number below 1, because the scale is log1m (the log of 1 - value)"
    return "a finite number"


# Nearer to 1 than this a double holds too few digits of 1 - x to place a value on the log1m scale.
LOG1M_NEAREST_TO_ONE = 1e-12


def fits(scale: Scale, x: float) -> bool:
    if not math.isfinite(x):
        return False
    if scale is Scale.LOG:
        return x > 0
    if scale is Scale.LOG1M:
        return 1 - x >= LOG1M_NEAREST_TO_ONE
    return True
