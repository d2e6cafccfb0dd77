from __future__ import annotations

import numpy as np
import pytest
from studies import make_plan

from tuner_gui.gui.models import coverage_figures
from tuner_gui.gui.models.coverage_figures import (
    Figures,
    Preview,
    default_pair,
    dots,
    figures,
    kept_pair,
    lesson,
    takes,
)
from tuner_gui.space.region import Interval, full_region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK

SPACE = make_plan().space


def shown(budget: int | None = 60, *, space: Space = SPACE, levels: int = 3) -> Figures:
    return figures(Preview(space, full_region(space), budget, levels, seed=0))


def space_of(*names: str) -> Space:
    return Space(tuple(TEXTBOOK[name].parameter for name in names))


class TestDots:
    def test_trials_on_one_place_are_one_dot_that_counts_them(self) -> None:
        (grid, random, _) = shown(60).found
        lattice = dots(SPACE, grid, "learning_rate", "momentum")
        assert len(lattice.x) == 9
        assert lattice.trials.sum() == 60
        assert lattice.x_values.tolist() == [0, 0.5, 1]
        scattered = dots(SPACE, random, "learning_rate", "momentum")
        assert scattered.trials.tolist() == [1] * 60
        assert len(scattered.x_values) == len(scattered.y_values) == 60

    def test_one_parameter_alone_lies_on_a_line(self) -> None:
        space = space_of("learning_rate")
        line = dots(space, shown(20, space=space).found[1], "learning_rate", None)
        assert set(line.y.tolist()) == {0.5}
        assert not len(line.y_values)

    def test_the_two_axes_are_those_that_were_asked_for(self) -> None:
        found = shown(60).found[1]
        one, other = dots(SPACE, found, "momentum", "units"), dots(SPACE, found, "units", "momentum")
        assert np.array_equal(one.x_values, other.y_values)
        assert not np.array_equal(one.x_values, other.x_values)


class TestPair:
    def test_the_highest_tiers_come_first(self) -> None:
        assert default_pair(space_of("dropout", "layers", "units", "learning_rate")) == ("learning_rate", "units")
        assert default_pair(space_of("dropout")) == ("dropout",)

    def test_a_pair_stays_and_what_is_no_longer_searched_is_replaced(self) -> None:
        assert kept_pair(SPACE, "layers", "units") == ("layers", "units")
        assert kept_pair(SPACE, "dropout", "units") == ("units", "learning_rate")
        assert kept_pair(SPACE, "", "") == ("learning_rate", "momentum")


class TestWords:
    def test_the_lesson_holds_for_its_numbers(self) -> None:
        words = lesson(shown(60), "learning_rate")
        assert words.startswith(
            "With 60 trials a grid tries 3 values of learning_rate, random search and Sobol points 60"
        )
        assert "50\u00a0%" in words

    def test_few_choices_are_tried_alike_by_all(self) -> None:
        assert "all three try 3 values of layers" in lesson(shown(60), "layers")

    def test_a_grid_that_the_budget_cuts_off_says_what_it_needs(self) -> None:
        assert "a full grid of 3 values each, which needs 729 trials" in takes(shown(60), "grid")
        assert takes(shown(60), "random").startswith("60 trials")

    def test_a_grid_that_ends_before_the_budget_says_so_and_what_would_fit(self) -> None:
        space = space_of("learning_rate", "momentum")
        words = takes(shown(60, space=space), "grid")
        assert words.startswith("9 trials: a full grid of 3 values each, and then the run ends")
        assert words.endswith("7 values each would fit the budget")
        assert "ends" not in takes(shown(9, space=space), "grid")

    def test_a_grid_that_nobody_can_go_through_is_refused_in_words(self) -> None:
        space = Space(tuple(advice.parameter for advice in TEXTBOOK.values()))
        found = shown(10, space=space, levels=10)
        assert "grid search goes up to 1,000,000" in takes(found, "grid")
        assert "no grid does" in lesson(found, "learning_rate")
        assert coverage_figures.rows(found)[0][1] == "–"

    @pytest.mark.parametrize("budget", [None, 100_000])
    def test_what_is_not_shown_is_said(self, budget: int | None) -> None:
        found = shown(budget)
        (said,) = coverage_figures.remarks(found, "random", pending=False)
        assert ("until stopped" in said) if budget is None else ("the first 2,000" in said)
        assert found.found[1].trials == (100 if budget is None else 2_000)

    def test_a_strategy_that_follows_results_is_named(self) -> None:
        assert "tpe" in coverage_figures.remarks(shown(60), "tpe", pending=False)[0]
        assert coverage_figures.remarks(shown(60), "grid", pending=False) == []


def test_the_table_has_distinct_values_and_gaps_of_each_parameter_and_strategy() -> None:
    table = coverage_figures.rows(shown(60))
    assert [row[0] for row in table] == list(SPACE.names)
    assert table[0][1] == "3, 50 %"
    assert table[0][2].startswith("60, ")
    by_name = {row[0]: row for row in table}
    assert by_name["layers"][1:] == ["3 of 3"] * 3
    assert by_name["units"][1].startswith("3 of 113")


def test_a_picture_shows_the_region_and_all_choices() -> None:
    region = full_region(SPACE)
    assert coverage_figures.view_of(SPACE["learning_rate"], Interval(1e-2, 1.0)) == pytest.approx((0.5, 1.0))
    assert coverage_figures.view_of(SPACE["layers"], region["layers"][:1]) == (0.0, 1.0)
