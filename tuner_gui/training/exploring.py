"""The dry run: finds all that a file asks for, by asking it again and again with other values. No TensorFlow.

A file is a program, and what it asks for may depend on what it got. It is run with its defaults first, then with each
value of what could be a switch: choices, and whole numbers where the ends of the range ask for other things.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tuner_gui.space.parameters import ChoiceParameter, IntParameter, Value, choice_key
from tuner_gui.study.own_model import FoundSpace, OwnParameter
from tuner_gui.training.asked import Asked
from tuner_gui.training.own_file import OwnFileError

MOST_RUNS = 96
MOST_WHOLE_NUMBERS = 24
"""Of a whole number on which others depend, each value up to so many is tried."""

Read = Mapping[str, Asked]
Run = Callable[[Mapping[str, Value]], Read]
"""Runs the file with these values, defaults for the rest; returns what it read. Raises what the file raises."""


@dataclass(frozen=True)
class _Place:
    """Where something was first read: the values that led there, and all that was read with them."""

    values: Mapping[str, Value]
    read: Read


class Exploration:
    """``goes_on`` is asked before each run after the first: where it says no, what is known has to do."""

    def __init__(self, run: Run, goes_on: Callable[[], bool] = lambda: True) -> None:
        self._run = run
        self._goes_on = goes_on
        self._runs = 0
        self._places: dict[str, _Place] = {}
        self._found: dict[str, Asked] = {}
        self._parents: dict[str, tuple[str, tuple[Value, ...]]] = {}
        self._notes: list[str] = []
        self._queue: deque[str] = deque()

    def all(self, entry: str, direction: str = "") -> FoundSpace:
        """All that was found; raises what the file raises with its defaults."""
        self._note({}, self._run({}))
        while self._queue and self._may_go_on():
            self._try_values_of(self._queue.popleft())
        searched = [asked for asked in self._found.values() if asked.parameter is not None]
        notes = [*(asked.note for asked in searched if asked.note), *self._notes]
        return FoundSpace(
            entry,
            tuple(asked.parameter for asked in searched if asked.parameter is not None),
            tuple(self._own(asked) for asked in searched),
            direction,
            tuple(notes),
        )

    def _own(self, asked: Asked) -> OwnParameter:
        parent, values = (asked.parent, asked.parent_values) if asked.parent else ("", ())
        if not parent:
            parent, values = self._parents.get(asked.name, ("", ()))
        is_searched = parent in self._found and self._found[parent].parameter is not None
        return OwnParameter(asked.name, asked.default, *((parent, values) if is_searched else ("", ())))

    def _may_go_on(self) -> bool:
        if self._runs < MOST_RUNS and self._goes_on():
            return True
        left = ", ".join(self._queue)
        self._notes.append(f"the dry run took too long to try all values of {left}; more may depend on them")
        return False

    def _note(self, values: Mapping[str, Value], read: Read) -> None:
        for name, asked in read.items():
            if name not in self._found:
                self._found[name] = asked
                self._places[name] = _Place(values, read)
                self._queue.append(name)

    def _try_values_of(self, name: str) -> None:
        place = self._places[name]
        reads = [(place.values.get(name, self._found[name].default), place.read)]
        for value in self._first_values(self._found[name]):
            self._try(name, value, place, reads)
        if isinstance(self._found[name].parameter, IntParameter) and self._differ(reads):
            for value in self._values_between(self._found[name].parameter):
                self._try(name, value, place, reads)
        if self._differ(reads):
            self._see_who_depends_on(name, reads)

    def _try(self, name: str, value: Value, place: _Place, reads: list[tuple[Value, Read]]) -> None:
        if choice_key(value) in [choice_key(tried) for tried, _read in reads] or self._runs >= MOST_RUNS:
            return
        values = {**place.values, name: value}
        self._runs += 1
        try:
            read = self._run(values)
        except Exception as error:  # noqa: BLE001 - whatever the file raises, the rest can still be found
            words = str(error) if isinstance(error, OwnFileError) else f"{type(error).__name__}: {error}"
            self._notes.append(f"with {name} = {value!r} it fails: {words}"[:400])
            return
        reads.append((value, read))
        self._note(values, read)

    @staticmethod
    def _first_values(asked: Asked) -> list[Value]:
        if isinstance(asked.parameter, ChoiceParameter):
            return list(asked.parameter.choices)
        if isinstance(asked.parameter, IntParameter):
            return [asked.parameter.low, asked.parameter.high]
        return []

    @staticmethod
    def _values_between(parameter: object) -> list[Value]:
        if not isinstance(parameter, IntParameter):
            return []
        values: list[Value] = [*range(parameter.low, parameter.high + 1, parameter.step)]
        return values[:MOST_WHOLE_NUMBERS]

    @staticmethod
    def _differ(reads: list[tuple[Value, Read]]) -> bool:
        return len({frozenset(read) for _value, read in reads}) > 1

    def _see_who_depends_on(self, name: str, reads: list[tuple[Value, Read]]) -> None:
        for other in {other for _value, read in reads for other in read} - {name}:
            values = [value for value, read in reads if other in read]
            if len(values) < len(reads):
                # The last one found is the nearest: what stands above it is found first.
                self._parents[other] = (name, self._in_order(name, values))

    def _in_order(self, name: str, values: list[Value]) -> tuple[Value, ...]:
        parameter = self._found[name].parameter
        if isinstance(parameter, ChoiceParameter):
            kept = [choice_key(value) for value in values]
            return tuple(choice for choice in parameter.choices if choice_key(choice) in kept)
        return tuple(sorted(value for value in values if not isinstance(value, str)))
