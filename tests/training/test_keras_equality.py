"""A trial must be the one that plain Keras would train: same start, same batches, same losses, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from training_lab import ROWS, small_split, step_losses

from tuner_gui.study.definition import Task

EPOCHS = 5
BATCH = 16
STEPS = EPOCHS * 7  # 103 rows: six full batches and one of seven rows


def settings(**values: Any) -> Any:
    from tuner_gui.training.settings import trial_settings

    rates = {"sgd": 0.05, "rmsprop": 0.003, "adam": 0.01}
    rate = rates[values.get("optimizer", "sgd")]
    # Keras takes the momentum of SGD and the betas of Adam through single precision: these are exact in it.
    averages = {"momentum": 1 - 2**-3, "beta1": 1 - 2**-4, "beta2": 1 - 2**-9, "batch_norm_momentum": 0.9}
    sizes = {"units": 8, "layers": 2, "batch_size": BATCH}
    return trial_settings({**sizes, **averages, "learning_rate": rate, **values}, seed=5)


def orders(rows: int = ROWS) -> list[Any]:
    random = np.random.default_rng(0)
    return [random.permutation(rows).astype(np.int32)[None] for _ in range(EPOCHS)]


def ours(trial: Any, split: Any, dtype: str) -> tuple[Any, dict[str, Any]]:
    """The loss of each step ``[steps]`` and the weights after the last one."""
    from tuner_gui.training.network import start_weights
    from tuner_gui.training.program import Program
    from tuner_gui.training.settings import lanes_of

    program = Program(trial.structure, split, dtype)
    program.start([start_weights(trial, split.inputs, split.outputs)], [trial.seed])
    losses = [
        step_losses(program, lanes_of([trial], [epoch], dtype), [order], BATCH)[:, 0]
        for epoch, order in enumerate(orders())
    ]
    return np.concatenate(losses), program.network.lane(0)


def theirs(trial: Any, split: Any, dtype: str, masks: Any = None) -> tuple[Any, dict[str, Any]]:
    from keras_reference import keras_model, step_of, weights_of

    from tuner_gui.training.network import start_weights

    count = trial.structure.layers if masks else 0
    model = keras_model(trial, split, start_weights(trial, split.inputs, split.outputs), dtype, masks=count)
    optimizer, step = step_of(model, trial, split)
    losses: list[float] = []
    for epoch, order in enumerate(orders()):
        optimizer.learning_rate = trial.rates["learning_rate"] / (1 + trial.rates["learning_rate_decay"] * epoch)
        for first in range(0, ROWS, BATCH):
            rows = order[0, first : first + BATCH]
            inputs: Any = split.train.inputs[rows].astype(dtype)
            if masks:
                inputs = [inputs, *masks(len(losses), len(rows))]
            losses.append(step(inputs, split.train.targets[rows]).numpy())
    return np.array(losses), weights_of(model, trial)


def assert_same(trial: Any, split: Any, dtype: str = "float64", **keras_only: Any) -> None:
    """float64 leaves no doubt that the formulas are the same; float32 is what trials train in."""
    from keras_reference import precision

    tolerance = 1e-9 if dtype == "float64" else 2e-3
    our_losses, our_weights = ours(trial, split, dtype)
    with precision(dtype):
        their_losses, their_weights = theirs(trial, split, dtype, **keras_only)
    assert len(our_losses) == STEPS
    np.testing.assert_allclose(our_losses, their_losses, rtol=tolerance)
    assert our_weights.keys() == their_weights.keys()
    for name, array in our_weights.items():
        np.testing.assert_allclose(array, their_weights[name], rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch_norm", "plain"])
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_every_step_is_that_of_keras(optimizer: str, *, batch_norm: bool) -> None:
    assert_same(settings(optimizer=optimizer, batch_norm=batch_norm), small_split())


def test_in_single_precision_losses_are_those_of_keras_to_its_tolerance() -> None:
    assert_same(settings(optimizer="adam", beta2=0.999), small_split(), "float32")


def test_l2_and_decay_are_those_of_keras() -> None:
    assert_same(settings(l2=2**-6, learning_rate_decay=0.5), small_split())


@pytest.mark.parametrize(("activation", "layers"), [("tanh", 1), ("elu", 3)])
def test_activations_and_depths_are_those_of_keras(activation: str, layers: int) -> None:
    assert_same(settings(activation=activation, layers=layers, batch_norm=False), small_split())


def test_regression_is_that_of_keras() -> None:
    assert_same(settings(learning_rate=0.01), small_split(Task.REGRESSION))


def test_with_the_same_masks_dropout_is_that_of_keras() -> None:
    from tuner_gui.training.layers import dropout_factors
    from tuner_gui.training.randomness import dropout_seed

    trial = settings(dropout=0.4)
    seeds = np.array([dropout_seed(trial.seed)], np.uint32)

    def masks(step: int, rows: int) -> list[Any]:
        shape, rate = np.array([1, rows, trial.units], np.int32), np.array([0.4])
        return [np.asarray(dropout_factors(seeds, np.array([step]), layer, shape, rate))[0] for layer in range(2)]

    assert_same(trial, small_split(), masks=masks)


@pytest.mark.parametrize("task", list(Task))
def test_metrics_of_an_epoch_are_those_of_keras_fit(task: Task) -> None:
    from keras_reference import keras_model, loss_of, optimizer

    from tuner_gui.training.network import start_weights
    from tuner_gui.training.program import LOSS, SCORE, Program
    from tuner_gui.training.settings import lanes_of
    from tuner_gui.training.trainer import Evaluation

    split, trial = small_split(task), settings(l2=0.01)
    split.target_scale[:] = 1.0  # Keras knows no original units
    start = start_weights(trial, split.inputs, split.outputs)
    model = keras_model(trial, split, start, "float32")
    score = "accuracy" if task is Task.CLASSIFICATION else "mae"
    model.compile(optimizer(trial), loss=loss_of(split), metrics=[score], run_eagerly=True)
    valid = (split.validation.inputs, split.validation.targets)
    fitted = model.fit(
        split.train.inputs, split.train.targets, batch_size=BATCH, shuffle=False, validation_data=valid, verbose=0
    )
    program = Program(trial.structure, split)
    program.start([start], [trial.seed])
    lanes = lanes_of([trial], [0], "float32")
    order = np.arange(ROWS, dtype=np.int32)[None]
    sums = program.train(lanes, order, BATCH, first=0, stop=7, sums=program.no_sums(1)) / ROWS
    found = Evaluation(program, split, split.validation).metrics("val_", lanes)
    ours = [sums[LOSS, 0], sums[SCORE, 0], found["val_loss"], found[f"val_{score}"]]
    theirs = [fitted.history[name][0] for name in ("loss", score, "val_loss", f"val_{score}")]
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
