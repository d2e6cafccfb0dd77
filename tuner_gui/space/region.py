"""Regions: boxes inside a space, from which the next trials are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import (
    ChoiceParameter,
    NumberParameter,
    Parameter,
    Value,
    choice_key,
)
from tuner_gui.space.space import Space
from tuner_gui.space.ticks import format_value
from tuner_gui.space.unit import canonical, cell, grid_size, unit_of, units_of, value_at


class Interval(NamedTuple):
    """The values from low to high, both included, in the parameter's own units."""

    low: float
    high: float


Extent = Interval | tuple[Value, ...]
"""What a region holds of one parameter: an interval of numbers, or some of the choices."""

# A region thinner than this cannot be seen or grabbed, and its values would be one value.
SMALLEST_UNIT_WIDTH = 0.002
# What a coordinate may be off after arithmetic with it, far below the distance of two values on any grid.
SLACK = 1e-9


@dataclass(frozen=True)
class Region:
    """One extent for every parameter of a space. Made by the functions below, which keep it inside the space."""

    extents: Mapping[str, Extent] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Extent:
        return self.extents[name]

    def replace(self, name: str, extent: Extent) -> Region:
        return Region({**self.extents, name: extent})


def as_interval(extent: Extent) -> Interval:
    """The extent of a number parameter; TypeError for choices, which have no order."""
    if not isinstance(extent, Interval):
        raise TypeError(f"{extent!r} is no interval")
    return extent


def full_extent(parameter: Parameter) -> Extent:
    if isinstance(parameter, ChoiceParameter):
        return parameter.choices
    if parameter.step is None:
        return Interval(parameter.low, parameter.high)
    return Interval(parameter.low, _number_at(parameter, 1.0))


def full_region(space: Space) -> Region:
    return Region({parameter.name: full_extent(parameter) for parameter in space})


def checked_extent(parameter: Parameter, extent: Extent) -> Extent:
    """The extent put on the parameter's grid and inside its range.

    Raises SpaceError when nothing is left: low above high, a place outside the range, an unknown choice.
    """
    if isinstance(parameter, ChoiceParameter):
        return _checked_choices(parameter, extent)
    if not isinstance(extent, Interval):
        raise SpaceError(parameter.name, list(extent), f"LOW:HIGH inside {parameter.low!r}:{parameter.high!r}")
    low, high = extent
    if not low <= high:
        raise SpaceError(parameter.name, f"{low!r}:{high!r}", "low at most as large as high")
    if high < parameter.low or low > parameter.high:
        span = f"{parameter.low!r}:{parameter.high!r}"
        raise SpaceError(parameter.name, f"{low!r}:{high!r}", f"a part of the full range {span}")
    low, high = max(low, parameter.low), min(high, parameter.high)
    if parameter.step is not None:
        return _grid_extent(parameter, low, high)
    if low == high:
        raise SpaceError(parameter.name, f"{low!r}:{high!r}", "low below high")
    return Interval(low, high)


def _checked_choices(parameter: ChoiceParameter, extent: Extent) -> Extent:
    expected = f"one or more of {', '.join(format_value(choice) for choice in parameter.choices)}"
    if isinstance(extent, Interval):
        raise SpaceError(parameter.name, f"{extent.low!r}:{extent.high!r}", expected)
    wanted = {choice_key(value) for value in extent}
    unknown = wanted - {choice_key(choice) for choice in parameter.choices}
    if unknown or not wanted:
        raise SpaceError(parameter.name, ",".join(sorted(format_value(value) for _, value in unknown)), expected)
    return tuple(choice for choice in parameter.choices if choice_key(choice) in wanted)


def _grid_extent(parameter: NumberParameter, low: float, high: float) -> Interval:
    """The grid points inside [low, high]; where there is none, the one nearest to its middle."""
    step = parameter.step or 1
    first = int(np.ceil((low - parameter.low) / step - SLACK))
    last = int(np.floor((high - parameter.low) / step + SLACK))
    last = min(last, (grid_size(parameter) or 1) - 1)
    if first > last:
        nearest = _as_number(canonical(parameter, (low + high) / 2))
        return Interval(nearest, nearest)
    low_value = canonical(parameter, parameter.low + first * step)
    high_value = canonical(parameter, parameter.low + last * step)
    return Interval(_as_number(low_value), _as_number(high_value))


def contains(space: Space, region: Region, values: Mapping[str, Value]) -> bool:
    """Whether a set of values lies in the region; a parameter without a value lies outside."""
    return all(
        parameter.name in values and extent_contains(region[parameter.name], values[parameter.name])
        for parameter in space
    )


def extent_contains(extent: Extent, value: Value) -> bool:
    if isinstance(extent, Interval):
        return not isinstance(value, (str, bool)) and extent.low <= value <= extent.high
    return choice_key(value) in {choice_key(choice) for choice in extent}


def contains_units(space: Space, region: Region, columns: Mapping[str, ArrayLike]) -> NDArray[np.bool_]:
    """For columns of unit coordinates, each ``[n]``: which rows lie in the region, shape ``[n]``."""
    count = max((np.asarray(column).shape[0] for column in columns.values()), default=0)
    inside = np.ones(count, dtype=bool)
    for parameter in space:
        inside &= extent_mask(parameter, region[parameter.name], np.asarray(columns[parameter.name]))
    return inside


def extent_mask(parameter: Parameter, extent: Extent, units: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which unit coordinates lie in the extent; NaN lies outside."""
    if not isinstance(extent, Interval):
        allowed = units_of(parameter, extent)
        return np.asarray(np.isin(np.round(units, 9), np.round(allowed, 9)), dtype=bool)
    # The coordinates of the bounds come from the same map as those of the values: a value on the edge is inside.
    low, high = units_of(parameter, extent)
    return np.asarray((units >= low) & (units <= high), dtype=bool)


def unit_bounds(parameter: NumberParameter, extent: Interval) -> tuple[float, float]:
    """The part of the unit interval in which draws give values of the extent."""
    return cell(parameter, extent.low, extent.high)


def extent_share(parameter: Parameter, extent: Extent) -> float:
    """The share of the parameter's unit interval that the extent covers, in (0, 1]."""
    if isinstance(parameter, ChoiceParameter):
        return len(extent) / len(parameter.choices)
    low, high = unit_bounds(parameter, as_interval(extent))
    return high - low


def volume(space: Space, region: Region) -> float:
    """The share of the space that the region covers, in (0, 1]: the product over its parameters."""
    return float(np.prod([extent_share(parameter, region[parameter.name]) for parameter in space]))


def draw(space: Space, region: Region, units: Sequence[float]) -> dict[str, Value]:
    """The values at a point of the unit cube laid over the *region*, one coordinate for each parameter in order."""
    values: dict[str, Value] = {}
    for parameter, u in zip(space, units, strict=True):
        extent = region[parameter.name]
        if isinstance(parameter, ChoiceParameter):
            values[parameter.name] = extent[min(int(u * len(extent)), len(extent) - 1)]
            continue
        interval = as_interval(extent)
        low, high = unit_bounds(parameter, interval)
        value = _number_at(parameter, low + u * (high - low))
        values[parameter.name] = min(max(value, interval.low), interval.high)
    return values


def extent_from_units(parameter: NumberParameter, low: float, high: float) -> Interval:
    """The interval between two unit coordinates, in either order, kept inside the range and never empty.

    On a grid these are the values whose own coordinates lie between the two, as a person sees it who drags a box
    around points; where there are none, the value to which the middle belongs.
    """
    low, high = sorted((min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)))
    if parameter.step is not None:
        return _grid_between(parameter, low, high)
    if high - low < SMALLEST_UNIT_WIDTH - SLACK:
        middle = min(max((low + high) / 2, SMALLEST_UNIT_WIDTH / 2), 1 - SMALLEST_UNIT_WIDTH / 2)
        low, high = middle - SMALLEST_UNIT_WIDTH / 2, middle + SMALLEST_UNIT_WIDTH / 2
    return Interval(_number_at(parameter, low), _number_at(parameter, high))


def _grid_between(parameter: NumberParameter, low: float, high: float) -> Interval:
    step = parameter.step or 1
    first, last = _number_at(parameter, low), _number_at(parameter, high)
    if unit_of(parameter, first) < low - SLACK:
        first = _as_number(canonical(parameter, first + step))
    if unit_of(parameter, last) > high + SLACK:
        last = _as_number(canonical(parameter, last - step))
    if first > last:
        first = last = _number_at(parameter, (low + high) / 2)
    return Interval(first, last)


def adapted(before: Space, after: Space, region: Region) -> Region:
    """A region of one space carried over to another: what was fully open stays so, the rest is cut to fit."""
    return Region({parameter.name: _adapted_extent(before, parameter, region) for parameter in after})


def _adapted_extent(before: Space, parameter: Parameter, region: Region) -> Extent:
    if parameter.name not in region.extents or parameter.name not in before:
        return full_extent(parameter)
    extent = region[parameter.name]
    if extent == full_extent(before[parameter.name]):
        return full_extent(parameter)
    if isinstance(parameter, ChoiceParameter) and not isinstance(extent, Interval):
        known = {choice_key(choice) for choice in parameter.choices}
        extent = tuple(value for value in extent if choice_key(value) in known)
    try:
        return checked_extent(parameter, extent)
    except SpaceError:
        return full_extent(parameter)


def _number_at(parameter: NumberParameter, unit: float) -> float:
    return _as_number(value_at(parameter, unit))


def _as_number(value: Value) -> float:
    assert not isinstance(value, str)  # noqa: S101 - a number parameter has numbers
    return value
