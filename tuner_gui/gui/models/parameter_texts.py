"""Parameters as the texts of an editor, and back. No widgets here: what is wrong is a SpaceError with the field."""

from __future__ import annotations

import dataclasses
import math

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.checks import LIMITS, Kind, check_parameter, check_value

Texts = dict[str, str]
"""What stands in the fields of an editor: ``low``, ``high``, ``scale``, ``step``, or ``choices``."""


def texts_of(parameter: Parameter) -> Texts:
    """The texts that :func:`parameter_from` turns into an equal parameter."""
    if isinstance(parameter, ChoiceParameter):
        return {"choices": ", ".join(text_of_value(parameter, choice) for choice in parameter.choices)}
    step = "" if parameter.step is None else text_of_value(parameter, parameter.step)
    if isinstance(parameter, IntParameter) and parameter.step == 1:
        step = ""
    return {
        "low": text_of_value(parameter, parameter.low),
        "high": text_of_value(parameter, parameter.high),
        "scale": str(parameter.scale),
        "step": step,
    }


def text_of_value(parameter: Parameter, value: Value) -> str:
    """The shortest of the usual ways to write a value that loses nothing of it."""
    if isinstance(value, float) and not isinstance(value, bool):
        for digits in range(4, 17):
            text = format_in(parameter, value, digits)
            if float(text) == value:
                return text
        return repr(value)
    return format_value(value)


def parameter_from(original: Parameter, texts: Texts) -> Parameter:
    """The parameter that the texts describe, checked against its scale and what the network can take.

    Raises SpaceError, whose ``field`` is the text that is wrong.
    """
    name = original.name
    if isinstance(original, ChoiceParameter):
        changed = dataclasses.replace(original, choices=_choices(name, texts["choices"]))
        check_parameter(changed)
        return dataclasses.replace(changed, choices=tuple(_taken(name, choice) for choice in changed.choices))
    low, high = _number(name, "low", texts["low"]), _number(name, "high", texts["high"])
    step = _number(name, "step", texts["step"]) if texts["step"].strip() else None
    numbers = _numbers(original, low, high, Scale(texts["scale"]), step)
    check_parameter(numbers)
    return numbers


def value_from(name: str, text: str) -> Value:
    """The value of a pinned hyperparameter; SpaceError where the network cannot take it."""
    limits = LIMITS.get(name)
    if limits is not None and limits.kind in (Kind.FLOAT, Kind.INT):
        try:
            return check_value(name, _plain_number(text))
        except ValueError:
            raise SpaceError(name, text, limits.expected) from None
    return _taken(name, _value(text))


def _taken(name: str, value: Value) -> Value:
    """What a model of a person's own can take under a name of its own, only its file knows."""
    return check_value(name, value) if name in LIMITS else value


def _numbers(
    original: FloatParameter | IntParameter, low: float, high: float, scale: Scale, step: float | None
) -> FloatParameter | IntParameter:
    if isinstance(original, FloatParameter):
        return dataclasses.replace(original, low=low, high=high, scale=scale, step=step)
    # The parameter itself refuses what is no whole number, with the field's name.
    return IntParameter(name=original.name, low=low, high=high, scale=scale, step=1 if step is None else step)  # type: ignore[arg-type]


def _choices(name: str, text: str) -> tuple[Value, ...]:
    words = [word.strip() for word in text.split(",")]
    if words and not words[-1]:
        words.pop()
    if not all(words):
        raise SpaceError(f"{name}.choices", text, "values with one comma between each two")
    return tuple(_value(word) for word in words)


def _value(text: str) -> Value:
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return _plain_number(text)
    except ValueError:
        return text.strip("\"'")


def _number(name: str, field: str, text: str) -> float:
    try:
        return _plain_number(text)
    except ValueError:
        raise SpaceError(f"{name}.{field}", text, "a number such as 0.01 or 1e-4") from None


def _plain_number(text: str) -> int | float:
    """A decimal number as people write it; no underscores, no "inf" or "nan", which Python would take too."""
    text = text.strip()
    if "_" in text or any(letter in text.lower() for letter in "in"):
        raise ValueError(text)
    try:
        return int(text)
    except ValueError:
        number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
