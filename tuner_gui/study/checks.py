"""What each hyperparameter of the built-in networks can be at all, whatever range a person searches it in.

The window asks these while a person types, the reader of definitions before anything runs.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value
from tuner_gui.space.textbook import TEXTBOOK, applies
from tuner_gui.study.definition import METRICS, Definition
from tuner_gui.study.errors import one_of

OPTIMIZERS = ("sgd", "rmsprop", "adam")
ACTIVATIONS = ("relu", "tanh", "elu")


class Kind(enum.StrEnum):
    """What sort of value a hyperparameter takes."""

    FLOAT = "float"
    INT = "int"
    WORD = "word"
    SWITCH = "switch"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The values that a hyperparameter can take, and ``expected``: the same in words."""

    kind: Kind
    expected: str
    low: float = -math.inf
    high: float = math.inf
    low_is_out: bool = False
    high_is_out: bool = False
    words: tuple[str, ...] = ()

    def holds(self, number: float) -> bool:
        above = number > self.low if self.low_is_out else number >= self.low
        below = number < self.high if self.high_is_out else number <= self.high
        return above and below


def _above_zero(expected: str = "a number above 0") -> Limits:
    return Limits(kind=Kind.FLOAT, expected=expected, low=0.0, low_is_out=True)


def _from_zero() -> Limits:
    return Limits(kind=Kind.FLOAT, expected="a number from 0 up", low=0.0)


def _below_one(why: str) -> Limits:
    expected = f"a number from 0 to below 1 ({why})"
    return Limits(kind=Kind.FLOAT, expected=expected, low=0.0, high=1.0, high_is_out=True)


def _count(high: int) -> Limits:
    return Limits(kind=Kind.INT, expected=f"a whole number from 1 to {high}", low=1, high=high)


def _word(*words: str) -> Limits:
    return Limits(kind=Kind.WORD, expected=one_of(words), words=words)


_AVERAGE = "at 1 the average would never move"

LIMITS: Mapping[str, Limits] = {
    "learning_rate": _above_zero("a number above 0 (at 0 nothing is learned)"),
    "momentum": _below_one(_AVERAGE),
    "units": _count(65_536),
    "batch_size": _count(1_048_576),
    "layers": _count(100),
    "learning_rate_decay": _from_zero(),
    "beta1": _below_one(_AVERAGE),
    "beta2": _below_one(_AVERAGE),
    "epsilon": _above_zero(),
    "rho": _below_one(_AVERAGE),
    "dropout": _below_one("at 1 no unit would be left"),
    "l2": _from_zero(),
    "activation": _word(*ACTIVATIONS),
    "batch_norm": Limits(kind=Kind.SWITCH, expected="true or false"),
    "batch_norm_momentum": _below_one(_AVERAGE),
    "optimizer": _word(*OPTIMIZERS),
}


def limits_of(name: str) -> Limits:
    """The limits of a hyperparameter; SpaceError for a name that the built-in networks do not have."""
    limits = LIMITS.get(name)
    if limits is None:
        raise SpaceError(name, name, f"a hyperparameter: {one_of(LIMITS, name)}")
    return limits


def check_value(name: str, value: object) -> Value:
    """The value as the network takes it (1 as 1.0 where a float is meant); SpaceError where it cannot take it."""
    return _checked(name, name, value)


def check_parameter(parameter: Parameter) -> None:
    """Raise SpaceError, with the field, where a range or a choice leaves what the hyperparameter can be."""
    name, limits = parameter.name, limits_of(parameter.name)
    if isinstance(parameter, ChoiceParameter):
        for choice in parameter.choices:
            _checked(name, f"{name}.choices", choice)
        return
    if limits.kind in (Kind.WORD, Kind.SWITCH):
        raise SpaceError(f"{name}.kind", parameter.kind, f"choice: {name} is {limits.expected}")
    wanted = IntParameter if limits.kind is Kind.INT else FloatParameter
    if not isinstance(parameter, wanted):
        raise SpaceError(f"{name}.kind", parameter.kind, f"{wanted.kind} or choice: {name} is {limits.expected}")
    for field in ("low", "high"):
        bound = getattr(parameter, field)
        if not limits.holds(bound):
            raise SpaceError(f"{name}.{field}", bound, limits.expected)


def check_definition(definition: Definition) -> None:
    """Raise SpaceError where the parts of a definition do not go together, so that a search could not be meant.

    The keys are whole paths (``space.momentum``, ``model.momentum``, ``study.objective``).
    """
    if not len(definition.space):
        raise SpaceError("space", {}, "at least one parameter to search, such as [space.learning_rate]")
    metrics = METRICS[definition.data.task]
    if definition.objective.metric not in metrics:
        raise SpaceError("study.objective", definition.objective.metric, one_of(metrics, definition.objective.metric))
    for name in definition.model.fixed:
        if name in definition.space:
            raise SpaceError(
                f"model.{name}", definition.model.fixed[name], f"no fixed value, because [space.{name}] searches it"
            )
    for section, names in (("space", definition.space.names), ("model", tuple(definition.model.fixed))):
        for name in names:
            _check_that_something_reads(definition, section, name)


def _check_that_something_reads(definition: Definition, section: str, name: str) -> None:
    if applies(name, definition.optimizers):
        return
    readers = " or ".join(TEXTBOOK[name].optimizers)
    used = ", ".join(sorted(definition.optimizers))
    value = definition.model.fixed[name] if section == "model" else None
    expected = f"a hyperparameter that {used} reads: {name} does nothing without the optimizer {readers}"
    raise SpaceError(f"{section}.{name}", value, expected)


def _checked(name: str, key: str, value: object) -> Value:
    limits = limits_of(name)
    if limits.kind is Kind.SWITCH:
        if not isinstance(value, bool):
            raise SpaceError(key, value, limits.expected)
        return value
    if limits.kind is Kind.WORD:
        if not isinstance(value, str) or value not in limits.words:
            raise SpaceError(key, value, one_of(limits.words, value))
        return value
    return _checked_number(limits, key, value)


def _checked_number(limits: Limits, key: str, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise SpaceError(key, value, limits.expected)
    if not limits.holds(value):
        raise SpaceError(key, value, limits.expected)
    if limits.kind is Kind.FLOAT:
        return float(value)
    if value != int(value):
        raise SpaceError(key, value, limits.expected)
    return int(value)
