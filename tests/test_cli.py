"""The commands as a person or a script uses them: exit codes, one message for each mistake, what is printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from study_files import add_trials, make_study, start, value_of

from tuner_gui import __version__, cli
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import TrialEnded, TrialState
from tuner_gui.study.file import create, open_study

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def study(folder: Path) -> Path:
    return make_study(folder / "digits.tuner", 12)


class Ran:
    """One command: its exit code and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def _run(*arguments: str) -> Ran:
        code = cli.main(list(arguments))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return _run


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, *arguments], env=variables, capture_output=True, text=True, check=False)


# --- the program itself ---


def test_version_and_help_need_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from tuner_gui.cli import main; code = main(sys.argv[1:]);"
        "heavy = {'numpy', 'rich', 'optuna', 'sklearn', 'PySide6', 'tensorflow', 'sqlite3'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    for option, words in (("--version", __version__), ("--help", "refine STUDY.tuner NAME=LOW:HIGH")):
        done = python("-c", code, option)
        assert (done.returncode, done.stderr) == (0, "")
        assert words in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shwo", "x.tuner"], "did you mean show?"),
        (["shwo"], "did you mean show?"),
        (["a.tuner", "b.tuner"], "neither one study alone nor a command"),
        (["--nope"], "there is no option --nope"),
        (["digits.toml"], "to search by it: tuner-gui run digits.toml"),
        (["run"], "the following arguments are required"),
        (["run", "x.toml", "--trials", "0"], "'0': expected a whole number from 1"),
        (["run", "x.toml", "--trials", "2.5"], "'2.5': expected a whole number from 1"),
        (["run", "x.toml", "--seconds", "nan"], "expected a number of seconds above 0"),
        (["run", "x.toml", "--seed", "-1"], "expected a whole number from 0"),
        (["run", "x.toml", "--strategy", "randm"], "did you mean random?"),
        (["run", "x.toml", "--engine", "cloud"], "expected local"),
        (["refine", "x.tuner"], "give NAME=LOW:HIGH or NAME=A,B, or one of"),
        (["refine", "x.tuner", "units=1:2", "--widen"], "give NAME=LOW:HIGH or NAME=A,B, or one of"),
        (["refine", "x.tuner", "--undo", "--widen"], "not allowed with"),
        (["show", "x.tuner"], "x.tuner: there is no such file"),
        (["check", "x.tuner"], "x.tuner: there is no such file"),
        (["x.tuner"], "x.tuner: there is no such file"),
    ],
)
def test_bad_usage_is_one_message_and_exit_code_2(folder: Path, run: Run, arguments: list[str], words: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("tuner-gui: ")
    assert ran.err.count("\n") == 1
    assert words in ran.err


def test_a_file_that_is_no_study_is_refused_by_every_command(folder: Path, run: Run) -> None:
    (folder / "notes.tuner").write_text("buy milk")
    for command in (["notes.tuner"], *([c, "notes.tuner"] for c in ("run", "show", "check"))):
        ran = run(*command)
        assert ran.code == 2
        assert "this is not a study" in ran.err
    assert run("refine", "notes.tuner", "--widen").code == 2
    assert (folder / "notes.tuner").read_text() == "buy milk"


# --- show ---


def test_show_json_prints_one_object(study: Path, run: Run) -> None:
    ran = run("show", "digits.tuner", "--json")
    assert (ran.code, ran.err) == (0, "")
    shown = json.loads(ran.out)
    assert list(shown) == ["format", "study", "stages", "trials", "best", "standing"]
    assert len(shown["trials"]) == 12


def test_show_json_can_be_read_by_a_program_that_stops_early(folder: Path) -> None:
    path = make_study(folder / "long.tuner", 4, count=1000)
    reader = subprocess.Popen(
        [sys.executable, "-m", "tuner_gui", "show", str(path), "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert reader.stdout is not None
    assert reader.stdout.read(20) == b'{"format": 1, "study'
    reader.stdout.close()
    _, complaints = reader.communicate()
    assert (complaints, reader.returncode) == (b"", 1)


def test_show_tells_what_matters_in_tables(study: Path, run: Run) -> None:
    ran = run("show", "digits.tuner")
    best = max(range(1, 13), key=value_of)
    assert ran.code == 0
    for words in ("maximize val_accuracy on digits", "log1m", "1e-4 – 1", "32, 64, 128", "12 trials: 12 finished"):
        assert words in ran.out
    lines = ran.out.splitlines()
    rows = [line for line in lines if line.startswith("│") and "#" in line]
    assert len(rows) == 10
    assert f"#{best} " in rows[0]


def test_show_says_why_trials_failed_and_reads_words_as_words(folder: Path, run: Run) -> None:
    with create(folder / "digits.tuner", new_definition("digits", name="[bold]x[/]")) as file:
        add_trials(file, range(1, 2))
        file.record([start(2, file.log.plan.stage), TrialEnded(2, TrialState.FAILED, 1.0, None, "[red]no memory[/]")])
    ran = run("show", "digits.tuner")
    assert "[bold]x[/]" in ran.out
    assert "1 × [red]no memory[/]" in ran.out
    assert "2 trials: 1 finished, 1 failed" in ran.out


def test_show_of_a_study_that_another_window_has_open(study: Path, run: Run) -> None:
    with open_study(study) as file:
        ran = run("show", "digits.tuner")
        assert ran.code == 0
        assert "Another window has it open" in ran.out
        add_trials(file, range(13, 14))


# --- refine ---


def test_refine_makes_a_stage_and_says_what_it_keeps(study: Path, run: Run) -> None:
    ran = run("refine", "digits.tuner", "learning_rate=1e-3:1e-1", "layers=1,2")
    assert (ran.code, ran.err) == (0, "")
    assert "Stage 2 (narrow, from stage 1): learning_rate 1e-4–1 → 1e-3–0.1, layers 1, 2, 3 → 1, 2" in ran.out
    assert "of 12 trials, 33 % of the volume" in ran.out
    with open_study(study) as file:
        assert file.log.plan.region["learning_rate"] == (1e-3, 0.1)
        assert file.log.plan.region["layers"] == (1, 2)
        assert file.log.undo_text == "Narrow learning_rate 1e-4–1 → 1e-3–0.1, layers 1, 2, 3 → 1, 2"


def test_refine_again_undo_and_undo_once_more(study: Path, run: Run) -> None:
    run("refine", "digits.tuner", "units=32:64")
    assert "Stage 3 (widen, from stage 2)" in run("refine", "digits.tuner", "--widen").out
    assert "Stage 2 holds again; no trial was deleted" in run("refine", "digits.tuner", "--undo").out
    assert "Stage 1 holds again" in run("refine", "digits.tuner", "--undo").out
    ran = run("refine", "digits.tuner", "--undo")
    assert (ran.code, ran.err) == (1, "tuner-gui: digits.tuner: there is no edit to undo\n")


def test_refine_suggests_the_box_around_the_best(study: Path, run: Run) -> None:
    ran = run("refine", "digits.tuner", "--suggest")
    assert ran.code == 0
    assert "Suggested: the best 3 of 12 trials" in ran.out
    assert "Stage 2 (narrow, from stage 1)" in ran.out


def test_refine_suggests_nothing_from_too_few_trials(folder: Path, run: Run) -> None:
    make_study(folder / "few.tuner", 2)
    ran = run("refine", "few.tuner", "--suggest")
    assert (ran.code, ran.err) == (1, "tuner-gui: few.tuner: a suggestion needs at least 10 finished trials\n")


def test_a_region_that_holds_already_makes_no_stage(study: Path, run: Run) -> None:
    ran = run("refine", "digits.tuner", "units=16:128")
    assert ran.code == 0
    assert "nothing was changed" in ran.out
    with open_study(study) as file:
        assert len(file.log.edits) == 1


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("unit=16:64", "did you mean units?"),
        ("units", "expected NAME=LOW:HIGH or NAME=A,B"),
        ("units=64", "expected LOW:HIGH, two numbers inside 16:128"),
        ("units=a:b", "expected LOW:HIGH, two numbers inside 16:128"),
        ("units=64:32", "expected low at most as large as high"),
        ("units=500:600", "expected a part of the full range 16:128"),
        ("learning_rate=nan:1", "expected low at most as large as high"),
        ("layers=1,7", "expected some of 1, 2, 3"),
        ("layers=", "expected some of 1, 2, 3"),
        ("momentum=0.95,0.99", "expected LOW:HIGH"),
    ],
)
def test_a_refinement_that_cannot_be_meant_is_named(study: Path, run: Run, assignment: str, words: str) -> None:
    before = study.read_bytes()
    ran = run("refine", "digits.tuner", assignment)
    assert ran.code == 2
    assert words in ran.err
    assert repr(assignment) in ran.err
    assert study.read_bytes() == before


def test_choices_can_be_given_as_numbers_are_written(study: Path, run: Run) -> None:
    assert run("refine", "digits.tuner", "batch_size=32.0, 128").code == 0
    with open_study(study) as file:
        assert file.log.plan.region["batch_size"] == (32, 128)


def test_a_study_that_is_open_elsewhere_is_not_refined(study: Path, run: Run) -> None:
    with open_study(study):
        ran = run("refine", "digits.tuner", "--widen")
    assert (ran.code, ran.out) == (1, "")
    assert "cannot be refined, because another window has it open" in ran.err


# --- check ---


def test_check_of_a_whole_study_counts_what_is_in_it(study: Path, run: Run) -> None:
    ran = run("check", "digits.tuner")
    assert ran.code == 0
    assert ran.out.startswith("digits.tuner: the file is whole\n")
    assert "trials: 12\n" in ran.out


def test_check_of_a_damaged_study_counts_what_can_be_read(study: Path, run: Run) -> None:
    data = study.read_bytes()
    study.write_bytes(data[: len(data) * 9 // 10])
    ran = run("check", "digits.tuner")
    assert ran.code == 1
    assert "digits.tuner: the file is damaged" in ran.out
    assert "its end is cut off" in ran.out
    assert "What can be read:" in ran.out
    assert run("show", "digits.tuner").code == 2
