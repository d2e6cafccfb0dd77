"""``tuner-gui export`` as a script uses it: exit codes, one message for each mistake, nothing half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tuner_gui import cli
from tuner_gui.assets import asset
from tuner_gui.exports.forms import FORMS

DEMO = str(asset("demo.tuner"))


def run(*arguments: str) -> int:
    return cli.main(["export", *arguments])


@pytest.mark.parametrize("form", [name for name in FORMS if name != "keras"])
def test_every_form_is_made_and_told(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / f"out{FORMS[form].suffixes[0]}"
    assert run(DEMO, "--to", form, "--out", str(out)) == 0
    assert out.stat().st_size > 500
    assert str(out) in capsys.readouterr().out
    assert [entry.name for entry in tmp_path.iterdir()] == [out.name]


def test_json_is_the_object_that_show_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    run(DEMO, "--to", "json", "--out", str(out))
    capsys.readouterr()
    cli.main(["show", DEMO, "--json"])
    assert json.loads(out.read_text()) == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--to", "cvs", "--out", "x"], 2, "did you mean csv?"),
        (["--to", "csv", "--out", "x.csv", "--trial", "3"], 2, "expected it with --to keras or --to python"),
        (["--to", "python", "--out", "x.py", "--trial", "99"], 2, "expected a trial from 1 to 60"),
        (["--to", "csv", "--out", "x.tuner"], 2, "a study is not written over"),
        (["--to", "optuna", "--out", "x.csv"], 2, "a SQLite database"),
        (["--to", "keras", "--out", "x.h5"], 2, "ends in .keras"),
        (["--to", "csv", "--out", "nowhere/x.csv"], 1, "there is no folder nowhere"),
        (["--to", "csv", "--out", "."], 1, "is a folder"),
        (["--to", "csv"], 2, "--out"),
    ],
)
def test_a_mistake_is_one_message(
    arguments: list[str], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(DEMO, *arguments) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_study_without_a_finished_trial_has_no_best_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from study_files import make_study

    study = make_study(tmp_path / "empty.tuner")
    assert run(str(study), "--to", "python", "--out", str(tmp_path / "x.py")) == 1
    assert "no trial has finished yet" in capsys.readouterr().err
    for form in ("csv", "json", "parquet", "optuna", "html"):
        assert run(str(study), "--to", form, "--out", str(tmp_path / f"x{FORMS[form].suffixes[0]}")) == 0
