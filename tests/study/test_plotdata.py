"""What the plots show of a history: marks, scales, colours, places."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import make_history, make_plan, trial_events

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.region import Interval
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import ticks
from tuner_gui.space.unit import units_of, values_at
from tuner_gui.study import plotdata
from tuner_gui.study.definition import Direction, Objective, switched_on
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import Mark, Spread, Style
from tuner_gui.study.stages import refined

ACCURACY = Objective("val_accuracy", Direction.MAXIMIZE)
LOSS = Objective("val_loss", Direction.MINIMIZE)


def test_trials_outside_the_region_are_marked_so_and_all_others_are_not() -> None:
    plan = make_plan()
    history = make_history(plan, 200)
    region = plan.region.replace("learning_rate", Interval(1e-3, 1e-1))
    marks = plotdata.marks_of(history, plan, region)
    rates = np.array([trial.values["learning_rate"] for trial in history.trials])
    finished = history.in_state(TrialState.FINISHED)
    inside = (rates >= 1e-3) & (rates <= 1e-1)
    assert set(np.flatnonzero(marks == Mark.VALUE)) == set(np.flatnonzero(finished & inside))
    assert set(np.flatnonzero(marks == Mark.OUTSIDE)) == set(np.flatnonzero(finished & ~inside))


def test_diverged_and_failed_trials_keep_their_mark_wherever_they_lie() -> None:
    plan = make_plan()
    history = make_history(plan, 300)
    region = plan.region.replace("learning_rate", Interval(1e-4, 2e-4))
    marks = plotdata.marks_of(history, plan, region)
    assert (marks[history.in_state(TrialState.DIVERGED)] == Mark.DIVERGED).all()
    assert (marks[history.in_state(TrialState.FAILED)] == Mark.FAILED).all()
    assert (marks == Mark.DIVERGED).any()


def test_trials_of_a_stage_that_was_left_behind_count_as_outside() -> None:
    start = make_plan()
    history = make_history(start, 40)
    side = refined(start, start.region.replace("learning_rate", Interval(1e-3, 1.0)))
    branch = dataclasses.replace(side, current=1)
    other = refined(branch, branch.region.replace("momentum", Interval(0.9, 0.99)))
    for number in range(41, 61):
        for event in trial_events(side, number):
            history.apply(event)
    finished = history.in_state(TrialState.FINISHED)
    from_side = (history.stage_column == side.current) & finished
    assert from_side.any()
    assert (plotdata.marks_of(history, side, start.region)[from_side] == Mark.VALUE).all()
    assert (plotdata.marks_of(history, other, start.region)[from_side] == Mark.OUTSIDE).all()


@pytest.mark.parametrize("size", [1, 5, 30])
def test_marks_of_some_rows_are_those_of_all(size: int) -> None:
    plan = make_plan()
    history = make_history(plan, 60, running=2)
    region = plan.region.replace("units", Interval(32, 64)).replace("batch_size", (32, 128))
    rows = np.arange(62 - size, 62)
    assert (plotdata.marks_of(history, plan, region, rows) == plotdata.marks_of(history, plan, region)[rows]).all()


def test_a_trial_without_a_value_of_a_new_parameter_counts_as_outside() -> None:
    plan = make_plan()
    trials = [dataclasses.replace(trial, fixed={}) for trial in make_history(plan, 5).trials]
    history = History()
    history.load(trials, [np.empty((0, 0))] * len(trials))
    wider = dataclasses.replace(plan, definition=switched_on(plan.definition, "dropout"))
    region = plan.region.replace("dropout", Interval(0.0, 0.5))
    assert set(plotdata.marks_of(history, wider, region)) <= {Mark.OUTSIDE, Mark.DIVERGED, Mark.FAILED}


def test_a_parameter_that_was_fixed_counts_with_the_value_it_was_fixed_at_in_few_rows_as_in_all() -> None:
    plan = make_plan()
    history = make_history(plan, 5)
    wider = dataclasses.replace(plan, definition=switched_on(plan.definition, "dropout"))
    region = plan.region.replace("dropout", Interval(0.0, 0.5))
    everywhere = plotdata.marks_of(history, wider, region)
    assert Mark.VALUE in everywhere
    assert plotdata.marks_of(history, wider, region, np.arange(5)).tolist() == everywhere.tolist()
    without = plan.region.replace("dropout", Interval(0.1, 0.5))
    assert Mark.VALUE not in plotdata.marks_of(history, wider, without)


# --- the axis of the objective ---


def test_a_few_bad_trials_do_not_squash_the_good_ones() -> None:
    values = np.concatenate([np.linspace(0.9, 0.99, 50), [0.1, 0.12]])
    low, high = plotdata.value_limits(values, sign=1, spread=Spread.TYPICAL) or (0, 0)
    assert low == pytest.approx(0.9)
    assert high == pytest.approx(0.99)
    assert plotdata.value_limits(values, sign=1, spread=Spread.ALL) == (0.1, 0.99)


def test_for_a_loss_it_is_the_large_values_that_are_cut_off() -> None:
    values = np.concatenate([np.linspace(0.05, 0.4, 50), [30.0]])
    low, high = plotdata.value_limits(values, sign=-1, spread=Spread.TYPICAL) or (0, 0)
    assert (low, high) == (pytest.approx(0.05), pytest.approx(0.4))
    low, high = plotdata.value_limits(values, sign=-1, spread=Spread.BEST_HALF) or (0, 0)
    assert low == pytest.approx(0.05)
    assert high == pytest.approx(float(np.median(values)))


def test_values_beyond_the_axis_are_drawn_at_its_end_and_not_lost() -> None:
    scale = plotdata.value_scale(ACCURACY, np.linspace(0.9, 0.99, 50), spread=Spread.TYPICAL, log=False)
    heights = scale.heights(np.array([0.1, 0.95, 0.95, np.nan]))
    marks = np.array([Mark.VALUE, Mark.VALUE, Mark.OUTSIDE, Mark.DIVERGED], dtype=np.uint8)
    styles = plotdata.styles_on_axis(marks, heights)
    assert list(styles) == [Style.VALUE_BELOW, Style.VALUE, Style.OUTSIDE, Style.DIVERGED]


@given(st.lists(st.floats(0.0, 1.0), max_size=40), st.sampled_from(Spread), st.booleans())
def test_every_set_of_accuracies_has_an_axis_that_shows_the_best(
    values: list[float], spread: Spread, log: bool
) -> None:
    scale = plotdata.value_scale(ACCURACY, np.array(values), spread=spread, log=log)
    assert 0 <= scale.axis.low < scale.axis.high <= 1
    assert len(ticks(scale.axis)) >= 2
    if values:
        # On the log scale of 1 - accuracy a perfect 1 has no place: it is drawn at the upper end.
        best = scale.heights(np.array([max(values)]))[0]
        assert best >= 0
        assert best <= 1 + 1e-9 or (log and max(values) > scale.axis.high)


@given(st.lists(st.floats(1e-6, 1e6), max_size=40), st.sampled_from(Spread), st.booleans())
def test_every_set_of_losses_has_an_axis_that_shows_the_best(values: list[float], spread: Spread, log: bool) -> None:
    scale = plotdata.value_scale(LOSS, np.array(values), spread=spread, log=log)
    assert 0 <= scale.axis.low < scale.axis.high
    if values:
        assert -1e-6 <= scale.heights(np.array([min(values)]))[0] <= 1


def test_colours_go_by_rank_from_the_worst_to_the_best() -> None:
    values = np.array([0.1, 0.5, 0.9, 0.95, 0.99])
    up = plotdata.value_scale(ACCURACY, values, spread=Spread.ALL, log=False).shares(values)
    down = plotdata.value_scale(LOSS, values, spread=Spread.ALL, log=False).shares(values)
    assert up == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=0.05)
    assert down == pytest.approx(1 - up, abs=0.05)


def test_equal_values_have_equal_colours_and_the_best_has_the_best_one() -> None:
    values = np.array([0.5, 0.5, 0.5, 0.9, 0.9])
    shares = plotdata.value_scale(ACCURACY, values, spread=Spread.ALL, log=False).shares(values)
    assert shares[0] == shares[1] == shares[2] < shares[3] == shares[4] == 1.0


def test_a_scale_stays_until_there_are_half_as_many_values_again_or_a_better_one() -> None:
    scale = plotdata.value_scale(ACCURACY, np.linspace(0.5, 0.8, 100), spread=Spread.TYPICAL, log=False)
    assert not scale.is_stale(140, 0.8)
    assert scale.is_stale(152, 0.8)
    assert scale.is_stale(101, 0.95)


# --- places ---


def test_choices_are_spread_inside_their_cells_and_always_the_same() -> None:
    parameter = ChoiceParameter(name="layers", choices=(1, 2, 3))
    units = np.repeat([1 / 6, 0.5, 5 / 6], 50)
    spread = plotdata.spread_units(parameter, units)
    assert (np.floor(spread * 3) == np.floor(units * 3)).all()
    assert len(set(spread)) == 150
    assert (plotdata.spread_units(parameter, units[70:80], np.arange(70, 80)) == spread[70:80]).all()


def test_few_whole_numbers_are_spread_and_many_are_not() -> None:
    few = IntParameter(name="layers", low=1, high=5, scale=Scale.LOG)
    many = IntParameter(name="units", low=16, high=128)
    units = np.array([0.1, 0.4, 0.4, 0.9, np.nan])
    assert plotdata.spread_units(many, units) is units
    exact = units_of(few, [1, 2, 2, 5])
    spread = plotdata.spread_units(few, np.append(exact, np.nan))
    assert len(set(spread[:4])) == 4
    assert values_at(few, spread[:4]) == [1, 2, 2, 5]
    assert np.isnan(spread[4])


def test_neighbouring_choices_make_one_stretch() -> None:
    parameter = ChoiceParameter(name="batch_size", choices=(16, 32, 64, 128))
    assert plotdata.spans(parameter, (16, 32)) == [(0.0, 0.5)]
    assert plotdata.spans(parameter, (16, 128)) == [(0.0, 0.25), (0.75, 1.0)]


def test_the_stretch_of_an_interval_is_where_its_values_are_drawn_from() -> None:
    rate = FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG)
    assert plotdata.spans(rate, Interval(1e-3, 1e-1)) == [(pytest.approx(0.25), pytest.approx(0.75))]
    count = IntParameter(name="layers", low=1, high=4)
    assert plotdata.spans(count, Interval(2, 3)) == [(pytest.approx(0.25), pytest.approx(0.75))]


def test_the_nearest_point_is_found_only_within_reach_and_never_where_there_is_none() -> None:
    xs, ys = np.array([0.0, 10.0, np.nan, 10.0]), np.array([0.0, 10.0, 0.0, 10.0])
    assert plotdata.nearest(xs, ys, 9, 9, reach=3) == 3
    assert plotdata.nearest(xs, ys, 5, 5, reach=3) is None
    assert plotdata.nearest(xs[:0], ys[:0], 0, 0, reach=3) is None


def test_a_trial_is_described_by_its_values_as_people_write_them() -> None:
    plan = make_plan()
    history = make_history(plan, 9, running=1)
    number = int(np.flatnonzero(history.in_state(TrialState.FINISHED))[0]) + 1
    words = plotdata.describe_trial(history, plan, number).splitlines()
    assert words[0].startswith(f"#{number}  val_accuracy 0.")
    assert [line.split(" ")[0] for line in words[1:]] == list(plan.space.names)
    assert ", epoch 7 of 20" in plotdata.describe_trial(history, plan, 10)
    failed = next(trial for trial in history.trials if trial.state is TrialState.FAILED)
    assert str(failed.reason) in plotdata.describe_trial(history, plan, failed.number)


@pytest.mark.parametrize("count", [1, 2, 6, 7, 12])
def test_the_grid_of_plots_has_room_for_all_and_is_not_lopsided(count: int) -> None:
    columns, rows = plotdata.grid_shape(count, 680, 330, least_width=150)
    assert columns * rows >= count
    assert columns * (rows - 1) < count
    assert 680 / columns >= 150


def test_a_low_window_gets_more_columns_before_it_has_to_scroll() -> None:
    assert plotdata.grid_shape(6, 470, 250, least_width=150, least_height=118) == (3, 2)
    assert plotdata.grid_shape(12, 470, 250, least_width=150, least_height=118) == (3, 4)


def test_six_slices_stand_in_two_rows_in_a_small_window() -> None:
    assert plotdata.grid_shape(6, 660, 330, least_width=150) == (3, 2)
