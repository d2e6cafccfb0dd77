"""The filter line of the trials table: ``state:failed  lr>0.01  "out of memory"``.

All parts must hold. A part is

* ``state:NAME`` with one or more names, or the plain name of a state;
* ``COLUMN<NUMBER`` with one of < <= > >= = !=, where the column may be shortened to its beginning or its initials;
* anything else: text that the reason or the note of the trial contains.

Pure functions; what is wrong is a FilterError in words.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tuner_gui.space.parameters import Value
from tuner_gui.space.ticks import format_value
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import Trial

Reader = Callable[[Trial], Value | None]
Predicate = Callable[[Trial], bool]

_PART = re.compile(r'"([^"]*)"?|(\S+)')
_COMPARISON = re.compile(r"^([^<>=!:\s]*)(<=|>=|!=|<|>|=)(.*)$")
_SPACED = re.compile(r'\s*(<=|>=|!=|<|>|=)\s*(?=[^"\s]|$)|(?<=state)(:)\s+')
_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "=": operator.eq, "!=": operator.ne,
}  # fmt: skip


class FilterError(ValueError):
    """What is wrong with a filter, in words for the person who types it."""


@dataclass(frozen=True)
class TrialFilter:
    """Which trials a table shows. An empty filter shows all."""

    predicates: tuple[Predicate, ...] = ()

    def accepts(self, trial: Trial) -> bool:
        return all(predicate(trial) for predicate in self.predicates)


def parse_filter(text: str, *, columns: Mapping[str, Reader], note_of: Callable[[int], str]) -> TrialFilter:
    """The filter that a text describes.

    ``columns`` are the names that can be compared; ``note_of`` gives the note of a trial. Raises FilterError.
    """
    predicates = []
    for quoted, word in _PART.findall(_outside_quotes_closed_up(text)):
        if quoted or not word:
            if quoted:
                predicates.append(_contains(quoted, note_of))
            continue
        predicates.append(_predicate(word, columns, note_of))
    return TrialFilter(tuple(predicates))


def without_unfinished(text: str, columns: Mapping[str, Reader]) -> str:
    """The text without a last word that is about to become a comparison: its rows would flicker away meanwhile."""
    last = text.rsplit(maxsplit=1)[-1] if text and not text[-1].isspace() else ""
    begins = any(column.startswith(last.lower()) or _has_initials(column, last.lower()) for column in columns)
    return text[: len(text) - len(last)] if last and begins else text


def _outside_quotes_closed_up(text: str) -> str:
    """``lr > 0.01`` means ``lr>0.01``; what stands in quotes stays as it is."""
    pieces = text.split('"')
    return '"'.join(_SPACED.sub(r"\1\2", piece) if i % 2 == 0 else piece for i, piece in enumerate(pieces))


def _predicate(word: str, columns: Mapping[str, Reader], note_of: Callable[[int], str]) -> Predicate:
    if word.lower().startswith("state:"):
        return _in_states(word[len("state:") :])
    if word.lower() in list(TrialState):
        return _in_states(word)
    comparison = _COMPARISON.match(word)
    if comparison is None:
        return _contains(word, note_of)
    name, sign, value = comparison.groups()
    return _compares(_column(name, columns), sign, value, word)


def _in_states(words: str) -> Predicate:
    names = [word.lower() for word in words.split(",") if word]
    known = ", ".join(TrialState)
    if not names:
        raise FilterError(f"state: wants a state after it: {known}")
    for name in names:
        if name not in list(TrialState):
            raise FilterError(f"no state is called “{name}”; there are {known}")
    states = {TrialState(name) for name in names}
    return lambda trial: trial.state in states


def _column(name: str, columns: Mapping[str, Reader]) -> Reader:
    """The column of that name, beginning or initials (lr for learning_rate)."""
    if not name:
        raise FilterError("a comparison wants a column before the sign, such as learning_rate>0.01")
    wanted = name.lower()
    if wanted in columns:
        return columns[wanted]
    for fits in (_has_initials, str.startswith):
        found = [column for column in columns if fits(column, wanted)]
        if len({columns[column] for column in found}) == 1:
            return columns[found[0]]
        if found:
            raise FilterError(f"“{name}” could be {' or '.join(found)}")
    raise FilterError(f"no column is called “{name}”; there are {', '.join(columns)}")


def _has_initials(column: str, wanted: str) -> bool:
    return "".join(word[:1] for word in column.split("_")) == wanted and len(wanted) > 1


def _compares(read: Reader, sign: str, text: str, word: str) -> Predicate:
    if not text:
        raise FilterError(f"“{word}” wants a value after {sign}")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return _compares_number(read, _ORDERS[sign], number)
    if sign not in ("=", "!="):
        raise FilterError(f"“{text}” is no number, and {sign} compares numbers")
    return _compares_text(read, text.lower(), wanted=sign == "=")


def _compares_number(read: Reader, holds: Callable[[float, float], bool], number: float) -> Predicate:
    def predicate(trial: Trial) -> bool:
        value = read(trial)
        return isinstance(value, (int, float)) and not isinstance(value, bool) and holds(value, number)

    return predicate


def _compares_text(read: Reader, text: str, *, wanted: bool) -> Predicate:
    def predicate(trial: Trial) -> bool:
        value = read(trial)
        return value is not None and (format_value(value).lower() == text) is wanted

    return predicate


def _contains(text: str, note_of: Callable[[int], str]) -> Predicate:
    wanted = text.lower()
    return lambda trial: wanted in (trial.reason or "").lower() or wanted in note_of(trial.number).lower()
