"""Parameters: one hyperparameter each, with its full range, as values that are checked when they are made."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import ClassVar

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.scales import Scale, fits, what_fits

Value = bool | int | float | str
"""What a parameter can be set to: whatever JSON and TOML know as a plain value."""

# Two values of a range must differ in a double after the round trip through the unit interval.
SMALLEST_RELATIVE_WIDTH = 1e-9
# Whole numbers up to here, and their neighbours, are exact in a double.
LARGEST_WHOLE_NUMBER = 10**15


@dataclass(frozen=True, kw_only=True)
class FloatParameter:
    """A real hyperparameter in [low, high]; with a step only low, low + step, … up to high."""

    name: str
    low: float
    high: float
    scale: Scale = Scale.LINEAR
    step: float | None = None
    kind: ClassVar[str] = "float"

    def __post_init__(self) -> None:
        for field in ("low", "high"):
            object.__setattr__(self, field, _number(self.name, field, getattr(self, field)))
        object.__setattr__(self, "scale", _scale(self.name, self.scale))
        _check_bounds(self)
        if self.step is not None:
            object.__setattr__(self, "step", _number(self.name, "step", self.step))
            _check_step(self)
        elif self.high - self.low <= SMALLEST_RELATIVE_WIDTH * self._size:
            raise SpaceError(f"{self.name}.high", self.high, f"a number clearly above low ({self.low!r})")

    @property
    def _size(self) -> float:
        """What the width of the range is small or large against: its larger end, on log1m that of 1 - x."""
        return 1 - self.low if self.scale is Scale.LOG1M else max(abs(self.low), abs(self.high))


@dataclass(frozen=True, kw_only=True)
class IntParameter:
    """A whole-number hyperparameter: low, low + step, … up to high, both ends included."""

    name: str
    low: int
    high: int
    scale: Scale = Scale.LINEAR
    step: int = 1
    kind: ClassVar[str] = "int"

    def __post_init__(self) -> None:
        for field in ("low", "high", "step"):
            object.__setattr__(self, field, _whole_number(self.name, field, getattr(self, field)))
        object.__setattr__(self, "scale", _scale(self.name, self.scale))
        if self.scale is Scale.LOG1M:
            raise SpaceError(f"{self.name}.scale", str(self.scale), "linear or log, for a whole number")
        _check_bounds(self)
        _check_step(self)


@dataclass(frozen=True, kw_only=True)
class ChoiceParameter:
    """A hyperparameter that takes one of a few values, in the order given."""

    name: str
    choices: tuple[Value, ...]
    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        key = f"{self.name}.choices"
        object.__setattr__(self, "choices", _plain_values(key, self.choices))
        if len(self.choices) < 2:
            raise SpaceError(key, list(self.choices), "at least two values (one alone needs no search)")
        if len(set(self._keys)) < len(self.choices):
            raise SpaceError(key, list(self.choices), "values that all differ")

    @property
    def _keys(self) -> tuple[tuple[bool, Value], ...]:
        return tuple(choice_key(choice) for choice in self.choices)

    def __eq__(self, other: object) -> bool:
        """As the choices compare: (0, 1) and (False, True) are two parameters, though Python has the tuples equal."""
        if not isinstance(other, ChoiceParameter):
            return NotImplemented
        return self.name == other.name and self._keys == other._keys

    def __hash__(self) -> int:
        return hash((self.name, self._keys))


Parameter = FloatParameter | IntParameter | ChoiceParameter
NumberParameter = FloatParameter | IntParameter


def choice_key(value: Value) -> tuple[bool, Value]:
    """What makes two choices the same: 1 and 1.0 are, 1 and true are not."""
    return (isinstance(value, bool), value)


def _number(name: str, field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise SpaceError(f"{name}.{field}", value, "a finite number")
    return float(value)


def _whole_number(name: str, field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise SpaceError(f"{name}.{field}", value, "a whole number")
    if abs(value) > LARGEST_WHOLE_NUMBER:
        raise SpaceError(f"{name}.{field}", value, "a whole number of at most 15 digits")
    return int(value)


def _scale(name: str, scale: object) -> Scale:
    if scale not in list(Scale):
        raise SpaceError(f"{name}.scale", scale, "linear, log or log1m")
    return Scale(str(scale))


def _plain_values(key: str, choices: object) -> tuple[Value, ...]:
    if not isinstance(choices, (list, tuple)):
        raise SpaceError(key, choices, "a list of values")
    for choice in choices:
        plain = isinstance(choice, (bool, int, str)) or (isinstance(choice, float) and math.isfinite(choice))
        if not plain:
            raise SpaceError(key, choice, "numbers, words, or true and false")
    return tuple(choices)


def _check_bounds(parameter: NumberParameter) -> None:
    for field in ("low", "high"):
        bound = getattr(parameter, field)
        if not fits(parameter.scale, bound):
            raise SpaceError(f"{parameter.name}.{field}", bound, what_fits(parameter.scale))
    if parameter.low == parameter.high:
        why = "(a range of one value needs no search)"
        raise SpaceError(f"{parameter.name}.high", parameter.high, f"more than low, {parameter.low!r} {why}")
    if parameter.low > parameter.high:
        raise SpaceError(f"{parameter.name}.low", parameter.low, f"less than high, {parameter.high!r}")
    if not math.isfinite(parameter.high - parameter.low):
        raise SpaceError(f"{parameter.name}.high", parameter.high, "a range whose width is a finite number")


def _check_step(parameter: NumberParameter) -> None:
    step = parameter.step
    if step is None:
        return
    width = parameter.high - parameter.low
    if step <= 0:
        raise SpaceError(f"{parameter.name}.step", step, "a step above 0")
    if step > width * (1 + 1e-12):
        raise SpaceError(f"{parameter.name}.step", step, f"at most high - low, {width!r}")
    if width / step > 1e9:
        raise SpaceError(f"{parameter.name}.step", step, "a step that gives at most a billion values")
