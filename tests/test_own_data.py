"""Data of one's own from the terminal: named in TOML, looked at, searched, and noticed when it changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake_engine import FakeEngine

from tuner_gui import cli
from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.study.definition import DataSettings, Task
from tuner_gui.study.events import TrialState
from tuner_gui.study.file import open_study

SPACE = "[model]\nepochs = 3\n[space.learning_rate]\n[space.units]\nlow = 8\nhigh = 16\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table in data/, and another one that commands start from."""
    random = np.random.default_rng(5)
    numbers = random.normal(size=(150, 2))
    colours = random.choice(["red", "blue", ""], 150)
    rows = zip(numbers, colours, strict=True)
    lines = [f"{a:.3f},{b:.3f},{colour},{'in' if a * a + b * b < 1 else 'out'}" for (a, b), colour in rows]
    (tmp_path / "study" / "data").mkdir(parents=True)
    (tmp_path / "study" / "data" / "rows.csv").write_text("\n".join(["a,b,colour,where", *lines]))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "study"


@pytest.fixture
def _fake_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "local", FakeEngine)


def toml(folder: Path, data: str) -> str:
    path = folder / "rows.toml"
    path.write_text(f"[data]\n{data}\n{SPACE}")
    return str(path)


@pytest.mark.usefixtures("_fake_training")
def test_a_path_is_relative_to_the_definition_and_what_is_open_is_guessed_and_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", toml(folder, 'source = "data/rows.csv"'), "--trials", "2"]) == 0
    table = folder / "data" / "rows.csv"
    assert f"{table}: classification of where (target and task guessed)" in capsys.readouterr().err
    with open_study(folder / "rows.tuner") as file:
        data = file.log.plan.definition.data
        assert data == DataSettings(str(table), target="where", task=Task.CLASSIFICATION)
        assert file.log.plan.definition.objective.metric == "val_accuracy"


@pytest.mark.usefixtures("_fake_training")
def test_changed_data_is_noticed_by_run_and_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["run", toml(folder, 'source = "data/rows.csv"'), "--trials", "1"])
    capsys.readouterr()
    study, table = str(folder / "rows.tuner"), folder / "data" / "rows.csv"
    cli.main(["show", study])
    assert "has changed" not in capsys.readouterr().out
    table.write_text(table.read_text() + "\n1,1,red,in")
    assert cli.main(["run", study, "--trials", "1"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "has changed since the study was begun" in line]
    assert len(said) == 1
    assert said[0].endswith("earlier trials saw other data")
    cli.main(["show", study])
    assert "has changed since the study was begun" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            'source = "data/row.csv"',
            'rows.toml: data.source = "data/row.csv": expected a file or folder that is there (',
        ),
        (
            'source = "data/rows.csv"\ntarget = "wher"',
            'data.target = "wher": expected a column of the table: one of a, b, colour, where (did you mean where?)',
        ),
        ('source = "data/rows.csv"\ntask = "ranking"', 'data.task = "ranking": expected one of classification, regr'),
        ('source = "data/rows.csv"\nmissing = "zero"', 'data.missing = "zero": expected one of fill, drop'),
        ('source = "data/rows.csv"\nsize = -1', "data.size = -1: expected a whole number from 0 to 512"),
        ('source = "data/rows.csv"\ntask = "regression"', "the target 'where' holds words, such as 'out'"),
        ('source = "data"', "expected data that can be learned from; "),
    ],
)
def test_what_is_wrong_is_told_with_file_key_value_and_what_is_expected(
    folder: Path, data: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", toml(folder, data)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.startswith("tuner-gui: ")
    assert said.count("\n") == 1
    assert not (folder / "rows.tuner").exists()


@pytest.mark.slow
def test_a_table_is_searched_with_real_training(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", toml(folder, 'source = "data/rows.csv"'), "--trials", "3"]) == 0
    with open_study(folder / "rows.tuner") as file:
        assert [trial.state for trial in file.history.trials] == [TrialState.FINISHED] * 3


@pytest.mark.slow
def test_data_that_went_bad_ends_a_run_in_its_own_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["run", toml(folder, 'source = "data/rows.csv"'), "--trials", "1"])
    (folder / "data" / "rows.csv").write_text("a,where\n1,in\n")
    capsys.readouterr()
    assert cli.main(["run", str(folder / "rows.tuner"), "--trials", "1"]) == 1
    said = capsys.readouterr().err
    assert "1 row is left to learn from; at least 10 are needed" in said
    assert "DataError" not in said
