"""What the plots draw, as arrays: how each trial is marked, where its value stands, where its parameters do.

Nothing here knows of pixels or colours. Rows are trials in order of their numbers, from 1 on.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, NumberParameter, Parameter
from tuner_gui.space.region import Extent, Region, as_interval, contains, contains_units, unit_bounds
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.space.unit import cell, grid_size, units_of
from tuner_gui.study.definition import Objective
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import STATE_CODES, History
from tuner_gui.study.stages import Plan, lineage

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# Trials on a grid with at most so many values would lie on top of each other in lines: they are spread in their cell.
MOST_SPREAD_VALUES = 12
COLOR_KNOTS = 33
# So few trials are quicker looked at one by one.
FEW_ROWS = 8
GOLDEN = 0.6180339887498949
# Two steps that fill a plane evenly, where both axes spread their points.
PLANE_STEPS = (0.7548776662466927, 0.5698402909980532)


class Mark(enum.IntEnum):
    """What a trial is to the plots."""

    NONE = 0
    VALUE = 1
    OUTSIDE = 2
    DIVERGED = 3
    FAILED = 4
    CANCELLED = 5


class Style(enum.IntEnum):
    """How a mark is drawn: a value beyond the end of its axis stands at that end, as a triangle that points on."""

    NONE = 0
    OUTSIDE = 1
    OUTSIDE_BELOW = 2
    VALUE = 3
    VALUE_BELOW = 4
    VALUE_ABOVE = 5
    DIVERGED = 6
    FAILED = 7
    CANCELLED = 8


class Spread(enum.StrEnum):
    """Which values the axis of the objective spans."""

    TYPICAL = "typical"
    ALL = "all"
    BEST_HALF = "best half"


_MARK_OF_STATE = np.zeros(len(TrialState), dtype=np.uint8)
for _state, _mark in (
    (TrialState.FINISHED, Mark.VALUE),
    (TrialState.PRUNED, Mark.OUTSIDE),
    (TrialState.DIVERGED, Mark.DIVERGED),
    (TrialState.FAILED, Mark.FAILED),
    (TrialState.CANCELLED, Mark.CANCELLED),
):
    _MARK_OF_STATE[STATE_CODES[_state]] = _mark


def marks_of(history: History, plan: Plan, region: Region, rows: Indices | None = None) -> NDArray[np.uint8]:
    """The mark of each trial, or of some ``rows``: ``[n]``.

    A finished trial counts as outside if it lies outside ``region`` or belongs to a stage that the current one does
    not descend from.
    """
    at: Indices | slice = slice(None) if rows is None else rows
    marks = np.asarray(_MARK_OF_STATE[history.state_column[at]])
    if rows is not None and len(rows) <= FEW_ROWS:
        inside = _few_inside(history, plan, region, rows)
    else:
        inside = _inside(history, plan, region, at)
    marks[(marks == Mark.VALUE) & ~inside] = Mark.OUTSIDE
    return marks


def _inside(history: History, plan: Plan, region: Region, at: Indices | slice) -> NDArray[np.bool_]:
    inside = np.isin(history.stage_column[at], lineage(plan))
    if len(plan.space):
        inside &= contains_units(plan.space, region, {p.name: history.units(p)[at] for p in plan.space})
    return np.asarray(inside, dtype=bool)


def _few_inside(history: History, plan: Plan, region: Region, rows: Indices) -> NDArray[np.bool_]:
    stages = lineage(plan)
    trials = (history.trials[row] for row in rows)
    return np.array(
        [t.stage in stages and contains(plan.space, region, {**t.fixed, **t.values}) for t in trials], dtype=bool
    )


# --- the axis of the objective --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ValueScale:
    """Where the values of a metric stand and how good they are among each other.

    ``axis`` spans what is shown; ``basis`` is the number of values that it was made from. It stays the same while
    trials arrive, so that nothing moves, until it is stale.
    """

    metric: str
    sign: int
    axis: FloatParameter
    knots: Floats
    shares_at_knots: Floats
    basis: int

    def heights(self, values: Floats) -> Floats:
        """Unit coordinates on the axis, outside [0, 1] for values that it does not span."""
        if self.axis.scale is Scale.LOG1M:
            values = np.minimum(values, 1 - 1e-9)
        elif self.axis.scale is Scale.LOG:
            values = np.maximum(values, 1e-12)
        return units_of(self.axis, values)

    def shares(self, values: Floats) -> Floats:
        """The share of the values that are worse, in [0, 1]: what colours go by. NaN stays NaN."""
        return np.asarray(np.interp(self.sign * values, self.knots, self.shares_at_knots), dtype=np.float64)

    def is_stale(self, count: int, best: float) -> bool:
        """Whether it has to be made anew: half as many trials again, or a best one that the axis does not span."""
        beyond = best > self.axis.high if self.sign > 0 else best < self.axis.low
        return beyond or count > 1.5 * self.basis + 1

    @property
    def direction(self) -> str:
        return "more is better" if self.sign > 0 else "less is better"


def value_scale(objective: Objective, values: Floats, *, spread: Spread, log: bool) -> ValueScale:
    """The scale for the finite ones of ``values``; where there is none, what is known of the metric."""
    known = values[np.isfinite(values)]
    limits = value_limits(known, sign=objective.sign, spread=spread)
    axis = value_axis(objective.metric, limits, log=log)
    knots, shares = _color_knots(objective.sign * known)
    return ValueScale(objective.metric, objective.sign, axis, knots, shares, len(known))


def value_limits(values: Floats, *, sign: int, spread: Spread) -> tuple[float, float] | None:
    """The least and the greatest value to show; None without values.

    "Typical" leaves out what lies far below the others on the bad side (Tukey's fence: 1.5 interquartile ranges
    below the first quartile), so that a few bad trials do not squash the good ones.
    """
    if not len(values):
        return None
    goodness = sign * values
    low, high = float(goodness.min()), float(goodness.max())
    if spread is Spread.BEST_HALF:
        low = float(np.median(goodness))
    elif spread is Spread.TYPICAL and len(values) >= 5:
        first, third = np.quantile(goodness, (0.25, 0.75))
        low = float(goodness[goodness >= first - 1.5 * (third - first)].min())
    return (low, high) if sign > 0 else (-high, -low)


def metric_bounds(metric: str) -> tuple[float, float]:
    """Between which values a metric can lie at all."""
    kind = metric.removeprefix("val_")
    if kind == "accuracy":
        return 0.0, 1.0
    return (-np.inf, 1.0) if kind == "r2" else (0.0, np.inf)


def log_scale_of(metric: str) -> Scale:
    """The scale that pulls the good values of a metric apart: the log of a loss, the log of what misses 1."""
    return Scale.LOG if metric_bounds(metric)[1] == np.inf else Scale.LOG1M


def value_axis(metric: str, limits: tuple[float, float] | None, *, log: bool) -> FloatParameter:
    """The axis around some limits with a little air, ending at round values where it is linear."""
    least, greatest = metric_bounds(metric)
    if limits is None:
        limits = (max(least, 0.0), min(greatest, 1.0))
    low, high = limits
    if log and log_scale_of(metric) is Scale.LOG:
        low, high = max(low, 1e-9), max(high, 2e-9)
        air = max((high / low) ** 0.05, 1.02)
        return FloatParameter(name=metric, low=low / air, high=high * air, scale=Scale.LOG)
    if log:
        near, far = max(1 - high, 1e-4), max(1 - low, 2e-4)
        air = max((far / near) ** 0.05, 1.02)
        return FloatParameter(name=metric, low=max(1 - far * air, least), high=1 - near / air, scale=Scale.LOG1M)
    low, high = _rounded_outwards(low, high)
    return FloatParameter(name=metric, low=max(low, least), high=min(high, greatest))


def _rounded_outwards(low: float, high: float) -> tuple[float, float]:
    width = high - low
    if width < 1e-9 * max(1.0, abs(high)):
        width = 0.02 * max(abs(high), 0.05)
    low, high = low - 0.03 * width, high + 0.03 * width
    power = 10.0 ** np.floor(np.log10(width / 10))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= width / 10 * (1 - 1e-9))
    ends = np.floor(low / step + 1e-9) * step, np.ceil(high / step - 1e-9) * step
    return float(f"{ends[0]:.12g}"), float(f"{ends[1]:.12g}")


def _color_knots(goodness: Floats) -> tuple[Floats, Floats]:
    """Quantiles, each value once; equal values share the middle of their shares."""
    if not len(goodness):
        return np.array([0.0]), np.array([1.0])
    shares = np.linspace(0, 1, COLOR_KNOTS)
    knots, place, times = np.unique(np.quantile(goodness, shares), return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=shares) / times
    means[-1] = 1.0
    return knots, means


# --- places ---------------------------------------------------------------------------------------------------------


def spread_units(parameter: Parameter, units: Floats, rows: Indices | None = None, *, step: float = GOLDEN) -> Floats:
    """Unit coordinates for drawing: on a grid of few values spread inside their cells, always the same for a trial.

    ``rows`` says which trials these are; all from the first on by default. Trial n stands at n · ``step`` (mod 1) of
    its cell: evenly, without chance.
    """
    size = grid_size(parameter)
    if size is None or size > MOST_SPREAD_VALUES:
        return units
    numbers = np.arange(len(units)) if rows is None else rows
    shift = ((numbers + 1) * step) % 1.0 - 0.5
    if isinstance(parameter, ChoiceParameter):
        return np.asarray(units + shift * 0.7 / size, dtype=np.float64)
    low, high = _cells(parameter, size)
    known = np.where(np.isfinite(units), units, 0.0)
    index = np.clip(np.searchsorted(high, known), 0, size - 1)
    room = np.minimum(units - low[index], high[index] - units)
    return np.asarray(units + shift * 1.2 * room, dtype=np.float64)


@lru_cache(maxsize=64)
def _cells(parameter: NumberParameter, size: int) -> tuple[Floats, Floats]:
    values = [parameter.low + index * (parameter.step or 1) for index in range(size)]
    cells = np.array([cell(parameter, value, value) for value in values])
    return cells[:, 0], cells[:, 1]


def spans(parameter: Parameter, extent: Extent) -> list[tuple[float, float]]:
    """The stretches of the unit interval that belong to an extent; neighbouring choices make one stretch."""
    if not isinstance(parameter, ChoiceParameter):
        return [unit_bounds(parameter, as_interval(extent))]
    count = len(parameter.choices)
    indices = sorted(int(u * count) for u in units_of(parameter, extent))
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return [(first / count, (last + 1) / count) for first, last in runs]


def styles_on_axis(marks: NDArray[np.uint8], heights: Floats) -> NDArray[np.uint8]:
    """How marks are drawn where their value is one of the axes: ``[n]``."""
    with np.errstate(invalid="ignore"):
        place = np.where(heights < 0, 0, np.where(heights > 1, 2, np.where(np.isnan(heights), 3, 1)))
    return np.asarray(_STYLE_ON_AXIS[marks, place], dtype=np.uint8)


# For each mark: below the axis, on it, above it, without a value.
_STYLE_ON_AXIS = np.array(
    [
        [Style.NONE] * 4,
        [Style.VALUE_BELOW, Style.VALUE, Style.VALUE_ABOVE, Style.NONE],
        [Style.OUTSIDE_BELOW, Style.OUTSIDE, Style.OUTSIDE, Style.NONE],
        [Style.DIVERGED] * 4,
        [Style.FAILED] * 4,
        [Style.CANCELLED] * 4,
    ],
    dtype=np.uint8,
)
_STYLE_OF_MARK = np.array(
    [Style.NONE, Style.VALUE, Style.OUTSIDE, Style.DIVERGED, Style.FAILED, Style.CANCELLED], dtype=np.uint8
)


def styles_without_axis(marks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How marks are drawn where colour alone stands for the value: ``[n]``."""
    return np.asarray(_STYLE_OF_MARK[marks], dtype=np.uint8)


def nearest(xs: Floats, ys: Floats, x: float, y: float, *, reach: float) -> int | None:
    """The row of the point nearest to a place, the later of equals; None if none lies within ``reach``."""
    if not len(xs):
        return None
    distances = np.nan_to_num((xs - x) ** 2 + (ys - y) ** 2, nan=np.inf)
    row = len(xs) - 1 - int(np.argmin(distances[::-1]))
    return row if distances[row] <= reach**2 else None


# --- words ----------------------------------------------------------------------------------------------------------


def describe_trial(history: History, plan: Plan, number: int) -> str:
    """A few lines on one trial: "#17 · val_accuracy 0.981 · stage 2" and its values."""
    trial = history.trial(number)
    metric = plan.definition.objective.metric
    head = (
        f"#{number}  {metric} {format_value(trial.value)}" if trial.value is not None else f"#{number}  {trial.state}"
    )
    if trial.state is TrialState.RUNNING:
        head += f", epoch {history.epochs(number)} of {plan.definition.model.epochs}"
        latest = history.curve(number, metric)
        head += f", {metric} {format_value(float(latest[-1]))}" if len(latest) else ""
    if trial.reason:
        head += f": {trial.reason}"
    first = int(history.root_column[number - 1])
    standings = history.standings(plan.definition.objective)
    if standings.runs(first) > 1:
        standing = standings.standing(first)
        head += f", mean {standing.value_words} over {standing.runs_words}"
    values = [f"{p.name} {format_in(p, trial.values[p.name], 3)}" for p in plan.space if p.name in trial.values]
    return "\n".join([f"{head}  (stage {trial.stage})", *values])


def grid_shape(
    count: int, width: float, height: float, *, least_width: float, least_height: float = 0.0, aspect: float = 1.45
) -> tuple[int, int]:
    """Columns and rows for ``count`` plots of equal size whose shape comes nearest to ``aspect`` (width : height).

    Never narrower than ``least_width``, and where that is possible not lower than ``least_height``.
    """
    if count < 1:
        return 1, 1
    most = max(1, min(count, int(width // least_width)))
    shapes = [(columns, -(-count // columns)) for columns in range(1, most + 1)]
    fitting = [shape for shape in shapes if height / shape[1] >= least_height] or shapes[-1:]
    return min(fitting, key=lambda s: _misfit(s, count=count, width=width, height=height, aspect=aspect))


def _misfit(shape: tuple[int, int], *, count: int, width: float, height: float, aspect: float) -> float:
    columns, rows = shape
    empty = columns * rows - count
    return abs(float(np.log((width / columns) / max(height / rows, 1) / aspect))) + 0.12 * empty
