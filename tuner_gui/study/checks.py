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
from tuner_gui.space.textbook import TEXTBOOK, applies, belongs
from tuner_gui.study.definition import MISSING_CHOICES, DataSettings, Definition, refuse_kind
from tuner_gui.study.errors import one_of

OPTIMIZERS = ("sgd", "rmsprop", "adam")
ACTIVATIONS = ("relu", "tanh", "elu")
LARGEST_SEED = 2**32 - 1
MOST_EPOCHS = 100_000
# Less than this and a class of the smallest built-in data set has no row in the part.
SMALLEST_SHARE, LARGEST_SHARE = 0.02, 0.8
SMALLEST_TRAINING_SHARE = 0.1
LARGEST_CONFIRM = 0.5
MOST_LEVELS = 1_000
LARGEST_IMAGE = 512


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
    "filters": _count(4096),
    "kernel": _count(31),
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


def as_taken(name: str, value: Value) -> Value:
    """The value as the network takes it: 1 as 1.0 where a float is meant, 64.0 as 64 where an int is.

    Of a name that the built-in networks do not have, as it is.
    """
    kind = LIMITS[name].kind if name in LIMITS else Kind.WORD
    if isinstance(value, (bool, str)) or not math.isfinite(value):
        return value
    if kind is Kind.FLOAT:
        return float(value)
    return int(value) if kind is Kind.INT and value == int(value) else value


def check_value(name: str, value: object) -> Value:
    """The value as the network takes it; SpaceError, with the name as its key, where it cannot take it."""
    _check(name, name, value)
    return as_taken(name, value)  # type: ignore[arg-type]


def check_parameter(parameter: Parameter) -> None:
    """Raise SpaceError, with the field, where a range or a choice leaves what the hyperparameter can be.

    What a name that the built-in networks do not have can be, is known only to a person's own model.
    """
    if parameter.name not in LIMITS:
        return
    name, limits = parameter.name, limits_of(parameter.name)
    if isinstance(parameter, ChoiceParameter):
        for choice in parameter.choices:
            _check(name, f"{name}.choices", choice, "each choice to be ")
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
    """Raise SpaceError for whatever in a definition could not be meant; then no search should start.

    The keys are whole paths, as TOML has them (``space.momentum.high``, ``model.dropout``, ``study.objective``).
    """
    if not len(definition.space):
        raise SpaceError("space", {}, "at least one parameter to search, such as [space.learning_rate]")
    _check_study(definition)
    _check_data(definition.data)
    _check_model(definition)
    _check_whole_number("search.levels", definition.search.levels, 1, MOST_LEVELS)
    confirm = definition.search.confirm
    if not 0 <= confirm <= LARGEST_CONFIRM:
        raise SpaceError("search.confirm", confirm, f"a share of the trials, from 0 to {LARGEST_CONFIRM}")
    if definition.model.python:
        return  # what its parameters can be, its file says
    for parameter in definition.space:
        try:
            limits_of(parameter.name)
            check_parameter(parameter)
        except SpaceError as error:
            raise SpaceError(f"space.{error.key}", error.value, error.expected) from None
        check_reader(definition, f"space.{parameter.name}", None)


def _check_study(definition: Definition) -> None:
    metrics = definition.metrics
    if not definition.name.strip():
        raise SpaceError("study.name", definition.name, "a name that can be seen")
    if definition.objective.metric not in metrics:
        raise SpaceError("study.objective", definition.objective.metric, one_of(metrics, definition.objective.metric))
    _check_whole_number("study.seed", definition.seed, 0, LARGEST_SEED)


def _check_data(data: DataSettings) -> None:
    for field in ("validation", "test"):
        share = getattr(data, field)
        if not SMALLEST_SHARE <= share <= LARGEST_SHARE:
            expected = f"a share of all rows, from {SMALLEST_SHARE} to {LARGEST_SHARE}"
            raise SpaceError(f"data.{field}", share, expected)
    if data.validation + data.test > 1 - SMALLEST_TRAINING_SHARE + 1e-9:
        raise SpaceError("data.test", data.test, "shares that leave at least a tenth of the rows for training")
    _check_whole_number("data.seed", data.seed, 0, LARGEST_SEED)
    _check_whole_number("data.size", data.size, 0, LARGEST_IMAGE)
    if data.missing not in MISSING_CHOICES:
        raise SpaceError("data.missing", data.missing, one_of(MISSING_CHOICES, data.missing))


def _check_model(definition: Definition) -> None:
    _check_whole_number("model.epochs", definition.model.epochs, 1, MOST_EPOCHS)
    refuse_kind(definition.data, definition.model.kind)
    for name, value in definition.model.fixed.items():
        if name in definition.space:
            raise SpaceError(f"model.{name}", value, f"no fixed value, because [space.{name}] searches it")
        if not definition.model.python:
            _check(name, f"model.{name}", value)


def _check_whole_number(key: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise SpaceError(key, value, f"a whole number from {low} to {high}")


def check_reader(definition: Definition, key: str, value: object) -> None:
    """Raise SpaceError where the network does not read the hyperparameter at this key, or no optimizer of the study."""
    name, kind = key.rpartition(".")[2], definition.model.kind
    if definition.model.python:
        return
    if not belongs(name, kind):
        kinds = " or ".join(TEXTBOOK[name].kinds)
        raise SpaceError(key, value, f"a hyperparameter of the kind {kind}: {name} is one of the kind {kinds}")
    if not applies(name, definition.optimizers, kind):
        readers = " or ".join(TEXTBOOK[name].optimizers)
        used = ", ".join(sorted(definition.optimizers))
        expected = f"a hyperparameter that {used} reads: {name} does nothing without the optimizer {readers}"
        raise SpaceError(key, value, expected)


def _check(name: str, key: str, value: object, before: str = "") -> None:
    limits = limits_of(name)
    if limits.kind is Kind.WORD:
        fits = isinstance(value, str) and value in limits.words
        expected = one_of(limits.words, value)
    elif limits.kind is Kind.SWITCH:
        fits, expected = isinstance(value, bool), limits.expected
    else:
        fits, expected = _is_number_within(limits, value), limits.expected
    if not fits:
        raise SpaceError(key, value, before + expected)


def _is_number_within(limits: Limits, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return limits.holds(value) and (limits.kind is Kind.FLOAT or value == int(value))
