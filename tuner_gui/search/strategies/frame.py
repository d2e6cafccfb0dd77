"""A region as the unit cube: where strategies that learn from trials do their arithmetic.

The coordinates are those of the *region*: 0 and 1 are its ends on each parameter's scale, so that what "near" means
shrinks with it. A trial that lies outside, or lacks one of the parameters, has no place in the cube.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value, choice_key
from tuner_gui.space.region import Extent, Region, as_interval, draw, unit_bounds
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.unit import grid_size, unit_of, units_of, values_at
from tuner_gui.study.history import History

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SLACK = 1e-9


class Frame:
    """``unordered`` ``[d]`` marks the parameters whose values have no order, ``sizes`` ``[d]`` is how many values the
    region has of each, 0 where they are not on a grid."""

    def __init__(self, space: Space, region: Region) -> None:
        self.space, self.region = space, region
        self.unordered = np.array([is_unordered(parameter) for parameter in space])
        self.sizes = np.array([_size(parameter, region[parameter.name]) for parameter in space])
        self._maps = [_map(parameter, region[parameter.name]) for parameter in space]

    def __len__(self) -> int:
        return len(self._maps)

    def is_choice(self, column: int) -> bool:
        return isinstance(self.space.parameters[column], ChoiceParameter)

    def is_even(self, column: int) -> bool:
        """Whether the values of a grid have equal cells: choices, and steps on a linear scale."""
        parameter = self.space.parameters[column]
        return isinstance(parameter, ChoiceParameter) or parameter.scale is Scale.LINEAR

    @property
    def is_finite(self) -> bool:
        """Whether the region holds a finite number of points."""
        return bool(self.sizes.all())

    def points(self, history: History, rows: NDArray[np.intp] | None = None) -> tuple[Floats, Flags]:
        """The place in the cube of each trial, or of those in some rows, ``[n, d]``, and which have one, ``[n]``."""
        at: NDArray[np.intp] | slice = slice(None) if rows is None else rows
        points = np.empty((len(history) if rows is None else len(rows), len(self)))
        for column, (parameter, own) in enumerate(zip(self.space, self._maps, strict=True)):
            points[:, column] = own(history.units(parameter)[at])
        return points, np.asarray(((points >= 0) & (points <= 1)).all(axis=1), dtype=bool)

    def place(self, values: Mapping[str, Value]) -> Floats | None:
        """The place of one set of values, ``[d]``; None where they have none."""
        places = []
        for parameter, own in zip(self.space, self._maps, strict=True):
            value = values.get(parameter.name)
            if value is None or not (isinstance(parameter, ChoiceParameter) or is_number(value)):
                return None
            place = own.one(unit_of(parameter, value))
            if not 0 <= place <= 1:
                return None
            places.append(place)
        return np.array(places)

    def snapped(self, points: Floats) -> Floats:
        """The places ``[n, d]`` of the values that points ``[n, d]`` stand for: in the middle of their cells."""
        snapped = points.copy()
        for column, parameter in enumerate(self.space):
            size, extent = int(self.sizes[column]), self.region[parameter.name]
            if isinstance(parameter, ChoiceParameter):
                snapped[:, column] = (np.minimum((points[:, column] * size).astype(np.intp), size - 1) + 0.5) / size
            elif size:
                low, high = unit_bounds(parameter, as_interval(extent))
                values = values_at(parameter, low + points[:, column] * (high - low))
                snapped[:, column] = self._maps[column](units_of(parameter, values))
        return snapped

    def values(self, point: Floats) -> Values:
        return draw(self.space, self.region, point.tolist())


class Frames:
    """Remembers the last frame: most draws come from the region of the draw before."""

    def __init__(self) -> None:
        self._last: Frame | None = None

    def of(self, question: Question) -> Frame:
        last = self._last
        if last is None or last.space is not question.space or last.region is not question.region:
            last = self._last = Frame(question.space, question.region)
        return last


class Seen:
    """Which sets of values were drawn before. Looks at each trial once."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._history: History | None = None
        self._known: set[Any] = set()
        self._count = 0

    def before(self, question: Question) -> set[Any]:
        """What :meth:`key` gives for every trial and every queued one."""
        names, history = question.space.names, question.history
        if names != self._names or history is not self._history or len(history) < self._count:
            self._names, self._history, self._known, self._count = names, history, set(), 0
        for trial in history.trials[self._count :]:
            self._known.add(self.key(trial.values, names))
        self._count = len(history)
        queued = {self.key(values, names) for values in question.queued}
        return self._known | queued if queued else self._known

    @staticmethod
    def key(values: Mapping[str, Value], names: tuple[str, ...]) -> Any:
        return tuple(choice_key(values[name]) if name in values else None for name in names)


def is_unordered(parameter: Parameter) -> bool:
    """Choices have no order, unless they are numbers that were given in theirs (32, 64, 128)."""
    if not isinstance(parameter, ChoiceParameter):
        return False
    numbers = [value for value in parameter.choices if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return len(numbers) < len(parameter.choices) or numbers != sorted(numbers)


def is_number(value: Value) -> bool:
    """A parameter may have been of another kind when a trial was drawn."""
    return not isinstance(value, (str, bool))


def _size(parameter: Parameter, extent: Extent) -> int:
    if isinstance(parameter, ChoiceParameter):
        return len(extent)
    if parameter.step is None:
        return 0
    low, high = as_interval(extent)
    return min(round((high - low) / parameter.step) + 1, grid_size(parameter) or 1)


def _map(parameter: Parameter, extent: Extent) -> Any:
    """From unit coordinates of the parameter to those of the region."""
    if isinstance(parameter, ChoiceParameter):
        return _Choices(parameter, extent)
    return _Interval(*unit_bounds(parameter, as_interval(extent)))


class _Interval:
    def __init__(self, low: float, high: float) -> None:
        self._low, self._width = low, max(high - low, 1e-12)

    def __call__(self, units: Floats) -> Floats:
        places = (units - self._low) / self._width
        places[(places < 0) & (places > -_SLACK)] = 0.0
        places[(places > 1) & (places < 1 + _SLACK)] = 1.0
        return places

    def one(self, unit: float) -> float:
        """The same for one of them, many times as fast."""
        place = (unit - self._low) / self._width
        if -_SLACK < place < 0:
            return 0.0
        return 1.0 if 1 < place < 1 + _SLACK else place


class _Choices:
    def __init__(self, parameter: ChoiceParameter, extent: Extent) -> None:
        allowed = [choice_key(value) for value in extent]
        keys = [choice_key(value) for value in parameter.choices]
        self._places = np.array(
            [(allowed.index(key) + 0.5) / len(allowed) if key in allowed else np.nan for key in keys]
        )

    def __call__(self, units: Floats) -> Floats:
        known = np.isfinite(units)
        places = np.full(len(units), np.nan)
        indices = np.clip((units[known] * len(self._places)).astype(int), 0, len(self._places) - 1)
        places[known] = self._places[indices]
        return places

    def one(self, unit: float) -> float:
        count = len(self._places)
        return float("nan") if math.isnan(unit) else float(self._places[min(max(int(unit * count), 0), count - 1)])
