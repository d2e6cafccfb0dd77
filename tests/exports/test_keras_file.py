"""The file of a model says what the lane said, in a process that has never heard of this program."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuner_gui.assets import asset
from tuner_gui.data.preparation import CategoryColumn, Classes, NumberColumn, Numbers, Preparation
from tuner_gui.exports import forms
from tuner_gui.exports.trained import hyperparameters_of
from tuner_gui.study.definition import DataSettings, Task, new_definition
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState, WeightsKept
from tuner_gui.study.file import StudyFile, create, open_study

pytestmark = [
    pytest.mark.slow,
    # Keras' own saving, with numpy 2.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

_FRESH = """
import sys
sys.modules["tuner_gui"] = None  # any import of it fails
import keras, numpy as np
model = keras.saving.load_model(sys.argv[1])
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
"""


@pytest.fixture(autouse=True)
def _tensorflow() -> None:
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)


def fresh_predictions(model: Path, rows: np.ndarray, folder: Path) -> np.ndarray:
    """What the model says of rows in a fresh process without this package."""
    np.save(folder / "rows.npy", rows)
    command = [sys.executable, "-I", "-c", _FRESH, str(model), str(folder / "rows.npy"), str(folder / "found.npy")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return np.asarray(np.load(folder / "found.npy"))


def lane_outputs(file: StudyFile, number: int) -> tuple[np.ndarray, Any]:
    """Logits or standardised targets of the validation rows as the lane of a trial gives them, and the split."""
    from tuner_gui.training.data import load
    from tuner_gui.training.graph import Graph
    from tuner_gui.training.lane_state import LaneState, weights_from_npz
    from tuner_gui.training.settings import trial_settings

    definition, npz = file.log.plan.definition, file.weights(number)
    assert npz is not None
    split = load(definition.data)
    settings = trial_settings(hyperparameters_of(definition, file.history.trial(number)), 0)
    weights = weights_from_npz(npz, settings, inputs=split.inputs, outputs=split.outputs)
    graph = Graph(settings.structure, split)
    stack = graph.stacks.new(settings.shape.units)
    graph.stacks.rearrange(stack, [], [(settings, LaneState(weights, {}))], units=settings.shape.units)
    normed = np.full((1, 1, 1), float(settings.batch_norm), np.float32)
    return graph._network.evaluate(stack.variables, split.validation.inputs, normed).numpy()[0], split


def raw_validation(file: StudyFile) -> np.ndarray:
    """The validation rows as the data set has them."""
    from tuner_gui.data.builtin import LOADERS
    from tuner_gui.data.splitting import split_rows

    settings = file.log.plan.definition.data
    inputs, targets = LOADERS[settings.source]()
    return np.asarray(inputs[split_rows(targets, settings)[1]])


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("number", [6, 14])
def test_classes_get_the_probabilities_of_the_lane(number: int, tmp_path: Path) -> None:
    with open_study(asset("demo.tuner"), read_only=True) as file:
        forms.export(file, "keras", tmp_path / "best.keras", trial=number)
        logits, _ = lane_outputs(file, number)
        found = fresh_predictions(tmp_path / "best.keras", raw_validation(file), tmp_path)
    np.testing.assert_allclose(found, softmax(logits), atol=1e-5)
    about = json.loads((tmp_path / "best.keras.json").read_text())
    assert (about["trial"], about["outputs"], len(about["inputs"])) == (number, list("0123456789"), 64)


def test_a_regression_answers_in_the_units_of_its_target(tmp_path: Path) -> None:
    from tuner_gui.training.lane_state import weights_to_npz
    from tuner_gui.training.network import start_weights
    from tuner_gui.training.settings import trial_settings

    definition = new_definition("diabetes")
    values = {"units": 24, "layers": 2, "learning_rate": 0.1}
    weights = start_weights(trial_settings(definition.hyperparameters(values), 5), 10, 1)
    with create(tmp_path / "d.tuner", definition) as file:
        file.record([TrialStarted(1, file.log.plan.stage, values, 5, "2026-01-01T00:00:00+00:00")])
        file.record([WeightsKept(1, weights_to_npz(weights)), TrialEnded(1, TrialState.FINISHED, 1.0, 0.5)])
    with open_study(tmp_path / "d.tuner", read_only=True) as file:
        forms.export(file, "keras", tmp_path / "d.keras")
        outputs, split = lane_outputs(file, 1)
        found = fresh_predictions(tmp_path / "d.keras", raw_validation(file), tmp_path)
    mean = json.loads((tmp_path / "d.keras.json").read_text())["preparation"]["target"]["numbers"][0]["mean"]
    assert 100 < mean < 200
    np.testing.assert_allclose(found, outputs * split.target_scale + mean, rtol=1e-5, atol=1e-3)


def test_a_table_of_ones_own_goes_in_as_it_is_in_its_file(tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    from tuner_gui.training.data import load
    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.lane_state import weights_to_npz
    from tuner_gui.training.network import start_weights
    from tuner_gui.training.settings import trial_settings

    random = np.random.default_rng(0)
    lines = [
        f"{random.normal(50, 9):.3f},{random.choice(['red', 'blue'])},{random.choice(['yes', 'no'])}" for _ in range(90)
    ]
    (tmp_path / "mine.csv").write_text("size,colour,sold\n" + "\n".join(lines) + "\n")
    data = DataSettings(str(tmp_path / "mine.csv"), target="sold", task=Task.CLASSIFICATION)
    definition, values = replace(new_definition("wine"), data=data), {"units": 12, "layers": 2}
    split, settings = load(data), trial_settings(values, 4)
    weights = start_weights(settings, split.inputs, split.outputs)
    with create(tmp_path / "mine.tuner", definition) as file:
        file.record([TrialStarted(1, file.log.plan.stage, values, 4, "2026-01-01T00:00:00+00:00")])
        file.record([WeightsKept(1, weights_to_npz(weights)), TrialEnded(1, TrialState.FINISHED, 1.0, 0.5)])
    with open_study(tmp_path / "mine.tuner", read_only=True) as file:
        forms.export(file, "keras", tmp_path / "mine.keras")
    opened = keras.saving.load_model(tmp_path / "mine.keras")
    rows = [line.split(",") for line in lines]
    found = opened({
        "size": tf.constant([[float(row[0])] for row in rows], tf.float64),
        "colour": tf.constant([[row[1]] for row in rows]),
    }).numpy()  # fmt: skip
    plain = softmax(keras_model(settings, weights, split.inputs, split.outputs)(split.validation.inputs).numpy())
    # Which rows validate is for the split to know; each of its predictions is among those of all rows.
    distances = np.abs(found[None] - plain[:, None]).max(axis=2).min(axis=1)
    assert distances.max() < 1e-5
    assert json.loads((tmp_path / "mine.keras.json").read_text())["outputs"] == ["no", "yes"]


def saved_and_opened(preparation: Preparation, outputs: int, folder: Path) -> tuple[Any, Any]:
    """A model without its preparation, and the one with it after a round trip through a file."""
    import keras

    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.network import start_weights
    from tuner_gui.training.prepared_model import prepared_model
    from tuner_gui.training.settings import trial_settings

    settings = trial_settings({"units": 8, "layers": 1}, 3)
    model = keras_model(settings, start_weights(settings, preparation.inputs, outputs), preparation.inputs, outputs)
    prepared_model(model, preparation).save(folder / "m.keras")
    return model, keras.saving.load_model(folder / "m.keras")


def test_a_table_with_categories_takes_them_as_texts(tmp_path: Path) -> None:
    columns = (
        NumberColumn("big", 1e6, 1e6 + 1, 0.5),
        CategoryColumn("colour of/eyes", ("", "blue", "green")),
        NumberColumn("age", 30.0, 40.0, 10.0),
    )
    model, opened = saved_and_opened(Preparation(columns, Classes(("no", "yes"))), 2, tmp_path)
    rows = {
        "big": np.array([[1e6 + 2.25], [np.nan], [1e6], [1e6]]),
        "colour of_eyes": np.array([["green"], [""], ["red"], ["blue"]]),
        "age": np.array([[50.0], [np.nan], [40.0], [35.0]]),
    }
    prepared = np.array(
        [[2.5, 0, 0, 1, 1], [-2, 1, 0, 0, -1], [-2, 0, 0, 0, 0], [-2, 0, 1, 0, -0.5]], np.float32
    )  # fmt: skip
    import tensorflow as tf

    tensors = {name: tf.constant(column) for name, column in rows.items()}
    np.testing.assert_allclose(opened(tensors).numpy(), softmax(model(prepared).numpy()), atol=1e-6)


def test_a_missing_number_counts_as_the_value_that_fills_it(tmp_path: Path) -> None:
    columns = (NumberColumn("a", 7.0, 5.0, 2.0), NumberColumn("b", -1.0, 0.0, 4.0))
    numbers = Numbers(("y", "z"), (100.0, -3.0), (10.0, 0.5))
    model, opened = saved_and_opened(Preparation(columns, numbers), 2, tmp_path)
    found = opened.predict(np.array([[np.nan, 8.0], [5.0, np.nan]]), verbose=0)
    standardised = model(np.array([[1.0, 2.0], [0.0, -0.25]], np.float32)).numpy()
    np.testing.assert_allclose(found, standardised * [10.0, 0.5] + [100.0, -3.0], rtol=1e-5)


def test_an_image_takes_the_pixels_of_a_file(tmp_path: Path) -> None:
    preparation = Preparation((NumberColumn("pixels", 0.0, 0.4, 0.2),), Classes(("cat", "dog", "owl")), (4, 3, 1))
    model, opened = saved_and_opened(preparation, 3, tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 1))
    prepared = ((pixels / 255 - 0.4) / 0.2).reshape(5, 12).astype(np.float32)
    np.testing.assert_allclose(opened.predict(pixels, verbose=0), softmax(model(prepared).numpy()), atol=1e-5)


def test_a_trial_without_kept_weights_is_trained_again_to_the_same_value(tmp_path: Path) -> None:
    with open_study(asset("demo.tuner"), read_only=True) as file:
        trial = file.history.trial(2)
        assert file.weights(2) is None
        words = forms.export(file, "keras", tmp_path / "second.keras", trial=2)
    assert f"trained again, to a val_accuracy of {trial.value:.4g}" in words
    about = json.loads((tmp_path / "second.keras.json").read_text())
    assert about["val_accuracy"] == pytest.approx(trial.value, abs=0.01)


def test_a_cnn_leaves_with_the_weights_that_were_kept_or_trained_again(tmp_path: Path) -> None:
    import keras

    from tuner_gui.data.builtin import LOADERS
    from tuner_gui.training.cnn import cnn_file
    from tuner_gui.training.data import load
    from tuner_gui.training.exporting import Again, KerasFile, _made
    from tuner_gui.training.messages import Job
    from tuner_gui.training.own_model import OwnTrainer

    values = {"filters": 4, "units": 16, "layers": 1, "learning_rate": 0.05, "batch_norm": False}
    split, events = load(DataSettings("digits"), images=True), []
    trainer = OwnTrainer(lambda: cnn_file(split), split, report=events.extend)
    trainer.submit(Job(1, 5, values, 2, "val_accuracy"))
    trainer.run_until_idle()
    (kept,) = [event.npz for event in events if isinstance(event, WeightsKept)]
    (end,) = [event for event in events if isinstance(event, TrialEnded)]
    rows = LOADERS["digits"]()[0][:200]
    found = []
    for npz in (kept, None):
        again = Again(5, 2, "val_accuracy")
        made = _made(KerasFile(str(tmp_path / "m.keras"), DataSettings("digits"), values, npz, again, kind="cnn"))
        assert made.value == (None if npz else end.value)
        found.append(keras.saving.load_model(tmp_path / "m.keras").predict(rows, verbose=0))
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)
    # Most of these rows are those of the training part.
    assert (found[0].argmax(axis=1) == LOADERS["digits"]()[1][:200]).mean() > 0.7


def test_names_of_columns_may_hold_anything(tmp_path: Path) -> None:
    names = ('say "it\'s"', "two\nlines", "=cmd", "\u202egrün x", "a/b", "a_b", "", "a:0")
    columns = tuple(CategoryColumn(name, ("p", "q")) for name in names)
    _model, opened = saved_and_opened(Preparation(columns, Classes(("no", "yes"))), 2, tmp_path)
    import tensorflow as tf

    from tuner_gui.training.prepared_model import input_names

    rows = {name: tf.constant([["p"], ["q"]]) for name in input_names(columns)}
    assert list(rows)[4:7] == ["a_b", "a_b (2)", "column"]
    # Keras makes a graph for this, in which the names of layers have to be TensorFlow's.
    np.testing.assert_allclose(opened.predict(rows, verbose=0), opened(rows).numpy(), atol=1e-6)


def test_a_model_that_cannot_be_made_leaves_no_file(tmp_path: Path) -> None:
    from tuner_gui.engines.exporting import KerasFile, NotMadeError, make_keras_file

    wanted = KerasFile(str(tmp_path / "m.keras"), new_definition("wine").data, {"units": 8}, b"no archive")
    with pytest.raises(NotMadeError, match="the kept weights cannot be read"):
        make_keras_file(wanted)
    assert list(tmp_path.iterdir()) == []
