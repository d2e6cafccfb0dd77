"""What the learning curves draw, as arrays: one metric of all trials after each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import FloatParameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.unit import units_of
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import Spread, metric_bounds, value_axis, value_limits

Floats = NDArray[np.float64]

# Early epochs far below the rest, and explosions, do not decide what is shown: this share of the points may hang out.
HANGING_OUT = 0.06
# The axis reaches beyond what is shown at first, for those who zoom out, but not to an explosion's 1e30.
MOST_TIMES_WIDER = 20.0


class CurveTable:
    """``[trials, epochs]`` of one metric, NaN where nothing was measured; grows with the trials."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self._values = np.full((16, 4), np.nan)
        self._count = 0

    @property
    def values(self) -> Floats:
        return self._values[: self._count]

    @property
    def epochs(self) -> int:
        """The most epochs that any trial has."""
        known = np.isfinite(self.values).any(axis=0)
        return int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0

    def take(self, history: History, numbers: Iterable[int]) -> None:
        """Read the curves of some trials, again if they have grown."""
        for number in numbers:
            curve = history.curve(number, self.metric)
            self._make_room(number, len(curve))
            self._values[number - 1, : len(curve)] = curve

    def _make_room(self, trials: int, epochs: int) -> None:
        rows, columns = self._values.shape
        if trials > rows or epochs > columns:
            shape = max(rows, trials * 5 // 4), max(columns, epochs)
            bigger = np.full(shape, np.nan)
            bigger[:rows, :columns] = self._values
            self._values = bigger
        self._count = max(self._count, trials)


def curves_of(history: History, numbers: Sequence[int], metric: str) -> Floats:
    """One metric of some trials after each epoch, ``[trials, epochs]``; NaN where nothing was measured."""
    curves = [history.curve(number, metric) for number in numbers]
    table = np.full((len(curves), max(map(len, curves), default=0)), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    return table


def ends(values: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The epoch (from 1; 0 without any) and the value of the last finite point of each curve."""
    finite = np.isfinite(values)
    width = values.shape[1]
    if not width:
        return np.zeros(len(values), dtype=np.intp), np.full(len(values), np.nan)
    epochs = np.where(finite.any(axis=1), width - np.argmax(finite[:, ::-1], axis=1), 0)
    return epochs, values[np.arange(len(values)), np.maximum(epochs, 1) - 1]


def shown_limits(values: Floats, *, sign: int) -> tuple[float, float] | None:
    """Between which values most points of the curves lie; the best ones always do."""
    points = values[np.isfinite(values)]
    if not len(points):
        return None
    goodness = sign * points
    low, high = float(np.quantile(goodness, HANGING_OUT)), float(goodness.max())
    return (low, high) if sign > 0 else (-high, -low)


def curve_axis(metric: str, values: Floats, *, sign: int, log: bool) -> tuple[FloatParameter, tuple[float, float]]:
    """The axis of a metric, and the part of it in unit coordinates that is shown at first."""
    typical = value_axis(metric, shown_limits(values, sign=sign), log=log)
    points = values[np.isfinite(values)]
    extremes = value_limits(points, sign=sign, spread=Spread.ALL)
    if extremes is None:
        return typical, (0.0, 1.0)
    reach = MOST_TIMES_WIDER * (typical.high - typical.low)
    widest = max(extremes[0], typical.low - reach), min(extremes[1], typical.high + reach)
    axis = value_axis(metric, (min(widest[0], typical.low), max(widest[1], typical.high)), log=log)
    least, greatest = metric_bounds(metric)
    if not log:
        axis = FloatParameter(name=metric, low=max(min(axis.low, typical.low), least), high=min(axis.high, greatest))
    return axis, (heights_on(axis, np.array([typical.low]))[0], heights_on(axis, np.array([typical.high]))[0])


def heights_on(axis: FloatParameter, values: Floats) -> Floats:
    """Unit coordinates on the axis; values that a log axis cannot hold stand at its ends."""
    if axis.scale is Scale.LOG:
        values = np.maximum(values, axis.low * 1e-3)
    elif axis.scale is Scale.LOG1M:
        values = np.minimum(values, 1 - (1 - axis.high) * 1e-3)
    return units_of(axis, values)


def nearest_curve(xs: Floats, ys: Floats, x: float, y: float, *, reach: float) -> int | None:
    """The row of the curve that passes nearest to a place, None if none comes within ``reach``.

    ``xs`` are the places of the epochs ``[epochs]``, ``ys`` those of the points ``[trials, epochs]``, all in pixels.
    """
    if len(xs) == 0 or ys.shape[0] == 0:
        return None
    if len(xs) == 1:
        distances = np.hypot(ys[:, 0] - y, xs[0] - x)
    else:
        left = int(np.clip(np.searchsorted(xs, x) - 1, 0, len(xs) - 2))
        distances = np.fmin.reduce(
            [_to_segment(xs, ys, k, x, y) for k in range(max(left - 1, 0), min(left + 2, len(xs) - 1))]
        )
    distances = np.nan_to_num(distances, nan=np.inf)
    row = len(distances) - 1 - int(np.argmin(distances[::-1]))
    return row if distances[row] <= reach else None


def _to_segment(xs: Floats, ys: Floats, index: int, x: float, y: float) -> Floats:
    """Distances of a place to the stretch between two epochs of each curve."""
    dx, dy = xs[index + 1] - xs[index], ys[:, index + 1] - ys[:, index]
    along = np.clip(((x - xs[index]) * dx + (y - ys[:, index]) * dy) / (dx**2 + dy**2), 0.0, 1.0)
    return np.asarray(np.hypot(xs[index] + along * dx - x, ys[:, index] + along * dy - y), dtype=np.float64)
