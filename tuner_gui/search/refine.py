"""Refinements of the region: what one keeps, a wider one, and a suggestion with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import ChoiceParameter, NumberParameter, Parameter
from tuner_gui.space.region import (
    Extent,
    Interval,
    Region,
    as_interval,
    checked_extent,
    contains_units,
    extent_from_units,
    full_region,
    unit_bounds,
    volume,
)
from tuner_gui.space.space import Space
from tuner_gui.space.ticks import format_value
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan

# Measured on tabular benchmarks ("the box"): few elites, and a margin so that the best can sit at an edge.
ELITE_SHARE = 0.1
FEWEST_ELITES = 3
MOST_ELITES = 5
MARGIN = 0.10
# Below this many finished trials the best three say little.
FEWEST_TRIALS = 10


@dataclass(frozen=True)
class Keeps:
    """What a region keeps: ``kept`` of ``total`` trials, and its share of the space's volume."""

    kept: int
    total: int
    volume: float

    def __str__(self) -> str:
        return f"keeps {self.kept} of {self.total} trials, {format_share(self.volume)} of the volume"


@dataclass(frozen=True)
class Suggestion:
    """A region that the program proposes, and why. It is never applied unasked."""

    region: Region
    reason: str
    evidence: tuple[int, ...]


def format_share(share: float) -> str:
    """A share in percent with as many digits as it takes to be more than nothing: 12 %, 0.3 %."""
    percent = 100 * share
    digits = 3 if percent < 0.01 else 2 if percent < 1 else 3
    return f"{percent:.{digits}g} %" if percent < 9.95 else f"{percent:.0f} %"


def trials_inside(space: Space, region: Region, history: History) -> NDArray[np.bool_]:
    """Which trials lie in the region, ``[n]``."""
    if not len(history):
        return np.zeros(0, dtype=bool)
    if not len(space):
        return np.ones(len(history), dtype=bool)
    return contains_units(space, region, {parameter.name: history.units(parameter) for parameter in space})


def keeps(space: Space, region: Region, history: History) -> Keeps:
    inside = trials_inside(space, region, history)
    return Keeps(int(inside.sum()), len(history), volume(space, region))


def widened(plan: Plan) -> Region:
    """The region with every interval twice as wide on its scale, around its middle and inside the full range.

    A choice that was dropped comes back. Returns the current region where it is already the full space.
    """
    return Region({p.name: _widened_extent(p, plan.region[p.name]) for p in plan.space})


def suggest_region(plan: Plan, history: History) -> Suggestion | None:
    """The box around the best trials of the study with a margin; None while there are too few to tell.

    The margin is a tenth of the unit interval on each side. A choice stays if one of the best trials used it.
    """
    standings = history.standings(plan.definition.objective)
    count = len(standings.order)
    if count < FEWEST_TRIALS:
        return None
    elites = min(max(round(ELITE_SHARE * count), FEWEST_ELITES), MOST_ELITES)
    ranked = standings.order[:elites]
    region = Region({p.name: _box_extent(p, history.units(p)[ranked], plan.region[p.name]) for p in plan.space})
    numbers = tuple(int(index) + 1 for index in ranked)
    shown = ", ".join(f"#{number} ({format_value(standings.mean(number - 1))})" for number in numbers)
    return Suggestion(region, f"the best {elites} of {count} trials, {shown}, and a margin of a tenth", numbers)


def full(plan: Plan) -> Region:
    return full_region(plan.space)


def _widened_extent(parameter: Parameter, extent: Extent) -> Extent:
    if isinstance(parameter, ChoiceParameter):
        return parameter.choices
    interval = as_interval(extent)
    low, high = unit_bounds(parameter, interval)
    half = (high - low) / 2
    twice = extent_from_units(parameter, low - half, high + half)
    # On a coarse grid twice the width may not reach the next value.
    step = parameter.step or 0
    one_more = as_interval(checked_extent(parameter, Interval(interval.low - step, interval.high + step)))
    return Interval(min(twice.low, one_more.low), max(twice.high, one_more.high))


def _box_extent(parameter: Parameter, units: NDArray[np.float64], current: Extent) -> Extent:
    """Around the elites; a parameter that they did not have (it was switched on later) stays as it is."""
    known = units[np.isfinite(units)]
    if not len(known):
        return current
    if isinstance(parameter, ChoiceParameter):
        used = {min(int(u * len(parameter.choices)), len(parameter.choices) - 1) for u in known}
        return tuple(parameter.choices[index] for index in sorted(used))
    return _box_interval(parameter, known)


def _box_interval(parameter: NumberParameter, units: NDArray[np.float64]) -> Extent:
    return extent_from_units(parameter, float(units.min()) - MARGIN, float(units.max()) + MARGIN)
