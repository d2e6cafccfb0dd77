"""A person's own model file from the command line: asked about once, searched by several processes, kept in the study.

The files here use no Keras, so that no TensorFlow is loaded; tests/training/test_own_model.py has those that do.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuner_gui.cli import main
from tuner_gui.engines.trust import TrustStore, read_model_file
from tuner_gui.study.events import TrialState
from tuner_gui.study.file import open_study

OBJECTIVE = """\
import optuna

def objective(trial):
    x = trial.suggest_float("x", 1e-3, 1.0, log=True)
    kind = trial.suggest_categorical("kind", ["flat", "steep"])
    slope = trial.suggest_int("slope", 1, 5) if kind == "steep" else 0
    print("x" * 100_000)
    for step in range(3):
        trial.report(x + slope + 1 / (step + 1), step)
        if trial.should_prune():
            raise optuna.TrialPruned()
    if trial.params["x"] > 0.9:
        raise SystemExit(7)
    return x + slope

if __name__ == "__main__":
    optuna.create_study().optimize(objective, n_trials=10)
"""

TOML = '[model]\npython = "model.py"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.py").write_text(OBJECTIVE)
    (folder / "study.toml").write_text(TOML)
    return folder


def test_an_untrusted_file_is_refused_where_nobody_can_be_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(folder / "study.toml"), "--trials", "1"]) == 2
    words = capsys.readouterr().err
    assert "model.py was not run here before" in words
    assert "--trust" in words
    assert not (folder / "study.tuner").exists()


def test_an_optuna_file_is_searched_as_it_stands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder / "study.toml"), "--trials", "8", "--trust"]) == 0

    with open_study(folder / "study.tuner") as file:
        definition, trials = file.log.plan.definition, file.history.trials
        kept = file.model()
    assert definition.space.names == ("x", "kind", "slope")
    assert (definition.objective.metric, str(definition.objective.direction)) == ("value", "minimize")
    assert definition.active({"x": 0.1, "kind": "flat", "slope": 3}) == {"x", "kind"}
    ended = [trial for trial in trials if trial.state is TrialState.FINISHED]
    assert len(trials) == 8
    assert len(ended) >= 5
    for trial in ended:
        slope = trial.values["slope"] if trial.values["kind"] == "steep" else 0
        assert trial.value == pytest.approx(trial.values["x"] + slope)
    assert kept is not None
    assert kept.text == OBJECTIVE
    assert "xxx" not in capsys.readouterr().out

    assert main(["show", str(folder / "study.tuner"), "--json"]) == 0
    for shown in json.loads(capsys.readouterr().out)["trials"]:
        assert shown.get("inactive", []) == ([] if shown["parameters"]["kind"] == "steep" else ["slope"])


def test_a_study_goes_on_until_its_file_changes_and_is_trusted_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = str(folder / "study.tuner")
    assert main(["run", str(folder / "study.toml"), "--trials", "1", "--trust"]) == 0
    assert main(["run", study, "--trials", "1"]) == 0

    (folder / "model.py").write_text(OBJECTIVE.replace("range(3)", "range(2)"))
    capsys.readouterr()
    assert main(["run", study, "--trials", "1"]) == 2
    assert "has changed since it was trusted" in capsys.readouterr().err
    assert main(["show", study, "--json"]) == 0  # looking at it runs nothing
    assert main(["run", study, "--trials", "1", "--trust"]) == 0


def test_the_definition_narrows_what_the_file_asks_for_and_fixes_some(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "study.toml").write_text(
        TOML + 'fixed = {kind = "steep"}\n[space.x]\nhigh = 0.1\n[space.slope]\nchoices = [2, 4]\n'
    )
    assert main(["run", str(folder / "study.toml"), "--trials", "4", "--trust"]) == 0
    capsys.readouterr()
    assert main(["show", str(folder / "study.tuner"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)

    assert shown["stages"][0]["region"] == {"x": [0.001, 0.1], "slope": [2, 4]}
    for trial in shown["trials"]:
        assert trial["value"] == pytest.approx(trial["parameters"]["x"] + trial["parameters"]["slope"])


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[space.y]\nlow = 1\n", "space.y"),
        ("fixed = {zeta = 1}\n", "model.fixed.zeta"),
        ("patience = 0\n", "model.patience"),
        ("search = 0\n", "model.search"),
        ("[space.x]\nlow = 2.0\n", "space.x.low"),
        ('[study]\nobjective = "val_accuracy"\n', "study.objective"),
    ],
)
def test_a_definition_that_does_not_fit_the_file_says_where(
    toml: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "study.toml").write_text(TOML + toml)

    assert main(["run", str(folder / "study.toml"), "--trust"]) == 2
    assert words in capsys.readouterr().err


def test_a_trial_that_ends_its_process_fails_and_the_search_goes_on(folder: Path) -> None:
    (folder / "model.py").write_text(
        "import os\ndef objective(trial):\n    if trial.suggest_int('n', 0, 3) == 1: os._exit(1)\n"
        "    return trial.params['n']\n"
    )
    (folder / "study.toml").write_text(TOML + "[search]\nstrategy = 'grid'\nlevels = 4\n")

    assert main(["run", str(folder / "study.toml"), "--trials", "4", "--trust"]) == 0
    with open_study(folder / "study.tuner") as file:
        states = {trial.values["n"]: trial.state for trial in file.history.trials}
    assert states == {0: "finished", 1: "failed", 2: "finished", 3: "finished"}


def test_a_trial_that_gives_no_sign_is_ended(folder: Path) -> None:
    (folder / "model.py").write_text(
        "def objective(trial):\n    trial.suggest_int('n', 0, 3)\n    trial.report(1.0, 0)\n    while True: pass\n"
    )
    (folder / "study.toml").write_text(TOML + "patience = 1\n")

    assert main(["run", str(folder / "study.toml"), "--trials", "1", "--trust"]) == 0
    with open_study(folder / "study.tuner") as file:
        (trial,) = file.history.trials
    assert trial.state is TrialState.FAILED
    assert "no sign for 1 s" in str(trial.reason)


TUNERS = """\
import keras_tuner as kt
class Box(kt.RandomSearch):
    def run_trial(self, trial, far=0.0):
        return {{"far": far + trial.hyperparameters.Float("x", 0.0, 1.0)}}
{searches}
raise AssertionError("it went on")
"""
SEARCH = "Box(objective=kt.Objective('far', 'max'), max_trials=9).search(far={far})\n"


@pytest.mark.slow
def test_a_script_with_a_tuner_is_searched_without_a_definition(folder: Path) -> None:
    (folder / "guide.py").write_text(TUNERS.format(searches=SEARCH.format(far=2.0)))

    assert main(["check-model", str(folder / "guide.py"), "--trust"]) == 0
    assert main(["run", str(folder / "guide.py"), "--trials", "3"]) == 0
    with open_study(folder / "guide.tuner") as file:
        definition, trials = file.log.plan.definition, file.history.trials
    assert (definition.model.entry, definition.data.source, definition.model.patience) == ("search", "", 3600)
    assert (definition.objective.metric, str(definition.objective.direction)) == ("far", "maximize")
    assert [trial.value for trial in trials] == [pytest.approx(2.0 + trial.values["x"]) for trial in trials]


@pytest.mark.slow
def test_a_definition_takes_another_search_of_the_file_and_goes_on_with_it(folder: Path) -> None:
    searches = SEARCH.format(far=2.0) + SEARCH.format(far=5.0)
    (folder / "model.py").write_text(TUNERS.format(searches=searches))
    (folder / "study.toml").write_text(TOML + "search = 2\npatience = 60\n")

    assert main(["run", str(folder / "study.toml"), "--trials", "1", "--trust"]) == 0
    assert main(["run", str(folder / "study.tuner"), "--trials", "1"]) == 0
    with open_study(folder / "study.tuner") as file:
        definition, trials = file.log.plan.definition, file.history.trials
    assert (definition.model.search, definition.model.patience) == (2, 60)
    assert all(trial.value > 5 for trial in trials)


def test_check_model_says_what_is_asked_for_and_where_it_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-model", str(folder / "model.py"), "--trust"]) == 0
    out = capsys.readouterr().out
    assert "objective(trial) asks for 3 parameters" in out
    assert "slope: whole numbers 1 to 5, linear (read where kind is steep)" in out

    (folder / "model.py").write_text(
        "def objective(trial):\n    n = trial.suggest_int('n', 0, 4)\n    return 1 / (n - 4)\n"
    )
    assert main(["check-model", str(folder / "model.py"), "--trust"]) == 1
    assert "line 3, in objective: ZeroDivisionError: division by zero (with n 4)" in capsys.readouterr().out


def test_check_model_of_a_bad_file_is_bad_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text("def objective(trial:\n")

    assert main(["check-model", str(folder / "model.py"), "--trust"]) == 2
    assert "line 1: SyntaxError" in capsys.readouterr().err


def ask(folder: Path, answer: str) -> tuple[int, str]:
    """Check the model with a person at a terminal who types this; returns the exit code and all that was shown."""
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tuner_gui", "check-model", "model.py"]
    child = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answer.encode())
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone when its last program is
        while data := os.read(ours, 65_536):
            shown += data
    os.close(ours)
    return child.wait(30), shown.decode()


def test_a_person_is_shown_the_file_and_asked_once_then_the_difference(folder: Path) -> None:
    text = "def objective(trial):\n    return trial.suggest_int('n', 1, 4)  # \x1b[8mhidden\u202e\n"
    (folder / "model.py").write_text(text)

    code, shown = ask(folder, "no\n")
    assert (code, "return trial.suggest_int" in shown, "was not run" in shown) == (1, True, True)
    assert r"\x1b[8mhidden\u202e" in shown
    code, shown = ask(folder, "yes\n")
    assert (code, "asks for 1 parameter:" in shown) == (0, True)
    code, shown = ask(folder, "")
    assert (code, "Run it?" in shown) == (0, False)

    (folder / "model.py").write_text(text.replace("1, 4", "1, 5"))
    code, shown = ask(folder, "yes\n")
    assert code == 0
    assert "-    return trial.suggest_int('n', 1, 4)" in shown
    assert "+    return trial.suggest_int('n', 1, 5)" in shown


def test_trust_is_by_content_and_kept_outside_of_studies(tmp_path: Path) -> None:
    store, path = TrustStore(tmp_path / "state" / "trusted.json"), tmp_path / "model.py"
    path.write_text("a = 1\n")
    store.trust(read_model_file(path))
    (tmp_path / "copy.py").write_text("a = 1\n")

    assert store.is_trusted(read_model_file(tmp_path / "copy.py"))
    path.write_text("a = 2\n")
    assert not store.is_trusted(read_model_file(path))
    assert store.earlier(read_model_file(path)) == "a = 1\n"
    (tmp_path / "state" / "trusted.json").write_text("{broken")
    assert not store.is_trusted(read_model_file(tmp_path / "copy.py"))


@pytest.mark.slow
def test_a_keras_model_is_searched_on_data_of_the_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model.py").write_text(
        "import keras\n"
        "def build_model(hp):\n"
        "    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(hp.Int('filters', 4, 16), 3)])\n"
        "    model.add(keras.layers.Flatten())\n"
        "    model.add(keras.layers.Dense(10, activation='softmax'))\n"
        "    model.compile(keras.optimizers.Adam(hp.Float('lr', 1e-3, 1e-2, sampling='log')),"
        " 'categorical_crossentropy')\n"
        "    return model\n"
    )
    (folder / "study.toml").write_text('[data]\nsource = "digits"\n' + TOML + "epochs = 8\n")

    assert main(["run", str(folder / "study.toml"), "--trials", "4", "--trust"]) == 0
    with open_study(folder / "study.tuner") as file:
        best = file.history.best_standing(file.log.plan.definition.objective)
        assert best is not None
        assert best.mean > 0.8
        assert file.trials_with_weights()
    assert "4 finished" in capsys.readouterr().out
