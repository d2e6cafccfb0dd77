"""A definition written as a document and read back is the same definition, whatever a person did to it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.region import Interval, full_region
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.codec import definition_from, document_of
from tuner_gui.study.definition import (
    DataSettings,
    Definition,
    Task,
    definition_of,
    new_definition,
    pinned_at,
    switched_off,
    switched_on,
)
from tuner_gui.study.errors import DefinitionError
from tuner_gui.study.plans import PlanReader, plan_document, to_json
from tuner_gui.study.stages import Plan, first_plan, gone_back, redefined, refined

NAMES = st.sampled_from(sorted(TEXTBOOK))


def through_json(definition: Definition) -> Definition:
    return definition_from(json.loads(to_json(document_of(definition))), file="study")


@pytest.mark.parametrize("source", ["digits", "diabetes"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_every_new_study_comes_back_from_its_document(source: str, optimizer: str) -> None:
    definition = new_definition(source, optimizer=optimizer, seed=7)
    assert through_json(definition) == definition


@pytest.mark.parametrize("image", [None, (28, 20, 3)])
def test_a_study_of_images_comes_back_from_its_document(image: tuple[int, int, int] | None) -> None:
    data = DataSettings("/images", task=Task.CLASSIFICATION, size=28, image=image)
    definition = definition_of(data, name="images", kind="cnn" if image else "mlp")
    assert through_json(definition) == definition
    assert ("image" in document_of(definition)["data"]) is (image is not None)


@pytest.mark.parametrize("image", [[28, 28], [28, 28, 0], "28", [28, 28, 1.0], [True, 2, 3]])
def test_a_shape_that_is_none_is_refused(image: object) -> None:
    document = document_of(
        definition_of(DataSettings("/i", task=Task.CLASSIFICATION, image=(2, 2, 1)), name="i", kind="cnn")
    )
    document["data"]["image"] = image
    with pytest.raises(DefinitionError, match=r"data\.image"):
        definition_from(document, file="study")


@given(st.lists(st.tuples(st.sampled_from(["on", "off", "pin"]), NAMES), max_size=12))
def test_switching_and_pinning_parameters_survives_the_document(steps: list[tuple[str, str]]) -> None:
    definition = new_definition("digits", optimizer="adam", kind="cnn")
    for verb, name in steps:
        if verb == "off" and name in definition.space:
            definition = switched_off(definition, name)
        elif verb == "on" and name in {p.name for p in definition.shelved()}:
            definition = switched_on(definition, name)
        elif verb == "pin" and name not in definition.space:
            definition = pinned_at(definition, name, TEXTBOOK[name].pinned)
    assert through_json(definition) == definition


@pytest.mark.parametrize(
    "parameter",
    [
        FloatParameter(name="dropout", low=0.1, high=0.7, step=0.1),
        FloatParameter(name="learning_rate", low=1.2345678901234567e-5, high=0.1 + 0.2, scale=Scale.LOG),
        FloatParameter(name="rho", low=0.5, high=0.9999, scale=Scale.LOG1M),
        IntParameter(name="units", low=8, high=512, step=8),
        IntParameter(name="batch_size", low=16, high=256, scale=Scale.LOG),
        ChoiceParameter(name="activation", choices=("tanh", "relu")),
        ChoiceParameter(name="batch_norm", choices=(False, True)),
        ChoiceParameter(name="l2", choices=(0.0, 1e-4)),
    ],
)
def test_each_kind_of_parameter_comes_back_to_the_last_bit(parameter: object) -> None:
    definition = new_definition("digits", optimizer="rmsprop")
    definition = replace(definition, space=definition.space.without(parameter.name).with_parameter(parameter))
    assert through_json(definition) == definition


def test_what_could_not_be_meant_can_still_be_kept_and_read_back() -> None:
    """A study must never become unreadable by an edit; that its values are wrong is said before it runs."""
    definition = pinned_at(new_definition("digits"), "dropout", 1.5)
    definition = replace(definition, seed=-3, data=replace(definition.data, test=0.0))
    units = IntParameter(name="units", low=-4, high=10**7)
    definition = replace(definition, space=definition.space.replace(units))
    assert through_json(definition) == definition


def test_a_document_that_is_no_table_is_refused() -> None:
    for document in ([], None, "digits", {"space": 3, "data": {"source": "digits"}}):
        with pytest.raises(DefinitionError, match="expected a table"):
            definition_from(document, file="study")


def edited_plan() -> Plan:
    plan = first_plan(new_definition("digits"))
    narrow = full_region(plan.space).replace("learning_rate", Interval(1e-3, 0.1)).replace("layers", (2, 3))
    plan = refined(plan, narrow)
    plan = redefined(plan, switched_off(plan.definition, "momentum"), drawn_from=[1, 2])
    return gone_back(plan, 1)


def test_a_plan_with_stages_of_several_spaces_comes_back_from_its_document() -> None:
    plan = edited_plan()
    assert len(plan.stages) == 4
    assert PlanReader("study").plan_from(json.loads(to_json(plan_document(plan)))) == plan


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("current",), 9),
        (("current",), True),
        (("stages",), []),
        (("stages", 1, "parent"), 4),
        (("stages", 0, "number"), 9),
        (("dropped",), [7]),
        (("stages", 1, "origin"), "magic"),
        (("stages", 3, "region"), {}),
        (("stages", 3, "region", "layers"), {"low": 1, "high": 3}),
        (("stages", 3, "region", "units"), {"low": 9, "high": 3}),
        (("stages", 3, "region", "units"), {"choices": [16]}),
        (("definition", "data", "source"), "elsewhere"),
        (("definition",), None),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(place: tuple[str | int, ...], value: object) -> None:
    document = json.loads(to_json(plan_document(edited_plan())))
    at = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    with pytest.raises((ValueError, KeyError, TypeError)):
        PlanReader("study").plan_from(document)
