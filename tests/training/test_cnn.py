"""The built-in network for images: what its values make of it, and that a trial of it learns like any other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from training_lab import curves_of, end_of, weights_kept

from tuner_gui.space.errors import SpaceError
from tuner_gui.study.definition import METRICS, DataSettings, Task, new_definition
from tuner_gui.study.events import Event, TrialEnded, TrialProgress, TrialState
from tuner_gui.training.data import Part, Split, load
from tuner_gui.training.messages import Job
from tuner_gui.training.own_model import OwnTrainer
from tuner_gui.training.schedule import Rates, schedule_of, steps_per_epoch
from tuner_gui.training.settings import trial_settings

SIDE, CHANNELS, CLASSES = 4, 2, 3
SMALL = {"layers": 1, "filters": 3, "units": 5, "batch_size": 16, "learning_rate": 0.05}


def images(task: Task = Task.CLASSIFICATION, rows: int = 90) -> Split:
    """Small images whose class, or number, is a matter of where they are bright."""
    random = np.random.default_rng(3)

    def part(rows: int) -> Part:
        places = random.integers(0, CLASSES, rows)
        pixels = random.normal(0, 0.3, (rows, SIDE, SIDE, CHANNELS)).astype(np.float32)
        pixels[np.arange(rows), places, 1, 0] += 3
        targets = places.astype(np.int32) if task is Task.CLASSIFICATION else (places[:, None] - 1).astype(np.float32)
        return Part(pixels.reshape(rows, -1), targets)

    outputs = CLASSES if task is Task.CLASSIFICATION else 1
    test = part(20)
    image = (SIDE, SIDE, CHANNELS)
    return Split(task, part(rows), part(30), outputs, np.full(outputs, 10.0), 20, lambda: test, image=image)


def trained(split: Split, *jobs: Job) -> tuple[list[list[Event]], OwnTrainer]:
    from tuner_gui.training.cnn import cnn_file

    events: list[Event] = []
    trainer = OwnTrainer(lambda: cnn_file(split), split, report=events.extend)
    for job in jobs:
        trainer.submit(job)
    trainer.run_until_idle()
    told = [event for event in events if not isinstance(event, TrialProgress)]
    return [[event for event in told if getattr(event, "trial", None) == job.trial] for job in jobs], trainer


def a_job(trial: int = 1, *, seed: int = 7, epochs: int = 3, **values: Any) -> Job:
    return Job(trial, seed, {**SMALL, **values}, epochs, "val_loss")


def network(**values: Any) -> Any:
    from tuner_gui.training.cnn import compiled_cnn

    return compiled_cnn(images(), {**SMALL, **values})


def weights_of(*, layers: int, filters: int, kernel: int, units: int, batch_norm: bool) -> int:
    """How many weights such a network has, γ, β and both moving statistics of a normalised layer among them."""
    per_output = 4 if batch_norm else 1
    total, channels, side = 0, CHANNELS, SIDE
    for block in range(layers):
        wide = filters * 2**block
        total += channels * kernel**2 * wide + per_output * wide
        channels, side = wide, math.ceil(side / 2)
    total += side**2 * channels * units + per_output * units
    return total + units * CLASSES + CLASSES


@pytest.mark.parametrize(
    "shape",
    [
        {"layers": 1, "filters": 3, "kernel": 3, "units": 5, "batch_norm": True},
        {"layers": 1, "filters": 8, "kernel": 3, "units": 5, "batch_norm": True},
        {"layers": 3, "filters": 3, "kernel": 3, "units": 5, "batch_norm": True},
        {"layers": 2, "filters": 3, "kernel": 5, "units": 5, "batch_norm": False},
        {"layers": 2, "filters": 3, "kernel": 3, "units": 40, "batch_norm": False},
    ],
)
def test_the_values_of_a_trial_make_the_network(shape: dict[str, Any]) -> None:
    assert network(**shape).count_params() == weights_of(**shape)


def test_a_normalised_layer_has_no_bias_and_a_plain_one_has() -> None:
    import keras

    normalised = [layer for layer in network(layers=2).layers if layer.weights]
    kinds = [type(layer).__name__ for layer in normalised]
    assert kinds == ["Conv2D", "BatchNormalization"] * 2 + ["Dense", "BatchNormalization", "Dense"]
    before = [layer for layer in normalised[:-1] if not isinstance(layer, keras.layers.BatchNormalization)]
    assert [layer.use_bias for layer in before] == [False] * 3
    assert normalised[-1].use_bias
    plain = [layer for layer in network(layers=2, batch_norm=False).layers if layer.weights]
    assert [layer.use_bias for layer in plain] == [True] * 4
    momentum = network(batch_norm_momentum=0.9).layers[1].momentum
    assert momentum == 0.9


def test_dropout_l2_and_activation_reach_every_hidden_layer() -> None:
    import keras

    model = network(layers=2, dropout=0.3, l2=0.02, activation="elu")
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.3] * 3
    names = [layer.activation.__name__ for layer in model.layers if isinstance(layer, keras.layers.Activation)]
    assert names == ["elu"] * 3
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    penalty = 0.02 * sum(float((kernel.numpy() ** 2).sum()) for kernel in kernels)
    assert len(kernels) == 4
    assert float(sum(model.losses)) == pytest.approx(penalty, rel=1e-5)
    assert not network().losses


@pytest.mark.parametrize(
    ("values", "name", "wanted"),
    [
        ({"optimizer": "sgd", "momentum": 0.95}, "SGD", {"momentum": 0.95, "nesterov": False}),
        (
            {"optimizer": "rmsprop", "rho": 0.8, "momentum": 0.5, "epsilon": 1e-6},
            "RMSprop",
            {"rho": 0.8, "momentum": 0.5, "epsilon": 1e-6, "centered": False},
        ),
        (
            {"optimizer": "adam", "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-5},
            "Adam",
            {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-5, "amsgrad": False},
        ),
    ],
)
def test_the_optimizer_is_keras_own_with_the_values_of_the_trial(
    values: dict[str, Any], name: str, wanted: dict[str, Any]
) -> None:
    optimizer = network(**values).optimizer
    assert type(optimizer).__name__ == name
    assert float(optimizer.learning_rate) == pytest.approx(0.05)
    assert {key: optimizer.get_config()[key] for key in wanted} == wanted


def test_the_learning_rate_decays_as_that_of_the_perceptrons() -> None:
    values = {**SMALL, "learning_rate_decay": 0.5, "batch_size": 20}
    rows = len(images().train)
    rate = network(**values).optimizer._learning_rate
    perceptron = trial_settings({name: v for name, v in values.items() if name != "filters"}, seed=0)
    steps = steps_per_epoch(rows, 20)
    for epoch in range(3):
        gains = schedule_of([perceptron], [epoch], rows, "float64")[:, Rates._fields.index("gain"), 0, 0, 0]
        own = [float(rate(epoch * steps + step)) for step in range(steps)]
        np.testing.assert_allclose(own, -gains, rtol=1e-6)


def test_large_images_do_not_make_the_dense_layer_enormous() -> None:
    from tuner_gui.training.cnn import cnn_values
    from tuner_gui.training.cnn_model import build_cnn

    values = cnn_values({"layers": 1, "filters": 2, "units": 3})
    for side, wide in ((100, 8), (16, 8), (3, 2)):
        layers = build_cnn((side, side, 1), 2, values).layers
        flat = next(layer for layer in layers if type(layer).__name__ == "Flatten")
        assert flat.input.shape[1:3] == (wide, wide)


@pytest.mark.parametrize(("filters", "widths"), [(3, [3, 6, 12]), (200, [200, 400, 512]), (600, [600, 600])])
def test_filters_double_up_to_a_limit(filters: int, widths: list[int]) -> None:
    from tuner_gui.training.cnn import cnn_values
    from tuner_gui.training.cnn_model import build_cnn

    model = build_cnn((8, 8, 1), 2, cnn_values({"layers": len(widths), "filters": filters, "kernel": 1, "units": 2}))
    assert [layer.filters for layer in model.layers if type(layer).__name__ == "Conv2D"] == widths


def test_a_value_that_cannot_be_is_refused() -> None:
    from tuner_gui.training.cnn import cnn_values

    with pytest.raises(SpaceError, match="kernel"):
        cnn_values({"kernel": 0})


def test_a_trial_reports_each_epoch_and_keeps_weights_with_the_same_figures() -> None:
    split = images()
    (events,), trainer = trained(split, a_job(epochs=4))

    curves = curves_of(events)
    assert [tuple(metrics) for metrics in curves] == [METRICS[Task.CLASSIFICATION]] * 4
    assert curves[-1]["loss"] < curves[0]["loss"]
    assert end_of(events).value == curves[-1]["val_loss"]
    figure = trainer.final_figure(SMALL, weights_kept(events))
    assert set(figure) == {"test_loss", "test_accuracy"}
    with pytest.raises(ValueError, match="weight shape"):
        trainer.final_figure({**SMALL, "units": 6}, weights_kept(events))


def test_what_goes_wrong_is_said_of_the_network_and_its_values() -> None:
    (events,), _ = trained(images(), a_job(units=-1))
    end = end_of(events)
    assert end.state is TrialState.FAILED
    assert str(end.reason).startswith("the built-in CNN: SpaceError: units = -1: expected a whole number")
    assert "units -1" in str(end.reason)


@pytest.mark.slow
def test_a_trial_is_the_same_whatever_was_trained_before_it() -> None:
    values = {"dropout": 0.4, "batch_norm": True}
    (first, _, again, other), _ = trained(
        images(), a_job(1, **values), a_job(2, layers=2, seed=3), a_job(3, **values), a_job(4, seed=8, **values)
    )
    assert curves_of(first) == curves_of(again)
    assert weights_kept(first) == weights_kept(again)
    assert curves_of(first) != curves_of(other)


@pytest.mark.slow
def test_training_is_that_of_keras_fit_with_the_same_batches() -> None:
    import keras

    split = images()
    values = {"optimizer": "adam", "learning_rate": 0.01, "learning_rate_decay": 0.3, "l2": 1e-3}
    (events,), _ = trained(split, a_job(epochs=4, **values))
    keras.utils.set_random_seed(7)
    model = network(**values)
    shuffle = np.random.default_rng(7)
    shape = (-1, SIDE, SIDE, CHANNELS)
    for _ in range(4):
        order = shuffle.permutation(len(split.train))
        pixels, targets = split.train.inputs[order].reshape(shape), split.train.targets[order]
        model.fit(pixels, targets, batch_size=16, shuffle=False, verbose=0)
    loss = model.evaluate(split.validation.inputs.reshape(shape), split.validation.targets, verbose=0)
    assert curves_of(events)[-1]["val_loss"] == pytest.approx(loss, rel=1e-3)


@pytest.mark.slow
def test_a_number_is_learned_from_images_in_its_own_units() -> None:
    (events,), _ = trained(images(Task.REGRESSION), a_job(epochs=40, optimizer="adam", learning_rate=0.01))
    last = curves_of(events)[-1]
    assert tuple(last) == METRICS[Task.REGRESSION]
    assert last["val_r2"] > 0.8
    assert 0 < last["val_mae"] < 5


@pytest.mark.slow
def test_a_trial_on_the_digits_learns_them_and_leaves_as_a_model_of_pixels() -> None:
    from tuner_gui.data.builtin import LOADERS
    from tuner_gui.data.splitting import split_rows
    from tuner_gui.training.cnn import trained_cnn
    from tuner_gui.training.lane_state import arrays_from_npz
    from tuner_gui.training.prepared_model import prepared_model

    definition = new_definition("digits", kind="cnn")
    values = definition.hyperparameters({"learning_rate": 0.05})
    split = load(definition.data, images=True)
    (events,), _ = trained(split, Job(1, 7, values, 12, "val_accuracy"))
    accuracy = end_of(events).value
    assert accuracy is not None
    assert accuracy > 0.96

    model = prepared_model(trained_cnn(split, values, arrays_from_npz(weights_kept(events))), split.preparation)
    inputs, targets = LOADERS["digits"]()
    rows = split_rows(targets, DataSettings("digits"))[1]
    found = model(inputs[rows]).numpy()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert (found.argmax(axis=1) == targets[rows]).mean() == pytest.approx(accuracy)


@pytest.mark.slow
def test_trials_end_once_each() -> None:
    events, _ = trained(images(), a_job(1, epochs=1), a_job(2, epochs=1, learning_rate=1e30))
    states = [[e.state for e in own if isinstance(e, TrialEnded)] for own in events]
    assert states[0] == [TrialState.FINISHED]
    assert states[1] == [TrialState.DIVERGED]
