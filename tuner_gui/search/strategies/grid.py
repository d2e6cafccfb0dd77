"""Grid search: every combination of a few values of each parameter, placed evenly on its scale.

The textbook's advice is to sample at random instead: with g values on each of d axes, g^d trials try only g values of
the parameter that matters. With one or two parameters a grid is as good and easier to read. Own code, because Optuna's
GridSampler cannot be asked for a point by a loop that is not its own, and knows no scales and no regions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.frame import Seen
from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.region import Extent, Region, as_interval, unit_bounds
from tuner_gui.space.space import Space
from tuner_gui.space.unit import canonical, values_at

LEVELS = 3
"""How many values of each number, where nothing else is said."""

MOST_POINTS = 1_000_000


def grid_values(parameter: Parameter, extent: Extent, levels: int) -> list[Value]:
    """The values of one axis: every choice, or ``levels`` numbers from end to end, fewer where the grid has no more.

    A single level is the middle.
    """
    if isinstance(parameter, ChoiceParameter):
        return list(extent)
    interval = as_interval(extent)
    if levels == 1:
        low, high = unit_bounds(parameter, interval)
        return [canonical(parameter, values_at(parameter, [(low + high) / 2])[0])]
    low, high = unit_bounds(parameter, interval)
    values = values_at(parameter, np.linspace(low, high, levels))
    ends = (canonical(parameter, interval.low), canonical(parameter, interval.high))
    inside = [value for value in values[1:-1] if interval.low <= value <= interval.high]  # type: ignore[operator]
    return list(dict.fromkeys((ends[0], *inside, ends[1])))


def grid_axes(space: Space, region: Region, levels: int = LEVELS) -> list[list[Value]]:
    return [grid_values(parameter, region[parameter.name], levels) for parameter in space]


def grid_count(space: Space, region: Region, levels: int = LEVELS) -> int:
    """How many trials the whole grid takes."""
    return math.prod(len(axis) for axis in grid_axes(space, region, levels))


class GridSearch:
    """Goes through the grid of the region in an order that the study's seed shuffles, so that a part of it is spread
    over the whole. Points that were tried before, whatever tried them, are left out."""

    def __init__(self, levels: int = LEVELS) -> None:
        self._levels = levels
        self._seen = Seen()
        self._order: tuple[int, int, Sequence[int]] = (0, 0, ())

    def prepare(self) -> None:
        pass

    def draw(self, question: Question) -> Values | None:
        """None when the whole grid has been tried. ValueError for a grid of more than a million points."""
        axes = grid_axes(question.space, question.region, self._levels)
        count = math.prod(len(axis) for axis in axes)
        if count > MOST_POINTS:
            raise ValueError(f"a grid of {count:,} points: take fewer parameters, fewer values of each, or no grid")
        names, seen = question.space.names, self._seen.before(question)
        if self._order[:2] != (count, question.seed):
            self._order = count, question.seed, _shuffled(count, question.seed)
        for index in self._order[2]:
            values = _combination(names, axes, index)
            if Seen.key(values, names) not in seen:
                return values
        return None


def first_places(axes: Sequence[Sequence[Value]], most: int, *, seed: int) -> NDArray[np.intp]:
    """The first ``most`` points that the search takes in a new study with that seed, ``[n, d]``: their places along the
    axes. For a preview."""
    sizes = [len(axis) for axis in axes]
    order = _permutation(math.prod(sizes), seed)[:most]
    return np.column_stack(np.unravel_index(order, sizes))


def _shuffled(count: int, seed: int) -> Sequence[int]:
    order: list[int] = _permutation(count, seed).tolist()
    return order


def _permutation(count: int, seed: int) -> NDArray[np.intp]:
    return np.random.default_rng((seed, 3)).permutation(count)


def _combination(names: Sequence[str], axes: Sequence[Sequence[Value]], index: int) -> Values:
    places = np.unravel_index(index, [len(axis) for axis in axes])
    return {name: axis[int(place)] for name, axis, place in zip(names, axes, places, strict=True)}
