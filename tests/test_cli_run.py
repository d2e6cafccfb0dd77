"""Searching from the terminal: what is kept where, how it ends, and that Ctrl+C loses nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from study_files import make_study

from tuner_gui import assets, cli
from tuner_gui.commands import window
from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.space.parameters import Value
from tuner_gui.space.region import contains
from tuner_gui.study.definition import new_definition, pinned_at
from tuner_gui.study.events import TrialEnded, TrialState
from tuner_gui.study.file import create, open_study

ROOT = Path(__file__).parent.parent
TOML = '[data]\nsource = "digits"\n[space.learning_rate]\n[space.units]\n'


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits.toml").write_text(TOML)
    return tmp_path


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[FakeEngine]:
    """The engines that commands have started, the last one last."""
    made: list[FakeEngine] = []
    _use(monkeypatch, FakeEngine, made)
    return made


def _use(monkeypatch: pytest.MonkeyPatch, make: Callable[[], FakeEngine], made: list[FakeEngine]) -> None:
    def remembered() -> FakeEngine:
        made.append(make())
        return made[-1]

    monkeypatch.setitem(ENGINES, "local", remembered)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def _run(*arguments: str) -> Ran:
        code = cli.main(list(arguments))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return _run


def states(path: Path) -> list[str]:
    with open_study(path, read_only=True) as file:
        return [str(trial.state) for trial in file.history.trials]


def test_a_definition_becomes_a_study_beside_it(folder: Path, run: Run, engines: list[FakeEngine]) -> None:
    ran = run("run", "digits.toml", "--trials", "3")
    assert ran.code == 0
    assert "digits.tuner: 3 more trials (3 finished), 3 in all" in ran.out
    assert re.search(r"best val_accuracy 0\.\d+ \(#\d, one run\): learning_rate \S+, units \d+", ran.out)
    assert "3 of 3: #3 finished, val_accuracy" in ran.err
    assert states(folder / "digits.tuner") == ["finished"] * 3
    assert engines[-1].is_closed


def test_many_trials_at_once_are_told_one_by_one_and_how_fast_they_were(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(monkeypatch, lambda: FakeEngine(lanes=30), [])
    ran = run("run", "digits.toml", "--trials", "64")
    told = [int(number) for number in re.findall(r"^(\d+) of 64: #\1 finished", ran.err, re.MULTILINE)]
    assert told == list(range(1, 65))
    assert re.search(
        r"^64 trials in \d\.\d s \([\d,]+ per minute\), 7 functions traced, 12 % of the arithmetic masked$",
        ran.out,
        re.MULTILINE,
    )
    assert states(folder / "digits.tuner") == ["finished"] * 64


def test_without_a_budget_twenty_trials_are_searched(folder: Path, run: Run, engines: list[FakeEngine]) -> None:
    run("run", "digits.toml", "--out", "other.tuner")
    assert len(states(folder / "other.tuner")) == 20
    assert not (folder / "digits.tuner").exists()


def test_a_study_goes_on_where_it_was(folder: Path, run: Run, engines: list[FakeEngine]) -> None:
    run("run", "digits.toml", "--trials", "2")
    assert run("refine", "digits.tuner", "units=32:64").code == 0
    assert "2 more trials (2 finished), 4 in all" in run("run", "digits.tuner", "--trials", "2").out
    with open_study(folder / "digits.tuner") as file:
        assert [trial.stage for trial in file.history.trials] == [1, 1, 2, 2]
        for trial in file.history.trials[2:]:
            assert contains(file.log.plan.space, file.log.plan.region, trial.values)


def test_the_same_seed_gives_the_same_trials_and_another_one_others(
    folder: Path, run: Run, engines: list[FakeEngine]
) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        run("run", "digits.toml", "--trials", "3", "--seed", seed, "--out", f"{name}.tuner")
    drawn = [(engine.jobs, engine.seeds) for engine in engines]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_a_time_budget_ends_the_search(folder: Path, run: Run, engines: list[FakeEngine]) -> None:
    ran = run("run", "digits.toml", "--seconds", "0.2")
    assert ran.code == 0
    assert len(states(folder / "digits.tuner")) > 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["digits.toml"],
            "digits.tuner: there is a file already; to go on with that study: tuner-gui run digits.tuner",
        ),
        (["digits.toml", "--out", "digits.tuner"], "to begin another one: --out OTHER.tuner"),
        (["digits.tuner", "--out", "x.tuner"], "--out goes with a definition"),
        (["digits.tuner", "--seed", "9"], "was begun with seed 0 and keeps it"),
        (["digits.toml", "--out", "no/where.tuner"], "cannot be made"),
        (["none.toml"], "there is no such file"),
        (["none"], "there is no such file"),
    ],
)
def test_what_cannot_be_searched_changes_nothing(
    folder: Path, run: Run, engines: list[FakeEngine], arguments: list[str], words: str
) -> None:
    study = make_study(folder / "digits.tuner", 1)
    before = study.read_bytes()
    ran = run("run", *arguments)
    assert ran.code == 2
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert study.read_bytes() == before
    assert engines == []


def test_a_mistake_in_the_definition_is_one_message(folder: Path, run: Run, engines: list[FakeEngine]) -> None:
    (folder / "bad.toml").write_text(TOML.replace("[space.units]", "[space.units]\nlow = 0"))
    ran = run("run", "bad.toml")
    expected = "tuner-gui: bad.toml: space.units.low = 0: expected a number above 0, because the scale is log\n"
    assert (ran.code, ran.out, ran.err) == (2, "", expected)
    assert not (folder / "bad.tuner").exists()


def test_a_study_that_could_not_be_meant_is_named_before_anything_runs(
    folder: Path, run: Run, engines: list[FakeEngine]
) -> None:
    create(folder / "odd.tuner", pinned_at(new_definition("digits"), "dropout", 1.5)).close()
    ran = run("run", "odd.tuner")
    assert ran.code == 2
    assert ran.err.startswith("tuner-gui: odd.tuner: model.dropout = 1.5: expected a number from 0 to below 1")
    assert engines == []


def test_a_study_that_is_open_elsewhere_is_not_searched(folder: Path, run: Run, engines: list[FakeEngine]) -> None:
    with open_study(make_study(folder / "digits.tuner")):
        ran = run("run", "digits.tuner")
    assert ran.code == 1
    assert "cannot search here, because another window has it open" in ran.err


def _fails(trial: int, values: Mapping[str, Value]) -> TrialEnded:
    return TrialEnded(trial, TrialState.FAILED, 0.1, None, "killed by signal 9")


def test_a_search_that_only_fails_stops_and_says_why(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, lambda: FakeEngine(_fails), [])
    ran = run("run", "digits.toml", "--trials", "50")
    assert ran.code == 1
    assert "tuner-gui: the search failed: 5 trials in a row failed" in ran.err
    assert "#1 failed (killed by signal 9)" in ran.err
    assert states(folder / "digits.tuner") == ["failed"] * 5


class _Interrupted(FakeEngine):
    """Somebody presses Ctrl+C as often as ``times`` while the second trial trains."""

    def __init__(self, times: int) -> None:
        super().__init__(stuck=frozenset({2}))
        self._times = times
        self.deaf = times > 1

    def submit(self, *, trial: int, values: Mapping[str, Value], seed: int) -> None:
        super().submit(trial=trial, values=values, seed=seed)
        if trial == 2:
            os.kill(os.getpid(), signal.SIGINT)

    def cancel(self, trial: int) -> None:
        super().cancel(trial)
        if self._times > 1:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def _hears_ctrl_c() -> Iterator[None]:
    """A process that was started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_hears_ctrl_c")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_what_was_finished_and_ends_with_130(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    made: list[FakeEngine] = []
    _use(monkeypatch, lambda: _Interrupted(times), made)
    began = time.monotonic()
    ran = run("run", "digits.toml", "--trials", "9")
    # A training process that does not listen is waited for, two seconds long, but not after the second Ctrl+C.
    assert time.monotonic() - began < 1.9
    assert ran.code == 130
    assert "Interrupted; everything that was finished is kept." in ran.err
    assert "2 more trials (1 finished, 1 cancelled)" in ran.out
    assert states(folder / "digits.tuner") == ["finished", "cancelled"]
    assert made[0].is_closed


# --- the demo ---


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "why_no_window", lambda: "No window can be shown: it is dark.")


def test_without_a_display_the_demo_searches_in_the_terminal_and_says_so(
    folder: Path, run: Run, engines: list[FakeEngine], no_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setattr(assets, "asset", lambda name: make_study(folder / name, 4))
    ran = run("demo", "--trials", "2")
    copy = folder / "data" / "tuner" / "demo.tuner"
    assert ran.code == 0
    assert ran.err.startswith(f"No window can be shown: it is dark.\nThe demo goes on in the terminal, in {copy}.\n")
    assert "2 more trials (2 finished), 6 in all" in ran.out
    assert "7 in all" in run("demo", "--trials", "1").out
    assert len(states(folder / "demo.tuner")) == 4


def test_the_bundled_demo_is_a_study_of_sixty_finished_trials(folder: Path) -> None:
    copy = Path(os.fspath(folder)) / "demo.tuner"
    copy.write_bytes(assets.asset("demo.tuner").read_bytes())
    assert states(copy) == ["finished"] * 60


def test_without_a_display_the_window_ends_with_one_message(folder: Path, run: Run, no_display: None) -> None:
    make_study(folder / "digits.tuner")
    for arguments in ([], ["digits.tuner"]):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == "tuner-gui: No window can be shown: it is dark.\n"


# --- for real ---


@pytest.mark.slow
def test_real_training_is_searched_interrupted_and_shown(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "tuner_gui"]
    search = subprocess.Popen(
        [*command, "run", "digits.toml", "--trials", "40"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert search.stderr is not None
    for line in search.stderr:
        if line.startswith("2 of 40"):
            # As the terminal does it: the signal reaches the training process too.
            os.killpg(search.pid, signal.SIGINT)
            break
    out, _ = search.communicate(timeout=10)
    assert search.returncode == 130
    assert "more trials" in out
    shown = subprocess.run(
        [*command, "show", "digits.tuner", "--json"], env=environment, capture_output=True, check=True
    )
    trials = json.loads(shown.stdout)["trials"]
    assert {trial["state"] for trial in trials} <= {"finished", "diverged", "cancelled"}
    # With many in training, the first two that end are any two of them.
    finished = [trial for trial in trials if trial["state"] == "finished"]
    assert len(finished) >= 2
    assert all(len(trial["metrics"]["val_accuracy"]) == 20 for trial in finished)
