"""A study notices that its data has changed, and says how."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from tuner_gui.data import fingerprint
from tuner_gui.data.fingerprint import FACT, facts_of, fingerprint_of, what_changed
from tuner_gui.study.definition import DataSettings, Task, definition_of
from tuner_gui.study.file import create, open_study


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a,y\n1,2\n")
    return path


def settings_of(path: Path) -> DataSettings:
    return DataSettings(str(path), target="y", task=Task.CLASSIFICATION)


def test_what_is_as_it_was_is_not_mentioned(table: Path) -> None:
    kept = facts_of(settings_of(table))[FACT]
    assert what_changed(settings_of(table), kept) == ""


def test_unchanged_data_is_not_read_again(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = facts_of(settings_of(table))[FACT]
    monkeypatch.setattr(fingerprint, "fingerprint_of", None)
    assert what_changed(settings_of(table), kept) == ""


def test_a_new_date_alone_is_no_change(table: Path) -> None:
    kept = facts_of(settings_of(table))[FACT]
    os.utime(table, (1, 1))
    assert what_changed(settings_of(table), kept) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,y\n1,2\n3,4\n", "rows.csv has changed since the study was begun: 12 bytes instead of 8 bytes"),
        ("a,y\n1,3\n", "the same size, with other content, last written 20"),
    ],
)
def test_changed_data_is_told_with_what_changed(table: Path, text: str, words: str) -> None:
    kept = facts_of(settings_of(table))[FACT]
    table.write_text(text)
    later = table.stat().st_mtime + 10
    os.utime(table, (later, later))
    assert words in what_changed(settings_of(table), kept)


def test_data_that_is_gone_is_told(table: Path) -> None:
    kept = facts_of(settings_of(table))[FACT]
    table.unlink()
    assert what_changed(settings_of(table), kept) == f"{table} is not there any more"


def test_one_image_more_is_a_change(tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / name).mkdir()
        Image.new("L", (4, 4)).save(tmp_path / name / "1.png")
    settings = DataSettings(str(tmp_path), task=Task.CLASSIFICATION)
    kept = facts_of(settings)[FACT]
    Image.new("L", (4, 4)).save(tmp_path / "dogs" / "2.png")
    assert "3 images instead of 2" in what_changed(settings, kept)
    assert fingerprint_of(tmp_path).files == 3


def test_built_in_data_never_changes() -> None:
    assert facts_of(DataSettings("digits")) == {}
    assert what_changed(DataSettings("digits"), None) == ""


def test_a_study_keeps_it_from_its_beginning(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.tuner"
    definition = definition_of(settings_of(table), name="rows")
    create(path, definition, facts=facts_of(definition.data)).close()
    table.write_text("other")
    with open_study(path) as file:
        assert file.log.plan.definition == definition
        assert "has changed" in what_changed(definition.data, file.fact(FACT))
        assert file.fact("nothing") is None
