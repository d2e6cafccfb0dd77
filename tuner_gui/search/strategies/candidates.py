"""New points around good ones, in the unit cube of a region."""

from __future__ import annotations

import numpy as np

from tuner_gui.search.strategies.frame import Flags, Floats


def around(
    random: np.random.Generator, good: Floats, unordered: Flags, *, count: int, step: float, moves: float
) -> Floats:
    """``count`` points, each near one of the ``good`` ``[k, d]``, which count by their rank, the best first.

    Each coordinate moves with the probability ``moves``, one always, by a normal step, reflected at the ends,
    or to any other value where there is no order.
    """
    best, dimensions = len(good), good.shape[1]
    weights = 1 / np.arange(1, best + 1)
    start = good[random.choice(best, size=count, p=weights / weights.sum())]
    moving = random.random((count, dimensions)) < moves
    moving[np.arange(count), random.integers(dimensions, size=count)] = True
    stepped = reflected(start + step * random.standard_normal((count, dimensions)))
    if unordered.any():
        stepped = np.where(unordered, random.random((count, dimensions)), stepped)
    return np.where(moving, stepped, start)


def reflected(points: Floats) -> Floats:
    """Into the unit interval, as if its ends were mirrors; what flies beyond the second mirror stays at an end."""
    points = np.abs(points)
    return np.clip(np.where(points > 1, 2 - points, points), 0.0, 1.0)
