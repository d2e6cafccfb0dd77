"""Pruning: which trials are not worth finishing, seen from their curves beside those of the others.

Own code and not Optuna's pruners: those look through all trials at each epoch of each trial, and a fused search ends
hundreds of epochs a second. Here each epoch of each trial is looked at once.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping
from typing import Protocol

from tuner_gui.study.definition import Definition, Objective
from tuner_gui.study.events import EpochEnded
from tuner_gui.study.history import History

LATEST = 500
"""Earlier trials say little about the region that is searched now."""


class Pruner(Protocol):
    """Hears of every epoch, in the order in which they end."""

    def reason(self, trial: int, epoch: int, value: float) -> str:
        """Why the trial should be given up after this epoch, in words; nothing where it should go on.

        ``epoch`` counts from 1, ``value`` is the objective after it.
        """


class NoPruning:
    def reason(self, trial: int, epoch: int, value: float) -> str:
        del trial, epoch, value
        return ""


class MedianPruning:
    """Gives up what, at its best so far, is worse than half of the others were at the same epoch.

    Not before five others came that far, and not in the first tenth of the epochs, where curves mean little.
    """

    FEWEST = 5

    def __init__(self, objective: Objective, epochs: int) -> None:
        self._sign = objective.sign
        self._warm_up = max(1, epochs // 10)
        self._epochs = epochs
        self._best: dict[int, float] = {}
        self._at: dict[int, list[float]] = {}

    def reason(self, trial: int, epoch: int, value: float) -> str:
        best = max(self._best.get(trial, -math.inf), self._sign * value) if math.isfinite(value) else -math.inf
        self._best[trial] = best
        others = self._at.setdefault(epoch, [])
        below = len(others) >= self.FEWEST and epoch > self._warm_up and best < others[len(others) // 2]
        bisect.insort(others, best)
        if not below or epoch >= self._epochs:
            return ""
        return f"after {epoch} epochs worse than half of the {len(others) - 1} others at that point"


class HalvingPruning:
    """Asynchronous successive halving (ASHA, Li et al. 2018): at epochs r, 3 r, 9 r, … only the best third of all
    that came so far goes on. Nobody waits for anybody: who comes early is measured against few."""

    FACTOR = 3

    def __init__(self, objective: Objective, epochs: int) -> None:
        self._sign = objective.sign
        self._rungs = rungs(epochs, self.FACTOR)
        self._at: dict[int, list[float]] = {rung: [] for rung in self._rungs}

    def reason(self, trial: int, epoch: int, value: float) -> str:
        del trial
        if epoch not in self._at:
            return ""
        others = self._at[epoch]
        score = self._sign * value if math.isfinite(value) else -math.inf
        bisect.insort(others, score)
        place = len(others) - bisect.bisect_right(others, score)  # how many are better
        if place < max(1, len(others) // self.FACTOR):
            return ""
        return f"number {place + 1} of {len(others)} after {epoch} epochs, where the best third goes on"


def rungs(epochs: int, factor: int) -> tuple[int, ...]:
    """The epochs at which successive halving looks: a twentieth of all, then ``factor`` times as many, and so on."""
    rung, found = max(1, round(epochs / 20)), []
    while rung < epochs:
        found.append(rung)
        rung *= factor
    return tuple(found)


PRUNERS: Mapping[str, Callable[[Objective, int], Pruner]] = {
    "none": lambda _objective, _epochs: NoPruning(),
    "median": MedianPruning,
    "halving": HalvingPruning,
}


class Judge:
    """Gives its verdict on every epoch, by the rule that the definition names; another rule begins anew."""

    def __init__(self) -> None:
        self._pruner: tuple[object, Pruner] | None = None

    def verdict(self, definition: Definition, history: History, event: EpochEnded) -> str:
        """Why the trial is not worth going on with, in words; nothing where it is."""
        key = (definition.search.pruning, definition.objective, definition.model.epochs)
        if self._pruner is None or self._pruner[0] != key:
            self._pruner = key, pruner_for(definition, history)
        value = event.metrics.get(definition.objective.metric, math.nan)
        return self._pruner[1].reason(event.trial, event.epoch, value)


def pruner_for(definition: Definition, history: History) -> Pruner:
    """One that knows the curves of the latest trials that are over."""
    pruner = PRUNERS[definition.search.pruning](definition.objective, definition.model.epochs)
    for trial in history.trials[-LATEST:]:
        if trial.state.is_over:
            for epoch, value in enumerate(history.curve(trial.number, definition.objective.metric), start=1):
                pruner.reason(trial.number, epoch, float(value))
    return pruner
