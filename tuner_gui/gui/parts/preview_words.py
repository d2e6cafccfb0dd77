"""What a look at a person's own data found, in words. No widgets."""

from __future__ import annotations

import math
from pathlib import Path

from tuner_gui.data.errors import DataError
from tuner_gui.data.preview import Column, Preview
from tuner_gui.study.definition import Task

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".npz")
TABLE_KINDS = ("csv", "parquet")
MOST_CHARACTERS = 200
MOST_WARNINGS = 4
_UNITS = ("kB", "MB", "GB", "TB")
_KINDS = {"csv": "CSV", "parquet": "Parquet", "npz": "NPZ", "images": "Images in folders"}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space", "|": "bar"}
_DECIMALS = {".": "point", ",": "comma"}


def is_source(path: Path) -> bool:
    """Whether a study could learn from it: a table by its suffix, or a folder."""
    return path.suffix.lower() in SUFFIXES or path.is_dir()


def facts(found: Preview) -> tuple[str, ...]:
    """One sentence on the file and its rows, for text files another one on how it was read."""
    name = _KINDS.get(found.kind, found.kind)
    first = f"{name}, {size_words(found.bytes)}. {_rows(found)}{_parts(found)}."
    if found.kind != "csv":
        return (first,)
    delimiter = _DELIMITERS.get(found.delimiter, found.delimiter) or "none"
    decimal = _DECIMALS.get(found.decimal, found.decimal) or "point"
    encoding = found.encoding.removesuffix("-sig") or "unknown"
    header = "names in the first line" if found.header else "no names in the first line"
    return (
        first,
        f"Encoding {encoding}, delimiter {delimiter}, decimal mark {decimal}, {header}.",
    )


def size_words(size: int) -> str:
    """Bytes as a person reads them: "812 bytes", "1.2 MB"."""
    if size < 1000:
        return f"{size} bytes"
    step = min(int(math.log10(size)) // 3, len(_UNITS))
    return f"{size / 1000**step:,.1f} {_UNITS[step - 1]}"


def notes(column: Column, target: str) -> str:
    """The marks of a column: what it is for, and why it may be of no use."""
    marks = ["target"] if column.name == target else []
    if column.constant:
        marks.append("constant")
    if column.duplicate_of:
        marks.append(f"same as {column.duplicate_of}")
    return ", ".join(marks)


def warning_words(warnings: tuple[str, ...]) -> str:
    """A line for each of the first few, and how many are left out."""
    lines = [f"• {one_line(text)}" for text in warnings[:MOST_WARNINGS]]
    if len(warnings) > MOST_WARNINGS:
        lines.append(f"• {len(warnings) - MOST_WARNINGS:,} more")
    return "\n".join(lines)


def error_words(error: BaseException, source: Path) -> str:
    """Why there is no preview; DataError has its own words."""
    if isinstance(error, DataError):
        # The whole path stands in the field above.
        return str(error).replace(str(source), source.name, 1)
    if isinstance(error, OSError):
        return f"{source.name} cannot be read: {error.strerror or error}."
    if isinstance(error, MemoryError):
        return f"{source.name} needs more memory than there is."
    return f"{source.name} cannot be looked at: {str(error) or type(error).__name__}"


def task_problem(found: Preview, target: str, task: Task) -> str | None:
    """Why this target cannot be learned as this task, as far as the preview knows."""
    kinds = {column.name: column.kind for column in found.columns}
    kind = kinds.get(target, "number")
    if kind == "empty":
        return f"The target {target} has no values."
    if task is Task.REGRESSION and found.kind in TABLE_KINDS and kind != "number":
        return f"A regression needs numbers; the target {target} has {_VALUES.get(kind, kind)}."
    return None


_VALUES = {"category": "categories", "text": "text", "date": "dates"}


def task_words(task: Task) -> str:
    """What the search does with this task."""
    if task is Task.CLASSIFICATION:
        return "The search raises the accuracy on the validation part."
    return "The search lowers the loss on the validation part."


def one_line(text: str) -> str:
    """Text from a file as one line of bounded length."""
    line = " ".join(text[: MOST_CHARACTERS * 2].split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def head_titles(found: Preview) -> tuple[str, ...]:
    """What stands above the first rows; arrays and images have none of their own."""
    own = {"npz": ("Array", "Type", "Shape"), "images": ("Image", "Class")}
    return own.get(found.kind) or tuple(one_line(column.name) for column in found.columns)


def head_words(found: Preview) -> str:
    """What the first rows are."""
    count, thing = len(found.head), {"npz": "array", "images": "image"}.get(found.kind, "row")
    if found.kind == "npz":
        return "The arrays in the file"
    return f"The first {count:,} {thing}s" if count > 1 else f"The first {thing}"


def possible_targets(found: Preview) -> tuple[str, ...]:
    """What could be learned: every column of a table, every array of an NPZ file; nothing else than the class of an
    image."""
    if found.kind == "images":
        return ()
    names = [row[0] for row in found.head] if found.kind == "npz" else [column.name for column in found.columns]
    return tuple(names) if found.target in names else (*names, found.target)


def _rows(found: Preview) -> str:
    thing = "image" if found.kind == "images" else "row"
    if found.rows is not None and (found.rows <= found.rows_read or not found.rows_read):
        return f"{found.rows:,} {thing}{'' if found.rows == 1 else 's'}"
    total = "" if found.rows is None else f" of {found.rows:,}"
    return f"Looked at the first {found.rows_read:,}{total} {thing}s"


def _parts(found: Preview) -> str:
    if found.kind in TABLE_KINDS:
        return f", {len(found.columns):,} column{'' if len(found.columns) == 1 else 's'}"
    classes = next((column.distinct for column in found.columns if column.name == "class"), 0)
    return f", {classes:,} classes" if found.kind == "images" else ""
