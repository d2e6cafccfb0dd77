"""What can be wrong with a definition or a study file, said in words that commands and window show as they are."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Iterable
from typing import Final


class _Missing(enum.Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""Stands for the value of a key that is not there."""


class DefinitionError(ValueError):
    """A definition that cannot be searched: in which file, under which key, what stands there, what is expected.

    ``key`` is a path as TOML would write it (``space.learning_rate.low``), empty where the whole file is meant; then
    ``expected`` is a sentence of its own. ``value`` is :data:`MISSING` where the key is absent, None where a whole
    table is meant.
    """

    def __init__(self, file: str, key: str, value: object, expected: str) -> None:
        if not key:
            words = expected
        elif value is MISSING:
            words = f"{key} is missing: expected {expected}"
        elif value is None:
            words = f"{key}: expected {expected}"
        else:
            words = f"{key} = {shown(value)}: expected {expected}"
        super().__init__(f"{file}: {words}" if file else words)
        self.file = file
        self.key = key
        self.value = value
        self.expected = expected


class StudyFileError(Exception):
    """A file that cannot be opened as a study; the message names it and says why. The file was left as it was."""


class StudyDamagedError(StudyFileError):
    """A file that is a study and cannot be read whole. ``tuner-gui check`` tells what is still readable."""


class StudyWriteError(Exception):
    """The file could not be written. What was saved before stays saved; what was not is kept and tried again."""


def shown(value: object) -> str:
    """A value as it would stand in a TOML file, cut where it is long."""
    if isinstance(value, float) and not math.isfinite(value):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def one_of(options: Iterable[str], given: object = None) -> str:
    """The options in words that complete "expected …", with the one that ``given`` was perhaps meant to be."""
    names = list(options)
    listed = f"one of {', '.join(names)}" if len(names) > 1 else "".join(names)
    meant = nearest(given, names)
    return f"{listed} (did you mean {meant}?)" if meant else listed


def nearest(given: object, names: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    if not isinstance(given, str) or not given:
        return None
    plain = given.lower().replace("-", "_").replace(" ", "_")
    matches = get_close_matches(plain, list(names), n=1)
    return matches[0] if matches else None
