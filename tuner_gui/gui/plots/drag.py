"""What a drag along the axis of a parameter means. No widgets here: unit coordinates go in, extents come out."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, NumberParameter, Parameter
from tuner_gui.space.region import (
    SMALLEST_UNIT_WIDTH,
    Extent,
    Interval,
    as_interval,
    extent_contains,
    extent_from_units,
)
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import snap
from tuner_gui.space.unit import unit_of, value_at

# How near to a round value a handle snaps, and how near the mouse must come to an edge; in logical pixels.
SNAP_PIXELS = 4
REACH_PIXELS = 7
FINE_STEP, COARSE_STEP = 0.01, 0.1


class Grab(enum.StrEnum):
    """What of an extent the mouse or the keyboard holds."""

    LOW = "low"
    HIGH = "high"
    BAND = "band"
    BACKGROUND = "background"


Edges = tuple[float, float]


@dataclass(frozen=True)
class Held:
    """A press: what it grabbed, where, and the coordinates of the extent's bounds at that time."""

    grab: Grab
    start: float
    low: float
    high: float


def bounds_of(parameter: NumberParameter, extent: Extent) -> tuple[float, float]:
    """The unit coordinates of an interval's two values (its edges on a plot lie at the ends of their cells)."""
    low, high = as_interval(extent)
    return unit_of(parameter, low), unit_of(parameter, high)


def grab_at(unit: float, edges: Edges, *, reach: float, movable: bool) -> Grab:
    """What a press at ``unit`` grabs of an interval whose edges are drawn at these coordinates.

    Edges at the ends of the full range are background: a drag that begins there sweeps out a new interval.
    """
    zone = _zone(unit, edges, reach)
    if is_full(edges) or (zone is Grab.BAND and not movable):
        return Grab.BACKGROUND
    return zone


def grab_rectangle(
    x: float, y: float, edges: tuple[Edges, Edges], *, reach: tuple[float, float], movable: bool
) -> tuple[Grab | None, Grab | None]:
    """What a press grabs of a rectangle along x and along y; None where that axis stays as it is.

    An axis that is fully open has no edges to grab, and a press is always inside of it.
    """
    zones = _zone(x, edges[0], reach[0]), _zone(y, edges[1], reach[1])
    nothing = Grab.BACKGROUND, Grab.BACKGROUND
    if Grab.BACKGROUND in zones or all(is_full(pair) for pair in edges):
        return nothing
    if zones == (Grab.BAND, Grab.BAND):
        return zones if movable else nothing
    held = [None if zone is Grab.BAND else zone for zone in zones]
    return held[0], held[1]


def is_full(edges: Edges) -> bool:
    return edges[0] <= 1e-9 and edges[1] >= 1 - 1e-9


def _zone(unit: float, edges: Edges, reach: float) -> Grab:
    """At an edge, inside (band) or outside (background). A thin band keeps a middle that can be grabbed."""
    low, high = edges
    if is_full(edges):
        return Grab.BAND
    inside = min(reach, (high - low) / 4)
    if low - reach <= unit <= low + inside:
        return Grab.LOW
    if high - inside <= unit <= high + reach:
        return Grab.HIGH
    return Grab.BAND if low < unit < high else Grab.BACKGROUND


def held_from(parameter: Parameter, extent: Extent, grab: Grab, unit: float) -> Held:
    """A press on the plot of a parameter. Choices have no edges: what is held of them is the cell of the press."""
    if isinstance(parameter, ChoiceParameter):
        return Held(grab, unit, unit, unit)
    return Held(grab, unit, *bounds_of(parameter, extent))


def extent_after(parameter: Parameter, held: Held, now: float, *, pixel: float, snapping: bool = True) -> Extent:
    """The extent when what was held has been dragged to ``now``.

    ``pixel`` is the width of a pixel in unit coordinates: edges snap to round values within a few pixels, and come
    to stand at the roundest value of their pixel otherwise. Without ``snapping`` they stand exactly where they are.
    """
    now = min(max(now, 0.0), 1.0)
    if isinstance(parameter, ChoiceParameter):
        return choices_between(parameter, held.start, now)
    tolerance = SNAP_PIXELS * pixel if snapping else 0.0
    if held.grab is Grab.BAND:
        low, high = _moved(parameter, held, now, tolerance)
    else:
        fixed = {Grab.LOW: held.high, Grab.HIGH: held.low}.get(held.grab)
        if fixed is None:
            fixed = _snapped(parameter, min(max(held.start, 0.0), 1.0), tolerance)
        low, high = sorted((fixed, _snapped(parameter, now, tolerance)))
    extent = extent_from_units(parameter, low, high)
    return _tidied_interval(parameter, extent, pixel) if snapping else extent


def choices_between(parameter: ChoiceParameter, start: float, end: float) -> Extent:
    """The choices whose cells lie between two coordinates."""
    low, high = sorted((choice_index(parameter, start), choice_index(parameter, end)))
    return parameter.choices[low : high + 1]


def toggled(parameter: ChoiceParameter, extent: Extent, index: int) -> Extent:
    """The extent with one choice taken out or put back; the last one that is left stays."""
    changed = tuple(c for i, c in enumerate(parameter.choices) if extent_contains(extent, c) != (i == index))
    return changed or extent


def choice_index(parameter: ChoiceParameter, unit: float) -> int:
    count = len(parameter.choices)
    return min(max(int(unit * count), 0), count - 1)


def nudged(parameter: NumberParameter, extent: Extent, handle: Grab, direction: int, *, coarse: bool) -> Extent:
    """The extent with one handle a step further: a hundredth of the axis or one value of the grid; ``coarse`` is a
    tenth, to a round value. A handle stops before the other one."""
    low, high = bounds_of(parameter, extent)
    at = low if handle is Grab.LOW else high
    step = COARSE_STEP if coarse else FINE_STEP
    moved = _stepped(parameter, at, direction, step)
    if coarse:
        moved = snap(parameter, moved, tolerance=COARSE_STEP / 3)
    if handle is Grab.LOW:
        low = min(moved, high - _least_width(parameter))
    else:
        high = max(moved, low + _least_width(parameter))
    return _tidied_interval(parameter, extent_from_units(parameter, low, high), FINE_STEP / 4)


def spanning(parameter: NumberParameter, low: float, high: float, *, pixel: float) -> Extent:
    """The interval that holds everything between two unit coordinates, with its ends a little further out: at the
    roundest values within a few pixels."""
    low, high = (min(max(unit, 0.0), 1.0) for unit in (low, high))
    if parameter.step is not None or not isinstance(parameter, FloatParameter):
        return extent_from_units(parameter, low, high)
    return Interval(_outwards(parameter, low, -1, pixel), _outwards(parameter, high, 1, pixel))


def _outwards(parameter: FloatParameter, unit: float, direction: int, pixel: float) -> float:
    least = max(pixel / 2, SMALLEST_UNIT_WIDTH / 2)
    most = max(SNAP_PIXELS * pixel, least)
    near, far = (min(max(unit + direction * way, 0.0), 1.0) for way in (least, most))
    value = float(value_at(parameter, (near + far) / 2))
    return tidied(parameter, value, within=abs(far - near) / 2)


def tidied(parameter: FloatParameter, value: float, *, within: float) -> float:
    """The number with the fewest digits that lies within so many unit coordinates of a value."""
    at = unit_of(parameter, value)
    for digits in range(1, 12):
        short = _with_digits(parameter, value, digits)
        if parameter.low <= short <= parameter.high and abs(unit_of(parameter, short) - at) <= within:
            return short
    return value


def _with_digits(parameter: FloatParameter, value: float, digits: int) -> float:
    if parameter.scale is Scale.LOG1M:
        return round(1 - float(f"{1 - value:.{digits}g}"), 15)
    if parameter.scale is Scale.LINEAR:
        # Digits count from the width of the range, so that 1000.2 of 1000–1001 keeps what matters.
        places = digits - 1 - int(np.floor(np.log10(parameter.high - parameter.low)))
        return round(value, places)
    return float(f"{value:.{digits}g}")


def _tidied_interval(parameter: NumberParameter, extent: Interval, pixel: float) -> Interval:
    if parameter.step is not None or not isinstance(parameter, FloatParameter):
        return extent
    low, high = (tidied(parameter, value, within=pixel / 2) for value in extent)
    return Interval(low, high) if low < high else extent


def _snapped(parameter: NumberParameter, unit: float, tolerance: float) -> float:
    return snap(parameter, unit, tolerance) if tolerance else unit


def _moved(parameter: NumberParameter, held: Held, now: float, tolerance: float) -> tuple[float, float]:
    """A band keeps its width while it moves, and stops at the ends of the range."""
    width = held.high - held.low
    low = min(max(held.low + now - held.start, 0.0), 1.0 - width)
    snapped = _snapped(parameter, low, tolerance)
    low = min(max(snapped, 0.0), 1.0 - width)
    if parameter.step is None:
        return low, low + width
    return _nearest_unit(parameter, low), _nearest_unit(parameter, low + width)


def _nearest_unit(parameter: NumberParameter, unit: float) -> float:
    """The coordinate of the grid's value nearest to a place."""
    return unit_of(parameter, value_at(parameter, unit))


def _stepped(parameter: NumberParameter, at: float, direction: int, step: float) -> float:
    if parameter.step is not None:
        here = value_at(parameter, at)
        neighbour = min(max(float(here) + direction * parameter.step, parameter.low), parameter.high)
        grid = unit_of(parameter, neighbour) - at
        step = max(step, abs(grid))
    return min(max(at + direction * step, 0.0), 1.0)


def _least_width(parameter: NumberParameter) -> float:
    return 0.0 if parameter.step is not None else 5 * SMALLEST_UNIT_WIDTH
