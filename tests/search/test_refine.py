from __future__ import annotations

import math

import pytest
from fake_engine import accuracy

from tuner_gui.search.refine import format_share, keeps, suggest_region, trials_inside, widened
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.space.region import Interval, contains, full_region
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan, first_plan, refined


@pytest.fixture
def plan() -> Plan:
    return first_plan(new_definition("digits"))


def history_of(plan: Plan, count: int) -> History:
    history = History()
    for number in range(1, count + 1):
        values = random_values(plan.space, plan.region, seed=1, trial=number)
        history.apply(TrialStarted(number, plan.stage, values, seed=number, at="2026-01-01T00:00:00Z"))
        diverged = values["learning_rate"] > 0.8
        state = TrialState.DIVERGED if diverged else TrialState.FINISHED
        history.apply(TrialEnded(number, state, 1.0, value=None if diverged else accuracy(values)))
    return history


def test_keeps_counts_the_trials_and_the_share_of_the_volume(plan: Plan) -> None:
    history = history_of(plan, 60)
    region = plan.region.replace("learning_rate", Interval(1e-3, 1e-2)).replace("batch_size", (32, 64))
    kept = keeps(plan.space, region, history)
    by_hand = sum(contains(plan.space, region, trial.values) for trial in history.trials)
    assert (kept.kept, kept.total) == (by_hand, 60)
    assert kept.volume == pytest.approx(1 / 4 * 2 / 3)
    assert str(kept) == f"keeps {by_hand} of 60 trials, 17 % of the volume"


def test_the_full_space_keeps_everything_and_no_history_keeps_nothing(plan: Plan) -> None:
    history = history_of(plan, 20)
    assert keeps(plan.space, full_region(plan.space), history).kept == 20
    empty = keeps(plan.space, plan.region, History())
    assert (empty.kept, empty.total, empty.volume) == (0, 0, pytest.approx(1.0))


def test_a_trial_on_the_edge_of_the_region_is_inside(plan: Plan) -> None:
    history = history_of(plan, 10)
    rate = history.trial(3).values["learning_rate"]
    region = plan.region.replace("learning_rate", Interval(rate, 1.0))
    assert trials_inside(plan.space, region, history)[2]


def test_shares_keep_enough_digits_to_be_more_than_nothing() -> None:
    assert [format_share(share) for share in (1.0, 0.123, 0.0123, 0.00123, 0.0000123)] == [
        "100 %", "12 %", "1.23 %", "0.12 %", "0.00123 %",
    ]  # fmt: skip


def test_widening_doubles_an_interval_on_its_scale_and_stays_in_the_space(plan: Plan) -> None:
    narrow = plan.region.replace("learning_rate", Interval(0.01, 0.1)).replace("batch_size", (64,))
    region = widened(refined(plan, narrow))
    low, high = region["learning_rate"]
    assert math.log10(high / low) == pytest.approx(2.0, abs=1e-6)
    assert math.sqrt(low * high) == pytest.approx(math.sqrt(0.01 * 0.1), rel=1e-6)
    assert region["batch_size"] == (32, 64, 128)
    edge = widened(refined(plan, plan.region.replace("learning_rate", Interval(0.1, 1.0))))
    assert edge["learning_rate"].high == 1.0


def test_widening_the_full_space_changes_nothing(plan: Plan) -> None:
    assert widened(plan) == plan.region


def test_no_region_is_suggested_from_a_handful_of_trials(plan: Plan) -> None:
    assert suggest_region(plan, history_of(plan, 9)) is None


def test_the_suggested_region_holds_the_best_trials_and_the_optimum(plan: Plan) -> None:
    history = history_of(plan, 60)
    suggestion = suggest_region(plan, history)
    assert suggestion is not None
    ranked = sorted((trial for trial in history.trials if trial.value is not None), key=lambda trial: -trial.value)
    assert suggestion.evidence == tuple(trial.number for trial in ranked[: len(suggestion.evidence)])
    assert all(contains(plan.space, suggestion.region, history.trial(n).values) for n in suggestion.evidence)
    low, high = suggestion.region["learning_rate"]
    assert 1e-4 < low < 0.03 < high < 1.0
    assert f"#{ranked[0].number}" in suggestion.reason
