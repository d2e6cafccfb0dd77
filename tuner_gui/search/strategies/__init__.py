"""Strategies: they decide the values of the next trial inside the region that holds when they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tuner_gui.search.strategies.cma_es import CmaEs
from tuner_gui.search.strategies.coarse_to_fine import CoarseToFine
from tuner_gui.search.strategies.extras import MissingExtraError
from tuner_gui.search.strategies.gaussian import GaussianProcess
from tuner_gui.search.strategies.grid import GridSearch
from tuner_gui.search.strategies.interface import Question, Strategy, Values
from tuner_gui.search.strategies.spread import RandomSearch, SobolSearch
from tuner_gui.search.strategies.tpe import TreeParzen
from tuner_gui.study.definition import SearchSettings

__all__ = ["STRATEGIES", "MissingExtraError", "Question", "Strategy", "Values", "strategy_for", "trial_seed"]

STRATEGIES: Mapping[str, Callable[[SearchSettings], Strategy]] = {
    "coarse-to-fine": lambda _settings: CoarseToFine(),
    "random": lambda _settings: RandomSearch(),
    "sobol": lambda _settings: SobolSearch(),
    "grid": lambda settings: GridSearch(settings.levels),
    "tpe": lambda _settings: TreeParzen(),
    "gp": lambda _settings: GaussianProcess(),
    "cma-es": lambda _settings: CmaEs(),
}


def strategy_for(settings: SearchSettings) -> Strategy:
    """A new strategy by its name. MissingExtraError, in words, where it needs a package that is not installed."""
    return STRATEGIES[settings.strategy](settings)


def trial_seed(seed: int, trial: int) -> int:
    """The seed of one trial's start weights, shuffles and dropout masks: a whole number below 2**31."""
    return int(np.random.SeedSequence((seed, trial, 1)).generate_state(1)[0] >> 1)
