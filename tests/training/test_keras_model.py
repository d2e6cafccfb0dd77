"""A lane that is lifted out is an ordinary Keras model with the same predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_lab import CLASSES, INPUTS, Lab, a_job, small_split, weights_kept

VALUES: list[dict[str, Any]] = [
    {"units": 13, "layers": 3, "activation": "elu", "optimizer": "adam", "learning_rate": 0.01},
    {"units": 9, "layers": 1, "activation": "tanh", "batch_norm": False, "l2": 0.01},
    {"units": 30, "layers": 2, "dropout": 0.3},
]


def lifted(values: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The Keras model of a trained trial, and the trial's own settings and weights."""
    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.lane_state import weights_from_npz
    from tuner_gui.training.settings import trial_settings

    job = a_job(1, epochs=5, **values)
    # Among others of its shape, so that what is lifted is a lane and has padding to lose.
    npz = weights_kept(Lab().train(job, a_job(2, seed=8, **values), a_job(3, seed=9, **values))[0])
    settings = trial_settings(job.hyperparameters, job.seed)
    weights = weights_from_npz(npz, settings, inputs=INPUTS, outputs=CLASSES)
    return keras_model(settings, weights, INPUTS, CLASSES), settings, weights


# Keras' own saving, with numpy 2.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("values", VALUES, ids=["batch_norm", "plain", "dropout"])
def test_predictions_are_those_of_the_lane(values: dict[str, Any], tmp_path: Path) -> None:
    import keras

    from tuner_gui.training.graph import Graph
    from tuner_gui.training.lane_state import LaneState

    model, settings, weights = lifted(values)
    split = small_split()
    graph = Graph(settings.structure, split)
    stack = graph.stacks.new(settings.shape.units)
    graph.stacks.rearrange(stack, [], [(settings, LaneState(weights, {}))], units=settings.shape.units)
    normed = np.full((1, 1, 1), float(settings.batch_norm), np.float32)
    lane = graph._network.evaluate(stack.variables, split.validation.inputs, normed).numpy()[0]
    np.testing.assert_allclose(model(split.validation.inputs).numpy(), lane, rtol=1e-5, atol=1e-5)
    path = tmp_path / "model.keras"
    model.save(path)
    opened = keras.models.load_model(path)
    np.testing.assert_allclose(opened(split.validation.inputs).numpy(), lane, rtol=1e-5, atol=1e-5)


def test_weights_of_another_trial_are_refused() -> None:
    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.settings import trial_settings

    _, _, weights = lifted(VALUES[2])
    with pytest.raises((KeyError, ValueError)):
        keras_model(trial_settings({"units": 30, "layers": 3}, 1), weights, INPUTS, CLASSES)
    with pytest.raises((KeyError, ValueError)):
        keras_model(trial_settings({"units": 31, "layers": 2}, 1), weights, INPUTS, CLASSES)
