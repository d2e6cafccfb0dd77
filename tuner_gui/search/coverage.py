"""What a budget of trials would try, before anything runs: grid against random against low-discrepancy.

The textbook's picture in numbers: with the same budget a grid tries few values of each parameter, random search a new
one in every trial, and Sobol points do so without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.grid import first_combinations, grid_axes, grid_count
from tuner_gui.search.strategies.interface import Values
from tuner_gui.search.strategies.spread import SobolPoints, random_values
from tuner_gui.space.region import Region, draw
from tuner_gui.space.space import Space
from tuner_gui.space.unit import units_of

MOST_LEVELS = 50
STRATEGIES = ("grid", "random", "sobol")


@dataclass(frozen=True)
class Coverage:
    """What one strategy would try. ``points`` ``[n, d]`` are unit coordinates in the space, ``distinct`` how many
    different values each parameter gets, ``largest_gap`` the longest part of each one's range without any, in [0, 1].
    """

    strategy: str
    points: NDArray[np.float64]
    distinct: tuple[int, ...]
    largest_gap: tuple[float, ...]

    @property
    def trials(self) -> int:
        return len(self.points)


def coverage(space: Space, region: Region, trials: int, *, seed: int = 0) -> list[Coverage]:
    """The three beside each other, for the same budget. A grid takes as many levels as the budget allows, and so it may
    take fewer trials; where not even two levels fit, it is cut off."""
    levels = levels_within(space, region, trials)
    sobol = SobolPoints()
    drawn = {
        "grid": first_combinations(space, region, levels, trials),
        "random": [random_values(space, region, seed=seed, trial=number) for number in range(1, trials + 1)],
        "sobol": [draw(space, region, sobol.at(index, len(space), seed).tolist()) for index in range(trials)],
    }
    return [_covered(strategy, space, drawn[strategy]) for strategy in STRATEGIES]


def levels_within(space: Space, region: Region, trials: int) -> int:
    """The most levels of each number with which a grid takes no more trials; at least 2."""
    levels = 2
    while levels < MOST_LEVELS and grid_count(space, region, levels + 1) <= trials:
        if grid_axes(space, region, levels + 1) == grid_axes(space, region, levels):
            break
        levels += 1
    return levels


def _covered(strategy: str, space: Space, drawn: Sequence[Values]) -> Coverage:
    columns = [units_of(parameter, [values[parameter.name] for values in drawn]) for parameter in space]
    points = np.column_stack(columns)
    distinct = tuple(len(np.unique(np.round(column, 9))) for column in columns)
    gaps = tuple(float(np.diff(np.unique(np.concatenate([[0.0], column, [1.0]]))).max()) for column in columns)
    return Coverage(strategy, points, distinct, gaps)
