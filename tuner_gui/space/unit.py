"""The one map between values and the unit interval: scale, step, whole numbers and choices included.

Strategies, regions, editors, plots and importance all speak in unit coordinates and come here for values.

Three facts hold for every parameter:

* equal lengths of the unit interval get equal shares of the draws;
* on a grid (whole numbers, steps, choices) every point owns a cell of the interval, the end points a full one, so
  an end is drawn as often as its neighbours;
* value → unit → value gives back the same double, for every value that :func:`values_at` can produce. To that end
  values without a step are rounded to a decimal grid far finer than any network can feel, instead of carrying the
  noise of ``exp(log(x))``: 12 significant digits on log, on the other scales 12 digits counted from the first digit
  of the range's larger end. So a decimal that a person types is exact too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuner_gui.space.parameters import (
    ChoiceParameter,
    FloatParameter,
    NumberParameter,
    Parameter,
    Value,
    choice_key,
)
from tuner_gui.space.scales import Scale, backward, forward

Floats = NDArray[np.float64]

SIGNIFICANT_DIGITS = 12


def units_of(parameter: Parameter, values: Sequence[Value] | ArrayLike) -> Floats:
    """Unit coordinates of many values, shape ``[n]``.

    Values outside the range get coordinates outside [0, 1]; what has no place at all (log of 0, an unknown choice,
    a missing value) gets NaN.
    """
    if isinstance(parameter, ChoiceParameter):
        places = {choice_key(choice): index for index, choice in enumerate(parameter.choices)}
        count = len(parameter.choices)
        return np.array(
            [(places[key] + 0.5) / count if (key := choice_key(v)) in places else math.nan for v in values],  # type: ignore[union-attr,arg-type]
            dtype=np.float64,
        )
    start, end = _line(parameter)
    return (forward(parameter.scale, values) - start) / (end - start)


def unit_of(parameter: Parameter, value: Value) -> float:
    """The unit coordinate of one value; see :func:`units_of`."""
    return float(units_of(parameter, [value])[0])


def values_at(parameter: Parameter, units: ArrayLike) -> list[Value]:
    """Values at many unit coordinates; coordinates beyond [0, 1] give the nearest end.

    Raises ValueError for NaN: there is no value at no place.
    """
    u = np.clip(np.atleast_1d(np.asarray(units, dtype=np.float64)), 0.0, 1.0)
    if np.isnan(u).any():
        raise ValueError("a unit coordinate is NaN")
    if isinstance(parameter, ChoiceParameter):
        indices = np.minimum((u * len(parameter.choices)).astype(int), len(parameter.choices) - 1)
        return [parameter.choices[index] for index in indices]
    raw = positions_of(parameter, u)
    if parameter.step is not None:
        return _grid_values(parameter, raw)
    values = np.array(_rounded(parameter, raw.tolist()), dtype=np.float64)
    # An end of the range may have more digits than the rounding leaves; it stands for all that round to the same.
    rounded_low, rounded_high = _rounded_ends(parameter)
    values[(u == 0.0) | (values <= rounded_low)] = parameter.low
    values[(u == 1.0) | (values >= rounded_high)] = parameter.high
    return [float(value) for value in values]


def positions_of(parameter: NumberParameter, units: ArrayLike) -> Floats:
    """The numbers at unit coordinates as the scale has them, on no grid and unrounded: for axes, not for trials."""
    start, end = _line(parameter)
    return backward(parameter.scale, start + np.asarray(units, dtype=np.float64) * (end - start))


def value_at(parameter: Parameter, unit: float) -> Value:
    """The value at one unit coordinate; see :func:`values_at`. Several times as fast as that for one alone."""
    if math.isnan(unit):
        raise ValueError("a unit coordinate is NaN")
    u = min(max(unit, 0.0), 1.0)
    if isinstance(parameter, ChoiceParameter):
        return parameter.choices[min(int(u * len(parameter.choices)), len(parameter.choices) - 1)]
    start, end = _line(parameter)
    raw = float(backward(parameter.scale, start + u * (end - start)))
    if parameter.step is not None:
        last = (grid_size(parameter) or 1) - 1
        return _grid_value(parameter, min(max(round((raw - parameter.low) / parameter.step), 0), last))
    low, high = _rounded_ends(parameter)
    (value,) = _rounded(parameter, [raw])
    if u == 0.0 or value <= low:
        return parameter.low
    return parameter.high if u == 1.0 or value >= high else float(value)


def canonical(parameter: Parameter, value: Value) -> Value:
    """The nearest value that the parameter can take: clipped to the range, on the grid of its steps."""
    if not isinstance(parameter, ChoiceParameter) and not isinstance(value, str):
        value = min(max(value, parameter.low), parameter.high)  # log has no place for what lies below 0
    return value_at(parameter, unit_of(parameter, value))


def grid_size(parameter: Parameter) -> int | None:
    """How many values the parameter can take; None where they are not on a grid."""
    if isinstance(parameter, ChoiceParameter):
        return len(parameter.choices)
    if parameter.step is None:
        return None
    return math.floor((parameter.high - parameter.low) / parameter.step * (1 + 1e-12)) + 1


@lru_cache(maxsize=4096)
def cell(parameter: NumberParameter, low: float, high: float) -> tuple[float, float]:
    """The part of the unit interval that belongs to the values from ``low`` to ``high``, ends included.

    On a grid this reaches half a step beyond both values, so that uniform draws in it give all of them the weight
    that the scale gives them.
    """
    start, end = _line(parameter)
    if parameter.step is None:
        edges = forward(parameter.scale, [low, high])
    else:
        edges = np.array(_edges(parameter, low, high))
    u = (edges - start) / (end - start)
    return max(0.0, float(u[0])), min(1.0, float(u[1]))


@lru_cache(maxsize=1024)
def _line(parameter: NumberParameter) -> tuple[float, float]:
    """The ends of the unit interval on the scale's line."""
    if parameter.step is None:
        start, end = forward(parameter.scale, [parameter.low, parameter.high])
        return float(start), float(end)
    last = _grid_value(parameter, (grid_size(parameter) or 1) - 1)
    return _edges(parameter, parameter.low, last)


def _edges(parameter: NumberParameter, low: float, high: float) -> tuple[float, float]:
    """Half a step beyond ``low`` and ``high`` on the scale's line, never beyond what the scale can hold."""
    half = (parameter.step or 0) / 2
    below, above = low - half, high + half
    if parameter.scale is Scale.LOG:
        below = max(below, low / 2)
    elif parameter.scale is Scale.LOG1M:
        above = min(above, (1 + high) / 2)
    start, end = forward(parameter.scale, [below, above])
    return float(start), float(end)


def _grid_values(parameter: NumberParameter, raw: Floats) -> list[Value]:
    last = (grid_size(parameter) or 1) - 1
    indices = np.clip(np.rint((raw - parameter.low) / (parameter.step or 1)), 0, last)
    return [_grid_value(parameter, int(index)) for index in indices]


def _grid_value(parameter: NumberParameter, index: int) -> int | float:
    value = parameter.low + index * (parameter.step or 1)
    if isinstance(parameter, FloatParameter) and index > 0:
        # 0.1 + 2 * 0.1 is 0.30000000000000004; the grid means 0.3.
        return min(float(f"{value:.{SIGNIFICANT_DIGITS}g}"), parameter.high)
    return value


@lru_cache(maxsize=1024)
def _rounded_ends(parameter: NumberParameter) -> tuple[float, float]:
    low, high = _rounded(parameter, [parameter.low, parameter.high])
    return low, high


def _rounded(parameter: NumberParameter, raw: Sequence[float]) -> list[float]:
    if parameter.scale is Scale.LOG:
        return [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in raw]
    if parameter.scale is Scale.LOG1M:
        # 1 - x is what matters and what the subtraction near 1 gets wrong: 15 decimals keep it exact. Far below 0,
        # where no β lies, exp(log(1 - x)) has fewer digits to give.
        decimals = 15 if parameter.low >= -1 else 13 - _magnitude(abs(parameter.low))
    else:
        decimals = 14 - _magnitude(max(abs(parameter.low), abs(parameter.high)))
    return [round(value, decimals) + 0.0 for value in raw]  # no -0.0


def _magnitude(value: float) -> int:
    return math.ceil(math.log10(value))
