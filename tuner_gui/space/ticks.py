"""Round values on a scale: ticks and labels for axes, snapping for handles, short text for values."""

from __future__ import annotations

import math
from typing import NamedTuple

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.space.unit import canonical, unit_of, units_of

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
    return f"{value:.{digits}g}"


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
    """At most about ``at_most`` ticks with round labels between two unit coordinates, in order."""
    if isinstance(parameter, ChoiceParameter):
        units = units_of(parameter, parameter.choices)
        named = zip(units, parameter.choices, strict=True)
        return [Tick(float(u), format_value(choice)) for u, choice in named if low <= u <= high]
    for candidates in _tick_candidates(parameter, low, high, at_most):
        placed = _placed(parameter, candidates, low, high)
        if 2 <= len(placed) <= at_most:
            return placed
    return _thinned(_placed(parameter, _linear_values(parameter, low, high, at_most), low, high), at_most)


def snap(parameter: Parameter, unit: float, tolerance: float = 0.012) -> float:
    """The unit coordinate of the nearest round value (1–2–5 steps) if it lies within ``tolerance``."""
    if isinstance(parameter, ChoiceParameter):
        return unit
    near_low, near_high = max(0.0, unit - 0.1), min(1.0, unit + 0.1)
    candidates = _round_values(parameter, near_low, near_high)
    places = [u for u, _ in _placed(parameter, candidates, near_low, near_high)]
    places += [0.0, 1.0]
    nearest = min(places, key=lambda place: abs(place - unit))
    return nearest if abs(nearest - unit) <= tolerance else unit


def _placed(parameter: NumberParameter, values: list[float], low: float, high: float) -> list[Tick]:
    inside = sorted({value for value in values if parameter.low <= value <= parameter.high})
    if parameter.step is not None:
        inside = [value for value in inside if canonical(parameter, value) == value]
    placed = [Tick(unit_of(parameter, value), format_in(parameter, value)) for value in inside]
    return [tick for tick in placed if low - 1e-9 <= tick.unit <= high + 1e-9]


def _thinned(placed: list[Tick], at_most: int) -> list[Tick]:
    every = math.ceil(len(placed) / at_most) or 1
    return placed[::every]


def _tick_candidates(p: NumberParameter, low: float, high: float, at_most: int) -> list[list[float]]:
    """Rounder and rounder sets of values; the first that is not too crowded is taken."""
    if p.scale is Scale.LINEAR:
        return [_linear_values(p, low, high, at_most)]
    if isinstance(p, IntParameter):
        doublings = powers_of_two(p.low, p.high)
        return [doublings, doublings[::2], _linear_values(p, low, high, at_most)]
    sets = [_decade_values(p, multiples) for multiples in (range(1, 10), ONE_TWO_FIVE, (1, 3), (1,))]
    decades = sets[-1]
    return [*sets, *(decades[::every] for every in (2, 3, 5))]


def _round_values(p: NumberParameter, low: float, high: float) -> list[float]:
    if p.scale is Scale.LINEAR or isinstance(p, IntParameter):
        return _linear_values(p, low, high, 10)
    return _decade_values(p, ONE_TWO_FIVE)


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
    start = _value_on_line(p, low)
    end = _value_on_line(p, high)
    if not end > start:
        return []
    rough = (end - start) / max(at_most - 1, 1)
    power = math.floor(math.log10(rough))
    step = next(m * 10.0**power for m in (1, 2, 5, 10) if m * 10.0**power >= rough * (1 - 1e-9))
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def _value_on_line(p: NumberParameter, unit: float) -> float:
    if p.scale is Scale.LINEAR:
        return p.low + unit * (p.high - p.low)
    if p.scale is Scale.LOG:
        return float(p.low * (p.high / p.low) ** unit)
    return float(1 - (1 - p.low) * ((1 - p.high) / (1 - p.low)) ** unit)
