"""Values as Python text for a script that people read: laid out as formatters lay it out, and never more than a value.

Whatever a name or a path holds (quotes, line ends, marks that hide text), it ends up inside of one string.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 88
"""What the formatters of Python take for a line unless they are told otherwise."""

_MOST_LINES = 40
"""A list that would take more lines than this is packed into as few as hold it."""


def literal(value: object) -> str:
    """A number, text, switch, or list or dict of such, as Python has it; text in double quotes where that is simpler.

    What is not printable, such as marks that turn the direction of writing, is written as an escape.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(entry) for entry in value) + "]"
    if isinstance(value, tuple):
        return f"({', '.join(literal(entry) for entry in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def assigned(name: str, value: object, comment: str = "") -> str:
    """``NAME = value  # comment``, on several lines where one is too short."""
    behind = f"  # {comment}" if comment else ""
    line = f"{name} = {literal(value)}{behind}"
    if len(line) <= WIDTH or not isinstance(value, (list, Mapping)):
        return line
    above = [f"# {comment}"] if comment else []
    if isinstance(value, list) and len(value) > _MOST_LINES:
        return "\n".join([*above, "# fmt: off", f"{name} = [", *_packed(value), "]", "# fmt: on"])
    return "\n".join([*above, *_laid_out(f"{name} = ", value, "")])


def indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" if line else line for line in lines]


def in_a_docstring(name: str) -> str:
    """A name as it can stand among the words of a docstring: on one line, and unable to end it."""
    plain = " ".join(name.split()).replace("\\", "/").replace('"', "'")
    return "".join(letter for letter in plain if letter.isprintable())


def _text(value: str) -> str:
    written = repr(value)
    if written.startswith('"') or value.count('"') > value.count("'"):
        return written
    inside = written[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inside}"'


def _laid_out(before: str, value: object, behind: str) -> list[str]:
    """The value after some text, each entry on a line of its own where a single line is too short."""
    line = f"{before}{literal(value)}{behind}"
    if len(line) <= WIDTH or not isinstance(value, (list, Mapping)):
        return [line]
    start = " " * (len(before) - len(before.lstrip()) + 4)
    entries: list[Any] = [(f"{literal(key)}: ", entry) for key, entry in value.items()] if isinstance(
        value, Mapping
    ) else [("", entry) for entry in value]  # fmt: skip
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    lines = [line for key, entry in entries for line in _laid_out(f"{start}{key}", entry, ",")]
    return [f"{before}{opening}", *lines, f"{start[4:]}{closing}{behind}"]


def _packed(values: Sequence[object]) -> list[str]:
    lines = ["   "]
    for value in values:
        entry = f" {literal(value)},"
        if len(lines[-1]) + len(entry) > WIDTH and lines[-1].strip():
            lines.append("   ")
        lines[-1] += entry
    return lines
