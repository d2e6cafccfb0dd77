"""What a budget of trials would try, before anything runs: grid against random against low-discrepancy.

The textbook's picture in numbers: with the same budget a grid tries few values of each parameter, random search a new
one in every trial, and Sobol points do so without gaps. The points are those that the strategies themselves take in a
new study with the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.grid import MOST_POINTS, first_places, grid_axes, grid_count
from tuner_gui.search.strategies.spread import SobolPoints, random_point
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.region import Extent, Region, as_interval, unit_bounds
from tuner_gui.space.space import Space
from tuner_gui.space.unit import units_of, values_at

Floats = NDArray[np.float64]

MOST_LEVELS = 50
STRATEGIES = ("grid", "random", "sobol")


@dataclass(frozen=True)
class Coverage:
    """What one strategy would try. ``points`` ``[n, d]`` are unit coordinates in the space, ``distinct`` how many
    different values each parameter gets, ``largest_gap`` the longest part of its range in the region without any, as a
    share of that range; for choices the share that is never tried.
    """

    strategy: str
    points: Floats
    distinct: tuple[int, ...]
    largest_gap: tuple[float, ...]

    @property
    def trials(self) -> int:
        return len(self.points)


def coverage(space: Space, region: Region, trials: int, *, seed: int = 0, levels: int | None = None) -> list[Coverage]:
    """The three beside each other, for the same budget, in the order of ``STRATEGIES``.

    A grid has ``levels`` values of each number; without that, as many as the budget allows, and at least two. It takes
    fewer trials where it has fewer points, only some of its points where the budget ends before it, and none at all
    where it has more points than grid search can go through.
    """
    levels = levels_within(space, region, trials) if levels is None else levels
    sobol, width = SobolPoints(), len(space)
    points = {
        "grid": _grid(space, region, trials, seed=seed, levels=levels),
        "random": _drawn(space, region, [random_point(width, seed=seed, trial=n) for n in range(1, trials + 1)]),
        "sobol": _drawn(space, region, [sobol.at(index, width, seed) for index in range(trials)]),
    }
    return [_covered(strategy, space, region, points[strategy]) for strategy in STRATEGIES]


def levels_within(space: Space, region: Region, trials: int) -> int:
    """The most levels of each number with which a grid takes no more trials; at least 2."""
    levels = 2
    while levels < MOST_LEVELS and grid_count(space, region, levels + 1) <= trials:
        if grid_axes(space, region, levels + 1) == grid_axes(space, region, levels):
            break
        levels += 1
    return levels


def _grid(space: Space, region: Region, trials: int, *, seed: int, levels: int) -> Floats:
    if grid_count(space, region, levels) > MOST_POINTS:
        return np.empty((0, len(space)))
    axes = grid_axes(space, region, levels)
    places = first_places(axes, trials, seed=seed)
    return np.column_stack(
        [units_of(p, axis)[places[:, n]] for n, (p, axis) in enumerate(zip(space, axes, strict=True))]
    )


def _drawn(space: Space, region: Region, points: Sequence[Floats]) -> Floats:
    """Where :func:`tuner_gui.space.region.draw` puts points of the unit cube laid over the region, ``[n, d]``; a whole
    column at a time, because one after the other would take ten times as long."""
    cube = np.array(points)
    return np.column_stack([_column(p, region[p.name], cube[:, n]) for n, p in enumerate(space)])


def _column(parameter: Parameter, extent: Extent, cube: Floats) -> Floats:
    if isinstance(parameter, ChoiceParameter):
        places = np.minimum((cube * len(extent)).astype(np.intp), len(extent) - 1)
        return units_of(parameter, extent)[places]
    interval = as_interval(extent)
    low, high = unit_bounds(parameter, interval)
    values = np.array(values_at(parameter, low + cube * (high - low)), dtype=np.float64)
    return units_of(parameter, np.clip(values, interval.low, interval.high))


def _covered(strategy: str, space: Space, region: Region, points: Floats) -> Coverage:
    places = [np.unique(np.round(column, 9)) for column in points.T]
    gaps = [_largest_gap(p, region[p.name], tried) for p, tried in zip(space, places, strict=True)]
    return Coverage(strategy, points, tuple(len(tried) for tried in places), tuple(gaps))


def _largest_gap(parameter: Parameter, extent: Extent, places: Floats) -> float:
    if isinstance(parameter, ChoiceParameter):
        return 1 - len(places) / len(extent)
    low, high = unit_bounds(parameter, as_interval(extent))
    return float(np.diff(np.concatenate([[low], places, [high]])).max() / (high - low))
