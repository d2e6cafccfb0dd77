from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from tuner_gui.search.importance import Importances, ParameterImportance, importances, rank_words
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.space.parameters import Value
from tuner_gui.space.region import Interval, Region, full_region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.definition import Direction, Objective
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Origin, Stage

ACCURACY = Objective("val_accuracy", Direction.MAXIMIZE)
SPACE = Space(
    tuple(TEXTBOOK[name].parameter for name in ("learning_rate", "momentum", "units", "dropout", "activation"))
)

Worth = Callable[[Mapping[str, Value]], float]


def by_rate(values: Mapping[str, Value]) -> float:
    """The learning rate first, by far; then the activation; nothing else."""
    distance = abs(math.log10(float(values["learning_rate"])) + 1.5)
    return 1 - 0.3 * distance - 0.1 * (values["activation"] != "relu")


def by_step(values: Mapping[str, Value]) -> float:
    """Rate and momentum matter only through the step that they make together, rate / (1 − momentum)."""
    step = float(values["learning_rate"]) / (1 - float(values["momentum"]))
    return -abs(math.log10(step) - 0.0)


def study(worth: Worth, trials: int, region: Region | None = None, *, noise: float = 0.02) -> History:
    history, where = History(), region or full_region(SPACE)
    stage = Stage(1, None, Origin.START, where)
    for number in range(1, trials + 1):
        values = random_values(SPACE, where, seed=5, trial=number)
        history.apply(TrialStarted(number, stage, values, 0, ""))
        value = worth(values) + noise * float(np.random.default_rng(number).standard_normal())
        history.apply(TrialEnded(number, TrialState.FINISHED, 1.0, value))
    return history


def measured(worth: Worth, trials: int, region: Region | None = None) -> Importances:
    return importances(SPACE, region or full_region(SPACE), study(worth, trials), ACCURACY)


def test_what_matters_most_comes_first_and_shares_add_up() -> None:
    found = measured(by_rate, 120)
    assert found.parameters[0].name == "learning_rate"
    assert (found.parameters[0].first, found.parameters[0].last) == (1, 1)
    assert sum(parameter.share for parameter in found.parameters) == pytest.approx(1)
    assert all(p.low - 1e-9 <= p.high and p.low >= 0 and p.high <= 1 for p in found.parameters)


def test_the_textbook_s_tier_stands_beside_each() -> None:
    tiers = {parameter.name: parameter.tier for parameter in measured(by_rate, 60).parameters}
    assert tiers == {"learning_rate": 1, "momentum": 2, "units": 2, "dropout": None, "activation": None}


def test_nothing_is_claimed_of_few_trials() -> None:
    found = measured(by_rate, 19)
    assert not found.parameters
    assert found.reason == "needs 20 trials in this region, there are 19"


def test_a_measure_inside_a_region_knows_only_the_trials_in_it() -> None:
    """Where the rate hardly changes, the activation matters most."""
    region = full_region(SPACE).replace("learning_rate", Interval(0.03, 0.033))
    history = study(by_rate, 120, region)
    found = importances(SPACE, region, history, ACCURACY)
    assert found.parameters[0].name == "activation"
    outside = importances(SPACE, full_region(SPACE).replace("learning_rate", Interval(0.2, 1.0)), history, ACCURACY)
    assert outside.trials == 0


def test_where_nothing_matters_no_rank_is_sure() -> None:
    found = measured(lambda _values: 0.5, 80)
    assert max(parameter.last - parameter.first for parameter in found.parameters) >= 3
    assert not found.pairs


def test_two_parameters_that_act_together_are_named() -> None:
    pairs = measured(by_step, 200).pairs
    assert pairs[0].names == ("learning_rate", "momentum")
    assert not measured(by_rate, 200).pairs


def test_the_sentence_is_no_surer_than_the_resamples() -> None:
    sure = ParameterImportance("dropout", 0.1, 0.05, 0.15, 4, 4, None)
    assert rank_words(sure, 7) == "in this study dropout ranks 4th of 7, the textbook gives it no place"
    unsure = ParameterImportance("momentum", 0.1, 0.05, 0.15, 2, 5, 2)
    assert rank_words(unsure, 7) == (
        "in this study momentum ranks between 2nd and 5th of 7, the textbook puts it in tier 2"
    )
