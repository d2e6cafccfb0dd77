"""A trial must be the one that plain Keras would train: same start, same batches, same losses, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from training_lab import ROWS, Lab, a_job, curves_of, small_split, train_steps

from tuner_gui.study.definition import Task

EPOCHS = 8
BATCH = 16
STEPS = EPOCHS * 7  # 56: 103 rows: six full batches and one of seven rows


def settings(searched: Any = frozenset(), **values: Any) -> Any:
    from tuner_gui.training.settings import trial_settings

    rates = {"sgd": 0.05, "rmsprop": 0.003, "adam": 0.01}
    rate = rates[values.get("optimizer", "sgd")]
    # Keras takes the momentum of SGD and the betas of Adam through single precision: these are exact in it.
    averages = {"momentum": 1 - 2**-3, "beta1": 1 - 2**-4, "beta2": 1 - 2**-9, "batch_norm_momentum": 0.9}
    sizes = {"units": 8, "layers": 2, "batch_size": BATCH}
    return trial_settings({**sizes, **averages, "learning_rate": rate, **values}, seed=5, searched=searched)


def orders(rows: int = ROWS) -> list[Any]:
    random = np.random.default_rng(0)
    return [random.permutation(rows).astype(np.int32)[None] for _ in range(EPOCHS)]


def ours(trial: Any, split: Any, dtype: str) -> tuple[Any, dict[str, Any]]:
    """The loss of each step ``[steps]`` and the weights after the last one."""
    from tuner_gui.training.graph import Graph

    losses, states = train_steps(Graph(trial.structure, split, dtype), [trial], EPOCHS, order_of)
    return losses[:, 0], dict(states[0].weights)


def order_of(_trial: Any, epoch: int) -> Any:
    return orders()[epoch][0]


def theirs(trial: Any, split: Any, dtype: str, masks: Any = None, epochs: int = EPOCHS) -> tuple[Any, dict[str, Any]]:
    from keras_reference import keras_model, step_of, weights_of

    from tuner_gui.training.network import start_weights

    count = trial.structure.layers if masks else 0
    model = keras_model(trial, split, start_weights(trial, split.inputs, split.outputs), dtype, masks=count)
    optimizer, step = step_of(model, trial, split)
    losses: list[float] = []
    for epoch, order in enumerate(orders()[:epochs]):
        optimizer.learning_rate = trial.rates["learning_rate"] / (1 + trial.rates["learning_rate_decay"] * epoch)
        for first in range(0, ROWS, trial.batch_size):
            rows = order[0, first : first + trial.batch_size]
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


# Here one kind of optimizer is in the fast tests and the others among the slow ones.
ONE_FAST = [pytest.param("sgd", marks=pytest.mark.slow), pytest.param("rmsprop", marks=pytest.mark.slow), "adam"]


@pytest.mark.parametrize("optimizer", ONE_FAST)
def test_so_is_every_step_of_a_large_network(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuner_gui.training import planner

    monkeypatch.setattr(planner, "LARGE", 0)  # it is its own optimizer that is tested, not its size
    trial = planner.alone_if_large(settings(optimizer=optimizer, batch_norm=True, l2=2**-6), 5, 3)
    assert trial.structure.large
    assert_same(trial, small_split())


@pytest.mark.slow
def test_a_large_network_trains_in_a_search_as_it_would_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from tuner_gui.training import planner

    jobs = [a_job(number, seed=number, optimizer=kind) for number, kind in enumerate(("sgd", "rmsprop", "adam"))]
    usual = [curves_of(events) for events in Lab().train(*jobs)]
    monkeypatch.setattr(planner, "LARGE", 0)
    large = [curves_of(events) for events in Lab().train(*jobs)]
    for ours, same in zip(large, usual, strict=True):
        assert [epoch["loss"] for epoch in ours] == pytest.approx([epoch["loss"] for epoch in same], rel=1e-4)


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
        shape, rate = np.array([1, rows, trial.units], np.int32), np.array([[[0.4]]])
        return [np.asarray(dropout_factors(seeds, np.array([step]), layer, shape, rate))[0] for layer in range(2)]

    assert_same(trial, small_split(), masks=masks)


@pytest.mark.parametrize("task", list(Task))
def test_metrics_of_an_epoch_are_those_of_keras_fit(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from keras_reference import keras_model, loss_of, optimizer

    import tuner_gui.training.program as module
    from tuner_gui.training.network import start_weights

    # Keras' own shuffling cannot be asked for the order, so both go through the rows as they are.
    monkeypatch.setattr(module, "row_order", lambda _seed, _epoch, rows: np.arange(rows, dtype=np.int32))
    split = small_split(task)
    split.target_scale[:] = 1.0  # Keras knows no original units
    values = {"units": 8, "layers": 2, "batch_size": BATCH, "l2": 0.01, "batch_norm_momentum": 0.9}
    trial = settings(**values, learning_rate=0.05)
    model = keras_model(trial, split, start_weights(trial, split.inputs, split.outputs), "float32")
    score = "accuracy" if task is Task.CLASSIFICATION else "mae"
    model.compile(optimizer(trial), loss=loss_of(split), metrics=[score], run_eagerly=True)
    valid = (split.validation.inputs, split.validation.targets)
    fitted = model.fit(
        split.train.inputs, split.train.targets, batch_size=BATCH, shuffle=False, validation_data=valid, verbose=0
    )
    rates = {"momentum": trial.rates["momentum"], "learning_rate": 0.05}
    (found,) = curves_of(Lab(split).train_one(a_job(seed=5, epochs=1, **values, **rates)))
    for name in ("loss", score, "val_loss", f"val_{score}"):
        np.testing.assert_allclose(found[name], fitted.history[name][0], rtol=1e-4, err_msg=name)


MIXED: list[dict[str, Any]] = [
    {"units": 5, "learning_rate": 0.002, "momentum": 0.5, "beta1": 0.75, "rho": 0.8, "batch_size": 16},
    {"units": 8, "learning_rate": 0.01, "beta2": 1 - 2**-7, "epsilon": 1e-4, "batch_size": 13},
    {"units": 3, "learning_rate": 0.004, "learning_rate_decay": 0.5, "l2": 2**-6, "batch_size": 15},
]


_SLOW = [pytest.param(None, batch_norm, marks=pytest.mark.slow) for batch_norm in (True, False)]
_SLOW += [
    pytest.param(kind, batch_norm, marks=pytest.mark.slow)
    for kind in ("sgd", "rmsprop", "adam")
    for batch_norm in (True, False, None)
]


@pytest.mark.parametrize(("optimizer", "batch_norm"), [(None, None), *_SLOW])
def test_lanes_of_a_program_are_the_models_that_keras_would_train_alone(
    optimizer: str | None, batch_norm: bool | None
) -> None:
    """Widths, mini-batches, rates, kinds: all that a lane can have of its own differs here. None: searched."""
    from keras_reference import precision

    from tuner_gui.training.graph import Graph

    kinds, norms = ("sgd", "rmsprop", "adam"), (True, False, True)
    asked = {"l2": None, "optimizer": optimizer, "batch_norm": batch_norm}
    searched = {name for name, value in asked.items() if value is None}
    trials = [
        settings(
            searched=searched,
            optimizer=optimizer or kinds[lane],
            batch_norm=norms[lane] if batch_norm is None else batch_norm,
            **own,
        )
        for lane, own in enumerate(MIXED)
    ]
    split = small_split()
    losses, states = train_steps(Graph(trials[0].structure, split, "float64"), trials, EPOCHS, order_of)
    for lane, trial in enumerate(trials):
        with precision("float64"):
            their_losses, their_weights = theirs(trial, split, "float64")
        assert len(their_losses) >= 50
        own_losses = losses[:, lane]
        np.testing.assert_allclose(own_losses[~np.isnan(own_losses)], their_losses, rtol=1e-9)
        assert states[lane].weights.keys() == their_weights.keys()
        for name, array in states[lane].weights.items():
            np.testing.assert_allclose(array, their_weights[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("optimizer", ONE_FAST)
def test_in_single_precision_a_lane_stays_within_a_ten_thousandth_of_training_alone_for_an_epoch(
    optimizer: str,
) -> None:
    from keras_reference import precision

    from tuner_gui.training.graph import Graph

    split = small_split()
    trials = [settings(searched={"l2"}, optimizer=optimizer, **own) for own in MIXED]
    _, states = train_steps(Graph(trials[0].structure, split), trials, 1, order_of)
    differences = []
    for trial, state in zip(trials, states, strict=True):
        with precision("float32"):
            _, their_weights = theirs(trial, split, "float32", epochs=1)
        for name, array in state.weights.items():
            scale = np.maximum(np.abs(their_weights[name]), 1e-3)
            differences.append(np.ravel(np.abs(array - their_weights[name]) / scale))
    within = np.mean(np.concatenate(differences) < 1e-4)
    assert within >= 0.999, f"only {within:.2%} of the weights"
