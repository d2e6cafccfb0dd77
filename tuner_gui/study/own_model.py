"""What is known of a person's own model file without running it: how it is called, and the parameters it asks for.

A dry run in a training process finds these once, when the study is made; they stand in the study from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.space.parameters import Parameter, Value, choice_key

BUILD_MODEL = "build_model"
OBJECTIVE = "objective"
OWN_SEARCH = "search"
ENTRIES = (BUILD_MODEL, OBJECTIVE, OWN_SEARCH)
"""How a file is called: a function that builds a model from hp, one that does all with a trial, or what the tuner of
the file would do for one trial of its own search: build and fit, or ``run_trial``."""

OWN_VALUE = "value"
"""The metric of a file that only gives a number, such as one with ``objective(trial)``: what it reports and returns."""


@dataclass(frozen=True)
class OwnParameter:
    """What a file says of a parameter beside its range: the value where it is not searched, and when it is read.

    It is read where the parameter ``parent`` has one of ``values``, or always where ``parent`` is empty.
    """

    name: str
    default: Value
    parent: str = ""
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class FoundSpace:
    """What a dry run found. ``direction`` is empty where the file does not say it; ``notes`` are for the person.

    Of a file with a tuner, ``objective`` is what that searches by, ``epochs`` how many its search would train (0 where
    it does not say), and ``own_data`` tells whether it begins a search, which brings the data.
    """

    entry: str
    parameters: tuple[Parameter, ...]
    own: tuple[OwnParameter, ...]
    direction: str = ""
    notes: tuple[str, ...] = ()
    objective: str = ""
    epochs: int = 0
    own_data: bool = False


@dataclass(frozen=True)
class KeptModel:
    """The file as it was when the study was made: its absolute path, its text, and the SHA-256 of its bytes."""

    path: str
    sha256: str
    text: str


def active(own: tuple[OwnParameter, ...], values: Mapping[str, Value]) -> frozenset[str]:
    """The names among ``values`` that the file reads when it gets these values."""
    known = {parameter.name: parameter for parameter in own}
    return frozenset(name for name in values if _is_active(name, known, values))


def _is_active(name: str, known: Mapping[str, OwnParameter], values: Mapping[str, Value]) -> bool:
    seen: set[str] = set()
    while name in known and known[name].parent and name not in seen:
        seen.add(name)
        own = known[name]
        value = values.get(own.parent, known[own.parent].default if own.parent in known else None)
        if value is None or choice_key(value) not in [choice_key(option) for option in own.values]:
            return False
        name = own.parent
    return True


@dataclass(frozen=True)
class CheckedCorner:
    """What came of building and trying a model with some values. ``error`` is empty where all went well.

    ``parameters`` counts weights, ``seconds`` is for one epoch without its validation, ``bytes`` what the whole process
    holds; each None where it was not found out.
    """

    values: Mapping[str, Value]
    error: str = ""
    parameters: int | None = None
    loss: float | None = None
    seconds: float | None = None
    bytes: int | None = None
