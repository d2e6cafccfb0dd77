"""Values that a person types to have them tried, several at once. No widgets here: what is wrong is a SpaceError."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from tuner_gui.gui.models.parameter_texts import text_of_value
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import NumberParameter, Value
from tuner_gui.space.unit import canonical

MOST_TRIALS = 200
"""More at once would keep the search waiting behind them; that many are a search of their own."""

Point = dict[str, Value]


def typed_values(parameter: NumberParameter, text: str, shown: Value | None = None) -> list[Value]:
    """The values of a text, one or several with commas between, on the parameter's grid and each once.

    "×3" stands for three times the value that was ``shown``. Raises SpaceError, which says of the first part that
    cannot be meant what was expected.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()  # the next value is about to be typed
    return list(dict.fromkeys(_value(parameter, part, shown) for part in parts))


def combinations(values: Mapping[str, Sequence[Value]]) -> list[Point]:
    """Every combination, the last parameter changing fastest."""
    return [dict(zip(values, point, strict=True)) for point in itertools.product(*values.values())]


def count_words(values: Mapping[str, Sequence[Value]], times: int) -> str:
    """How many trials that makes and why: "6 trials: 3 × 2", "12 trials: 3 × 2, each with 2 seeds"."""
    several = [len(some) for some in values.values() if len(some) > 1]
    trials = math.prod(several) * times
    words = f"{trials:,} trial{'' if trials == 1 else 's'}"
    if len(several) == 1:
        words += f": {several[0]} values"
    elif several:
        words += f": {' × '.join(map(str, several))}"
    if times > 1:
        words += f"{', each' if several else ':'} with {times} seeds"
    return words


def too_many(values: Mapping[str, Sequence[Value]], times: int) -> str | None:
    """Why that many trials are not taken, in words; None if they are."""
    if math.prod(len(some) for some in values.values()) * times <= MOST_TRIALS:
        return None
    return (
        f"At most {MOST_TRIALS} at once: the search waits until they are through. "
        "Take fewer values or seeds, or let a strategy draw them."
    )


def _value(parameter: NumberParameter, text: str, shown: Value | None) -> Value:
    number = _times(text[1:], shown) if text[:1] in ("×", "*", "x") else _number(text)
    if number is None:
        raise SpaceError(parameter.name, text, "a number such as 0.01 or 1e-2; several with commas between")
    if not parameter.low <= number <= parameter.high:
        span = f"{text_of_value(parameter, parameter.low)} to {text_of_value(parameter, parameter.high)}"
        which = text if text[:1].isdigit() else f"{text} ({number:.4g})"
        raise SpaceError(parameter.name, text, f"a number in its range, {span}, and not {which}")
    return canonical(parameter, number)


def _times(text: str, shown: Value | None) -> float | None:
    factor = _number(text)
    return None if factor is None or shown is None or isinstance(shown, str) else factor * shown


def _number(text: str) -> float | None:
    """A decimal number as people write it; Python would take "1_0", "nan" and "infinity" too."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None
