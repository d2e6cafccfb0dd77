"""Strategies: they decide the values of the next trial inside the region that holds when they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.space.region import Region, draw
from tuner_gui.space.space import Space
from tuner_gui.study.history import History


class Strategy(Protocol):
    def draw(self, *, trial: int, seed: int, space: Space, region: Region, history: History) -> dict[str, Value]:
        """The values of one trial, all inside ``region``. ``seed`` is the study's: same seed, same trials."""


class RandomSearch:
    """Every point of the region alike. Each parameter gets as many distinct values as there are trials."""

    def draw(self, *, trial: int, seed: int, space: Space, region: Region, history: History) -> dict[str, Value]:
        del history
        generator = np.random.default_rng((seed, trial))
        return draw(space, region, generator.random(len(space)).tolist())


STRATEGIES: Mapping[str, Callable[[], Strategy]] = {"random": RandomSearch}


def trial_seed(seed: int, trial: int) -> int:
    """The seed of one trial's start weights, shuffles and dropout masks: a whole number below 2**31."""
    return int(np.random.SeedSequence((seed, trial, 1)).generate_state(1)[0] >> 1)
