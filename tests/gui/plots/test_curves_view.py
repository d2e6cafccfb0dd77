"""Learning curves: what has ended is kept, what trains is live, and the view belongs to the person."""

from __future__ import annotations

import numpy as np
import pytest
from leaks import freed_on_close
from plot_hand import drag, pixels, place, turn_wheel
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studies import events_of, make_store, trial_events

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.curve_plot import CurvePlot
from tuner_gui.gui.plots.curves import CurvesView
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval
from tuner_gui.study.curvedata import heights_on
from tuner_gui.study.events import TrialState

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def store() -> Store:
    return make_store(60)


@pytest.fixture
def view(qtbot: QtBot, store: Store) -> CurvesView:
    view = CurvesView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    with qtbot.waitExposed(view):
        view.show()
    finish(view.plot)
    return view


def finish(plot: CurvePlot) -> None:
    """Repaint until all curves are on the kept picture."""
    plot.grab()
    while not plot._layer.is_finished:
        plot.grab()


def end_of(plot: CurvePlot, number: int) -> QPoint:
    """The pixel at the last epoch of a trial."""
    values = plot.store.history.curve(number, plot.shown_metric)
    height = heights_on(plot._axis, values[-1:])[0]
    return place(plot, len(values), height)


def finished(store: Store) -> list[int]:
    return [int(row) + 1 for row in np.flatnonzero(store.history.in_state(TrialState.FINISHED))]


def test_a_click_selects_the_nearest_curve_and_ctrl_adds_another(view: CurvesView, store: Store) -> None:
    order = sorted(finished(store), key=lambda number: store.history.trial(number).value or 0)
    worst, second = order[0], order[1]
    for number, modifier in ((worst, Qt.KeyboardModifier.NoModifier), (second, Qt.KeyboardModifier.ControlModifier)):
        view.plot.follows = False
        view.plot.set_ranges(view.plot.frame.x_range, (0.0, 1.0))
        finish(view.plot)
        QTest.mouseClick(view.plot, Qt.MouseButton.LeftButton, modifier, end_of(view.plot, number))
    assert set(store.selection) == {worst, second}


def test_a_running_curve_grows_without_touching_the_kept_picture(view: CurvesView, store: Store) -> None:
    finish(view.plot)
    before = pixels(view.plot._layer.image)
    events = trial_events(store.plan, 61)
    store.apply(events[:6])
    view.plot.grab()
    assert np.array_equal(pixels(view.plot._layer.image), before)
    assert view.plot.curve_at(end_of(view.plot, 61).toPointF()) == 61
    store.apply(events[6:])
    finish(view.plot)
    assert not np.array_equal(pixels(view.plot._layer.image), before)


def test_curves_that_end_are_added_where_a_full_painting_puts_them(view: CurvesView, store: Store) -> None:
    store.apply(events_of(store.plan, range(61, 70)))
    finish(view.plot)
    grown = pixels(view.plot._layer.image)
    view.plot.data_outdated()
    finish(view.plot)
    whole = pixels(view.plot._layer.image)
    # New curves lie on top until the next full painting; what is covered at all is the same.
    covered, expected = grown[:, :, 3] > 200, whole[:, :, 3] > 200
    assert (covered == expected).mean() > 0.995


def test_thousands_of_curves_are_painted_a_slice_at_a_time(qtbot: QtBot) -> None:
    store = make_store(1200)
    view = CurvesView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(900, 420)
    view.show()
    view.plot.grab()
    assert not view.plot._layer.is_finished
    qtbot.waitUntil(lambda: view.plot._layer.is_finished, timeout=10_000)


def test_curves_outside_the_region_step_back(view: CurvesView, store: Store) -> None:
    def colorful() -> int:
        finish(view.plot)
        picture = pixels(view.plot._layer.image).astype(int)
        return int(((picture[:, :, :3].max(axis=2) - picture[:, :, :3].min(axis=2)) > 40).sum())

    before = colorful()
    store.set_pending_extents({"learning_rate": Interval(1e-4, 3e-4)})
    assert colorful() < 0.6 * before


def test_a_loss_has_its_good_end_in_sight_and_a_log_scale(view: CurvesView, store: Store) -> None:
    view.show_metric("val_loss")
    assert view.plot.title == "↓ val_loss"
    finish(view.plot)
    view.scale_box.setCurrentIndex(1)
    view.scale_box.activated.emit(1)
    assert view.plot._axis.scale == "log"
    best = min(float(np.nanmin(store.history.curve(number, "val_loss"))) for number in finished(store))
    height = heights_on(view.plot._axis, np.array([best]))[0]
    assert view.plot.frame.y_range[0] <= height <= view.plot.frame.y_range[1]


def test_zooming_and_moving_take_the_view_and_new_data_does_not_take_it_back(view: CurvesView, store: Store) -> None:
    assert not view.follow_button.isVisible()
    turn_wheel(view.plot, place(view.plot, 15, 0.7), 3)
    assert view.follow_button.isVisible()
    drag(view.plot, place(view.plot, 15, 0.7), place(view.plot, 13, 0.6), button=Qt.MouseButton.RightButton)
    taken = view.plot.frame
    store.apply(events_of(store.plan, range(61, 120)))
    assert (view.plot.frame.x_range, view.plot.frame.y_range) == (taken.x_range, taken.y_range)
    view.follow_button.click()
    assert not view.follow_button.isVisible()
    assert view.plot.frame.x_range[1] >= 20


def test_arrow_keys_move_the_view_and_home_gives_it_back(view: CurvesView) -> None:
    start = view.plot.frame
    view.plot.setFocus()
    QTest.keyClick(view.plot, Qt.Key.Key_Plus)
    QTest.keyClick(view.plot, Qt.Key.Key_Right)
    assert view.plot.frame.x_range[0] > start.x_range[0]
    QTest.keyClick(view.plot, Qt.Key.Key_Home)
    assert view.plot.frame.x_range == start.x_range


def test_a_new_best_curve_is_in_sight_while_the_view_follows(view: CurvesView, store: Store) -> None:
    view.show_metric("val_loss")
    store.apply(events_of(store.plan, range(61, 90)))
    best = min(float(np.nanmin(store.history.curve(number, "val_loss"))) for number in finished(store))
    height = heights_on(view.plot._axis, np.array([best]))[0]
    assert view.plot.frame.y_range[0] <= height + 1e-9


def test_an_empty_study_says_what_will_be_here(qtbot: QtBot) -> None:
    store = make_store(0)
    view = CurvesView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.show()
    assert view.hint.isVisible()
    view.plot.grab()
    store.apply(trial_events(store.plan, 1)[:3])
    assert not view.hint.isVisible()
    view.plot.grab()


def test_the_view_is_freed_when_it_is_closed(qapp: QApplication, store: Store) -> None:
    actions = Actions(store, print)
    freed_on_close(lambda: CurvesView(store, actions))
