"""What a person's file asks for: a hyperparameter with its range, in the words of this program.

Both kinds of files, those with ``hp`` and those with ``trial``, end up here. No TensorFlow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale

MOST_STEPS = 64
"""A range in steps that multiply becomes a choice of so many values at most."""


@dataclass(frozen=True)
class Asked:
    """One hyperparameter as a file asked for it. ``parameter`` is None where there is nothing to search.

    ``options`` holds what the file meant by choices that are no plain values: the choice's text gives its value.
    """

    name: str
    parameter: Parameter | None
    default: Value
    parent: str = ""
    parent_values: tuple[Value, ...] = ()
    note: str = ""
    options: Mapping[str, Any] | None = None

    def under(self, parent: str, values: tuple[Value, ...]) -> Asked:
        return replace(self, parent=parent, parent_values=values)

    def given(self, value: Value) -> Any:
        """The value as the file expects it: whole numbers as int, choices as they were written."""
        if self.options is not None:
            return self.options.get(str(value), value)
        if isinstance(self.parameter, IntParameter) and not isinstance(value, (bool, str)):
            return int(value)
        if isinstance(self.parameter, FloatParameter) and not isinstance(value, (bool, str)):
            return float(value)
        if isinstance(self.parameter, ChoiceParameter):
            return next((choice for choice in self.parameter.choices if choice == value), value)
        return value


def fixed(name: str, value: object) -> Asked:
    return Asked(name, None, _plain(name, value))


def whole_number(
    name: str, low: object, high: object, *, step: object = None, sampling: str | None = None, default: object = None
) -> Asked:
    """A whole number in [low, high]. With log sampling a step multiplies; ValueError says what cannot be."""
    low, high = _whole(name, low), _whole(name, high)
    scale, note = _scale(name, sampling)
    start = low if default is None else _whole(name, default)
    if step is not None and scale is Scale.LOG:
        return _multiplied(name, low, high, step, start)
    step = 1 if step is None else _whole(name, step)
    if low >= high or step > high - low:
        return _single(name, low, high, start)
    return Asked(name, _checked(IntParameter, name, low=low, high=high, step=step, scale=scale), start, note=note)


def number(
    name: str, low: object, high: object, *, step: object = None, sampling: str | None = None, default: object = None
) -> Asked:
    """A number in [low, high]. With log sampling a step multiplies; ValueError says what cannot be."""
    low, high = _real(name, low), _real(name, high)
    scale, note = _scale(name, sampling, high)
    start = low if default is None else _real(name, default)
    if step is not None and scale is Scale.LOG:
        return _multiplied(name, low, high, step, start)
    width = None if step is None else _real(name, step)
    if low >= high or (width is not None and width > high - low):
        return _single(name, low, high, start)
    return Asked(name, _checked(FloatParameter, name, low=low, high=high, step=width, scale=scale), start, note=note)


def choice(name: str, values: Iterable[object], *, default: object = None) -> Asked:
    """One of some values. What is no number, word, true or false goes by its text."""
    listed = list(values)
    if not listed:
        raise ValueError(f"{name}: expected at least one value to choose from")
    plain = [_plain_or_none(value) for value in listed]
    options = None
    if any(value is None for value in plain):
        options = {str(value): value for value in listed}
        plain = list(options)
    choices = [value for value in plain if value is not None]
    start = choices[0] if default is None else str(default) if options else _plain(name, default)
    if len(choices) < 2:
        return Asked(name, None, choices[0], options=options)
    return Asked(name, _checked(ChoiceParameter, name, choices=tuple(choices)), start, options=options)


def switch(name: str, *, default: bool = False) -> Asked:
    return Asked(name, ChoiceParameter(name=name, choices=(False, True)), default)


def _single(name: str, low: float, high: float, start: float) -> Asked:
    if low > high:
        raise ValueError(f"{name}: the lowest value, {low!r}, is above the highest, {high!r}")
    return Asked(name, None, start)


def _multiplied(name: str, low: float, high: float, step: object, start: float) -> Asked:
    factor = _real(name, step)
    if factor <= 1 or low <= 0:
        raise ValueError(f"{name}: on a log scale expected a step above 1, which multiplies, and a range above 0")
    count = int(math.log(high / low) / math.log(factor) + 1e-9) + 1
    if count > MOST_STEPS:
        raise ValueError(f"{name}: expected a step that gives at most {MOST_STEPS} values")
    values = [low * factor**i for i in range(count)]
    if isinstance(low, int):
        values = [round(value) for value in values]
    return replace(choice(name, dict.fromkeys(values)), default=start)


def _scale(name: str, sampling: str | None, high: float = math.inf) -> tuple[Scale, str]:
    match None if sampling is None else str(sampling).lower():
        case None | "linear":
            return Scale.LINEAR, ""
        case "log":
            return Scale.LOG, ""
        case "reverse_log":
            note = f"{name}: reverse_log draws almost evenly on a narrow range and is taken over as linear"
            if high < 1:
                note += '; scale = "log1m" is what spreads a β by its averaging window'
            return Scale.LINEAR, note
    raise ValueError(f"{name}: sampling {sampling!r}: expected linear, log or reverse_log")


def _checked(kind: Any, name: str, **fields: Any) -> Parameter:
    try:
        return kind(name=name, **fields)
    except SpaceError as error:
        raise ValueError(str(error)) from None


def _plain_or_none(value: object) -> Value | None:
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float, str)) else None


def _plain(name: str, value: object) -> Value:
    plain = _plain_or_none(value)
    if plain is None:
        raise ValueError(f"{name} = {value!r}: expected a number, a word, or true or false")
    return plain


def _real(name: str, value: object) -> float:
    plain = _plain(name, value)
    if isinstance(plain, (bool, str)):
        raise ValueError(f"{name}: {value!r} is no number")  # noqa: TRY004 - one kind of error for all that is wrong
    return plain


def _whole(name: str, value: object) -> int:
    plain = _real(name, value)
    if plain != int(plain):
        raise ValueError(f"{name}: {value!r} is no whole number")
    return int(plain)
