"""A script for a person's own model: their file beside it as it was, run without this program or KerasTuner."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from script_runs import run_fresh

from tuner_gui.exports import forms, script_hp
from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.script_own import model_path, own_script_of, seen_in
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, Value
from tuner_gui.space.space import Space
from tuner_gui.study.definition import DataSettings, Definition, ModelSettings, Objective, Task, direction_of
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.history import Trial
from tuner_gui.study.own_model import BUILD_MODEL, OBJECTIVE, KeptModel, OwnParameter
from tuner_gui.training.hyperparameters import HyperParameters

MODEL = """\
import keras

def build_model(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 64), activation="relu")])
    if hp.Boolean("normed"):
        model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.Adam(hp.Float("lr", 1e-3, 0.1, sampling="log")), "categorical_crossentropy")
    return model
"""

TUNED = """\
import keras
import keras_tuner as kt
from keras_tuner.tuners import RandomSearch

class Mine(kt.HyperModel):
    def __init__(self, last):
        super().__init__()
        self.last = last

    def build(self, hp: kt.HyperParameters):
        layers = [keras.layers.Dense(hp.Int("units", min_value=4, max_value=64, step=4), activation="relu")]
        return keras.Sequential([*layers, keras.layers.Dense(self.last)])

Mine(10).build(kt.HyperParameters())
tuner = RandomSearch(Mine(10), objective=kt.Objective("val_accuracy", "max"), max_trials=3)
raise SystemExit("it searched")
"""

SEARCHED = """\
import optuna

def objective(trial):
    x = trial.suggest_float("x", 1e-3, 1.0, log=True)
    trial.report(x, 0)
    if trial.should_prune():
        raise optuna.TrialPruned()
    return x + (0 if trial.suggest_categorical("kind", [None, (1, 2)]) is None else 1)

study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=10**9)
"""

GUARDED = SEARCHED.replace("\nstudy = ", "\nif __name__ == '__main__':\n    study = ").replace(
    "\nstudy.", "\n    study."
)

NASTY = {"lr": 0.02, 'say "it\'s"\n': '"""\\', "=cmd": "\u202ex", "kind": "(1, 2)"}


def definition_of(
    data: DataSettings, *, entry: str = BUILD_MODEL, metric: str = "val_accuracy", python: str = "/mine/model.py"
) -> Definition:
    own = (OwnParameter("lr", 0.01), OwnParameter("units", 16), OwnParameter("normed", default=False))
    return Definition(
        name='mine"""\n',
        data=data,
        model=ModelSettings(kind="own", epochs=8, python=python, entry=entry, own=own),
        objective=Objective(metric, direction_of(metric)),
        space=Space((FloatParameter(name="lr", low=1e-3, high=0.1),)),
    )


def trial_of(values: Mapping[str, Value]) -> Trial:
    return Trial(3, 1, TrialState.FINISHED, values, 11, "2026-01-01T00:00:00+00:00", 0.5)


FREE = definition_of(DataSettings(""), entry=OBJECTIVE, metric="value")
VALUES = {"units": 24, "normed": True, "lr": 0.01}
CASES: Mapping[str, tuple[Definition, str, Mapping[str, Value]]] = {
    "build_model": (definition_of(DataSettings("digits")), MODEL, VALUES),
    "val_loss": (definition_of(DataSettings("digits"), metric="val_loss"), TUNED, VALUES),
    "val_mae": (definition_of(DataSettings("diabetes"), metric="val_mae"), MODEL, VALUES),
    "val_r2": (definition_of(DataSettings("diabetes"), metric="val_r2"), TUNED, VALUES),
    "searching": (FREE, SEARCHED, {"x": 0.2, "kind": "(1, 2)"}),
    "guarded": (FREE, GUARDED, {"x": 0.2, "kind": "None"}),
    "keras in it": (FREE, "import keras\n", {"x": 0.2}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_clean_and_names_nothing_of_this_program(case: str, tmp_path: Path) -> None:
    definition, text, values = CASES[case]
    path = tmp_path / "train.py"
    model_path(path).write_text(text)
    path.write_text(own_script_of(definition, trial_of(values), text, model_path(path).name))
    for command in (["format", "--check"], ["check", "--select", "E,F,I,B,UP,SIM"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "train.py"],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr
    assert "tuner_gui" not in path.read_text()


def test_names_and_values_of_any_kind_stay_what_they_are() -> None:
    text = own_script_of(definition_of(DataSettings("wine")), trial_of(NASTY), MODEL, "train_model.py")
    scope: dict[str, Any] = {}
    (line,) = re.findall(r"^VALUES = \{.*?^\}|^VALUES = \{.*\}$", text, re.MULTILINE | re.DOTALL)
    exec(line, scope)  # noqa: S102
    assert scope["VALUES"].items() >= NASTY.items()
    assert "\u202e" not in text
    compile(text, "train.py", "exec")


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("train.py", "train_model.py"),
        ("best-17.py", "best_17_model.py"),
        ("17.py", "model_17.py"),
        ("a b.x", "a_b_model.py"),
    ],
)
def test_the_model_stands_beside_it_under_a_name_that_can_be_imported(name: str, beside: str) -> None:
    assert model_path(Path("/some/where") / name) == Path("/some/where") / beside


def test_what_a_file_does_only_when_it_is_run_by_itself_does_not_count() -> None:
    assert seen_in(SEARCHED).may_search
    assert not seen_in(GUARDED).may_search
    assert seen_in("if __name__ == '__main__':\n    import keras_tuner\n").tuners == []
    assert seen_in("from keras_tuner.engine import hyperparameters\n").tuners == ["keras_tuner"]
    with pytest.raises(ExportError, match="is no Python"):
        seen_in("def build_model(hp:\n")


# --- hp ---


def asked(hp: Any) -> list[Any]:
    """What a file gets for all the ways to ask."""
    found = [
        hp.Int("units", 4, 64, 4),
        hp.Int("late", min_value=3, max_value=9, step=2, sampling=None),
        hp.Float("lr", 1e-4, 1e-1, sampling="log", default=0.01),
        hp.Choice("kind", ["mlp", "cnn"], ordered=False),
        hp.Choice("size", [(32, 32), (64, 64)]),
        hp.Boolean("normed"),
        hp.Fixed("fixed", 7),
        hp.Int("under", 1, 5, parent_name="kind", parent_values=["mlp"]),
    ]
    with hp.conditional_scope("kind", ["cnn"]):
        found.append(hp.Int("filters", 8, 32, default=16))
        with hp.conditional_scope("normed", [False]):
            found.append(hp.Int("never", 1, 5))
    with hp.name_scope("block"):
        found += [hp.Int("units", 4, 64), hp.get("units"), "units" in hp]
    return [*found, hp.get("lr"), hp["kind"], "never" in hp, hp.values["block/units"]]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"units": 8, "lr": 0.5, "kind": "cnn", "size": "(64, 64)", "normed": True, "filters": 24, "block/units": 32},
    ],
)
def test_the_stand_in_for_hp_gives_what_ours_gives(values: dict[str, Value]) -> None:
    scope: dict[str, Any] = {}
    exec(f"import contextlib\n{script_hp.VALUES}", scope)  # noqa: S102
    theirs, ours = asked(scope["Values"](values)), asked(HyperParameters(values))
    assert theirs == ours
    assert [type(value) for value in theirs] == [type(value) for value in ours]


def test_the_stand_in_keeps_what_a_file_sets_before_it_builds() -> None:
    scope: dict[str, Any] = {}
    exec(f"import contextlib\n{script_hp.VALUES}", scope)  # noqa: S102
    hp = scope["Values"]({"kind": "mlp"})
    hp.values["kind"] = "cnn"
    assert hp.Choice("kind", ["mlp", "cnn"]) == "cnn"


# --- from a study ---


def study_of(
    folder: Path,
    text: str,
    data: DataSettings,
    values: Mapping[str, Value],
    *,
    keep: bool = True,
    entry: str = BUILD_MODEL,
) -> StudyFile:
    model = folder / "mine" / "train_model.py"
    model.parent.mkdir(exist_ok=True)
    model.write_text(text)
    metric = "value" if entry == OBJECTIVE else "val_accuracy"
    definition = definition_of(data, python=str(model), entry=entry, metric=metric)
    own = tuple(OwnParameter(name, value) for name, value in values.items())
    choices = tuple(dict.fromkeys([next(iter(values.values())), 0.5, 0.7]))
    space = Space((ChoiceParameter(name=next(iter(values)), choices=choices),))
    definition = replace(definition, model=replace(definition.model, own=own), space=space)
    kept = KeptModel(str(model), "0" * 64, text) if keep else None
    with create(folder / "mine.tuner", definition, model=kept) as file:
        start = TrialStarted(1, file.log.plan.stage, dict(values), 5, "2026-01-01T00:00:00+00:00")
        failed = TrialStarted(2, file.log.plan.stage, dict(values), 6, "2026-01-01T00:00:00+00:00")
        file.record([start, TrialEnded(1, TrialState.FINISHED, 1.0, 0.9)])
        file.record([failed, TrialEnded(2, TrialState.FAILED, 1.0, None, "it broke")])
    return open_study(folder / "mine.tuner", read_only=True)


def test_a_file_that_is_gone_or_changed_leaves_as_the_study_keeps_it(tmp_path: Path) -> None:
    with study_of(tmp_path, MODEL, DataSettings("wine"), VALUES) as file:
        (tmp_path / "mine" / "train_model.py").write_text("changed = True\n")
        words = forms.export(file, "python", tmp_path / "train.py", trial=2)
        assert "train_model.py beside it; note that" in words
        assert "train_model.py has changed since the study was begun, and this is the model as it was then" in words
        assert (tmp_path / "train_model.py").read_text() == MODEL
        assert "The trial reached" not in (tmp_path / "train.py").read_text()
        (tmp_path / "mine" / "train_model.py").unlink()
        assert "note that" not in forms.export(file, "python", tmp_path / "train.py")


def test_without_a_kept_text_the_file_itself_is_taken_while_it_is_there(tmp_path: Path) -> None:
    with study_of(tmp_path, MODEL, DataSettings("wine"), VALUES, keep=False) as file:
        forms.export(file, "python", tmp_path / "train.py")
        (tmp_path / "mine" / "train_model.py").unlink()
        with pytest.raises(ExportError, match="keeps no copy of its model's file, which cannot be read"):
            forms.export(file, "python", tmp_path / "train.py")


def test_nobody_s_file_is_written_over(tmp_path: Path) -> None:
    with study_of(tmp_path, MODEL, DataSettings("wine"), VALUES) as file:
        (tmp_path / "mine" / "train_model.py").write_text("changed = True\n")
        with pytest.raises(ExportUsageError, match="is there already and holds something else"):
            forms.export(file, "python", tmp_path / "mine" / "train.py")
        with pytest.raises(ExportUsageError, match="the model of the study"):
            forms.export(file, "python", tmp_path / "mine" / "train_model.py")
        assert (tmp_path / "mine" / "train_model.py").read_text() == "changed = True\n"
        assert not (tmp_path / "mine" / "train.py").exists()


def test_the_data_of_a_study_is_not_written_over(tmp_path: Path) -> None:
    source = tmp_path / "mine.csv"
    source.write_text("a,b\n" + "\n".join(f"{row},{'xyz'[row % 3]}" for row in range(60)))
    data = DataSettings(str(source), target="b", task=Task.CLASSIFICATION)
    with (
        study_of(tmp_path, MODEL, data, VALUES) as file,
        pytest.raises(ExportUsageError, match="the data of the study"),
    ):
        forms.export(file, "csv", source)


@pytest.mark.slow
@pytest.mark.parametrize(("text", "value"), [(SEARCHED, 1.2), (GUARDED, 0.2)], ids=["searching", "guarded"])
def test_an_objective_runs_with_the_values_of_the_trial(text: str, value: float, tmp_path: Path) -> None:
    values = {"x": 0.2, "kind": "(1, 2)" if value > 1 else "None"}
    with study_of(tmp_path, text, DataSettings(""), values, entry=OBJECTIVE) as file:
        forms.export(file, "python", tmp_path / "train.py")
    run = run_fresh(tmp_path / "train.py", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout.split("value: ")[1]) == pytest.approx(value)


@pytest.mark.slow
@pytest.mark.parametrize("text", [MODEL, TUNED], ids=["build_model", "tuner"])
def test_it_reaches_the_value_of_the_trial_within_the_spread_of_seeds(text: str, tmp_path: Path) -> None:
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)
    with study_of(tmp_path, text, DataSettings("digits"), VALUES) as file:
        forms.export(file, "python", tmp_path / "train.py")
    run = run_fresh(tmp_path / "train.py", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    found = float(run.stdout.split("val_accuracy: ")[-1])
    values = np.array(values_of_seeds(tmp_path / "mine" / "train_model.py", range(1, 4)))
    # One more draw of as many: within three of their spreads, and never counted closer than two rows of 360.
    assert abs(found - values.mean()) <= max(3 * values.std(ddof=1), 0.006), (found, values)


def values_of_seeds(model: Path, seeds: range) -> list[float]:
    """What the trial reaches in our own training with some seeds."""
    from tuner_gui.engines.trust import read_model_file
    from tuner_gui.training.data import load
    from tuner_gui.training.messages import Job
    from tuner_gui.training.own_file import load as load_file
    from tuner_gui.training.own_model import OwnTrainer

    events: list[Any] = []
    with pytest.MonkeyPatch.context() as patches:
        for name in [name for name in sys.modules if name.split(".")[0] in ("keras_tuner", "kerastuner")]:
            patches.delitem(sys.modules, name)
        file = load_file(model, read_model_file(model).sha256)
        trainer = OwnTrainer(lambda: file, load(DataSettings("digits")), report=events.extend)
        for seed in seeds:
            trainer.submit(Job(seed, seed, VALUES, 8, "val_accuracy"))
        trainer.run_until_idle()
        for name in [name for name in sys.modules if name.split(".")[0] in ("keras_tuner", "kerastuner")]:
            del sys.modules[name]
    return [event.value for event in events if isinstance(event, TrialEnded)]
