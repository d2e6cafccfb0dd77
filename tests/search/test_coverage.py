from __future__ import annotations

import pytest

from tuner_gui.search.coverage import Coverage, coverage, levels_within
from tuner_gui.search.strategies.grid import GridSearch, grid_count
from tuner_gui.search.strategies.interface import Question, Strategy
from tuner_gui.search.strategies.spread import RandomSearch, SobolSearch
from tuner_gui.space.region import Interval, Region, full_region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.space.unit import unit_of
from tuner_gui.study.definition import Objective
from tuner_gui.study.history import History

EVERYTHING = Space(tuple(advice.parameter for advice in TEXTBOOK.values()))
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


@pytest.mark.parametrize("name", ["random", "sobol", "grid"])
def test_the_points_are_those_that_the_strategies_themselves_draw_in_a_new_study(name: str) -> None:
    space = EVERYTHING if name != "grid" else Space(EVERYTHING.parameters[:6])
    region = full_region(space).replace("units", Interval(20, 60)).replace("layers", (1, 3))
    strategy: Strategy = {"random": RandomSearch(), "sobol": SobolSearch(), "grid": GridSearch(3)}[name]
    (found,) = (one for one in coverage(space, region, 80, seed=3, levels=3) if one.strategy == name)
    for index in range(1 if name == "grid" else 80):
        question = Question(
            trial=index + 1, seed=3, space=space, region=region, history=History(),
            objective=Objective("val_accuracy", "maximize"), drawn=index,
        )  # fmt: skip
        values = strategy.draw(question)
        assert values is not None
        assert found.points[index] == pytest.approx([unit_of(p, values[p.name]) for p in space], abs=1e-12)


def test_a_grid_that_the_budget_cuts_off_is_spread_over_all_of_it() -> None:
    (grid, *_) = coverage(SPACE, full_region(SPACE), 12, levels=3)
    assert grid.trials == 12
    assert grid.distinct == (3, 3, 3)


def test_gaps_are_shares_of_the_region_not_of_the_space() -> None:
    region = full_region(SPACE).replace("learning_rate", Interval(1e-2, 0.1))
    (grid, *_) = coverage(SPACE, region, 27, levels=3)
    assert grid.largest_gap == pytest.approx((0.5, 0.5, 0.5))


def test_the_gap_of_choices_is_the_share_that_is_never_tried() -> None:
    space = Space((TEXTBOOK["layers"].parameter,))
    assert of(1, space)["random"].largest_gap == pytest.approx((2 / 3,))
    assert of(60, space)["random"].largest_gap == pytest.approx((0.0,))


def test_a_grid_beyond_all_bounds_has_no_points_and_takes_no_time() -> None:
    (grid, random, _) = coverage(EVERYTHING, full_region(EVERYTHING), 10, levels=10)
    assert grid.trials == 0
    assert random.trials == 10
