from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tuner_gui.search.pruning import HalvingPruning, MedianPruning, Pruner, pruner_for, rungs
from tuner_gui.study.definition import PRUNINGS, Direction, Objective, SearchSettings, new_definition, with_search
from tuner_gui.study.events import EpochEnded, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan

ACCURACY = Objective("val_accuracy", Direction.MAXIMIZE)
LOSS = Objective("val_loss", Direction.MINIMIZE)
EPOCHS = 20


def survived(pruner: Pruner, curves: Mapping[int, Sequence[float]]) -> dict[int, int]:
    """How many epochs each trial got, trained one after the other."""
    epochs = {}
    for trial, curve in curves.items():
        for epoch, value in enumerate(curve, start=1):
            epochs[trial] = epoch
            if pruner.reason(trial, epoch, value):
                break
    return epochs


def rising(end: float) -> list[float]:
    return [end * (1 - math.exp(-epoch / 5)) for epoch in range(1, EPOCHS + 1)]


def test_the_median_rule_gives_up_the_worse_half_and_no_early_one() -> None:
    curves = {trial: rising(end) for trial, end in enumerate([0.5, 0.6, 0.7, 0.8, 0.9, 0.55, 0.95], start=1)}
    epochs = survived(MedianPruning(ACCURACY, EPOCHS), curves)
    assert epochs == {1: 20, 2: 20, 3: 20, 4: 20, 5: 20, 6: 3, 7: 20}  # 2 of 20 epochs are too early to tell


def test_for_a_loss_less_is_better() -> None:
    curves = {trial: [end] * EPOCHS for trial, end in enumerate([0.5, 0.6, 0.7, 0.8, 0.9, 0.85, 0.4], start=1)}
    assert survived(MedianPruning(LOSS, EPOCHS), curves)[6] == 3
    assert survived(MedianPruning(LOSS, EPOCHS), curves)[7] == 20


def test_a_curve_that_was_good_once_is_not_given_up_for_one_bad_epoch() -> None:
    pruner = MedianPruning(ACCURACY, EPOCHS)
    survived(pruner, {trial: rising(0.7) for trial in range(1, 6)})
    dip = rising(0.9)
    dip[10] = 0.1
    assert survived(pruner, {6: dip}) == {6: 20}


def test_halving_lets_a_third_of_many_reach_each_rung() -> None:
    random = np.random.default_rng(0)
    curves = {trial: rising(end) for trial, end in enumerate(random.random(300), start=1)}
    epochs = list(survived(HalvingPruning(ACCURACY, EPOCHS), curves).values())
    assert rungs(EPOCHS, 3) == (1, 3, 9)
    shares = [sum(count > rung for count in epochs) / 300 for rung in (1, 3, 9)]
    assert shares == pytest.approx([1 / 3, 1 / 9, 1 / 27], abs=0.03)
    best = max(curves, key=lambda trial: curves[trial][-1])
    assert epochs[best - 1] == EPOCHS


def test_a_value_that_is_no_number_is_the_worst() -> None:
    pruner = HalvingPruning(ACCURACY, EPOCHS)
    survived(pruner, {trial: rising(0.5) for trial in range(1, 7)})
    assert pruner.reason(7, 1, math.nan).startswith("number 7 of 7")


@pytest.mark.parametrize("name", PRUNINGS)
def test_a_pruner_knows_the_curves_of_trials_that_are_over(name: str) -> None:
    definition = with_search(new_definition("digits"), SearchSettings(pruning=name))
    stage, history = first_plan(definition).stage, History()
    for trial in range(1, 10):
        history.apply(TrialStarted(trial, stage, {"learning_rate": 0.1}, 0, ""))
        for epoch, value in enumerate(rising(0.9), start=1):
            history.apply(EpochEnded(trial, epoch, {"val_accuracy": value}))
        history.apply(TrialEnded(trial, TrialState.FINISHED, 1.0, 0.9))
    got = survived(pruner_for(definition, history), {10: rising(0.3)})[10]
    assert got == {"none": 20, "median": 3, "halving": 1}[name]
