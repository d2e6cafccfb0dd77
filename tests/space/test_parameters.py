from __future__ import annotations

import math
from typing import Any

import pytest

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space

# kind, what is wrong with otherwise good fields, the field that is named, words of what is expected there
BAD: list[tuple[type, dict[str, Any], str, str]] = [
    (FloatParameter, {"low": 2.0}, "low", "less than high, 1.0"),
    (FloatParameter, {"low": 1.0}, "high", "more than low, 1.0 (a range of one value needs no search)"),
    (FloatParameter, {"low": 1.0 - 1e-12}, "high", "clearly above low"),
    (FloatParameter, {"low": 0.0, "high": 1e-12, "scale": "log1m"}, "high", "clearly above low"),
    (FloatParameter, {"low": "0.1"}, "low", "a finite number"),
    (FloatParameter, {"low": None}, "low", "a finite number"),
    (FloatParameter, {"low": True}, "low", "a finite number"),
    (FloatParameter, {"low": math.nan}, "low", "a finite number"),
    (FloatParameter, {"high": math.inf}, "high", "a finite number"),
    (FloatParameter, {"high": 10**400}, "high", "a finite number"),
    (FloatParameter, {"low": -1.5e308, "high": 1.5e308}, "high", "a range whose width is a finite number"),
    (FloatParameter, {"low": 0, "scale": "log"}, "low", "a number above 0, because the scale is log"),
    (FloatParameter, {"low": -1, "scale": "log"}, "low", "a number above 0, because the scale is log"),
    (FloatParameter, {"high": 1, "scale": "log1m"}, "high", "a number below 1, because the scale is log1m"),
    (FloatParameter, {"scale": "Log"}, "scale", "linear, log or log1m"),
    (FloatParameter, {"scale": None}, "scale", "linear, log or log1m"),
    (FloatParameter, {"scale": ["log"]}, "scale", "linear, log or log1m"),
    (FloatParameter, {"step": 0}, "step", "a step above 0"),
    (FloatParameter, {"step": -0.1}, "step", "a step above 0"),
    (FloatParameter, {"step": 5}, "step", "at most high - low, 0.9"),
    (FloatParameter, {"step": 1e-12}, "step", "at most a billion values"),
    (FloatParameter, {"step": "0.1"}, "step", "a finite number"),
    (IntParameter, {"low": 1.5}, "low", "a whole number"),
    (IntParameter, {"high": math.inf}, "high", "a whole number"),
    (IntParameter, {"high": math.nan}, "high", "a whole number"),
    (IntParameter, {"high": 10**16}, "high", "a whole number of at most 15 digits"),
    (IntParameter, {"low": False}, "low", "a whole number"),
    (IntParameter, {"low": 9}, "high", "a range of one value needs no search"),
    (IntParameter, {"low": 10}, "low", "less than high, 9"),
    (IntParameter, {"low": 0, "scale": "log"}, "low", "a number above 0, because the scale is log"),
    (IntParameter, {"scale": "log1m"}, "scale", "linear or log, for a whole number"),
    (IntParameter, {"step": 0}, "step", "a step above 0"),
    (IntParameter, {"step": 0.5}, "step", "a whole number"),
    (IntParameter, {"step": 9}, "step", "at most high - low, 8"),
    (ChoiceParameter, {"choices": ()}, "choices", "at least two values (one alone needs no search)"),
    (ChoiceParameter, {"choices": (32,)}, "choices", "at least two values (one alone needs no search)"),
    (ChoiceParameter, {"choices": (1, 2, 1)}, "choices", "values that all differ"),
    (ChoiceParameter, {"choices": (1, 1.0)}, "choices", "values that all differ"),
    (ChoiceParameter, {"choices": "relu"}, "choices", "a list of values"),
    (ChoiceParameter, {"choices": (1, None)}, "choices", "numbers, words, or true and false"),
    (ChoiceParameter, {"choices": (1, [2])}, "choices", "numbers, words, or true and false"),
    (ChoiceParameter, {"choices": (1, math.nan)}, "choices", "numbers, words, or true and false"),
]
GOOD: dict[type, dict[str, Any]] = {
    FloatParameter: {"low": 0.1, "high": 1.0},
    IntParameter: {"low": 1, "high": 9},
    ChoiceParameter: {"choices": (1, 2)},
}


@pytest.mark.parametrize(("kind", "wrong", "field", "expected"), BAD)
def test_a_bad_value_is_refused_with_its_field_and_what_is_expected(
    kind: type, wrong: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(SpaceError) as refused:
        kind(name="alpha", **{**GOOD[kind], **wrong})
    assert refused.value.field == field
    assert refused.value.key == f"alpha.{field}"
    assert expected in refused.value.expected
    assert str(refused.value).startswith(f"alpha.{field} = ")


@pytest.mark.parametrize("kind", GOOD)
def test_what_the_table_of_bad_values_starts_from_is_good(kind: type) -> None:
    assert kind(name="alpha", **GOOD[kind]).name == "alpha"


def test_whole_bounds_are_floats_for_a_float_and_ints_for_an_int() -> None:
    parameter = FloatParameter(name="x", low=0, high=1, scale="linear")  # type: ignore[arg-type]
    assert (type(parameter.low), type(parameter.scale)) == (float, Scale)
    whole = IntParameter(name="n", low=16.0, high=128.0)  # type: ignore[arg-type]
    assert (type(whole.low), whole.high) == (int, 128)


def test_true_and_one_are_different_choices() -> None:
    assert ChoiceParameter(name="x", choices=(True, 1)).choices == (True, 1)


def test_a_change_from_numbers_to_truth_values_is_a_change() -> None:
    numbers = ChoiceParameter(name="x", choices=(0, 1))
    truths = ChoiceParameter(name="x", choices=(False, True))
    assert numbers != truths
    assert len({numbers, truths}) == 2
    assert Space((numbers,)) != Space((truths,))


def test_equal_parameters_can_stand_for_each_other_as_keys() -> None:
    assert {ChoiceParameter(name="x", choices=(1, 2)): "a"}[ChoiceParameter(name="x", choices=(1, 2))] == "a"
    assert ChoiceParameter(name="x", choices=(1, 2)) != ChoiceParameter(name="x", choices=(2, 1))


def test_a_space_refuses_two_parameters_of_one_name() -> None:
    parameter = IntParameter(name="units", low=1, high=2)
    with pytest.raises(SpaceError, match="each parameter once"):
        Space((parameter, parameter))


def test_a_space_is_changed_by_making_another_one() -> None:
    units, layers = IntParameter(name="units", low=1, high=2), IntParameter(name="layers", low=1, high=3)
    wider = IntParameter(name="units", low=1, high=9)
    space = Space((units,)).with_parameter(layers)
    assert space.replace(wider).names == ("units", "layers")
    assert space.replace(wider)["units"] == wider
    assert space["units"] == units
    assert "units" not in space.without("units")
    with pytest.raises(KeyError):
        space["depth"]
