"""Axes: where ticks stand and what they say. Coordinates along a parameter's axis are always unit coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.ticks import Tick, ticks

LABEL_GAP = 9.0


class Axis(Protocol):
    @property
    def keeps_all(self) -> bool:
        """Whether every tick has to be named, shortened if need be."""

    def ticks(self, low: float, high: float, at_most: int) -> list[Tick]:
        """Ticks between two coordinates, in order."""


@dataclass(frozen=True)
class UnitAxis:
    """The axis of a parameter: round values at their unit coordinates."""

    parameter: Parameter

    @property
    def keeps_all(self) -> bool:
        return isinstance(self.parameter, ChoiceParameter)

    def ticks(self, low: float, high: float, at_most: int) -> list[Tick]:
        return ticks(self.parameter, max(low, 0.0), min(high, 1.0), at_most)


@dataclass(frozen=True)
class CountAxis:
    """Whole numbers, such as epochs, at themselves."""

    keeps_all: bool = False

    def ticks(self, low: float, high: float, at_most: int) -> list[Tick]:
        first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
        if last < first:
            return []
        rough = max((last - first) / max(at_most, 1), 1.0)
        power = 10.0 ** math.floor(math.log10(rough))
        step = max(int(next(m * power for m in (1, 2, 5, 10) if m * power >= rough - 1e-9)), 1)
        start = math.ceil(first / step) * step
        return [Tick(float(n), str(n)) for n in range(start, last + 1, step)]


def fitting_ticks(
    axis: Axis, low: float, high: float, length: float, *, size: Callable[[str], float], gap: float = LABEL_GAP
) -> list[Tick]:
    """As many ticks as find room on ``length`` pixels when a label takes ``size(label)`` of them."""
    if axis.keeps_all:
        return axis.ticks(low, high, 99)
    for at_most in (9, 8, 7, 6, 5, 4, 3):
        found = axis.ticks(low, high, at_most)
        if _fits(found, low, high, length, size=size, gap=gap):
            return found
    return _thinned(axis.ticks(low, high, 3), low, high, length, size=size, gap=gap)


def _fits(
    found: Sequence[Tick], low: float, high: float, length: float, *, size: Callable[[str], float], gap: float
) -> bool:
    end = -math.inf
    for tick in found:
        center, half = (tick.unit - low) / (high - low) * length, size(tick.label) / 2
        if center - half < end:
            return False
        end = center + half + gap
    return True


def _thinned(
    found: list[Tick], low: float, high: float, length: float, *, size: Callable[[str], float], gap: float
) -> list[Tick]:
    """The first and the last one, or whatever else fits."""
    for every in range(1, len(found) + 1):
        kept = found[::every]
        if _fits(kept, low, high, length, size=size, gap=gap):
            return kept
    return found[:1]
