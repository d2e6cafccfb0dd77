"""Files with tuners and scripts of Optuna: up to where they are loaded, and what is found in them. No TensorFlow."""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
import pytest

from tuner_gui.study.own_model import FoundSpace
from tuner_gui.training import own_search
from tuner_gui.training.inspection import find
from tuner_gui.training.own_file import OwnFile, OwnFileError, digest, load
from tuner_gui.training.tuners import direction_of

Load = Callable[..., OwnFile]

MAKE = "import keras_tuner as kt\ndef make(hp):\n    return hp.Int('units', 1, 9), hp.Boolean('deep')\n"
BOX = """
import keras_tuner as kt
class Box(kt.RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
        x = trial.hyperparameters.Float('x', -1.0, 1.0)
        return (x - 0.5) ** 2
"""


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    for name in list(sys.modules):
        if name.split(".")[0] in ("keras_tuner", "kerastuner"):
            monkeypatch.delitem(sys.modules, name)
    for place in (optuna, optuna.study):
        for name in ("create_study", "load_study"):
            monkeypatch.setattr(place, name, getattr(place, name))  # the stand-ins go again after the test

    def _loaded(text: str, search: int = 1) -> OwnFile:
        path = tmp_path / "model.py"
        path.write_text(text)
        return load(path, digest(path.read_bytes()), search=search)

    return _loaded


def found_in(file: OwnFile) -> FoundSpace:
    return find(file, seconds=5, quiet_seconds=1)


SEARCHES = {
    "by keyword": ("kt.RandomSearch(hypermodel=make, objective='val_loss')", "build_model", "val_loss", "minimize", 1),
    "by position": ("kt.BayesianOptimization(make, 'val_accuracy', 9)", "build_model", "val_accuracy", "maximize", 1),
    "an objective": ("kt.GridSearch(make, kt.Objective('mine', 'max'))", "build_model", "mine", "maximize", 1),
    "hyperband": ("kt.Hyperband(make, 'val_loss', max_epochs=7)", "build_model", "val_loss", "minimize", 7),
    "an oracle of hyperband": (
        "kt.Tuner(kt.oracles.Hyperband(objective='val_loss', max_epochs=8), make)",
        "build_model",
        "val_loss",
        "minimize",
        8,
    ),
    "no objective": ("kt.RandomSearch(make)", "build_model", "value", "minimize", 1),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in SEARCHES.items()])
def test_a_search_tells_its_objective_and_its_epochs(case: tuple[str, str, str, str, int], loaded: Load) -> None:
    tuner, entry, objective, direction, epochs = case

    file = loaded(f"{MAKE}tuner = {tuner}\ntuner.search([1], [2])\nraise AssertionError('it went on')\n")
    found = found_in(file)

    assert (found.entry, found.objective, found.direction, found.epochs) == (entry, objective, direction, epochs)
    assert found.own_data
    assert [parameter.name for parameter in found.parameters] == ["units", "deep"]


def test_a_search_that_names_its_epochs_and_data_hands_them_on(loaded: Load) -> None:
    file = loaded(f"{MAKE}kt.RandomSearch(make, 'val_loss', 3).search(x=[1], y=[2], epochs=5, callbacks=[])\n")

    assert found_in(file).epochs == 5
    assert file.given is not None
    assert dict(file.given.kwargs) == {"x": [1], "y": [2], "epochs": 5, "callbacks": []}


def test_a_tuner_of_any_function_is_an_objective(loaded: Load) -> None:
    file = loaded(f"{BOX}tuner = Box(max_trials=20)\ntuner.search()\nprint(tuner.get_best_hyperparameters()[0])\n")
    found = found_in(file)

    assert (found.entry, found.objective, found.direction) == ("search", "value", "minimize")
    assert [parameter.name for parameter in found.parameters] == ["x"]


def test_one_of_several_searches_is_taken_and_those_before_are_passed_over(loaded: Load) -> None:
    text = (
        f"{MAKE}{BOX}first = Box()\nfirst.search()\nassert first.get_best_hyperparameters(2)[0].get('x') == -1.0\n"
        "second = kt.RandomSearch(make, 'val_loss')\nsecond.search([1], [2])\nsecond.results_summary()\n"
    )

    assert [parameter.name for parameter in found_in(loaded(text)).parameters] == ["x"]
    assert [parameter.name for parameter in found_in(loaded(text, search=2)).parameters] == ["units", "deep"]
    assert any("2 searches; this is number 1" in note for note in found_in(loaded(text)).notes)
    with pytest.raises(OwnFileError, match="begins 2 searches of its own, so there is no number 3"):
        loaded(text, search=3)


def test_data_that_cannot_be_loaded_leave_the_model_and_a_note(loaded: Load) -> None:
    found = found_in(loaded(f"{MAKE}t = kt.RandomSearch(make, 'val_loss')\nx = open('/no/such/file')\nt.search(x)\n"))

    assert not found.own_data
    assert "its own search cannot be used" in found.notes[0].replace(
        "the data of the file's own search", "its own search"
    )
    assert "line 5" in found.notes[0]


SCRIPTS = {
    "direction": ("optuna.create_study(direction='maximize').optimize(objective, n_trials=9)", "maximize", ""),
    "in a function": ("main()", "maximize", ""),
    "no arguments": ("import sys; assert not sys.argv[1:]\n    main()", "maximize", ""),
    "what needs arguments": ("import sys; sys.argv[1]\n    main()", "", "as a script is left out"),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in SCRIPTS.items()])
def test_what_a_script_does_below_main_counts(case: tuple[str, str, str], loaded: Load) -> None:
    body, direction, note = case
    text = (
        "import optuna\ndef objective(trial):\n    return trial.suggest_float('x', 0, 1)\n"
        "def main():\n    optuna.study.create_study(direction='maximize').optimize(objective)\n"
        f"if __name__ == '__main__':\n    {body}\n    raise AssertionError('it went on')\n"
    )
    file = loaded(text)

    assert (file.entry, file.direction) == ("objective", direction)
    assert note in " ".join(file.notes)


REFUSED = {
    "several objectives": "optuna.create_study(directions=['minimize', 'maximize']).optimize(objective)",
    "ask and tell": "study = optuna.create_study()\nstudy.ask()\nstudy.optimize(objective)",
    "scikit-learn": "import keras_tuner as kt\nkt.tuners.SklearnTuner(1, 2).search()",
    "objectives of a tuner": "import keras_tuner as kt\nkt.RandomSearch(objective, ['a', 'b']).search()",
}


@pytest.mark.parametrize("body", [pytest.param(text, id=name) for name, text in REFUSED.items()])
def test_what_is_not_done_here_is_refused_in_words(body: str, loaded: Load) -> None:
    with pytest.raises(OwnFileError, match=r"are not (searched|run) here"):
        loaded(f"import optuna\ndef objective(trial):\n    return 1\n{body}\n# __main__\n")


class _NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname.split(".", maxsplit=1)[0] == "keras_tuner":
            raise ModuleNotFoundError("No module named 'keras_tuner'", name="keras_tuner")


def test_a_ready_made_model_asks_for_the_real_package(loaded: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [_NotInstalled(), *sys.meta_path])

    with pytest.raises(OwnFileError, match=r"HyperResNet is a model of KerasTuner's own.*install keras-tuner"):
        loaded("from keras_tuner.applications import HyperResNet\n")


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("val_accuracy", "maximize"),
        ("val_auc", "maximize"),
        ("loss", "minimize"),
        ("val_mean_absolute_error", "minimize"),
        ("val_sparse_categorical_crossentropy", "minimize"),
        ("my_metric", ""),
    ],
)
def test_a_metric_is_known_by_its_name(metric: str, direction: str) -> None:
    assert direction_of(metric) == direction


class _History:
    def __init__(self, **history: Sequence[float]) -> None:
        self.history = history


RESULTS: Mapping[str, tuple[Any, bool, Mapping[str, float]]] = {
    "a number": (0.25, False, {"m": 0.25}),
    "numbers by name": ({"m": 1, "other": 2.0, "words": "x"}, False, {"m": 1.0, "other": 2.0}),
    "the best epoch": (_History(m=[3.0, 1.0, 2.0], a=[7.0, 8.0, 9.0]), False, {"m": 1.0, "a": 8.0}),
    "the best epoch where more is better": (_History(m=[1.0, float("nan"), 3.0]), True, {"m": 3.0}),
    "several executions": ([1.0, {"m": 3.0, "b": 1.0}], False, {"m": 2.0}),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in RESULTS.items()])
def test_what_a_trial_returns_is_taken_as_kerastuner_takes_it(
    case: tuple[Any, bool, Mapping[str, float]], loaded: Load
) -> None:
    result, grows, figures = case

    assert own_search.figures(loaded(f"{BOX}Box().search()\n"), result, "m", grows=grows) == figures


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, r"run_trial returned nothing \(None\)"),
        ("good", "returned a str"),
        ([None, 1.0], "returned a list"),
        ({"loss": 1.0}, "gave no m, which is searched by: it gave loss"),
    ],
)
def test_a_trial_without_a_value_says_what_was_expected(result: object, words: str, loaded: Load) -> None:
    with pytest.raises(OwnFileError, match=words):
        own_search.figures(loaded(f"{BOX}Box().search()\n"), result, "m", grows=False)
