"""The numbers of the scale preview: what the next draws of one parameter will be. Arrays only, no widgets."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import ChoiceParameter, NumberParameter, Parameter
from tuner_gui.space.preview import Share, averaging_window, preview
from tuner_gui.space.region import Extent, Interval, as_interval, unit_bounds
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import Tick, ticks
from tuner_gui.space.unit import unit_of, units_of, values_at

SAMPLES = 200
# A linear range that spans this factor is worth comparing with log.
_SPANS_DECADES = 100
_WINDOWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)


class Lane(NamedTuple):
    """Draws on one scale: ``samples`` lie in [0, 1] across the extent; ``shares`` one for each stretch."""

    scale: str
    samples: NDArray[np.float64]
    shares: list[float]


class Figures(NamedTuple):
    """All places lie in [0, 1] across the extent. ``stretches`` carry their shares under the parameter's scale."""

    lane: Lane
    other: Lane | None
    stretches: list[Share]
    ticks: list[Tick]
    windows: list[Tick]
    remarks: list[str]


def figures(parameter: Parameter, extent: Extent) -> Figures:
    """What draws from the extent look like, and for a number what another scale would make of it."""
    shown = preview(parameter, extent, SAMPLES)
    if isinstance(parameter, ChoiceParameter):
        return _choice_figures(shown.shares)
    low, high = unit_bounds(parameter, as_interval(extent))
    width = high - low
    stretches = [s._replace(low=(s.low - low) / width, high=(s.high - low) / width) for s in shown.shares]
    places = (units_of(parameter, values_at(parameter, shown.samples)) - low) / width
    lane = Lane(str(parameter.scale), np.clip(places, 0, 1), [s.share for s in stretches])
    marks = [Tick((t.unit - low) / width, t.label) for t in ticks(parameter, low, high, at_most=6)]
    windows = [Tick((t.unit - low) / width, t.label) for t in _window_ticks(parameter, low, high)]
    return Figures(lane, _other_lane(parameter, extent, stretches), stretches, marks, windows, shown.remarks)


def _choice_figures(shares: list[Share]) -> Figures:
    """One stretch for each choice that is drawn, side by side."""
    count = len(shares)
    stretches = [Share(s.label, i / count, (i + 1) / count, s.share) for i, s in enumerate(shares)]
    marks = [Tick((s.low + s.high) / 2, s.label) for s in stretches]
    return Figures(Lane("choice", np.empty(0), [s.share for s in stretches]), None, stretches, marks, [], [])


def _other_lane(parameter: NumberParameter, extent: Extent, stretches: list[Share]) -> Lane | None:
    scale = Scale.LINEAR
    if parameter.scale is Scale.LINEAR:
        if parameter.low <= 0 or parameter.high < _SPANS_DECADES * parameter.low:
            return None
        scale = Scale.LOG
    other = dataclasses.replace(parameter, scale=scale)
    low, high = unit_bounds(parameter, as_interval(extent))
    start, end = unit_bounds(other, as_interval(extent))
    even = start + (np.arange(SAMPLES) + 0.5) / SAMPLES * (end - start)
    places = (units_of(parameter, values_at(other, even)) - low) / (high - low)
    bounds = [_values_between(parameter, low + s.low * (high - low), low + s.high * (high - low)) for s in stretches]
    shares = [(b - a) / (end - start) for a, b in (unit_bounds(other, interval) for interval in bounds)]
    return Lane(str(scale), np.clip(places, 0, 1), shares)


def _values_between(parameter: NumberParameter, low: float, high: float) -> Interval:
    """The smallest and the largest value whose cells lie between two unit coordinates."""
    inward = 0.0 if parameter.step is None else 1e-9
    first, last = values_at(parameter, [low + inward, high - inward])
    assert not isinstance(first, str)  # noqa: S101 - a number parameter has numbers
    assert not isinstance(last, str)  # noqa: S101
    return Interval(first, last)


def _window_ticks(parameter: NumberParameter, low: float, high: float) -> list[Tick]:
    """Where the averaging window 1 / (1 − β) is a round number of steps."""
    if parameter.scale is not Scale.LOG1M or parameter.low < 0:
        return []
    longest = averaging_window(parameter.high)
    placed = [
        Tick(unit_of(parameter, 1 - 1 / steps), f"{steps:,}")
        for steps in _WINDOWS
        if averaging_window(parameter.low) * 0.999 <= steps <= longest * 1.001
    ]
    placed = [tick for tick in placed if low - 1e-6 <= tick.unit <= high + 1e-6]
    decades = [tick for tick in placed if tick.label.replace(",", "").strip("0") == "1"]
    return decades if len(decades) >= 2 else placed[:5]
