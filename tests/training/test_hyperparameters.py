"""What a person's build_model(hp) gets, and what a dry run finds of what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.study.own_model import BUILD_MODEL, FoundSpace, active
from tuner_gui.training.exploring import Exploration, Read
from tuner_gui.training.hyperparameters import HyperParameters


def found_of(build: Callable[[HyperParameters], object]) -> FoundSpace:
    def run(values: Mapping[str, Value]) -> Read:
        hp = HyperParameters(values)
        build(hp)
        return hp.read

    return Exploration(run).all(BUILD_MODEL)


def parent_of(found: FoundSpace, name: str) -> tuple[str, tuple[Value, ...]]:
    own = {parameter.name: parameter for parameter in found.own}[name]
    return own.parent, own.values


def test_ranges_become_parameters_on_our_scales() -> None:
    def build(hp: HyperParameters) -> None:
        hp.Int("units", 32, 512, step=32)
        hp.Float("lr", 1e-4, 1e-2, sampling="log")
        hp.Choice("activation", ["relu", "tanh"])
        hp.Boolean("dropout")
        hp.Fixed("epochs", 7)

    assert found_of(build).parameters == (
        IntParameter(name="units", low=32, high=512, step=32),
        FloatParameter(name="lr", low=1e-4, high=1e-2, scale=Scale.LOG),
        ChoiceParameter(name="activation", choices=("relu", "tanh")),
        ChoiceParameter(name="dropout", choices=(False, True)),
    )


def test_given_values_come_back_as_the_file_wrote_them() -> None:
    hp = HyperParameters({"units": 64, "lr": 1, "norm": True})

    assert (hp.Int("units", 32, 512), hp.Boolean("norm")) == (64, True)
    assert isinstance(hp.Float("lr", 0.1, 1.0), float)
    assert hp.Int("depth", 1, 3) == 1
    assert hp.get("units") == hp["units"] == 64


def test_reverse_log_is_taken_over_as_linear_and_log1m_is_offered() -> None:
    def build(hp: HyperParameters) -> None:
        hp.Float("beta", 0.9, 0.999, sampling="reverse_log")

    found = found_of(build)

    assert found.parameters == (FloatParameter(name="beta", low=0.9, high=0.999),)
    assert "log1m" in found.notes[0]


def test_a_step_on_a_log_scale_multiplies() -> None:
    def build(hp: HyperParameters) -> None:
        hp.Int("units", 16, 128, step=2, sampling="log")

    assert found_of(build).parameters == (ChoiceParameter(name="units", choices=(16, 32, 64, 128)),)


def test_what_only_one_branch_of_a_choice_asks_for_is_found_under_it() -> None:
    def build(hp: HyperParameters) -> None:
        if hp.Choice("kind", ["mlp", "cnn", "gru"]) == "cnn":
            hp.Int("filters", 8, 64)
            if hp.Boolean("pool"):
                hp.Int("pool_size", 2, 4)

    found = found_of(build)

    assert parent_of(found, "filters") == ("kind", ("cnn",))
    assert parent_of(found, "pool_size") == ("pool", (True,))
    assert active(found.own, {"kind": "mlp", "filters": 8, "pool": True, "pool_size": 2}) == {"kind"}
    assert active(found.own, {"kind": "cnn", "filters": 8, "pool": False, "pool_size": 2}) == {
        "kind",
        "filters",
        "pool",
    }


def test_what_a_number_of_layers_asks_for_is_found_under_it() -> None:
    def build(hp: HyperParameters) -> None:
        for layer in range(hp.Int("layers", 1, 3)):
            hp.Int(f"units_{layer}", 8, 64)

    found = found_of(build)

    assert [parameter.name for parameter in found.parameters] == ["layers", "units_0", "units_1", "units_2"]
    assert parent_of(found, "units_0") == ("", ())
    assert parent_of(found, "units_1") == ("layers", (2, 3))
    assert parent_of(found, "units_2") == ("layers", (3,))


def test_a_conditional_scope_says_who_the_parent_is_and_hides_what_is_not_active() -> None:
    seen: list[object] = []

    def build(hp: HyperParameters) -> None:
        hp.Choice("optimizer", ["adam", "sgd"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            seen.append(hp.Float("momentum", 0.0, 0.99))

    found = found_of(build)

    assert seen[0] is None
    assert parent_of(found, "momentum") == ("optimizer", ("sgd",))


def test_a_name_scope_goes_before_the_name() -> None:
    hp = HyperParameters()
    with hp.name_scope("dense"):
        hp.Int("units", 1, 9)

    assert list(hp.read) == ["dense/units"]


def test_a_range_of_one_value_is_not_searched() -> None:
    def build(hp: HyperParameters) -> None:
        assert hp.Int("a", 3, 3) == 3
        assert hp.Choice("b", ["x"]) == "x"
        hp.Float("c", 0, 1)

    assert [parameter.name for parameter in found_of(build).parameters] == ["c"]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda hp: hp.Int("n", 5, 2), "lowest"),
        (lambda hp: hp.Int("n", 1.5, 2), "whole number"),
        (lambda hp: hp.Float("x", 0, 1, sampling="log"), "above 0"),
        (lambda hp: hp.Float("x", 1, 2, sampling="cubic"), "expected linear"),
        (lambda hp: hp.Choice("c", []), "at least one"),
        (lambda hp: hp.Choice("c", "a", default=None) and hp.Int("", 1, 2), "name"),
    ],
)
def test_a_range_that_cannot_be_says_why(ask: Callable[[HyperParameters], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ask(HyperParameters())


def test_a_branch_that_raises_is_noted_and_the_rest_is_still_found() -> None:
    def build(hp: HyperParameters) -> None:
        if hp.Choice("kind", ["a", "b", "c"]) == "b":
            raise RuntimeError("no b today")
        if hp.get("kind") == "c":
            hp.Int("more", 1, 5)

    found = found_of(build)

    assert [parameter.name for parameter in found.parameters] == ["kind", "more"]
    assert "no b today" in found.notes[0]
