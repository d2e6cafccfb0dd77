from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from tuner_gui.search.importance import Importances, ParameterImportance
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.search.suggestions import Kind, Proposal, suggestions
from tuner_gui.space.parameters import FloatParameter, Value
from tuner_gui.space.region import Interval, as_interval, volume
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_value
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan, first_plan, redefined, refined

Worth = Callable[[Mapping[str, Value]], float]


def distance(values: Mapping[str, Value], best: float) -> float:
    return abs(math.log10(float(values["learning_rate"])) - math.log10(best))


def study(plan: Plan, worth: Worth, trials: int = 40) -> History:
    history = History()
    for number in range(1, trials + 1):
        values = random_values(plan.space, plan.region, seed=2, trial=number)
        history.apply(TrialStarted(number, plan.stage, values, 0, ""))
        history.apply(TrialEnded(number, TrialState.FINISHED, 1.0, worth(values)))
    return history


def of_kind(found: list[Proposal], kind: Kind) -> list[Proposal]:
    return [proposal for proposal in found if proposal.kind is kind]


@pytest.fixture
def plan() -> Plan:
    return first_plan(new_definition("digits"))


def test_few_trials_give_no_reason_for_anything(plan: Plan) -> None:
    assert suggestions(plan, study(plan, lambda values: -distance(values, 0.03), trials=9)) == []


def test_narrowing_names_the_box_the_trials_it_keeps_and_what_they_are_worth(plan: Plan) -> None:
    history = study(plan, lambda values: 1 - distance(values, 0.03))
    (narrow,) = of_kind(suggestions(plan, history), Kind.NARROW)
    assert narrow.plan is not None
    assert narrow.plan.current == 2
    assert volume(plan.space, narrow.plan.region) < 0.5
    extent = as_interval(narrow.plan.region["learning_rate"])
    assert extent.low < 0.03 < extent.high
    assert "keeps" in narrow.reason
    assert "the middle trial inside has" in narrow.reason
    values = [history.trial(number).value for number in narrow.evidence]
    assert values == sorted(values, reverse=True)


def test_a_box_that_leaves_nearly_everything_is_not_worth_a_stage(plan: Plan) -> None:
    tight = refined(plan, plan.region.replace("learning_rate", Interval(0.02, 0.04)))
    history = study(tight, lambda values: -distance(values, 0.03))
    narrowed = of_kind(suggestions(tight, history), Kind.NARROW)
    for proposal in narrowed:
        assert proposal.plan is not None
        assert volume(tight.space, proposal.plan.region) <= 0.5 * volume(tight.space, tight.region)


def test_the_best_at_an_end_of_the_region_ask_for_more_of_the_range(plan: Plan) -> None:
    low = refined(plan, plan.region.replace("learning_rate", Interval(1e-4, 1e-2)))
    history = study(low, lambda values: -distance(values, 1.0), trials=200)
    (wider,) = of_kind(suggestions(low, history), Kind.WIDEN)
    assert wider.plan is not None
    extent = as_interval(wider.plan.region["learning_rate"])
    assert extent.low == 1e-4
    assert 0.05 < extent.high < 0.2  # half as long again, on the log scale
    assert wider.title == "Widen learning_rate at its upper end"
    assert len(wider.evidence) == 3


def test_the_best_at_an_end_of_the_range_ask_for_a_longer_one(plan: Plan) -> None:
    history = study(plan, lambda values: distance(values, 1e-6), trials=200)  # more is better
    (longer,) = of_kind(suggestions(plan, history), Kind.WIDEN)
    assert longer.plan is not None
    parameter = longer.plan.space["learning_rate"]
    assert isinstance(parameter, FloatParameter)
    assert (parameter.low, parameter.high) == (1e-4, 100.0)
    assert as_interval(longer.plan.region["learning_rate"]).high == 100.0


def test_no_range_is_stretched_beyond_what_the_network_can_take(plan: Plan) -> None:
    history = study(plan, lambda values: float(values["momentum"]), trials=200)
    for proposal in of_kind(suggestions(plan, history), Kind.WIDEN):
        assert proposal.plan is not None
        parameter = proposal.plan.space["momentum"]
        assert isinstance(parameter, FloatParameter)
        assert 0.999 < parameter.high < 1


def importance(name: str, share: float, high: float) -> ParameterImportance:
    return ParameterImportance(name, share, 0.0, high, 1, 7, None)


def test_a_parameter_without_influence_can_be_fixed_where_the_best_trial_has_it(plan: Plan) -> None:
    history = study(plan, lambda values: -distance(values, 0.03))
    rest = importance("learning_rate", 0.98, 1.0)
    known = Importances((rest, importance("layers", 0.01, 0.02), importance("units", 0.01, 0.2)), (), 40)
    (fix,) = of_kind(suggestions(plan, history, known), Kind.FIX)
    assert fix.plan is not None
    assert "layers" not in fix.plan.space
    best = history.ranked(plan.definition.objective, 1)[0]
    assert fix.plan.definition.model.fixed["layers"] == history.trial(best).values["layers"]


def test_good_trials_crowded_at_the_low_end_of_a_linear_range_ask_for_the_log_scale(plan: Plan) -> None:
    linear = FloatParameter(name="learning_rate", low=1e-4, high=1.0)
    definition = replace(plan.definition, space=plan.space.replace(linear))
    straight = redefined(plan, definition, drawn_from=[])
    history = study(straight, lambda values: -distance(values, 0.03), trials=60)
    (scale,) = of_kind(suggestions(straight, history), Kind.SCALE)
    assert scale.plan is not None
    parameter = scale.plan.space["learning_rate"]
    assert isinstance(parameter, FloatParameter)
    assert parameter.scale is Scale.LOG


def test_accepting_is_an_edit_like_any_other(plan: Plan) -> None:
    history = study(plan, lambda values: 1 - distance(values, 0.03))
    for proposal in suggestions(plan, history):
        assert proposal.plan is not None
        assert proposal.plan != plan
        assert len(proposal.plan.stages) == len(plan.stages) + 1


def with_repeats(plan: Plan, history: History, worth: Worth, noise: float) -> History:
    """The best three trials, four times more each."""
    random = np.random.default_rng(1)
    for of in history.ranked(plan.definition.objective, 3) * 4:
        values = history.trial(of).values
        number = len(history) + 1
        history.apply(TrialStarted(number, plan.stage, values, 0, "", lineage={"repeats": of}))
        history.apply(TrialEnded(number, TrialState.FINISHED, 1.0, worth(values) + random.normal(0, noise)))
    return history


def level(values: Mapping[str, Value]) -> float:
    """A smooth hill with a wide top."""
    return 0.9 - 0.02 * distance(values, 0.03) ** 2


def test_it_proposes_to_stop_where_what_is_left_to_gain_drowns_in_the_noise_between_seeds(plan: Plan) -> None:
    random = np.random.default_rng(0)
    history = study(plan, lambda values: level(values) + random.normal(0, 0.02), trials=120)
    (stop,) = of_kind(suggestions(plan, with_repeats(plan, history, level, noise=0.02)), Kind.STOP)
    assert stop.plan is None
    noise, _ = history.standings(plan.definition.objective).noise
    assert f"differ by {format_value(noise, 2)}" in stop.reason


def test_it_does_not_where_seeds_make_little_difference(plan: Plan) -> None:
    def steep(values: Mapping[str, Value]) -> float:
        return 0.9 - 0.2 * distance(values, 0.03)

    history = with_repeats(plan, study(plan, steep, trials=30), steep, noise=0.0005)
    assert not of_kind(suggestions(plan, history), Kind.STOP)


def test_without_repeats_nobody_knows_what_a_gain_is_worth(plan: Plan) -> None:
    assert not of_kind(suggestions(plan, study(plan, level, trials=120)), Kind.STOP)
