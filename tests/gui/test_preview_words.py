"""What a look at a person's own data found, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuner_gui.data.errors import DataError
from tuner_gui.data.preview import Column, Preview
from tuner_gui.gui.parts.preview_words import (
    MOST_CHARACTERS,
    error_words,
    facts,
    is_source,
    one_line,
    possible_targets,
    size_words,
    warning_words,
)
from tuner_gui.study.definition import Task


def found(kind: str, *, rows: int | None, rows_read: int) -> Preview:
    columns = (
        Column("x", "number", 0, 3, constant=False, duplicate_of="", examples=()),
        Column("class", "category", 0, 2, constant=False, duplicate_of="", examples=()),
    )
    head = (("x", "float64", "[3, 2]"), ("z", "int64", "[3]"))
    return Preview(kind, columns, rows_read, rows, head, "class", Task.CLASSIFICATION, 1500)


@pytest.mark.parametrize(
    ("kind", "rows", "rows_read", "words"),
    [
        ("parquet", 3, 3, "Parquet, 1.5 kB. 3 rows, 2 columns."),
        ("parquet", 10_000, 2_000, "Parquet, 1.5 kB. Looked at the first 2,000 of 10,000 rows, 2 columns."),
        ("csv", None, 2_000, "CSV, 1.5 kB. Looked at the first 2,000 rows, 2 columns."),
        ("npz", 50, 0, "NPZ, 1.5 kB. 50 rows."),
        ("images", 1, 1, "Images in folders, 1.5 kB. 1 image, 2 classes."),
    ],
)
def test_the_facts_say_how_much_was_seen(kind: str, rows: int | None, rows_read: int, words: str) -> None:
    assert facts(found(kind, rows=rows, rows_read=rows_read))[0] == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (5 * 10**15, "5,000.0 TB")],
)
def test_sizes_are_read_at_a_glance(size: int, words: str) -> None:
    assert size_words(size) == words


def test_what_can_be_learned_depends_on_the_kind() -> None:
    assert possible_targets(found("csv", rows=3, rows_read=3)) == ("x", "class")
    assert possible_targets(found("npz", rows=3, rows_read=0)) == ("x", "z", "class")
    assert possible_targets(found("images", rows=3, rows_read=3)) == ()


def test_many_warnings_are_counted() -> None:
    words = warning_words(tuple(f"warning {number}" for number in range(7)))
    assert words.splitlines()[0] == "• warning 0"
    assert words.splitlines()[-1] == "• 3 more"


def test_text_of_any_length_and_shape_takes_one_line() -> None:
    assert one_line("a\n\tb") == "a b"
    assert len(one_line("x" * 100_000)) == MOST_CHARACTERS


def test_errors_name_the_file_and_the_reason() -> None:
    path = Path("/far/away/a.csv")
    assert error_words(DataError(f"{path}: no rows in it"), path) == "a.csv: no rows in it"
    assert error_words(PermissionError(13, "Permission denied"), path) == "a.csv cannot be read: Permission denied."
    assert error_words(RuntimeError(), path) == "a.csv cannot be looked at: RuntimeError"


@pytest.mark.parametrize(("name", "taken"), [("A.CSV", True), ("a.npz", True), ("a.xlsx", False), ("", True)])
def test_tables_and_folders_are_sources(tmp_path: Path, name: str, *, taken: bool) -> None:
    assert is_source(tmp_path / name) is taken
