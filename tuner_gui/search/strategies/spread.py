"""Strategies that learn nothing from trials: every point of the region alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.space.region import Region, draw
from tuner_gui.space.space import Space

BLOCK = 64
"""A whole power of two: that many points of Sobol's sequence are evenly spread, and so is each such block after it."""


def random_values(space: Space, region: Region, *, seed: int, trial: int) -> Values:
    """What random search draws for a trial: a matter of its number and the study's seed, and of nothing else."""
    return draw(space, region, random_point(len(space), seed=seed, trial=trial).tolist())


def random_point(dimensions: int, *, seed: int, trial: int) -> NDArray[np.float64]:
    """The point of the unit cube laid over the region, ``[dimensions]``, from which those values are drawn."""
    return np.random.default_rng((seed, trial)).random(dimensions)


class RandomSearch:
    """Each parameter gets as many distinct values as there are trials."""

    def prepare(self) -> None:
        pass

    def draw(self, question: Question) -> Values:
        return random_values(question.space, question.region, seed=question.seed, trial=question.trial)


class SobolSearch:
    """Scrambled Sobol points: random points that keep out of each other's way, from the first of the stage on."""

    def __init__(self) -> None:
        self._points = SobolPoints()

    def prepare(self) -> None:
        self._points.at(0, 1, 0)

    def draw(self, question: Question) -> Values:
        point = self._points.at(question.drawn, len(question.space), question.seed)
        return draw(question.space, question.region, point.tolist())


class SobolPoints:
    """The points of a scrambled Sobol sequence, by their place in it; made in blocks."""

    def __init__(self) -> None:
        self._kept: tuple[Any, NDArray[np.float64]] = (None, np.empty((0, 0)))

    def at(self, index: int, dimensions: int, seed: int) -> NDArray[np.float64]:
        """One point, ``[dimensions]``, each coordinate in [0, 1)."""
        block = index // BLOCK
        key = (block, dimensions, seed)
        if self._kept[0] != key:
            self._kept = (key, _sobol(block, dimensions, seed))
        point: NDArray[np.float64] = self._kept[1][index % BLOCK]
        return point


def _sobol(block: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    from scipy.stats import qmc  # takes as long to import as all the rest: only who needs it waits

    sequence = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng((seed, 2)))
    if block:
        sequence.fast_forward(block * BLOCK)
    return np.asarray(sequence.random(BLOCK))
