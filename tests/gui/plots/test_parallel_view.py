"""Parallel coordinates: a drag along an upright axis is a part of the next region."""

from __future__ import annotations

import pytest
from leaks import freed_on_close
from plot_hand import drag, hover, place
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.parallel import ParallelView
from tuner_gui.gui.plots.parallel_plot import ParallelPlot
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def store() -> Store:
    return make_store(60)


@pytest.fixture
def view(qtbot: QtBot, store: Store) -> ParallelView:
    view = ParallelView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(900, 420)
    with qtbot.waitExposed(view):
        view.show()
    view.grab()
    return view


@pytest.fixture
def plot(view: ParallelView) -> ParallelPlot:
    return view.plot


def axis_of(plot: ParallelPlot, name: str) -> int:
    return [drag.parameter.name for drag in plot.drags].index(name)


def test_a_drag_along_an_axis_makes_that_part_pending_and_nothing_else(plot: ParallelPlot, store: Store) -> None:
    axis = axis_of(plot, "learning_rate")
    drag(plot, place(plot, axis, 0.252), place(plot, axis, 0.749))
    assert store.pending is not None
    assert store.pending["learning_rate"] == Interval(1e-3, 0.1)
    assert all(
        store.pending[name] == store.plan.region[name] for name in store.plan.space.names if name != "learning_rate"
    )


def test_an_edge_of_a_brush_can_be_dragged_again(plot: ParallelPlot, store: Store) -> None:
    axis = axis_of(plot, "learning_rate")
    drag(plot, place(plot, axis, 0.25), place(plot, axis, 0.75))
    drag(plot, place(plot, axis, 0.75), place(plot, axis, 0.5))
    assert store.pending is not None
    assert store.pending["learning_rate"] == Interval(1e-3, 1e-2)


def test_a_click_on_a_choice_leaves_it_out(plot: ParallelPlot, store: Store) -> None:
    axis = axis_of(plot, "batch_size")
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=place(plot, axis, 0.5))
    assert store.pending is not None
    assert store.pending["batch_size"] == (32, 128)


def test_a_click_on_a_line_selects_its_trial(plot: ParallelPlot, store: Store) -> None:
    number = next(n for n in range(1, 61) if store.history.trial(n).value is not None)
    lines = plot._lines
    assert lines is not None
    middle = (lines.ys[number - 1][0] + lines.ys[number - 1][1]) / 2 + plot.frame.top
    at = place(plot, 0.5)
    at.setY(round(middle))
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert len(store.selection) == 1
    hover(plot, at)
    assert plot.hovered == store.selection[0]


def test_the_keyboard_alone_is_enough(plot: ParallelPlot, store: Store) -> None:
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Up)
    assert store.pending is not None
    name = plot.drags[1].parameter.name
    assert store.pending[name] != store.plan.region[name]
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert store.pending is None


def test_new_trials_get_their_lines(plot: ParallelPlot, store: Store) -> None:
    before = plot._lines
    assert before is not None
    store.apply(events_of(store.plan, [61]))
    plot.grab()
    assert plot._lines is not None
    assert len(plot._lines.ys) >= 61


def test_the_view_is_freed(store: Store) -> None:
    actions = Actions(store, print)
    freed_on_close(lambda: ParallelView(store, actions))
