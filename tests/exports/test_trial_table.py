"""Trials as tables: nothing lost, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tuner_gui.exports.trial_table import columns_of, write_csv, write_parquet
from tuner_gui.study.file import StudyFile


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_of_csv_says_all_of_a_trial(study: StudyFile, tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", columns_of(study.log.plan, study.history))
    rows = read(tmp_path / "t.csv")
    assert [row["state"] for row in rows] == ["finished"] * 2 + ["pruned", "diverged", "failed", "cancelled"]
    pruned = rows[2]
    assert float(pruned["value"]) == 0.52
    assert (pruned["learning_rate"], pruned["dropout"], pruned["batch_norm"]) == (repr(0.1 / 3), "0.25", "true")
    assert (pruned["seconds"], pruned["epochs"], pruned["seed"]) == ("2.5", "2", "7003")
    assert (pruned["lineage"], pruned["val_accuracy"]) == ('{"repeats": 1}', "0.52")
    assert rows[0]["dropout"] == ""  # nothing is known of what was fixed for it


def test_numbers_come_back_exactly(demo: StudyFile, tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", columns_of(demo.log.plan, demo.history))
    for row, trial in zip(read(tmp_path / "t.csv"), demo.history.trials, strict=True):
        assert float(row["learning_rate"]) == trial.values["learning_rate"]
        assert float(row["value"]) == trial.value


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(first: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", {"number": [1], "activation": [f"{first}1+1"], f"{first}name": ["relu"]})
    (row,) = read(tmp_path / "t.csv")
    assert row["activation"] == f"'{first}1+1"
    assert row[f"'{first}name"] == "relu"


def test_numbers_are_never_touched(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", {"value": [-1.5, -1e-300, -3, None]})
    assert (tmp_path / "t.csv").read_bytes() == b'value\r\n-1.5\r\n-1e-300\r\n-3\r\n""\r\n'


def test_a_parameter_with_the_name_of_a_column_keeps_its_own(study: StudyFile) -> None:
    history = study.history.copy()
    history.trials[0] = replace(history.trials[0], values={"state": "solid"})
    table = columns_of(study.log.plan, history)
    assert table["state"][0] == "finished"
    assert table["parameter.state"][0] == "solid"


def test_parquet_has_types_and_the_same_rows(study: StudyFile, tmp_path: Path) -> None:
    from pyarrow import parquet

    table = columns_of(study.log.plan, study.history)
    write_parquet(tmp_path / "t.parquet", table)
    read = parquet.read_table(tmp_path / "t.parquet")
    assert read.column_names == list(table)
    types = {name: str(read.schema.field(name).type) for name in ("number", "value", "units", "batch_norm", "reason")}
    assert types == {"number": "int64", "value": "double", "units": "int64", "batch_norm": "bool", "reason": "string"}
    assert read.to_pydict()["reason"] == table["reason"]


def test_parquet_takes_a_parameter_that_was_of_several_kinds(tmp_path: Path) -> None:
    from pyarrow import parquet

    write_parquet(tmp_path / "t.parquet", {"a": [1, 0.5], "b": [True, "x"], "c": [None, None]})
    read = parquet.read_table(tmp_path / "t.parquet").to_pydict()
    assert read == {"a": [1.0, 0.5], "b": ["true", "x"], "c": [None, None]}


def test_a_value_that_is_not_finite_is_empty(study: StudyFile) -> None:
    history = study.history.copy()
    history.trials[0] = replace(history.trials[0], value=math.nan)
    assert columns_of(study.log.plan, history)["value"][0] is None
