from __future__ import annotations

from dataclasses import replace

import pytest

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, Parameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.definition import (
    BUILT_IN_DATA,
    METRICS,
    Definition,
    Direction,
    Task,
    direction_of,
    new_definition,
    pinned_at,
    switched_off,
    switched_on,
)


def _with(definition: Definition, parameter: Parameter) -> Definition:
    return replace(definition, space=definition.space.replace(parameter))


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("val_accuracy", Direction.MAXIMIZE), ("accuracy", Direction.MAXIMIZE), ("val_r2", Direction.MAXIMIZE),
        ("val_loss", Direction.MINIMIZE), ("val_mae", Direction.MINIMIZE),
    ],
)  # fmt: skip
def test_the_direction_follows_from_the_metric(metric: str, direction: Direction) -> None:
    assert direction_of(metric) is direction


@pytest.mark.parametrize("source", BUILT_IN_DATA)
def test_a_new_study_improves_a_metric_that_its_task_has(source: str) -> None:
    definition = new_definition(source)
    assert definition.objective.metric in METRICS[definition.data.kind_of_task]
    assert definition.objective.metric.startswith("val_")
    assert definition.name == source


def test_more_accuracy_and_less_loss_both_grow_with_the_sign() -> None:
    classes, amounts = new_definition("digits").objective, new_definition("diabetes").objective
    assert classes.sign * 0.9 > classes.sign * 0.8
    assert amounts.sign * 0.1 > amounts.sign * 0.2
    assert new_definition("diabetes").data.kind_of_task is Task.REGRESSION


def test_a_new_study_searches_tiers_1_to_3_and_pins_the_rest_where_the_textbook_has_them() -> None:
    definition = new_definition("digits", optimizer="adam")
    assert definition.space.names == ("learning_rate", "units", "batch_size", "layers", "learning_rate_decay")
    values = definition.hyperparameters({})
    assert (values["beta1"], values["beta2"], values["epsilon"], values["optimizer"]) == (0.9, 0.999, 1e-8, "adam")


def test_hyperparameters_are_drawn_before_fixed_before_textbook() -> None:
    definition = pinned_at(new_definition("digits"), "dropout", 0.3)
    values = definition.hyperparameters({"learning_rate": 0.5})
    assert set(values) == set(TEXTBOOK) - {"filters", "kernel"}
    assert (values["learning_rate"], values["dropout"], values["l2"]) == (0.5, 0.3, 0.0)
    assert definition.hyperparameters({"dropout": 0.1})["dropout"] == 0.1


def test_a_parameter_switched_off_is_pinned_and_remembers_its_range() -> None:
    definition = new_definition("digits")
    rate = FloatParameter(name="learning_rate", low=1e-3, high=0.5, scale=Scale.LOG)
    edited = switched_off(_with(definition, rate), "learning_rate", 0.02)
    assert "learning_rate" not in edited.space
    assert edited.hyperparameters({})["learning_rate"] == 0.02
    assert edited.shelved()[0] == rate
    back = switched_on(edited, "learning_rate")
    assert back.space["learning_rate"] == rate
    assert "learning_rate" not in back.model.fixed
    assert back.shelf == ()


def test_switched_off_without_a_value_means_the_textbooks() -> None:
    assert switched_off(new_definition("digits"), "momentum").hyperparameters({})["momentum"] == 0.9


def test_only_what_the_optimizer_reads_can_be_switched_on() -> None:
    sgd = {parameter.name for parameter in new_definition("digits", optimizer="sgd").shelved()}
    adam = {parameter.name for parameter in new_definition("digits", optimizer="adam").shelved()}
    assert "beta1" not in sgd
    assert {"beta1", "beta2", "epsilon"} <= adam
    assert "momentum" not in adam
    with pytest.raises(KeyError):
        switched_on(new_definition("digits", optimizer="sgd"), "beta1")


def test_a_cnn_searches_its_filters_and_offers_the_size_of_its_window() -> None:
    cnn, mlp = new_definition("digits", kind="cnn"), new_definition("digits")
    assert set(cnn.space.names) - set(mlp.space.names) == {"filters"}
    assert {p.name for p in cnn.shelved()} - {p.name for p in mlp.shelved()} == {"kernel"}
    assert cnn.hyperparameters({"filters": 40})["filters"] == 40
    assert switched_on(cnn, "kernel").space["kernel"].choices == (3, 5)  # type: ignore[union-attr]
    with pytest.raises(KeyError):
        switched_on(mlp, "kernel")
    assert (cnn.model.trains_alone, mlp.model.trains_alone) == (True, False)


def test_searching_the_optimizer_offers_what_any_of_its_choices_reads() -> None:
    searched = switched_on(new_definition("digits"), "optimizer")
    assert searched.optimizers == {"sgd", "rmsprop", "adam"}
    assert "beta1" in {parameter.name for parameter in searched.shelved()}
    fewer = ChoiceParameter(name="optimizer", choices=("sgd", "rmsprop"))
    assert "beta1" not in {parameter.name for parameter in _with(searched, fewer).shelved()}
