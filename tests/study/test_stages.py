from __future__ import annotations

from dataclasses import replace

import pytest

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.region import Interval, full_extent, full_region
from tuner_gui.space.scales import Scale
from tuner_gui.study.definition import Definition, new_definition, pinned_at, switched_off, switched_on
from tuner_gui.study.stages import (
    Origin,
    Plan,
    describe_change,
    describe_extent,
    first_plan,
    gone_back,
    lineage,
    redefined,
    refined,
    with_stages,
)


@pytest.fixture
def plan() -> Plan:
    return first_plan(new_definition("digits"))


def _narrowed(plan: Plan, low: float, high: float) -> Plan:
    return refined(plan, plan.region.replace("learning_rate", Interval(low, high)))


def _with_rates(definition: Definition, low: float, high: float) -> Definition:
    rate = FloatParameter(name="learning_rate", low=low, high=high, scale=Scale.LOG)
    return replace(definition, space=definition.space.replace(rate))


def test_a_study_begins_with_one_stage_over_the_full_space(plan: Plan) -> None:
    assert (plan.current, plan.stage.parent, plan.stage.origin) == (1, None, Origin.START)
    assert plan.region == full_region(plan.space)


def test_a_narrowing_adds_a_stage_that_says_what_changed_and_leaves_the_earlier_one_alone(plan: Plan) -> None:
    narrow = _narrowed(plan, 1e-3, 0.1)
    assert (narrow.current, narrow.stage.parent, narrow.stage.origin) == (2, 1, Origin.NARROW)
    assert narrow.stage.note == "learning_rate 1e-4–1 → 1e-3–0.1"
    assert narrow.stages[0] is plan.stage


def test_a_region_that_grows_anywhere_is_a_widening(plan: Plan) -> None:
    narrow = _narrowed(plan, 1e-3, 0.1)
    region = narrow.region.replace("learning_rate", Interval(1e-3, 0.2)).replace("layers", (1,))
    assert refined(narrow, region).stage.origin is Origin.WIDEN


def test_the_same_region_makes_no_stage(plan: Plan) -> None:
    assert refined(plan, full_region(plan.space)) is plan


def test_a_change_of_several_parameters_names_them_all(plan: Plan) -> None:
    region = plan.region.replace("layers", (2,)).replace("units", Interval(64, 64))
    assert describe_change(plan.space, plan.region, region) == "units 16–128 → 64, layers 1, 2, 3 → 2"


def test_an_extent_is_described_in_the_words_of_its_scale(plan: Plan) -> None:
    assert describe_extent(plan.space, "momentum", Interval(0.9, 0.999)) == "0.9–0.999"
    assert describe_extent(plan.space, "batch_size", (32, 64)) == "32, 64"


# --- going back ---


def test_going_back_branches_off_the_earlier_stage_with_its_region(plan: Plan) -> None:
    deep = _narrowed(_narrowed(plan, 1e-3, 0.1), 1e-2, 0.1)
    back = gone_back(deep, 2)
    assert (back.current, back.stage.parent, back.stage.origin) == (4, 2, Origin.BACK)
    assert back.region == deep.numbered(2).region
    assert lineage(back) == (4, 2, 1)
    assert lineage(back, 3) == (3, 2, 1)


def test_going_back_to_the_stage_that_holds_changes_nothing(plan: Plan) -> None:
    assert gone_back(plan, 1) is plan


def test_going_back_after_the_space_shrank_cuts_the_old_region_to_it(plan: Plan) -> None:
    narrow = _narrowed(plan, 1e-3, 0.1)
    edited = redefined(narrow, _with_rates(narrow.definition, 1e-2, 1.0), drawn_from={1, 2})
    assert gone_back(edited, 2).region["learning_rate"] == Interval(1e-2, 0.1)


def test_an_unknown_stage_is_a_key_error(plan: Plan) -> None:
    with pytest.raises(KeyError):
        gone_back(plan, 7)


# --- edits of the space ---


def test_an_edit_of_the_space_before_any_trial_takes_the_place_of_the_empty_stage(plan: Plan) -> None:
    edited = redefined(plan, _with_rates(plan.definition, 1e-5, 1.0), drawn_from=())
    assert (len(edited.stages), edited.current, edited.stage.origin) == (1, 1, Origin.START)
    assert edited.region["learning_rate"] == Interval(1e-5, 1.0)
    assert edited.stage.note == "full space"


def test_an_edit_of_the_space_after_trials_makes_a_new_stage(plan: Plan) -> None:
    edited = redefined(plan, _with_rates(plan.definition, 1e-5, 1.0), drawn_from={1})
    assert (len(edited.stages), edited.stage.parent, edited.stage.origin) == (2, 1, Origin.SPACE)
    assert edited.stages[0] == plan.stage
    assert edited.region["learning_rate"] == Interval(1e-5, 1.0)


def test_an_edit_of_the_space_keeps_what_was_narrowed_and_says_it_anew(plan: Plan) -> None:
    narrow = _narrowed(plan, 1e-3, 0.1)
    edited = redefined(narrow, _with_rates(narrow.definition, 1e-2, 1.0), drawn_from={1})
    assert edited.region["learning_rate"] == Interval(1e-2, 0.1)
    assert edited.stage.note == "learning_rate 1e-4–1 → 0.01–0.1"
    assert edited.region["momentum"] == narrow.region["momentum"]


def test_switching_a_parameter_off_and_on_opens_it_fully_again(plan: Plan) -> None:
    off = redefined(plan, switched_off(plan.definition, "units"), drawn_from={1})
    assert "units" not in off.region.extents
    on = redefined(off, switched_on(off.definition, "units"), drawn_from={1})
    assert on.region["units"] == full_extent(plan.space["units"])


def test_an_edit_that_leaves_the_space_alone_makes_no_stage(plan: Plan) -> None:
    edited = redefined(plan, pinned_at(plan.definition, "dropout", 0.2), drawn_from={1})
    assert edited.stages == plan.stages
    assert edited.definition.hyperparameters({})["dropout"] == 0.2


def test_choices_that_turn_from_numbers_to_truth_values_reach_the_region(plan: Plan) -> None:
    definition = plan.definition
    for choices in ((0, 1), (False, True)):
        parameter = ChoiceParameter(name="layers", choices=choices)
        definition = replace(definition, space=definition.space.replace(parameter))
        plan = redefined(plan, definition, drawn_from=())
    assert repr(plan.region["layers"]) == "(False, True)"


def test_a_parameter_that_becomes_another_kind_opens_fully(plan: Plan) -> None:
    narrow = refined(plan, plan.region.replace("layers", (2,)))
    number = IntParameter(name="layers", low=1, high=5)
    edited = redefined(narrow, replace(plan.definition, space=plan.space.replace(number)), drawn_from=())
    assert edited.region["layers"] == Interval(1, 5)


# --- stages with trials are never lost ---


def test_a_plan_takes_up_stages_that_it_does_not_know_in_order_of_their_numbers(plan: Plan) -> None:
    narrow = _narrowed(plan, 1e-3, 0.1)
    kept = with_stages(plan, [narrow.stage])
    assert [stage.number for stage in kept.stages] == [1, 2]
    assert kept.current == 1
    assert _narrowed(kept, 1e-2, 0.1).current == 3
