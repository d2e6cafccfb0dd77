"""``hp``: what a person's ``build_model(hp)`` asks for its hyperparameters, with the methods that KerasTuner gave it.

Nothing of KerasTuner is in here: it is a reading of values that were drawn elsewhere, and remembers what was asked.
No TensorFlow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tuner_gui.space.parameters import Value, choice_key
from tuner_gui.training import asked
from tuner_gui.training.asked import Asked


class HyperParameters:
    """Gives ``values`` where they name what is asked for, and its default otherwise.

    ``read`` holds all that was asked for and is active, ``known`` also what an inactive scope asked for. What is in
    ``instead`` takes the place of what is asked for under that name; where ``only`` is set, nothing else is searched.
    ``heard`` is told of each that is asked for and active.
    """

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        self.given = dict(values or {})
        self.values: dict[str, Any] = {}
        self.read: dict[str, Asked] = {}
        self.known: dict[str, Asked] = {}
        self.instead: Mapping[str, Asked] = {}
        self.only = False
        self.heard: Callable[[Asked], None] | None = None
        self._scopes: list[tuple[str, tuple[Value, ...]]] = []
        self._names: list[str] = []

    # --- what a file calls; the names are KerasTuner's ---

    def Int(  # noqa: N802
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = None,
        default: int | None = None,
        parent_name: str | None = None,
        parent_values: object = None,
    ) -> Any:
        wanted = asked.whole_number(
            self._name(name), min_value, max_value, step=step, sampling=sampling, default=default
        )
        return self._ask(wanted, parent_name, parent_values)

    def Float(  # noqa: N802
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = None,
        default: float | None = None,
        parent_name: str | None = None,
        parent_values: object = None,
    ) -> Any:
        wanted = asked.number(self._name(name), min_value, max_value, step=step, sampling=sampling, default=default)
        return self._ask(wanted, parent_name, parent_values)

    def Choice(  # noqa: N802
        self,
        name: str,
        values: Sequence[Value],
        ordered: bool | None = None,  # noqa: ARG002 - KerasTuner's signature
        default: Value | None = None,
        parent_name: str | None = None,
        parent_values: object = None,
    ) -> Any:
        return self._ask(asked.choice(self._name(name), values, default=default), parent_name, parent_values)

    def Boolean(  # noqa: N802
        self,
        name: str,
        default: bool = False,
        parent_name: str | None = None,
        parent_values: object = None,
    ) -> Any:
        return self._ask(asked.switch(self._name(name), default=bool(default)), parent_name, parent_values)

    def Fixed(  # noqa: N802
        self, name: str, value: Value, parent_name: str | None = None, parent_values: object = None
    ) -> Any:
        return self._ask(asked.fixed(self._name(name), value), parent_name, parent_values)

    @contextlib.contextmanager
    def conditional_scope(self, parent_name: str, parent_values: object) -> Iterator[None]:
        """What is asked for within is read where ``parent_name`` has one of these values, and is None elsewhere."""
        parent = self._name(parent_name)
        if parent not in self.known:
            raise ValueError(f"conditional_scope: {parent_name} has to be asked for before")
        self._scopes.append((parent, _listed(parent_values)))
        try:
            yield
        finally:
            self._scopes.pop()

    @contextlib.contextmanager
    def name_scope(self, name: str) -> Iterator[None]:
        """What is asked for within has names that begin with ``name/``."""
        self._names.append(str(name))
        try:
            yield
        finally:
            self._names.pop()

    def get(self, name: str) -> Any:
        """The value of what was asked for; KeyError if it was not, ValueError where it is not active."""
        whole = self._name(name)
        if whole in self.values:
            return self.values[whole]
        if whole in self.known:
            raise ValueError(f"{whole} is not active with these values")
        raise KeyError(f"{whole} was not asked for")

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return self._name(name) in self.values

    @property
    def space(self) -> list[Asked]:
        return list(self.known.values())

    def is_active(self, name: str) -> bool:
        return name in self.values

    # --- ---

    def _name(self, name: object) -> str:
        if not isinstance(name, str) or not name:
            raise ValueError(f"the name of a hyperparameter is {name!r}: expected words in quotes")
        return "/".join((*self._names, name))

    def _ask(self, wanted: Asked, parent: str | None, values: object) -> Any:
        wanted = self.instead.get(wanted.name, asked.fixed(wanted.name, wanted.default) if self.only else wanted)
        scopes = list(self._scopes)
        if parent is not None:
            scopes.append((self._name(parent), _listed(values)))
        if scopes:
            wanted = wanted.under(*scopes[-1])
        self.known.setdefault(wanted.name, wanted)
        if not all(self._holds(*scope) for scope in scopes):
            return None  # as KerasTuner has it, so that nothing is made of a value that does not count
        self.read.setdefault(wanted.name, wanted)
        if wanted.name not in self.values:  # a file may set some itself before it builds
            self.values[wanted.name] = wanted.given(self.given.get(wanted.name, wanted.default))
        if self.heard is not None:
            self.heard(wanted)
        return self.values[wanted.name]

    def _holds(self, parent: str, values: tuple[Value, ...]) -> bool:
        if parent not in self.values:
            return False
        return choice_key(self.values[parent]) in [choice_key(value) for value in values]


def _listed(values: object) -> tuple[Value, ...]:
    listed = values if isinstance(values, (list, tuple, set)) else [values]
    return tuple(asked.fixed("parent_values", value).default for value in listed)
