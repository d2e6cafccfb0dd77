from __future__ import annotations

import pytest
from training_lab import small_split


@pytest.mark.parametrize(
    ("overhead", "each", "lanes"),
    [
        (1.0, 0.0, 32),  # a step costs the same however many lanes it has
        (0.0, 1.0, 1),  # twice the lanes take twice as long
        (1.0, 1.0, 16),  # each of them 2, 1.5, 1.25, 1.13, 1.06, 1.03: sixteen are within 7 % of the best
        (0.01, 1.0, 1),
    ],
)
def test_the_fewest_lanes_with_about_the_least_time_each_are_chosen(overhead: float, each: float, lanes: int) -> None:
    from tuner_gui.training.planner import best_lanes

    assert best_lanes(lambda count: overhead + each * count) == lanes


def test_lanes_that_get_slower_are_not_tried_further() -> None:
    from tuner_gui.training.planner import best_lanes

    tried: list[int] = []

    def seconds(count: int) -> float:
        tried.append(count)
        return float(count**2)

    assert best_lanes(seconds) == 1
    assert set(tried) == {1, 2}


def test_a_disturbance_in_a_single_measurement_decides_nothing() -> None:
    from tuner_gui.training.planner import best_lanes

    calls: dict[int, int] = {}

    def seconds(count: int) -> float:
        calls[count] = calls.get(count, 0) + 1
        disturbed = 1.25 if calls[count] != 2 else 1.0
        return (1.0 + 0.1 * count) * disturbed

    assert best_lanes(seconds) == best_lanes(lambda count: 1.0 + 0.1 * count)


def test_it_measures_once_for_trials_of_similar_size_and_never_where_they_go_one_by_one() -> None:
    from tuner_gui.training.graph import Graph
    from tuner_gui.training.planner import CANDIDATES, Planner
    from tuner_gui.training.settings import trial_settings

    split = small_split()
    shape = trial_settings({"units": 16}, 0).shape
    similar = trial_settings({"units": 14, "batch_size": 60}, 0).shape
    planner = Planner(split)
    assert planner.lanes(shape) is None
    graph = Graph(shape.structure, split)
    found = planner.measure(shape, graph)
    assert found in CANDIDATES
    # A step of such a small network is nearly all overhead, on any machine.
    assert found >= 4
    assert planner.lanes(similar) == found
    assert Planner(split, fused=False).lanes(shape) == 1


def test_large_networks_are_not_even_tried_side_by_side() -> None:
    from tuner_gui.training.planner import Planner, alone_if_large
    from tuner_gui.training.settings import trial_settings

    planner = Planner(small_split())
    large = alone_if_large(trial_settings({"units": 1_000, "layers": 2}, 0, {"optimizer"}), 5, 3)
    assert planner.lanes(large.shape) == 1
    assert large.structure.optimizers == (large.optimizer,)  # a single lane needs no other
    small = trial_settings({"units": 128, "layers": 2}, 0, {"optimizer"})
    assert alone_if_large(small, 5, 3) == small
    assert planner.lanes(small.shape) is None


def test_lanes_whose_tensors_could_fill_the_memory_are_not_tried() -> None:
    from tuner_gui.training.planner import affordable

    assert affordable(20_000) == (1, 2, 4, 8, 16, 32)
    assert affordable(8_192 * 1_024) == (1, 2)
    assert affordable(1_000_000_000) == (1,)
