from __future__ import annotations

import pytest

from tuner_gui.search.coverage import Coverage, coverage, levels_within
from tuner_gui.search.strategies.grid import grid_count
from tuner_gui.space.region import Interval, Region, full_region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK

SPACE = Space(tuple(TEXTBOOK[name].parameter for name in ("learning_rate", "momentum", "dropout")))


def of(trials: int, space: Space = SPACE, region: Region | None = None) -> dict[str, Coverage]:
    return {found.strategy: found for found in coverage(space, region or full_region(space), trials)}


def test_with_the_same_budget_a_grid_tries_few_values_of_each_and_the_others_as_many_as_trials() -> None:
    found = of(27)
    assert found["grid"].distinct == (3, 3, 3)
    assert found["grid"].trials == 27
    assert found["random"].distinct == found["sobol"].distinct == (27, 27, 27)


def test_sobol_points_leave_smaller_gaps_than_random_ones() -> None:
    found = of(64)
    assert max(found["sobol"].largest_gap) < 0.05
    assert max(found["random"].largest_gap) > max(found["sobol"].largest_gap)
    assert found["grid"].largest_gap == pytest.approx((1 / 3,) * 3)


def test_a_grid_never_takes_more_trials_than_there_are() -> None:
    region = full_region(SPACE)
    for trials in (8, 26, 64, 1_000):
        levels = levels_within(SPACE, region, trials)
        assert grid_count(SPACE, region, levels) <= trials < grid_count(SPACE, region, levels + 1)
    assert of(5)["grid"].trials == 5  # not even two levels of three parameters


def test_points_lie_in_the_region() -> None:
    region = full_region(SPACE).replace("learning_rate", Interval(1e-2, 1.0))
    for found in of(30, region=region).values():
        assert found.points[:, 0].min() >= 0.5 - 1e-9


def test_a_space_of_choices_alone_needs_no_levels() -> None:
    space = Space((TEXTBOOK["activation"].parameter, TEXTBOOK["batch_norm"].parameter))
    assert of(100, space)["grid"].trials == 6
