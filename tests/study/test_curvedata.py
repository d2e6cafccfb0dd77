"""What the learning curves show of a history."""

from __future__ import annotations

import numpy as np
import pytest
from studies import EPOCHS, make_history, make_plan, trial_events

from tuner_gui.space.scales import Scale
from tuner_gui.study.curvedata import CurveTable, curve_axis, ends, heights_on, nearest_curve, shown_limits
from tuner_gui.study.events import TrialState


def test_the_table_has_the_curve_of_every_trial() -> None:
    plan = make_plan()
    history = make_history(plan, 50)
    table = CurveTable("val_loss")
    table.take(history, range(50, 0, -1))
    assert table.values.shape[0] == 50
    assert table.epochs == EPOCHS
    for number in (1, 17, 50):
        curve = history.curve(number, "val_loss")
        assert np.array_equal(table.values[number - 1, : len(curve)], curve, equal_nan=True)
        assert np.isnan(table.values[number - 1, len(curve) :]).all()


def test_a_trial_that_goes_on_is_read_again() -> None:
    plan = make_plan()
    history = make_history(plan, 4)
    table = CurveTable("val_accuracy")
    events = trial_events(plan, 5)
    for event in events[:4]:
        history.apply(event)
    table.take(history, [5])
    assert ends(table.values)[0][4] == 3
    for event in events[4:]:
        history.apply(event)
    table.take(history, [5])
    assert ends(table.values)[0][4] == history.epochs(5)


def test_a_curve_ends_at_its_last_finite_point() -> None:
    values = np.array([[1.0, 2.0, np.nan], [np.nan, np.nan, np.nan], [5.0, 6.0, 7.0]])
    epochs, last = ends(values)
    assert list(epochs) == [2, 0, 3]
    assert last[0] == 2.0
    assert last[2] == 7.0


def test_an_explosion_does_not_decide_what_is_shown() -> None:
    losses = np.tile(np.linspace(2.0, 0.1, 20), (50, 1))
    losses[3, 5:] = 1e12
    low, high = shown_limits(losses, sign=-1) or (0, 0)
    assert low == pytest.approx(0.1)
    assert high <= 2.0
    axis, shown = curve_axis("val_loss", losses, sign=-1, log=False)
    assert axis.high < 1000
    assert heights_on(axis, np.array([0.1]))[0] >= shown[0]
    assert heights_on(axis, np.array([1.9]))[0] <= shown[1]


@pytest.mark.parametrize(
    ("metric", "sign", "log"), [("val_accuracy", 1, True), ("val_loss", -1, True), ("loss", -1, False)]
)
def test_best_values_are_in_sight_at_first(metric: str, sign: int, log: bool) -> None:
    plan = make_plan()
    history = make_history(plan, 80)
    table = CurveTable(metric)
    table.take(history, range(1, 81))
    axis, (low, high) = curve_axis(metric, table.values, sign=sign, log=log)
    best = np.nanmax(table.values) if sign > 0 else np.nanmin(table.values)
    assert low - 1e-9 <= heights_on(axis, np.array([best]))[0] <= high + 1e-9
    assert axis.scale is (Scale.LINEAR if not log else Scale.LOG1M if sign > 0 else Scale.LOG)


def test_without_any_curve_there_is_still_an_axis() -> None:
    axis, shown = curve_axis("val_accuracy", np.full((3, 4), np.nan), sign=1, log=False)
    assert (axis.low, axis.high) == (0.0, 1.0)
    assert shown == (0.0, 1.0)


def test_the_nearest_curve_is_found_between_its_points() -> None:
    xs = np.array([0.0, 100.0, 200.0])
    ys = np.array([[0.0, 100.0, 100.0], [50.0, 50.0, 50.0], [np.nan, np.nan, np.nan]])
    assert nearest_curve(xs, ys, 75, 73, reach=7) == 0
    assert nearest_curve(xs, ys, 150, 52, reach=7) == 1
    assert nearest_curve(xs, ys, 150, 75, reach=7) is None
    assert nearest_curve(xs[:1], ys[:, :1], 2, 49, reach=7) == 1


def test_a_steep_curve_is_as_easy_to_hit_as_a_flat_one() -> None:
    xs, ys = np.array([0.0, 10.0]), np.array([[0.0, 1000.0]])
    assert nearest_curve(xs, ys, 10, 500, reach=7) == 0


def test_most_trials_of_the_study_finish() -> None:
    history = make_history(make_plan(), 400)
    counts = history.counts()
    assert counts[TrialState.FINISHED] > 360
    assert counts[TrialState.DIVERGED] >= 4
