"""What a look at a table says: its form, its columns, and what could be predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner_gui.data.preview import preview
from tuner_gui.study.definition import Task

GERMAN = "Größe;Gewicht;Farbe\n1,5;70,2;rot\n1,7;81,0;blau\n1,6;65,5;rot\n"


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")])
def test_a_table_with_decimal_commas_is_read_as_it_was_meant(encoding: str, found: str, tmp_path: Path) -> None:
    seen = preview(write(tmp_path, GERMAN, encoding))
    assert (seen.encoding, seen.delimiter, seen.decimal, seen.header) == (found, ";", ",", True)
    assert [(column.name, column.kind) for column in seen.columns] == [
        ("Größe", "number"),
        ("Gewicht", "number"),
        ("Farbe", "category"),
    ]
    assert (seen.target, seen.task, seen.rows) == ("Farbe", Task.CLASSIFICATION, 3)
    assert seen.head[0] == ("1,5", "70,2", "rot")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    text = "a,b,c\n1,2.5,x y\n3,4.5,z\n".replace(",", delimiter)
    assert preview(write(tmp_path, text)).delimiter == delimiter


def test_a_comma_in_quotes_and_a_semicolon_in_a_text_split_nothing(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, 'a,b,c\n1,"x, y","k; l"\n2,z,m\n'))
    assert seen.head[0] == ("1", "x, y", "k; l")


def test_a_table_without_a_header_gets_names(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, "1.5,2,red\n2.5,3,blue\n"))
    assert not seen.header
    assert seen.rows == 2
    assert [column.name for column in seen.columns] == ["column 1", "column 2", "column 3"]


def test_thousands_are_not_guessed(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, "a;b\n1.234.567;1\n2.345.678;2\n"))
    assert seen.columns[0].kind == "category"


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["0", "1"] * 30, Task.CLASSIFICATION),
        ([str(n) for n in range(60)], Task.REGRESSION),
        ([f"{n}.5" for n in range(2)] * 30, Task.REGRESSION),
        (["yes", "no"] * 30, Task.CLASSIFICATION),
    ],
    ids=["few whole numbers", "many whole numbers", "fractions", "words"],
)
def test_the_task_follows_from_the_target(values: list[str], task: Task, tmp_path: Path) -> None:
    lines = ["price,a", *(f"{value},{n % 9}.25" for n, value in enumerate(values))]
    seen = preview(write(tmp_path, "\n".join(lines)))
    assert (seen.target, seen.task) == ("price", task)


def test_columns_are_counted(tmp_path: Path) -> None:
    text = "a,same,twin,none,y\n" + "".join(f"{n % 5 or ''},1,{n % 5 or ''},,{n % 2}\n" for n in range(50))
    a, same, twin, none, _ = preview(write(tmp_path, text)).columns
    assert (a.missing, a.distinct, a.examples) == (10, 4, ("1", "2", "3"))
    assert (same.constant, twin.duplicate_of, none.kind) == (True, "a", "empty")


def test_only_the_beginning_of_a_large_table_is_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path, "a,y\n" + "1.25,2\n3.5,4\n" * 200_000)
    seen = preview(path)
    assert seen.rows_read == 2_000
    assert seen.rows is None
    assert seen.bytes == path.stat().st_size


def test_parquet_says_how_many_rows_it_has(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "rows.parquet"
    frame = pd.DataFrame({"a": np.arange(5_000) / 7, "day": pd.Timestamp("2024-01-01"), "y": ["u", "v"] * 2_500})
    frame.to_parquet(path)
    seen = preview(path)
    assert (seen.kind, seen.rows_read, seen.rows) == ("parquet", 2_000, 5_000)
    assert [column.kind for column in seen.columns] == ["number", "date", "category"]


def test_arrays_are_paired_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    np.savez(path, x_train=np.zeros((30, 4, 4), np.uint8), y_train=np.arange(30) % 3, x_test=np.zeros((5, 4, 4)))
    seen = preview(path)
    assert (seen.kind, seen.target, seen.task, seen.rows) == ("npz", "y_train", Task.CLASSIFICATION, 30)
    assert [column.name for column in seen.columns] == ["x_train", "y_train"]


def test_a_folder_of_images_says_its_size_and_classes(tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (128, 96)).save(tmp_path / name / "1.png")
    seen = preview(tmp_path)
    assert (seen.kind, seen.rows) == ("images", 2)
    assert seen.columns[0].examples == ("48 × 64, colour",)
    assert seen.columns[1].examples == ("cats", "dogs")


def test_all_types_of_parquet_are_understood(tmp_path: Path) -> None:
    from datetime import date, timedelta
    from decimal import Decimal

    import pandas as pd

    from tuner_gui.data.reading import read
    from tuner_gui.study.definition import DataSettings

    path = tmp_path / "rows.parquet"
    columns = {
        "whole": pd.array([1, 2, None] * 10, dtype="Int64"),
        "money": [Decimal("1.50"), Decimal("2.25"), Decimal("3.75")] * 10,
        "switch": [True, False, None] * 10,
        "list": [[1], [2], None] * 10,
        "day": [date(2024, 1, n % 28 + 1) for n in range(30)],
        "span": [timedelta(days=n % 3) for n in range(30)],
        "y": pd.Categorical(["u", "v", "w"] * 10),
    }
    pd.DataFrame(columns).to_parquet(path)
    seen = preview(path)
    kinds = {column.name: column.kind for column in seen.columns}
    assert kinds == {
        "whole": "number",
        "money": "number",
        "switch": "category",
        "list": "category",
        "day": "date",
        "span": "category",
        "y": "category",
    }
    assert seen.head[0] == ("1", "1.50", "True", "[1]", "2024-01-01", "0 days 00:00:00", "u")
    table = read(DataSettings(str(path), target="y", task=Task.CLASSIFICATION))
    assert table.number_names == ("whole", "money")
    assert set(table.categories["switch"]) == {"True", "False", ""}
