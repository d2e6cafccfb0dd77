"""A model of a person's own leaves with the preparation of its data inside, and says where Keras needs their file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuner_gui.engines.trust import TrustStore, read_model_file
from tuner_gui.exports import forms
from tuner_gui.exports.errors import ExportError
from tuner_gui.space.parameters import FloatParameter
from tuner_gui.space.space import Space
from tuner_gui.study.definition import DataSettings, Definition, ModelSettings, Objective, Task, direction_of
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState, WeightsKept
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.own_model import BUILD_MODEL, OBJECTIVE, KeptModel, OwnParameter

pytestmark = [
    # Keras' own saving, with numpy 2.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

MODEL = """\
import keras

def build_model(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Int("units", 4, 64), activation="relu")])
    model.add(keras.layers.Dense(3, activation="softmax"))
    model.compile(keras.optimizers.Adam(hp.Float("lr", 1e-3, 0.1, sampling="log")), "categorical_crossentropy")
    return model
"""

CUSTOM = """\
import keras

class Doubled(keras.layers.Layer):
    def call(self, x):
        return keras.ops.tanh(2 * x)

def build_model(hp):
    return keras.Sequential([keras.layers.Dense(8), Doubled(), keras.layers.Dense(3)])
"""


def write_table(folder: Path, rows: int = 90) -> DataSettings:
    random = np.random.default_rng(7)
    sizes, colours = random.normal(50, 9, rows), random.choice(["red", 'say "blue"'], rows)
    kinds = np.where(colours == "red", "low", np.where(sizes > 50, "high", "mid"))
    texts = ["" if row % 9 == 0 else f"{size:.2f}" for row, size in enumerate(sizes)]
    lines = [
        f'{text},"{colour.replace(chr(34), chr(34) * 2)}",{kind}'
        for text, colour, kind in zip(texts, colours, kinds, strict=True)
    ]
    path = folder / "mine.csv"
    path.write_text("\n".join(["size,colour/hue,kind", *lines]) + "\n")
    return DataSettings(str(path), target="kind", task=Task.CLASSIFICATION)


def definition_of(
    data: DataSettings, model: Path, metric: str = "val_accuracy", entry: str = BUILD_MODEL
) -> Definition:
    own = (OwnParameter("lr", 0.01), OwnParameter("units", 16))
    return Definition(
        name="mine",
        data=data,
        model=ModelSettings(kind="own", epochs=6, python=str(model), entry=entry, own=own),
        objective=Objective(metric, direction_of(metric)),
        space=Space((FloatParameter(name="lr", low=1e-3, high=0.1),)),
    )


def write_study(folder: Path, text: str, data: DataSettings, *, trust: bool = True, **options: Any) -> StudyFile:
    model = folder / "model.py"
    model.write_text(text)
    file = read_model_file(model)
    if trust:
        TrustStore().trust(file)
    kept = KeptModel(str(file.path), file.sha256, file.text)
    return with_a_trial(folder / "mine.tuner", definition_of(data, model, **options), kept)


def with_a_trial(path: Path, definition: Definition, model: KeptModel) -> StudyFile:
    """A study with a finished trial, opened to look at it."""
    with create(path, definition, model=model) as file:
        start = TrialStarted(1, file.log.plan.stage, {"lr": 0.02}, 5, "2026-01-01T00:00:00+00:00", {"units": 24})
        file.record([start, TrialEnded(1, TrialState.FINISHED, 1.0, 0.9)])
    return open_study(path, read_only=True)


# --- what is refused, in words, and without TensorFlow ---


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def test_an_objective_has_no_model_to_hand_over(state: Path) -> None:
    with (
        write_study(state, "import optuna\n", DataSettings(""), entry=OBJECTIVE, metric="value") as file,
        pytest.raises(ExportError, match=r"model\.py trains its models itself .* --to python"),
    ):
        forms.export(file, "keras", state / "x.keras")


def test_a_file_that_nobody_trusted_is_not_run(state: Path) -> None:
    with (
        write_study(state, "open('ran', 'w')\n", write_table(state), trust=False) as file,
        pytest.raises(ExportError, match="was not trusted here"),
    ):
        forms.export(file, "keras", state / "x.keras")
    assert not (state / "x.keras").exists()


def test_trust_in_another_content_than_the_study_keeps_is_none(state: Path) -> None:
    harmless = state / "harmless.py"
    harmless.write_text("pass\n")
    trusted = read_model_file(harmless)
    TrustStore().trust(trusted)
    definition = definition_of(write_table(state), harmless)
    kept = KeptModel(str(harmless), trusted.sha256, "open('ran', 'w')\n")
    with (
        with_a_trial(state / "made-up.tuner", definition, kept) as file,
        pytest.raises(ExportError, match="was not trusted here"),
    ):
        forms.export(file, "keras", state / "x.keras")


@pytest.mark.parametrize(
    ("number", "words"), [(3, "was pruned"), (4, "was diverged"), (5, "has failed"), (6, "was cancelled")]
)
def test_only_a_finished_trial_has_a_model(study: StudyFile, number: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=f"trial #{number} {words}: only a finished one has a model"):
        forms.export(study, "keras", tmp_path / "x.keras", trial=number)


# --- models ---


@pytest.fixture
def keras_here(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)
    import keras

    for name in list(sys.modules):
        if name.split(".")[0] in ("keras_tuner", "kerastuner", "tuner_own_model"):
            monkeypatch.delitem(sys.modules, name)
    yield
    keras.backend.clear_session()


def made(folder: Path, text: str, data: DataSettings, values: dict[str, Any], npz: bytes | None = None) -> Any:
    """Make the file in this process; returns what was made, and the network that was saved."""
    from tuner_gui.training import own_export
    from tuner_gui.training.data import load
    from tuner_gui.training.exporting import Again, KerasFile

    (folder / "model.py").write_text(text)
    kept = read_model_file(folder / "model.py")
    model = KeptModel(str(kept.path), kept.sha256, kept.text)
    wanted = KerasFile(str(folder / "m.keras"), data, values, npz, Again(5, 2, "val_loss"), model)
    split, networks = load(data), []
    with pytest.MonkeyPatch.context() as patches:
        network = own_export.trained_network

        def remembered(*given: Any) -> Any:
            networks.append(network(*given))
            return networks[-1]

        patches.setattr(own_export, "trained_network", remembered)
        return own_export.made_own(wanted, model, split), networks[0][0].model, split


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def numbers_table(folder: Path, target: str) -> tuple[DataSettings, np.ndarray]:
    random = np.random.default_rng(8)
    x = random.normal(20, 5, (60, 4)).round(3)
    y = x.sum(axis=1).round(2) * 10 if target == "y" else np.where(x[:, 0] > 20, "yes", "no")
    lines = [",".join(map(str, [*row, goal])) for row, goal in zip(x, y, strict=True)]
    (folder / "numbers.csv").write_text("\n".join(["a,b,c,d,goal", *lines]))
    task = Task.REGRESSION if target == "y" else Task.CLASSIFICATION
    return DataSettings(str(folder / "numbers.csv"), target="goal", task=task), x


HEAD = "import keras\nL = keras.layers\ndef build_model(hp):\n"
KINDS = {
    "logits, not compiled": HEAD + "    return keras.Sequential([L.Dense(5, 'tanh'), L.Dense(2)])\n",
    "a shape of its own": HEAD
    + "    return keras.Sequential([keras.Input((2, 2, 1)), L.Conv2D(3, 2), L.Flatten(), L.Dense(2, 'softmax')])\n",
    "a sigmoid": HEAD + "    m = keras.Sequential([L.Dense(1, 'sigmoid')])\n"
    "    m.compile('sgd', 'binary_crossentropy', metrics=['accuracy'])\n    return m\n",
    "logits by its loss": HEAD + "    m = keras.Sequential([L.BatchNormalization(), L.Dense(2)])\n"
    "    m.compile('rmsprop', keras.losses.CategoricalCrossentropy(from_logits=True))\n    return m\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("keras_here")
def test_classes_come_out_as_probabilities(kind: str, tmp_path: Path) -> None:
    import keras

    data, x = numbers_table(tmp_path, "class")
    done, model, split = made(tmp_path, KINDS[kind], data, {})
    opened = keras.saving.load_model(tmp_path / "m.keras")
    found = opened.predict(x, verbose=0)
    scale = [(column.mean, column.scale) for column in split.preparation.columns]
    inputs = ((x - [mean for mean, _ in scale]) / [spread for _, spread in scale]).astype(np.float32)
    plain = model.predict(inputs.reshape(-1, *model.input_shape[1:]), verbose=0)
    wanted = softmax(plain) if "logits" in kind else np.hstack([1 - plain, plain]) if "sigmoid" in kind else plain
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert (done.needed, done.unsafe) == ((), False)


@pytest.mark.slow
@pytest.mark.usefixtures("keras_here")
def test_a_regression_answers_in_its_own_units(tmp_path: Path) -> None:
    import keras

    data, x = numbers_table(tmp_path, "y")
    text = HEAD + "    i = keras.Input((4,))\n    return keras.Model(i, L.Dense(1)(L.Dense(6, 'relu')(i)))\n"
    _done, model, split = made(tmp_path, text, data, {})
    opened = keras.saving.load_model(tmp_path / "m.keras")
    target = split.preparation.target
    scale = [(column.mean, column.scale) for column in split.preparation.columns]
    inputs = ((x - [mean for mean, _ in scale]) / [spread for _, spread in scale]).astype(np.float32)
    wanted = model.predict(inputs, verbose=0) * target.scales[0] + target.means[0]
    assert target.means[0] > 500
    np.testing.assert_allclose(opened.predict(x, verbose=0), wanted, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.usefixtures("keras_here")
def test_weights_of_another_model_and_models_that_cannot_be_saved_are_told_in_words(tmp_path: Path) -> None:
    from tuner_gui.training.lane_state import weights_to_npz

    data, _ = numbers_table(tmp_path, "class")
    with pytest.raises(ValueError, match="perhaps the file was changed after the study was begun"):
        made(tmp_path, KINDS["a sigmoid"], data, {}, npz=weights_to_npz({"0": np.zeros((3, 3))}))
    text = (
        "import keras\nclass Odd(keras.layers.Layer):\n    def __init__(self, secret):\n        super().__init__()\n"
        "        self.secret = secret\n    def call(self, x):\n        return x\n"
        "def build_model(hp):\n    return keras.Sequential([Odd(object()), keras.layers.Dense(2)])\n"
    )
    with pytest.raises(ValueError, match=r"cannot save this model so that it opens again .* needs a get_config"):
        made(tmp_path, text, data, {})
    with pytest.raises(ValueError, match=rf"{tmp_path}/model\.py, line 4, in build_model: ZeroDivisionError"):
        made(tmp_path, HEAD + "    return 1 / 0\n", data, {})


_FRESH = """
import csv, sys
sys.modules["tuner_gui"] = None  # any import of it fails
import keras, numpy as np, tensorflow as tf
rows = list(csv.reader(open(sys.argv[2], newline="")))[1:]
size = [[float(row[0] or "nan")] for row in rows]
colour = [[row[1]] for row in rows]
inputs = {"size": tf.constant(size, tf.float64), "colour_hue": tf.constant(colour)}
try:
    model = keras.saving.load_model(sys.argv[1])
    print("opened")
except Exception as error:
    print("refused")
    sys.path.insert(0, sys.argv[4])
    import model as file
    model = keras.saving.load_model(sys.argv[1], custom_objects={"Doubled": file.Doubled})
np.save(sys.argv[3], model(inputs).numpy())
"""


def fresh(model: Path, data: DataSettings, folder: Path) -> tuple[str, np.ndarray]:
    command = [sys.executable, "-I", "-c", _FRESH, str(model), data.source, str(folder / "found.npy"), str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip(), np.asarray(np.load(folder / "found.npy"))


@pytest.mark.slow
@pytest.mark.usefixtures("keras_here")
@pytest.mark.parametrize(("text", "says"), [(MODEL, "opened"), (CUSTOM, "refused")], ids=["plain", "with a layer"])
def test_a_fresh_process_predicts_from_raw_rows(text: str, says: str, state: Path) -> None:
    """The weights were not kept: trained again in a process of its own, they are those of training here."""
    from tuner_gui.training.data import load
    from tuner_gui.training.messages import Job
    from tuner_gui.training.own_build import built
    from tuner_gui.training.own_file import load as load_file
    from tuner_gui.training.own_model import OwnTrainer

    data = write_table(state)
    with write_study(state, text, data) as file:
        (state / "model.py").rename(state / "kept.py")
        words = forms.export(file, "keras", state / "best.keras")
        (state / "kept.py").rename(state / "model.py")
    assert "its weights were not kept, so it was trained again" in words
    assert ("Keras opens it only where Doubled of model.py is known" in words) == (says == "refused")
    said, found = fresh(state / "best.keras", data, state)
    assert said == says

    split, own = load(data), load_file(state / "model.py", read_model_file(state / "model.py").sha256)
    events: list[Any] = []
    trainer = OwnTrainer(lambda: own, split, report=events.extend)
    values = {"lr": 0.02, "units": 24}
    trainer.submit(Job(1, 5, values, 6, "val_accuracy"))
    trainer.run_until_idle()
    (kept,) = [event.npz for event in events if isinstance(event, WeightsKept)]
    from tuner_gui.training.lane_state import arrays_from_npz

    _hp, network = built(own, split, values, seed=0)
    network.set_weights(arrays_from_npz(kept))
    plain = network.model.predict(split.validation.inputs, verbose=0)
    plain = softmax(plain) if text == CUSTOM else plain
    # Which rows validate is for the split to know; each of its predictions is among those of all rows.
    distances = np.abs(found[None] - plain[:, None]).max(axis=2).min(axis=1)
    assert distances.max() < 1e-4
    about = json.loads((state / "best.keras.json").read_text())
    assert about["outputs"] == ["high", "low", "mid"]
    assert about.get("needs", {}).get("objects", []) == (["Doubled"] if says == "refused" else [])
