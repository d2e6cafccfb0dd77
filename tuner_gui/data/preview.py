"""A look at a source before anything is read in full: what is in it, and what could be predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tuner_gui.data import npz
from tuner_gui.data.columns import Values, as_words, understood, why_left_out
from tuner_gui.data.errors import DataError
from tuner_gui.data.frames import csv_rows, parquet_rows
from tuner_gui.data.images import folder_of, left_out_words, shape_of
from tuner_gui.data.memory import refuse_beyond_memory
from tuner_gui.data.sources import kind_of_source
from tuner_gui.data.textfile import SAMPLE_ROWS, TextForm, form_of
from tuner_gui.study.definition import ImageShape, Task
from tuner_gui.study.errors import one_of

if TYPE_CHECKING:
    import pandas as pd

HEAD = 20
NUMBER, CATEGORY = "number", "category"
MOST_NUMBERED_CLASSES = 20
TARGET_WORDS = ("target", "label", "class", "y", "outcome", "species", "category", "price", "result")


@dataclass(frozen=True)
class Column:
    """``kind`` is number, category, text, date or empty; counts are of the rows that were read. ``duplicate_of`` names
    an earlier column with the same values, if there is one."""

    name: str
    kind: str
    missing: int
    distinct: int
    constant: bool
    duplicate_of: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """``kind`` is csv, parquet, npz or images. ``rows`` is None where it is not known without reading all; ``head`` are
    the first rows as text. ``encoding``, ``delimiter``, ``decimal`` and ``header`` are of a text file."""

    kind: str
    columns: tuple[Column, ...]
    rows_read: int
    rows: int | None
    head: tuple[tuple[str, ...], ...]
    target: str
    task: Task
    bytes: int
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header: bool = True
    warnings: tuple[str, ...] = ()
    image: ImageShape | None = None


def preview(source: Path, *, target: str = "", cancelled: Callable[[], bool] = lambda: False) -> Preview:
    """What is in the first 2,000 rows, or the first megabyte; DataError says in words why nothing can be shown.

    ``target`` is guessed where none is given: a column that is named like one, else the last that could be one.
    """
    kind = kind_of_source(source)
    if kind == "csv":
        form = form_of(source)
        frame = csv_rows(source, form, len(form.rows))
        return _of_table(source, frame, _facts_of(form, target))
    if kind == "parquet":
        frame, rows = parquet_rows(source, SAMPLE_ROWS)
        size = source.stat().st_size
        facts = Preview(kind, (), len(frame), rows, _head(frame), target, Task.CLASSIFICATION, size)
        return _of_table(source, frame, facts)
    return _of_arrays(source, target) if kind == "npz" else _of_images(source, cancelled)


def image_of(seen: Preview, size: int) -> ImageShape | None:
    """What a row is as an image, where images are given the height and width ``size`` (0: the one they have)."""
    if seen.image is None or seen.kind != "images" or not size:
        return seen.image
    return size, size, seen.image[2]


# --- tables ---


def _facts_of(form: TextForm, target: str) -> Preview:
    """What the text alone says; columns and task follow."""
    return Preview(
        "csv",
        columns=(),
        rows_read=len(form.rows),
        rows=form.rows_in_all if form.whole else None,
        head=tuple(tuple(field[:200] for field in row) for row in form.rows[:HEAD]),
        target=target,
        task=Task.CLASSIFICATION,
        bytes=form.size,
        encoding=form.encoding,
        delimiter=form.delimiter,
        decimal=form.decimal,
        header=form.header,
        warnings=form.warnings,
    )


def _of_table(source: Path, frame: pd.DataFrame, facts: Preview) -> Preview:
    if len(frame.columns) < 2:
        raise DataError(f"{source}: one column; a table needs a target and at least one column to predict it from")
    if not len(frame):
        raise DataError(f"{source}: no rows in it")
    if facts.target and facts.target not in frame.columns:
        raise DataError(f"{source}: no column {facts.target!r}: expected {one_of(frame.columns, facts.target)}")
    found = [understood(str(name), frame[name], facts.decimal or ".") for name in frame.columns]
    columns = _columns(frame, found)
    target = facts.target or _likely_target(found)
    values = next(values for values in found if values.name == target)
    task = _likely_task(values, len(frame))
    warnings = (*facts.warnings, *_warnings(columns, found, values))
    return replace(facts, columns=columns, target=target, task=task, warnings=warnings)


def _columns(frame: pd.DataFrame, found: list[Values]) -> tuple[Column, ...]:
    import pandas as pd
    from pandas.util import hash_pandas_object

    first: dict[bytes, str] = {}
    columns: list[Column] = []
    for values in found:
        series = frame[values.name].astype(str).where(frame[values.name].notna())
        examples = tuple(str(value)[:40] for value in series.dropna().unique()[:3])
        seen = series.to_numpy() if values.numbers is None else values.numbers
        missing = int(pd.isna(seen).sum())
        distinct = int(series.nunique())
        digest = hash_pandas_object(series.fillna(""), index=False).to_numpy().tobytes()
        twin = first.setdefault(digest, values.name)
        constant = distinct == 1 and (missing == 0 or values.kind == NUMBER)
        known = "" if twin == values.name or values.kind == "empty" else twin
        columns.append(Column(values.name, values.kind, missing, distinct, constant, known, examples))
    return tuple(columns)


def _likely_target(found: list[Values]) -> str:
    possible = [values.name for values in found if values.kind in ("number", "category")]
    if not possible:
        return found[-1].name
    by_word = {name.lower(): name for name in possible}
    return next((by_word[word] for word in TARGET_WORDS if word in by_word), possible[-1])


def _likely_task(values: Values, rows: int) -> Task:
    """Classes are words, or few whole numbers."""
    if values.numbers is None:
        return Task.CLASSIFICATION
    there = values.numbers[~np.isnan(values.numbers)]
    whole = bool((there == np.floor(there)).all())
    few = len(np.unique(there)) <= min(MOST_NUMBERED_CLASSES, max(2, rows // 5))
    return Task.CLASSIFICATION if whole and few else Task.REGRESSION


def _warnings(columns: tuple[Column, ...], found: list[Values], target: Values) -> list[str]:
    told: list[str] = []
    for column, values in zip(columns, found, strict=True):
        if values.slips:
            told.append(f"{values.slips}: counted as missing" if values.numbers is not None else values.slips)
        if column.name == target.name:
            rows = "1 row" if column.missing == 1 else f"{column.missing:,} rows"
            told += [f"the target {column.name!r} is missing in {rows}"] if column.missing else []
            told += [f"the target {column.name!r} has one value in what was read"] if column.distinct == 1 else []
            continue
        left_out = why_left_out(values)
        if not left_out and column.constant:
            left_out = "is the same in every row"
        elif not left_out and column.duplicate_of:
            left_out = f"repeats {column.duplicate_of!r}" if column.duplicate_of != target.name else ""
            told += [] if left_out else [f"{column.name!r} repeats the target, so it gives the answer away"]
        told += [f"{column.name!r} {left_out}: left out"] if left_out else []
    return told


def _head(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    first = frame.head(HEAD)
    rows = zip(*(as_words(first[name]) for name in first.columns), strict=True)
    return tuple(tuple(str(value)[:200] for value in row) for row in rows)


# --- arrays and images ---


def _of_arrays(source: Path, target: str) -> Preview:
    members = npz.members_of(source)
    inputs, goal = npz.pair_of(members, target, source)
    rows = goal.shape[0]
    columns = tuple(
        _plain_column(
            member.name, NUMBER if member.dtype.kind in "biuf" else CATEGORY, f"{member.dtype} {member.shape}"
        )
        for member in (inputs, goal)
    )
    task = _task_of_array(source, goal)
    head = tuple((member.name, str(member.dtype), str(list(member.shape))) for member in members)
    size, image = source.stat().st_size, npz.grid_shape(inputs)
    return Preview("npz", columns, 0, rows, head, goal.name, task, size, image=image)


def _plain_column(name: str, kind: str, *examples: str) -> Column:
    """One whose values were not looked at."""
    return Column(name, kind, missing=0, distinct=0, constant=False, duplicate_of="", examples=examples)


def _task_of_array(source: Path, goal: npz.Member) -> Task:
    if goal.dtype.kind not in "biuf":
        return Task.CLASSIFICATION
    if len(goal.shape) > 1 and goal.shape[1] > 1:
        return Task.REGRESSION
    # The target alone is a column: small beside the inputs, which are not read.
    refuse_beyond_memory(goal.bytes * 3, source)
    values = npz.array(source, goal).reshape(-1)[:100_000].astype(np.float64)
    return _likely_task(Values(goal.name, "number", values), len(values))


def _of_images(source: Path, cancelled: Callable[[], bool]) -> Preview:
    folder = folder_of(source, cancelled=cancelled)
    height, width, channels = shape_of(folder, 0)
    colour = "grey" if channels == 1 else "colour"
    counts = Counter(name for name, _ in folder.files)
    pixels = _plain_column("pixels", NUMBER, f"{height} × {width}, {colour}")
    columns = (pixels, replace(_plain_column("class", CATEGORY, *folder.classes[:3]), distinct=len(counts)))
    head = tuple((path.name, name) for name, path in folder.files[:HEAD])
    rows = len(folder.files)
    facts = Preview("images", columns, rows, rows, head, "", Task.CLASSIFICATION, folder.bytes)
    return replace(facts, warnings=left_out_words(folder), image=(height, width, channels))
