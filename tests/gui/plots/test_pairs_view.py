"""Pairs: a rectangle chooses the region along both axes."""

from __future__ import annotations

import numpy as np
import pytest
from leaks import freed_on_close
from plot_hand import drag, pixels, place, turn_wheel
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.pair_plot import PairPlot
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval
from tuner_gui.space.unit import unit_of
from tuner_gui.study.events import TrialState
from tuner_gui.study.plotdata import Style

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def store() -> Store:
    return make_store(60)


@pytest.fixture
def view(qtbot: QtBot, store: Store) -> PairView:
    view = PairView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    with qtbot.waitExposed(view):
        view.show()
    view.show_pair("learning_rate", "momentum")
    return view


@pytest.fixture
def plot(view: PairView) -> PairPlot:
    return view.plot


def momentum(plot: PairPlot, value: float) -> float:
    return unit_of(plot.drags[1].parameter, value)


def test_a_drag_sweeps_out_a_rectangle_of_round_values(plot: PairPlot, store: Store) -> None:
    drag(plot, place(plot, 0.252, momentum(plot, 0.95)), place(plot, 0.749, momentum(plot, 0.99)))
    assert store.pending is not None
    assert store.pending["learning_rate"] == Interval(1e-3, 0.1)
    assert store.pending["momentum"] == Interval(0.95, 0.99)
    assert store.pending["units"] == store.plan.region["units"]


def test_an_edge_changes_one_axis_a_corner_both_and_the_inside_moves_it(plot: PairPlot, store: Store) -> None:
    drag(plot, place(plot, 0.25, 0.3), place(plot, 0.5, 0.6))
    first = store.pending
    assert first is not None
    drag(plot, place(plot, 0.5, 0.45), place(plot, 0.75, 0.9))
    second = store.pending
    assert second is not None
    assert second["learning_rate"] == Interval(1e-3, 0.1)
    assert second["momentum"] == first["momentum"]
    low, high = (momentum(plot, value) for value in second["momentum"])
    drag(plot, place(plot, 0.25, low), place(plot, 0.0, 0.0))
    third = store.pending
    assert third is not None
    assert third["learning_rate"] == Interval(1e-4, 0.1)
    assert third["momentum"][0] == 0.9
    drag(plot, place(plot, 0.4, high / 2), place(plot, 0.65, high / 2))
    assert store.pending is not None
    assert store.pending["learning_rate"] == Interval(1e-3, 1.0)


def test_choices_lie_along_an_axis_like_numbers_do(view: PairView, store: Store) -> None:
    view.show_pair("batch_size", "learning_rate")
    drag(view.plot, place(view.plot, 0.1, 0.25), place(view.plot, 0.5, 0.75))
    assert store.pending is not None
    assert store.pending["batch_size"] == (32, 64)
    assert store.pending["learning_rate"] == Interval(1e-3, 0.1)


def test_points_of_a_cell_of_two_choices_fill_it(view: PairView) -> None:
    view.show_pair("batch_size", "layers")
    view.plot.grab()
    x, y = view.plot._points.x, view.plot._points.y
    cell = (x < x.max() / 3) & (y > y.max() * 2 / 3)
    assert cell.sum() > 3
    assert abs(np.corrcoef(x[cell], y[cell])[0, 1]) < 0.95


def test_the_axes_are_chosen_swapped_and_remembered(view: PairView, qtbot: QtBot, store: Store) -> None:
    view.x_box.setCurrentText("units")
    view.x_box.activated.emit(view.x_box.currentIndex())
    assert view.plot.drags[0].parameter.name == "units"
    view.swap.click()
    assert [drag.parameter.name for drag in view.plot.drags] == ["momentum", "units"]
    again = PairView(store, Actions(store, print))
    qtbot.addWidget(again)
    assert [drag.parameter.name for drag in again.plot.drags] == ["momentum", "units"]


def test_choosing_what_lies_on_the_other_axis_swaps_them(view: PairView) -> None:
    view.x_box.setCurrentText("momentum")
    view.x_box.activated.emit(view.x_box.currentIndex())
    assert [drag.parameter.name for drag in view.plot.drags] == ["momentum", "learning_rate"]


def test_diverged_trials_stand_where_they_diverged(plot: PairPlot, store: Store) -> None:
    store.apply(events_of(store.plan, range(61, 200)))
    plot.grab()
    diverged = np.flatnonzero(store.history.in_state(TrialState.DIVERGED))
    assert len(diverged)
    assert (plot._points.style[diverged] == Style.DIVERGED).all()
    assert plot._points.x[diverged].min() > plot.frame.width / 2, "only large steps diverge"


def test_trials_that_end_give_the_picture_of_a_full_painting(plot: PairPlot, store: Store) -> None:
    plot.grab()
    store.apply(events_of(store.plan, range(61, 75)))
    plot.grab()
    grown = pixels(plot._layer.image)
    plot.data_outdated()
    plot.grab()
    assert np.array_equal(pixels(plot._layer.image), grown)


def test_zooming_needs_ctrl_and_new_trials_do_not_undo_it(plot: PairPlot, store: Store) -> None:
    full = plot.frame
    turn_wheel(plot, place(plot, 0.5), 2)
    assert plot.frame == full
    turn_wheel(plot, place(plot, 0.5), 2, modifier=Qt.KeyboardModifier.ControlModifier)
    zoomed = plot.frame
    assert zoomed != full
    store.apply(events_of(store.plan, range(61, 64)))
    assert plot.frame == zoomed


def test_arrow_keys_move_the_corner(plot: PairPlot, store: Store) -> None:
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
        QTest.keyClick(plot, key, Qt.KeyboardModifier.ShiftModifier)
    assert store.pending is not None
    assert store.pending["learning_rate"][0] > 1e-4
    assert store.pending["momentum"][0] > 0.9


def test_a_click_selects(plot: PairPlot, store: Store) -> None:
    plot.grab()
    x, y = plot.place_of(7) or (0, 0)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(x), round(y)))
    assert store.selection == (7,)


def test_with_one_parameter_there_is_no_pair(view: PairView, store: Store) -> None:
    actions = Actions(store, print)
    for name in store.plan.space.names[1:]:
        actions.switch(name, on=False)
    assert not view.plot.isVisible()
    actions.switch("momentum", on=True)
    assert view.plot.isVisible()


def test_the_view_is_freed_when_it_is_closed(qapp: QApplication, store: Store) -> None:
    actions = Actions(store, print)
    freed_on_close(lambda: PairView(store, actions))
