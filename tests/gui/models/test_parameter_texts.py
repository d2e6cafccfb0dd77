from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.gui.models.parameter_texts import parameter_from, text_of_value, texts_of, value_from
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import FloatParameter, Parameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import TEXTBOOK

LEARNING_RATE = TEXTBOOK["learning_rate"].parameter
MOMENTUM = TEXTBOOK["momentum"].parameter
UNITS = TEXTBOOK["units"].parameter
BATCH = TEXTBOOK["batch_size"].parameter
DROPOUT = TEXTBOOK["dropout"].parameter


@pytest.mark.parametrize("parameter", [advice.parameter for advice in TEXTBOOK.values()], ids=lambda p: p.name)
def test_the_texts_of_a_parameter_give_it_back(parameter: Parameter) -> None:
    assert parameter_from(parameter, texts_of(parameter)) == parameter


@given(st.floats(1e-12, 0.999999), st.sampled_from(list(Scale)))
def test_no_digit_of_a_value_is_lost_in_its_text(value: float, scale: Scale) -> None:
    parameter = FloatParameter(name="x", low=1e-13, high=0.9999999, scale=scale)
    assert float(text_of_value(parameter, value)) == value


def test_values_are_written_as_people_write_them() -> None:
    assert texts_of(LEARNING_RATE) == {"low": "1e-4", "high": "1", "scale": "log", "step": ""}
    assert texts_of(MOMENTUM)["high"] == "0.999"
    assert texts_of(BATCH) == {"choices": "32, 64, 128"}


WRONG = [
    (LEARNING_RATE, {"low": "0"}, "low", "above 0"),
    (LEARNING_RATE, {"low": "-1"}, "low", "above 0"),
    (LEARNING_RATE, {"low": "1"}, "high", "more than low"),
    (LEARNING_RATE, {"low": "2"}, "low", "less than high"),
    (LEARNING_RATE, {"low": ""}, "low", "a number such as"),
    (LEARNING_RATE, {"high": "1e"}, "high", "a number such as"),
    (LEARNING_RATE, {"high": "inf"}, "high", "a number such as"),
    (LEARNING_RATE, {"high": "1e999"}, "high", "a number such as"),
    (LEARNING_RATE, {"high": "nan"}, "high", "a number such as"),
    (LEARNING_RATE, {"high": "1_0"}, "high", "a number such as"),
    (LEARNING_RATE, {"high": "0,5"}, "high", "a number such as"),
    (LEARNING_RATE, {"step": "0"}, "step", "above 0"),
    (LEARNING_RATE, {"step": "2"}, "step", "at most"),
    (LEARNING_RATE, {"scale": "log1m"}, "high", "below 1"),
    (MOMENTUM, {"high": "1"}, "high", "below 1"),
    (MOMENTUM, {"high": "1", "scale": "linear"}, "high", "below 1"),
    (DROPOUT, {"scale": "log"}, "low", "above 0"),
    (DROPOUT, {"high": "1"}, "high", "no unit would be left"),
    (UNITS, {"low": "16.5"}, "low", "whole number"),
    (UNITS, {"low": "0", "scale": "linear"}, "low", "whole number from 1"),
    (UNITS, {"high": "16"}, "high", "more than low"),
    (UNITS, {"scale": "log1m"}, "scale", "linear or log"),
    (UNITS, {"step": "0.5"}, "step", "whole number"),
    (BATCH, {"choices": ""}, "choices", "at least two"),
    (BATCH, {"choices": "32"}, "choices", "at least two"),
    (BATCH, {"choices": "32, 32"}, "choices", "all differ"),
    (BATCH, {"choices": "32, 32.0"}, "choices", "all differ"),
    (BATCH, {"choices": "32,, 64"}, "choices", "one comma between"),
    (BATCH, {"choices": "32, many"}, "choices", "whole number"),
    (BATCH, {"choices": "0, 32"}, "choices", "from 1"),
]


@pytest.mark.parametrize(("parameter", "typed", "field", "words"), WRONG)
def test_what_cannot_be_searched_is_refused_with_field_and_reason(
    parameter: Parameter, typed: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(SpaceError) as refused:
        parameter_from(parameter, {**texts_of(parameter), **typed})
    assert refused.value.field == field
    assert words in refused.value.expected


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("momentum", "0.95", 0.95),
        ("layers", "4", 4),
        ("activation", "tanh", "tanh"),
        ("batch_norm", "False", False),
        ("dropout", "0", 0.0),
    ],
)
def test_pinned_values_have_the_type_the_network_takes(name: str, text: str, value: object) -> None:
    found = value_from(name, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("momentum", "1"), ("momentum", "fast"), ("layers", "1.5"), ("activation", "swish"), ("batch_norm", "yes")],
)
def test_pinned_values_the_network_cannot_take_are_refused(name: str, text: str) -> None:
    with pytest.raises(SpaceError):
        value_from(name, text)
