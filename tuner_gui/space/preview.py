"""What a scale will draw, before anything runs: sample values, and the share that each stretch of values gets."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import NamedTuple

import numpy as np

from tuner_gui.space.parameters import ChoiceParameter, IntParameter, NumberParameter, Parameter
from tuner_gui.space.region import Extent, Interval, as_interval, extent_contains, unit_bounds
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value, powers_of_two
from tuner_gui.space.unit import canonical, cell, units_of, values_at


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
    if parameter.step is not None:
        even = units_of(parameter, values_at(parameter, even))
    return Preview(even, shares(parameter, extent), _remarks(parameter, as_interval(extent)))


def shares(parameter: NumberParameter, extent: Extent) -> list[Share]:
    """The share of the draws in each decade of the value (log) or of 1 − value (log1m), or in each fifth (linear)."""
    interval = as_interval(extent)
    stretches = _stretches(parameter, interval)
    parts = _shares_of(parameter, stretches, interval)
    labels = _labels(parameter, stretches)
    return [
        Share(label, *cell(parameter, *stretch), part)
        for label, stretch, part in zip(labels, stretches, parts, strict=True)
    ]


def averaging_window(beta: float) -> float:
    """Over how many past steps an exponentially weighted average with this β looks back: 1 / (1 − β)."""
    return 1 / (1 - beta)


def _shares_of(p: NumberParameter, stretches: list[Interval], whole: Interval) -> list[float]:
    low, high = cell(p, *whole)
    cells = [cell(p, *stretch) for stretch in stretches]
    return [(v - u) / (high - low) for u, v in cells]


def _labels(p: NumberParameter, stretches: list[Interval]) -> list[str]:
    """ "0.1 – 0.2" for each, with as few digits as tell all the values apart."""
    values = {value for stretch in stretches for value in stretch}
    texts: dict[float, str] = {}
    for digits in (3, 4, 6, 8, 10, 12, 15):
        texts = {value: format_in(p, value, digits) for value in values}
        if len(set(texts.values())) == len(values):
            break
    return [" – ".join(dict.fromkeys(texts[value] for value in stretch)) for stretch in stretches]


def _stretches(p: NumberParameter, whole: Interval) -> list[Interval]:
    """The interval cut at round values; on a grid each stretch ends one step before the next begins."""
    borders = _borders(p, whole)
    if p.step is None:
        return [Interval(a, b) for a, b in itertools.pairwise([whole.low, *borders, whole.high])]
    first_indices = sorted({0, *(math.ceil((border - whole.low) / p.step - 1e-9) for border in borders)})
    count = round((whole.high - whole.low) / p.step) + 1
    return [
        Interval(_on_grid(p, whole.low, a), _on_grid(p, whole.low, b - 1))
        for a, b in itertools.pairwise([*first_indices, count])
    ]


def _on_grid(p: NumberParameter, low: float, index: int) -> float:
    value = canonical(p, low + index * (p.step or 1))
    assert not isinstance(value, str)  # noqa: S101 - a number parameter has numbers
    return value


def _borders(p: NumberParameter, whole: Interval) -> list[float]:
    """The round values inside the interval at which one stretch ends and the next begins, in order."""
    low, high = whole
    if p.scale is Scale.LINEAR:
        count = 5 if p.step is None else min(5, round((high - low) / p.step) + 1)
        return [low + (high - low + (p.step or 0)) * k / count for k in range(1, count)]
    if isinstance(p, IntParameter):
        return powers_of_two(low * 1.01, high * 0.99)
    ends = (low, high) if p.scale is Scale.LOG else (1 - high, 1 - low)
    exponents = range(math.floor(math.log10(ends[0])), math.ceil(math.log10(ends[1])) + 1)
    decades = [float(f"1e{k}") for k in exponents]
    # A border that all but coincides with an end would cut off a stretch of nothing.
    inner = [decade for decade in decades if ends[0] * (1 + 1e-9) < decade < ends[1] * (1 - 1e-9)]
    return inner if p.scale is Scale.LOG else [round(1 - decade, 15) for decade in reversed(inner)]


def _remarks(p: NumberParameter, whole: Interval) -> list[str]:
    remarks = []
    if p.scale is Scale.LOG1M and whole.low >= 0:
        shortest, longest = (round(averaging_window(beta)) for beta in whole)
        remarks.append(f"averages over the last {shortest} to {longest} steps")
    if p.scale is not Scale.LINEAR:
        remarks += _linear_would(p, whole)
    elif whole.low > 0 and whole.high / whole.low >= 100:
        remarks.append("this range spans decades: on a linear scale nearly all trials fall into the last one")
    return remarks


def _linear_would(p: NumberParameter, whole: Interval) -> list[str]:
    """The sentence that shows why the scale is not linear, from the shares that linear would give."""
    stretches = _stretches(p, whole)
    linear = _shares_of(dataclasses.replace(p, scale=Scale.LINEAR), stretches, whole)
    most = int(np.argmax(linear))
    if len(stretches) < 2 or linear[most] < 1.2 * _shares_of(p, stretches, whole)[most]:
        return []
    between = " and ".join(format_in(p, value, 3) for value in stretches[most])
    return [f"linear would spend {linear[most]:.0%} of the trials between {between}"]


def _choices_preview(parameter: ChoiceParameter, extent: Extent) -> Preview:
    allowed = [choice for choice in parameter.choices if extent_contains(extent, choice)]
    units = units_of(parameter, allowed)
    half = 0.5 / len(parameter.choices)
    named = zip(units.tolist(), allowed, strict=True)
    return Preview(units, [Share(format_value(c), u - half, u + half, 1 / len(allowed)) for u, c in named], [])
