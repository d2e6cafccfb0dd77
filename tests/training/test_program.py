from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from training_lab import CLASSES, INPUTS, ROWS, small_split, step_losses


def settings(seed: int = 3, **values: Any) -> Any:
    from tuner_gui.training.settings import trial_settings

    return trial_settings({"units": 8, "layers": 2, "batch_size": 16, "learning_rate": 0.05, **values}, seed)


def started(*trials: Any, dtype: str = "float64") -> Any:
    """A program with one lane for each trial."""
    from tuner_gui.training.program import Program

    program = Program(trials[0].structure, small_split(), dtype)
    restart(program, *trials)
    return program


def restart(program: Any, *trials: Any) -> None:
    from tuner_gui.training.network import start_weights

    program.start([start_weights(trial, INPUTS, CLASSES) for trial in trials], [trial.seed for trial in trials])


def losses_of(program: Any, *trials: Any, epochs: int = 3) -> Any:
    """The loss of every step, ``[steps, K]``."""
    from tuner_gui.training.randomness import row_order
    from tuner_gui.training.settings import lanes_of

    orders = [np.stack([row_order(trial.seed, epoch, ROWS) for trial in trials]) for epoch in range(epochs)]
    lanes = lanes_of(trials, [0] * len(trials), program.dtype)
    return step_losses(program, lanes, orders, 16)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_lanes_train_as_each_would_alone(optimizer: str) -> None:
    """Everything that a lane can have of its own differs here; neither lane feels the other."""
    common = {"optimizer": optimizer, "units": 8}
    first = settings(3, **common, learning_rate=0.002, momentum=0.5, beta1=0.8, rho=0.8, l2=0.01, dropout=0.3)
    second = settings(4, **common, learning_rate=0.01, momentum=0.9, beta2=0.99, epsilon=1e-4, l2=0.1, dropout=0.1)
    program = started(first, second)
    together = losses_of(program, first, second)
    weights = [program.network.lane(0), program.network.lane(1)]
    for lane, trial in enumerate((first, second)):
        restart(program, trial)
        np.testing.assert_allclose(together[:, lane], losses_of(program, trial)[:, 0], rtol=1e-9)
        for name, array in program.network.lane(0).items():
            np.testing.assert_allclose(weights[lane][name], array, rtol=1e-9, atol=1e-9, err_msg=name)
    assert program.traces == 1  # one lane or two: the same program


def test_a_lane_that_diverges_leaves_the_other_alone() -> None:
    from tuner_gui.training.program import FINITE_STEPS, LOSS
    from tuner_gui.training.randomness import row_order
    from tuner_gui.training.settings import lanes_of

    good, bad = settings(3), settings(4, learning_rate=1e200)
    both = started(good, bad)
    order = np.stack([row_order(trial.seed, 0, ROWS) for trial in (good, bad)])
    lanes = lanes_of([good, bad], [0, 0], "float64")
    sums = both.train(lanes, order, 16, first=0, stop=7, sums=both.no_sums(2))
    assert np.isfinite(sums[LOSS]).tolist() == [True, False]
    assert sums[FINITE_STEPS, 0] == 7
    assert 1 <= sums[FINITE_STEPS, 1] < 7
    restart(both, good)
    expected = both.train(lanes[:, :1], order[:1], 16, first=0, stop=7, sums=both.no_sums(1))
    np.testing.assert_allclose(sums[LOSS, 0], expected[LOSS, 0], rtol=1e-9)


def test_training_stops_at_the_first_loss_that_is_not_finite() -> None:
    from tuner_gui.training.program import FINITE_STEPS
    from tuner_gui.training.randomness import row_order
    from tuner_gui.training.settings import lanes_of

    bad = settings(4, learning_rate=1e200)
    program = started(bad)
    sums = program.train(
        lanes_of([bad], [0], "float64"),
        row_order(bad.seed, 0, ROWS)[None],
        16,
        first=0,
        stop=7,
        sums=program.no_sums(1),
    )
    steps_made = int(program._step.numpy()[0])
    assert steps_made == sums[FINITE_STEPS, 0] + 1 < 7


def test_where_an_epoch_is_cut_into_chunks_changes_no_bit() -> None:
    from tuner_gui.training.randomness import row_order
    from tuner_gui.training.settings import lanes_of

    trial = settings(dropout=0.2, l2=0.01)
    order, lanes = row_order(trial.seed, 0, ROWS)[None], lanes_of([trial], [0], "float32")
    program = started(trial, dtype="float32")
    at_once = program.train(lanes, order, 16, first=0, stop=7, sums=program.no_sums(1))
    weights = program.network.lane(0)
    restart(program, trial)
    sums = program.no_sums(1)
    for first, stop in ((0, 2), (2, 3), (3, 7)):
        sums = program.train(lanes, order, 16, first=first, stop=stop, sums=sums)
    np.testing.assert_array_equal(sums, at_once)
    for name, array in program.network.lane(0).items():
        np.testing.assert_array_equal(weights[name], array)


def test_a_normalised_layer_has_no_bias() -> None:
    names = started(settings()).network.lane(0).keys()
    assert "hidden_1.bias" not in names
    assert {"hidden_1.gamma", "hidden_1.beta", "output.bias"} <= names
