"""Round values on a scale: ticks and labels for axes, snapping for handles, short text for values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.space.unit import positions_of, units_of, values_at

ONE_TWO_FIVE = (1, 2, 5)


class Tick(NamedTuple):
    unit: float
    label: str


def format_value(value: Value | None, digits: int = 4) -> str:
    """A value as people write it: 1e-3, 0.99, 64, relu, true."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    if not math.isfinite(value):
        return "not finite"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return _scientific(value, digits)
    return f"{value:.{digits}g}" if abs(value) < 10.0**digits - 0.5 else f"{value:.0f}"


def format_in(parameter: Parameter, value: Value | None, digits: int = 4) -> str:
    """Like :func:`format_value`, with decades written 1e-3 on a log scale and enough nines on log1m."""
    if value is None or isinstance(value, (str, bool)) or isinstance(parameter, ChoiceParameter):
        return format_value(value, digits)
    if parameter.scale is Scale.LOG and isinstance(parameter, FloatParameter) and 0 < abs(value) < 0.01:
        return _scientific(value, digits)
    if parameter.scale is Scale.LOG1M and 0.9 < value < 1:
        nines = -math.floor(math.log10(1 - value))
        return f"{round(value, nines + digits - 2):.{nines + digits - 2}f}".rstrip("0")
    return format_value(value, digits)


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def ticks(parameter: Parameter, low: float = 0.0, high: float = 1.0, at_most: int = 7) -> list[Tick]:
    """At most ``at_most`` ticks with round and different labels between two unit coordinates, in order."""
    if isinstance(parameter, ChoiceParameter):
        units = units_of(parameter, parameter.choices)
        named = zip(units, parameter.choices, strict=True)
        return [Tick(float(u), format_value(choice)) for u, choice in named if low <= u <= high]
    best: dict[float, Value] = {}
    for candidates in _tick_candidates(parameter, low, high, at_most):
        placed = _placed(parameter, candidates, low, high)
        if 2 <= len(placed) <= at_most:
            return _labelled(parameter, placed)
        if not best or len(placed) == 1:
            best = placed
    return _labelled(parameter, dict(itertools.islice(best.items(), 0, None, math.ceil(len(best) / at_most) or 1)))


def snap(parameter: Parameter, unit: float, tolerance: float = 0.012) -> float:
    """The unit coordinate of the nearest round value (1–2–5 steps) if it lies within ``tolerance``.

    Elsewhere that of a value with as few digits as a thousandth of the axis leaves, so that a dragged value reads well.
    """
    if isinstance(parameter, ChoiceParameter):
        return unit
    places = [0.0, 1.0, *_placed(parameter, _round_values(parameter), unit - 0.1, unit + 0.1)]
    if len(places) < 4:
        places += _round_places(parameter, unit, reach=0.1)
    nearest = min(places, key=lambda place: abs(place - unit))
    if abs(nearest - unit) <= tolerance:
        return nearest
    return min(_round_places(parameter, unit, reach=0.005), key=lambda place: abs(place - unit), default=unit)


def _round_places(parameter: NumberParameter, unit: float, *, reach: float) -> list[float]:
    low, high = max(0.0, unit - reach), min(1.0, unit + reach)
    return list(_placed(parameter, _linear_values(parameter, low, high, 10), low, high))


def _placed(parameter: NumberParameter, values: Iterable[float], low: float, high: float) -> dict[float, Value]:
    """Those of the values that the parameter can take between two unit coordinates, by coordinate, in order."""
    inside = sorted({value for value in values if parameter.low <= value <= parameter.high})
    units = units_of(parameter, inside)
    near = (units >= low - 1e-9) & (units <= high + 1e-9)
    units, wanted = units[near], list(itertools.compress(inside, near))
    if parameter.step is None:
        return dict(zip(units.tolist(), wanted, strict=True))
    named = zip(units.tolist(), wanted, values_at(parameter, units), strict=True)
    return {unit: value for unit, wish, value in named if wish == value}


def _labelled(parameter: NumberParameter, placed: dict[float, Value]) -> list[Tick]:
    """Ticks with as few digits as say what their values are: far zoomed in this takes more than usual."""
    labels: list[str] = []
    for digits in (4, 6, 8, 10, 12, 15):
        labels = [format_in(parameter, value, digits) for value in placed.values()]
        if all(float(label) == value for label, value in zip(labels, placed.values(), strict=True)):
            break
    return [Tick(unit, label) for unit, label in zip(placed, labels, strict=True)]


def _tick_candidates(p: NumberParameter, low: float, high: float, at_most: int) -> Iterator[list[float]]:
    """Sets of values, those that people like best first; the first that is not too crowded is taken."""
    if p.scale is not Scale.LINEAR and isinstance(p, FloatParameter):
        yield from (_decade_values(p, multiples) for multiples in (range(1, 10), ONE_TWO_FIVE, (1, 3)))
        decades = _decade_values(p, (1,))
        yield from (decades[::every] for every in (1, 2, 3, 5, 10, 20, 50))
    elif p.scale is Scale.LOG:
        doublings = powers_of_two(p.low, p.high)
        yield from (doublings[::every] for every in (1, 2, 3, 4, 6))
    yield _linear_values(p, low, high, at_most)
    if p.step is not None:
        yield from _every_few_of_the_grid(p, low, high, at_most)


def _every_few_of_the_grid(p: NumberParameter, low: float, high: float, at_most: int) -> Iterator[list[float]]:
    """For steps that meet no round value: 0.15, 0.45, 0.75."""
    step = p.step or 1
    start, end = positions_of(p, [low, high])
    first, last = math.ceil((start - p.low) / step - 1e-9), math.floor((end - p.low) / step + 1e-9)
    every = max(1, math.ceil((last - first + 1) / at_most))
    yield [float(f"{p.low + index * step:.12g}") for index in range(-(-first // every) * every, last + 1, every)]


def _round_values(p: NumberParameter) -> list[float]:
    if p.scale is Scale.LINEAR:
        return []
    return powers_of_two(p.low, p.high) if isinstance(p, IntParameter) else _decade_values(p, ONE_TWO_FIVE)


def powers_of_two(low: float, high: float) -> list[float]:
    """1, 2, 4, … from low to high: what people choose for units and batch sizes."""
    return [2**k for k in range(64) if low <= 2**k <= high]


def _decade_values(p: NumberParameter, multiples: range | tuple[int, ...]) -> list[float]:
    """m · 10^k inside the range (log), or 1 − m · 10^k (log1m), as clean decimals."""
    ends = (p.low, p.high) if p.scale is Scale.LOG else (1 - p.high, 1 - p.low)
    exponents = range(math.floor(math.log10(ends[0]) - 1e-9), math.ceil(math.log10(ends[1]) + 1e-9) + 1)
    values = [float(f"{m}e{k}") for k in exponents for m in multiples]
    return values if p.scale is Scale.LOG else [round(1 - value, 15) for value in values]


def _linear_values(p: NumberParameter, low: float, high: float, at_most: int) -> list[float]:
    """Multiples of a 1–2–5 step between two places of the range."""
    start, end = (float(value) for value in positions_of(p, [low, high]))
    if not end > start:
        return []
    rough = (end - start) / max(at_most - 1, 1)
    power = math.floor(math.log10(rough))
    step = next(m * 10.0**power for m in (1, 2, 5, 10) if m * 10.0**power >= rough * (1 - 1e-9))
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]
