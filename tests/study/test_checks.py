"""What each hyperparameter can be at all, as the window asks while a person types."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.checks import LIMITS, check_definition, check_parameter, check_value
from tuner_gui.study.definition import Direction, ModelSettings, Objective, new_definition, pinned_at, switched_off
from tuner_gui.study.own_model import OwnParameter


def test_everything_in_the_textbook_is_within_the_limits() -> None:
    assert set(LIMITS) == set(TEXTBOOK)
    for name, advice in TEXTBOOK.items():
        check_parameter(advice.parameter)
        assert check_value(name, advice.pinned) == advice.pinned


@pytest.mark.parametrize(
    ("parameter", "field", "words"),
    [
        (FloatParameter(name="momentum", low=0.5, high=1.0), "high", "below 1"),
        (FloatParameter(name="momentum", low=-0.1, high=0.9), "low", "from 0"),
        (FloatParameter(name="dropout", low=0.0, high=1.0), "high", "no unit would be left"),
        (FloatParameter(name="learning_rate", low=0.0, high=1.0), "low", "nothing is learned"),
        (FloatParameter(name="epsilon", low=0.0, high=1.0), "low", "above 0"),
        (IntParameter(name="units", low=0, high=64), "low", "from 1"),
        (IntParameter(name="units", low=1, high=10**9), "high", "to 65536"),
        (FloatParameter(name="units", low=1, high=64), "kind", "int or choice"),
        (IntParameter(name="dropout", low=0, high=1), "kind", "float or choice"),
        (IntParameter(name="batch_norm", low=0, high=1), "kind", "choice"),
        (ChoiceParameter(name="optimizer", choices=("sgd", "lion")), "choices", "sgd, rmsprop, adam"),
        (ChoiceParameter(name="batch_norm", choices=(0, 1)), "choices", "true or false"),
        (ChoiceParameter(name="layers", choices=(1, 2.5)), "choices", "a whole number"),
    ],
)
def test_a_range_beyond_what_can_be_is_refused_with_its_field(parameter: Parameter, field: str, words: str) -> None:
    with pytest.raises(SpaceError) as caught:
        check_parameter(parameter)
    assert caught.value.field == field
    assert words in caught.value.expected


def test_a_name_of_ones_own_is_for_a_model_of_ones_own_alone() -> None:
    definition = new_definition("digits")
    depth = ChoiceParameter(name="depth", choices=(1, 2))
    strange = replace(definition, space=definition.space.with_parameter(depth))
    own = replace(strange, model=ModelSettings(python="/model.py", own=(OwnParameter("depth", 1),)))

    with pytest.raises(SpaceError, match=r"space\.depth .* a hyperparameter"):
        check_definition(strange)
    check_definition(own)
    assert own.hyperparameters({}) == {"depth": 1}
    assert switched_off(own, "depth").hyperparameters({}) == {"depth": 1}
    assert switched_off(own, "depth").shelved() == (depth,)


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [("learning_rate", 1, 1.0), ("units", 64.0, 64), ("dropout", 0, 0.0), ("batch_norm", False, False)],
)
def test_a_value_is_given_back_as_the_network_takes_it(name: str, given: object, taken: object) -> None:
    value = check_value(name, given)
    assert value == taken
    assert type(value) is type(taken)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("momentum", 1),
        ("momentum", math.nan),
        ("beta2", "0.9"),
        ("units", 16.5),
        ("units", True),
        ("l2", -1e-9),
        ("activation", "swish"),
        ("activation", 3),
        ("batch_norm", "true"),
        ("learning_rate", 0),
        ("learning_rate", math.inf),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(SpaceError) as caught:
        check_value(name, value)
    assert caught.value.key == name


def test_a_new_study_goes_together_whatever_its_optimizer() -> None:
    for optimizer in ("sgd", "rmsprop", "adam"):
        check_definition(new_definition("digits", optimizer=optimizer))


def test_a_hyperparameter_that_no_optimizer_reads_is_told_with_the_one_that_does() -> None:
    definition = pinned_at(new_definition("digits"), "optimizer", "adam")
    with pytest.raises(SpaceError, match="momentum does nothing without the optimizer sgd or rmsprop") as caught:
        check_definition(definition)
    assert caught.value.key == "space.momentum"


def test_a_pinned_value_may_wait_for_its_optimizer() -> None:
    check_definition(pinned_at(new_definition("digits", optimizer="sgd"), "beta1", 0.8))


def test_whatever_a_new_study_could_be_given_is_checked() -> None:
    good = new_definition("wine")
    for key, bad in {
        "study.name": replace(good, name=" "),
        "study.seed": replace(good, seed=-1),
        "study.objective": replace(good, objective=Objective("val_mae", Direction.MINIMIZE)),
        "data.test": replace(good, data=replace(good.data, test=0.001)),
        "model.epochs": replace(good, model=replace(good.model, epochs=0)),
        "model.dropout": pinned_at(good, "dropout", 1.0),
        "space.units.low": replace(good, space=good.space.replace(IntParameter(name="units", low=0, high=9))),
    }.items():
        with pytest.raises(SpaceError) as caught:
            check_definition(bad)
        assert caught.value.key == key


def test_a_study_that_searches_nothing_is_told() -> None:
    definition = new_definition("digits")
    for name in definition.space.names:
        definition = switched_off(definition, name)
    with pytest.raises(SpaceError, match="at least one parameter"):
        check_definition(definition)
