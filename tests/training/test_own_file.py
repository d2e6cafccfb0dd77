"""Loading a person's own file: what is found in it, and what is said of one that cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from tuner_gui.space.parameters import FloatParameter
from tuner_gui.space.scales import Scale
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.inspection import find
from tuner_gui.training.own_file import OwnFile, OwnFileError, digest, load

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    for name in list(sys.modules):
        if name.split(".")[0] in ("keras_tuner", "kerastuner"):
            monkeypatch.delitem(sys.modules, name)
    # A training process does nothing else; here other tests need what the stand-ins replace.
    for name in ("create_study", "load_study"):
        monkeypatch.setattr(optuna, name, getattr(optuna, name))

    def _write(text: str | bytes) -> Path:
        path = tmp_path / "model.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def loaded(path: Path) -> OwnFile:
    return load(path, digest(path.read_bytes()))


def test_a_function_build_model_is_found(write: Write) -> None:
    file = loaded(write("def build_model(hp):\n    return hp.Int('units', 1, 9)\n"))

    assert file.call(HyperParameters({"units": 4})) == 4


def test_a_hypermodel_class_is_built_from(write: Write) -> None:
    file = loaded(
        write(
            "import keras_tuner as kt\n"
            "class Mine(kt.HyperModel):\n"
            "    def build(self, hp: kt.HyperParameters):\n"
            "        return hp.Int('units', 1, 9)\n"
        )
    )

    assert (file.entry, file.call(HyperParameters())) == ("build_model", 1)


def test_a_guide_is_loaded_up_to_where_it_would_search_by_itself(write: Write) -> None:
    file = loaded(
        write(
            "import keras_tuner\n"
            "def make(hp):\n    return hp.Choice('c', [1, 2])\n"
            "make(keras_tuner.HyperParameters())\n"
            "tuner = keras_tuner.RandomSearch(hypermodel=make, objective='val_accuracy', max_trials=3)\n"
            "tuner.search_space_summary()\n"
            "tuner.search([1], [2], epochs=3)\n"
            "raise AssertionError('it went on')\n"
        )
    )

    assert (file.entry, file.call(HyperParameters())) == ("build_model", 1)


def test_a_tuner_that_is_told_what_to_search_is_obeyed(write: Write) -> None:
    text = (
        "import keras_tuner\n"
        "def make(hp):\n    return hp.Int('units', 1, 9, default=4), hp.Choice('lr', [0.1, 0.2])\n"
        "hp = keras_tuner.HyperParameters()\n"
        "hp.Float('lr', 0.01, 1.0, sampling='log')\n"
        "keras_tuner.RandomSearch(make, hyperparameters=hp, tune_new_entries=False)\n"
    )

    found = find(loaded(write(text)), seconds=5, quiet_seconds=1)
    assert found.parameters == (FloatParameter(name="lr", low=0.01, high=1.0, scale=Scale.LOG),)
    found = find(loaded(write(text.replace("False", "True"))), seconds=5, quiet_seconds=1)
    assert [parameter.name for parameter in found.parameters] == ["units", "lr"]


def test_a_derived_tuner_with_an_oracle_names_the_model(write: Write) -> None:
    file = loaded(
        write(
            "import keras_tuner as kt\n"
            "def make(hp):\n    return hp.Int('units', 1, 9)\n"
            "class Mine(kt.Tuner):\n    pass\n"
            "Mine(oracle=kt.oracles.BayesianOptimization(objective=kt.Objective('loss', 'min')), hypermodel=make)\n"
        )
    )

    assert (file.entry, file.direction, file.call(HyperParameters())) == ("build_model", "minimize", 1)


def test_a_file_may_set_values_before_it_builds() -> None:
    hp = HyperParameters()
    hp.values["kind"] = "cnn"

    assert hp.Choice("kind", ["mlp", "cnn"]) == "cnn"


def test_an_optuna_script_is_loaded_up_to_its_optimize_and_says_its_direction(write: Write) -> None:
    file = loaded(
        write(
            "import optuna\n"
            "def objective(trial):\n    return trial.suggest_float('x', 0, 1)\n"
            "study = optuna.create_study(direction='maximize')\n"
            "study.set_user_attr('a', 1)\n"
            "study.optimize(objective, n_trials=100)\n"
            "raise AssertionError('it went on')\n"
        )
    )

    assert (file.entry, file.direction) == ("objective", "maximize")


def test_what_an_objective_suggests_is_found_before_it_trains(write: Write) -> None:
    file = loaded(
        write(
            "import time\n"
            "def objective(trial):\n"
            "    lr = trial.suggest_float('lr', 1e-5, 1e-1, log=True)\n"
            "    kind = trial.suggest_categorical('kind', ['a', None])\n"
            "    if kind is None:\n"
            "        trial.suggest_int('n', 1, 10, step=3)\n"
            "    while True:\n"
            "        time.sleep(0.01)\n"
        )
    )

    found = find(file, seconds=20, quiet_seconds=0.3)

    assert [parameter.name for parameter in found.parameters] == ["lr", "kind", "n"]
    assert [(own.parent, own.values) for own in found.own if own.name == "n"] == [("kind", ("None",))]


def test_an_error_names_the_line_of_the_file_and_the_values(write: Write) -> None:
    path = write("def build_model(hp):\n    n = hp.Int('units', 1, 9)\n    return 1 / (n - n)\n")

    with pytest.raises(OwnFileError) as caught:
        find(loaded(path), seconds=5, quiet_seconds=1)

    assert f"{path}, line 3, in build_model: ZeroDivisionError: division by zero (with units 1)" == str(caught.value)


BAD_FILES = {
    "syntax error": ("def build_model(hp)\n    return 1\n", "line 1: SyntaxError"),
    "nothing to call": ("x = 1\n", "expected a function build_model"),
    "two ways to call": ("def build_model(hp): ...\ndef objective(trial): ...\n", "expected one of them"),
    "two models": (
        "import keras_tuner as k\nclass A(k.HyperModel): ...\nclass B(k.HyperModel): ...\n",
        r"several models \(A, B\)",
    ),
    "not UTF-8": (b"# caf\xe9\ndef build_model(hp): ...\n", "byte 6 is not UTF-8"),
    "a missing package": ("import no_such_package\n", "imports no_such_package, which is not installed"),
    "a file beside it": ("import helper_beside\n", "only this one was shown"),
    "it ends the program": ("import sys\nsys.exit(3)\n", r"line 2: it ends the program \(exit code 3\)"),
    "it raises": ("\n\nraise ValueError('no')\n", "line 3: ValueError: no"),
    "null bytes": (b"x = 1\0\n", "null bytes"),
    "empty": ("", "expected a function"),
}


@pytest.mark.parametrize("text", [pytest.param(case, id=name) for name, case in BAD_FILES.items()])
def test_a_file_that_cannot_be_used_gets_one_clear_message(text: tuple[str | bytes, str], write: Write) -> None:
    content, words = text
    path = write(content)
    (path.parent / "helper_beside.py").write_text("x = 1\n")

    with pytest.raises(OwnFileError, match=words) as caught:
        loaded(path)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_content_than_was_trusted_is_not_run(write: Write) -> None:
    path = write("raise AssertionError('it ran')\n")

    with pytest.raises(OwnFileError, match="another one than was trusted"):
        load(path, digest(b"something else"))
