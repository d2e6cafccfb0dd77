"""The space of a study: its parameters in order, each with its full range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import Parameter


@dataclass(frozen=True)
class Space:
    """The parameters that are searched, in the order in which they were given. Names are unique."""

    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise SpaceError(name, name, "each parameter once")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

    def replace(self, parameter: Parameter) -> Space:
        """The space with the parameter of that name exchanged."""
        return Space(tuple(parameter if p.name == parameter.name else p for p in self.parameters))

    def with_parameter(self, parameter: Parameter) -> Space:
        return Space((*self.parameters, parameter))

    def without(self, name: str) -> Space:
        return Space(tuple(p for p in self.parameters if p.name != name))
