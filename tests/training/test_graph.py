from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from training_lab import CLASSES, INPUTS, ROWS, small_split, train_steps


def settings(seed: int = 3, searched: Any = frozenset({"dropout", "l2"}), **values: Any) -> Any:
    from tuner_gui.training.settings import trial_settings

    sizes = {"units": 8, "layers": 2, "batch_size": 16, "learning_rate": 0.05}
    return trial_settings({**sizes, **values}, seed, searched)


def graph_for(trial: Any, dtype: str = "float64") -> Any:
    from tuner_gui.training.graph import Graph

    return Graph(trial.structure, small_split(), dtype)


def own_order(trial: Any, epoch: int) -> Any:
    from tuner_gui.training.randomness import row_order

    return row_order(trial.seed, epoch, ROWS)


def trained(graph: Any, *trials: Any, epochs: int = 3) -> tuple[Any, Any]:
    return train_steps(graph, trials, epochs, own_order)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_lanes_train_as_each_would_alone(optimizer: str) -> None:
    """Everything that a lane can have of its own differs here, dropout too; neither lane feels the other."""
    common = {"optimizer": optimizer}
    trials = [
        settings(3, **common, learning_rate=0.002, momentum=0.5, beta1=0.8, rho=0.8, l2=0.01, dropout=0.3, units=5),
        settings(4, **common, momentum=0.9, beta2=0.99, epsilon=1e-4, l2=0.1, dropout=0.1, batch_size=13),
        settings(5, **common, units=7, learning_rate_decay=0.5),
    ]
    graph = graph_for(trials[0])
    together, states = trained(graph, *trials, epochs=8)
    for lane, trial in enumerate(trials):
        alone, (state,) = trained(graph, trial, epochs=8)
        assert len(alone) >= 50
        np.testing.assert_allclose(together[~np.isnan(together[:, lane]), lane], alone[:, 0], rtol=1e-9)
        for kind in ("weights", "averages"):
            for name, array in getattr(state, kind).items():
                other = getattr(states[lane], kind)[name]
                np.testing.assert_allclose(other, array, rtol=1e-9, atol=1e-11, err_msg=name)
    assert graph.traces == 1  # one lane or three, wide or narrow: the same function


@pytest.mark.slow
def test_a_kind_of_optimizer_is_the_same_in_a_graph_that_knows_all_of_them() -> None:
    for optimizer in ("sgd", "rmsprop", "adam"):
        alone, merged = (settings(optimizer=optimizer, searched=searched) for searched in (set(), {"optimizer"}))
        losses, (state,) = trained(graph_for(alone), alone, epochs=8)
        other_losses, (other,) = trained(graph_for(merged), merged, epochs=8)
        np.testing.assert_allclose(other_losses, losses, rtol=1e-9)
        assert other.averages.keys() == state.averages.keys()
        for name, array in state.weights.items():
            np.testing.assert_allclose(other.weights[name], array, rtol=1e-9, atol=1e-11, err_msg=name)


def run_epoch(graph: Any, trials: Any, cuts: tuple[int, ...] = (0, 7)) -> tuple[Any, Any]:
    """The sums of one epoch that is cut into chunks, and the stack after it."""
    from tuner_gui.training.lane_state import start_state
    from tuner_gui.training.schedule import mini_batches, schedule_of

    stack = graph.stacks.new(8)
    begun = [(trial, start_state(trial, INPUTS, CLASSES)) for trial in trials]
    graph.stacks.rearrange(stack, [], begun, units=8)
    schedule = schedule_of(trials, [0] * len(trials), ROWS, graph.dtype)
    batches = mini_batches([own_order(trial, 0) for trial in trials], trials, 16)
    sums = graph.no_sums(len(trials))
    for first, stop in itertools.pairwise(cuts):
        done = np.zeros(len(trials), np.int32)
        sums = graph.train(stack, schedule, batches, done, first=first, stop=stop, sums=sums)
    return sums, [graph.stacks.lift(stack, lane, trial, epoch=1) for lane, trial in enumerate(trials)]


def test_a_lane_that_diverges_leaves_the_other_alone_to_the_last_bit() -> None:
    from tuner_gui.training.graph import FINITE_STEPS, LOSS

    good, bad, fine = settings(3), settings(4, learning_rate=1e200), settings(6)
    graph = graph_for(good)
    sums, (state, *_) = run_epoch(graph, [good, bad])
    assert np.isfinite(sums[LOSS]).tolist() == [True, False]
    assert sums[FINITE_STEPS, 0] == 7
    assert 1 <= sums[FINITE_STEPS, 1] < 7
    other_sums, (other_state, *_) = run_epoch(graph, [good, fine])
    np.testing.assert_array_equal(sums[:, 0], other_sums[:, 0])
    for name, array in state.weights.items():
        np.testing.assert_array_equal(array, other_state.weights[name])


def test_training_stops_at_the_first_loss_that_is_not_finite() -> None:
    from tuner_gui.training.graph import FINITE_STEPS

    bad = settings(4, learning_rate=1e200)
    graph = graph_for(bad)
    sums, (state,) = run_epoch(graph, [bad])
    assert sums[FINITE_STEPS, 0] < 6
    # Had it gone on, the weights would no longer be those after the first loss that is not finite.
    _, (there,) = run_epoch(graph, [bad], (0, int(sums[FINITE_STEPS, 0]) + 1))
    for name, array in there.weights.items():
        np.testing.assert_array_equal(state.weights[name], array)


def test_where_an_epoch_is_cut_into_chunks_changes_no_bit() -> None:
    trial = settings(dropout=0.2, l2=0.01)
    graph = graph_for(trial, "float32")
    at_once, (state,) = run_epoch(graph, [trial])
    in_chunks, (other,) = run_epoch(graph, [trial], (0, 2, 3, 7))
    np.testing.assert_array_equal(in_chunks, at_once)
    for name, array in state.weights.items():
        np.testing.assert_array_equal(other.weights[name], array)


def test_padding_stays_at_zero() -> None:
    """Units that are padding need no mask because nothing ever moves them."""
    from tuner_gui.training.lane_state import start_state
    from tuner_gui.training.schedule import mini_batches, schedule_of

    trials = [settings(3, units=5, optimizer=kind, searched={"optimizer"}, l2=0.0) for kind in ("adam", "rmsprop")]
    graph = graph_for(trials[0])
    stack = graph.stacks.new(8)
    begun = [(trial, start_state(trial, INPUTS, CLASSES)) for trial in trials]
    graph.stacks.rearrange(stack, [], begun, units=8)
    batches = mini_batches([own_order(trial, 0) for trial in trials], trials, 16)
    schedule = schedule_of(trials, [0, 0], ROWS, "float64")
    graph.train(stack, schedule, batches, np.zeros(2, np.int32), first=0, stop=7, sums=graph.no_sums(2))
    assert np.abs(stack.variables["hidden_1.kernel"].numpy()[:, :, :5]).min() > 0
    padding = {
        "hidden_1.kernel": np.s_[:, :, 5:],
        "hidden_1.shift": np.s_[:, :, 5:],
        "hidden_2.kernel": np.s_[:, 5:],
        "output.kernel": np.s_[:, 5:],
    }
    for name, cut in padding.items():
        assert not stack.variables[name].numpy()[cut].any(), name


def test_a_normalised_layer_has_no_bias() -> None:
    _, (state,) = run_epoch(graph_for(settings()), [settings()])
    assert "hidden_1.bias" not in state.weights
    assert {"hidden_1.gamma", "hidden_1.beta", "output.bias"} <= state.weights.keys()
