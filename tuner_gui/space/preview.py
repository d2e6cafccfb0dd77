"""What a scale will draw, before anything runs: sample values, and the share that each stretch of values gets."""

from __future__ import annotations

import dataclasses
import itertools
from typing import NamedTuple

import numpy as np

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter
from tuner_gui.space.region import Extent, as_interval, unit_bounds
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value, powers_of_two
from tuner_gui.space.unit import cell, units_of


class Share(NamedTuple):
    """A stretch of values, its part of the unit interval, and the share of the draws that it gets."""

    label: str
    low: float
    high: float
    share: float


class Preview(NamedTuple):
    """``samples``: unit coordinates of ``n`` even draws; ``shares`` add up to 1; ``remarks`` teach in words."""

    samples: np.ndarray
    shares: list[Share]
    remarks: list[str]


def preview(parameter: Parameter, extent: Extent, samples: int = 200) -> Preview:
    if isinstance(parameter, ChoiceParameter):
        return _choices_preview(parameter, extent)
    low, high = unit_bounds(parameter, as_interval(extent))
    even = low + (np.arange(samples) + 0.5) / samples * (high - low)
    return Preview(even, shares(parameter, extent), _remarks(parameter, extent))


def shares(parameter: NumberParameter, extent: Extent) -> list[Share]:
    """The share of the draws in each decade of the value (log) or of 1 − value (log1m), or in each fifth (linear)."""
    low, high = as_interval(extent)
    borders = _borders(parameter, low, high)
    total_low, total_high = unit_bounds(parameter, as_interval(extent))
    edges = _edges_in_units(parameter, borders, total_low, total_high)
    width = total_high - total_low
    return [
        Share(f"{format_in(parameter, a, 3)} – {format_in(parameter, b, 3)}", u, v, (v - u) / width)
        for a, b, u, v in zip(borders, borders[1:], edges, edges[1:], strict=False)
        if v > u
    ]


def averaging_window(beta: float) -> float:
    """Over how many past steps an exponentially weighted average with this β looks back: 1 / (1 − β)."""
    return 1 / (1 - beta)


def _edges_in_units(p: NumberParameter, borders: list[float], low: float, high: float) -> list[float]:
    inner = [float(u) for u in units_of(p, borders[1:-1])] if len(borders) > 2 else []
    if p.step is not None:
        # A border that is itself a grid point begins the next stretch: its cell starts half a step before it.
        inner = [cell(p, border, border)[0] for border in borders[1:-1]]
    return [low, *(min(max(u, low), high) for u in inner), high]


def _borders(p: NumberParameter, low: float, high: float) -> list[float]:
    if p.scale is Scale.LINEAR:
        return [float(value) for value in np.linspace(low, high, 6)] if p.step is None else [low, high]
    if isinstance(p, IntParameter):
        return [low, *powers_of_two(low * 1.01, high * 0.99), high]
    ends = (low, high) if p.scale is Scale.LOG else (1 - high, 1 - low)
    first = int(np.floor(np.log10(ends[0]) + 1 + 1e-9))
    last = int(np.ceil(np.log10(ends[1]) - 1 - 1e-9))
    decades = [float(f"1e{k}") for k in range(first, last + 1)]
    if p.scale is Scale.LOG:
        return [low, *decades, high]
    return [low, *(round(1 - decade, 15) for decade in reversed(decades)), high]


def _remarks(p: NumberParameter, extent: Extent) -> list[str]:
    low, high = as_interval(extent)
    remarks = []
    if p.scale is Scale.LOG1M and high < 1 and low >= 0:
        shortest, longest = (round(averaging_window(beta)) for beta in (low, high))
        remarks.append(f"averages over the last {shortest} to {longest} steps")
    if p.scale is not Scale.LINEAR:
        remarks += _linear_would(p, extent)
    elif p.low > 0 and p.high / p.low >= 100:
        remarks.append("this range spans decades: on a linear scale nearly all trials fall into the last one")
    return remarks


def _linear_would(p: NumberParameter, extent: Extent) -> list[str]:
    """The sentence that shows why the scale is not linear, from the shares that linear would give."""
    ours = shares(p, extent)
    if len(ours) < 2 or not isinstance(p, FloatParameter):
        return []
    low, high = as_interval(extent)
    borders = _borders(p, low, high)
    linear = [(b - a) / (high - low) for a, b in itertools.pairwise(borders)]
    index = int(np.argmax(linear))
    if linear[index] < 1.2 * ours[index].share:
        return []
    between = f"{format_in(p, borders[index], 3)} and {format_in(p, borders[index + 1], 3)}"
    return [f"linear would spend {linear[index]:.0%} of the trials between {between}"]


def _choices_preview(parameter: ChoiceParameter, extent: Extent) -> Preview:
    allowed = [choice for choice in parameter.choices if choice in extent]
    units = units_of(parameter, allowed)
    half = 0.5 / len(parameter.choices)
    each = 1 / len(allowed)
    named = zip(units, allowed, strict=True)
    return Preview(units, [Share(format_value(c), u - half, u + half, each) for u, c in named], [])


def with_scale(parameter: FloatParameter, scale: Scale) -> FloatParameter:
    """The same range on another scale; raises SpaceError where the scale cannot hold it."""
    return dataclasses.replace(parameter, scale=scale)
