"""Slices: dragging, keys, clicks, and what arrives meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from leaks import freed_on_close
from plot_hand import drag, hover, pixels, place, turn_wheel
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studies import events_of, make_store, trial_events

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.slice_plot import SlicePlot
from tuner_gui.gui.plots.slices import SlicesView
from tuner_gui.gui.plots.trial_view import EMPTY
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import DARK, LIGHT, choose_scheme
from tuner_gui.search.commands import SetLog
from tuner_gui.space.region import Interval, as_interval, full_extent
from tuner_gui.space.unit import unit_of
from tuner_gui.study.events import TrialState
from tuner_gui.study.plotdata import Spread, Style

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


# The offscreen platform says so when a tooltip appears.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


class Bench:
    """A store, its actions, what they post, and the view."""

    def __init__(self, qtbot: QtBot, trials: int, *, running: int = 0) -> None:
        self.store: Store = make_store(trials, running=running)
        self.posted: list[object] = []
        self.view = SlicesView(self.store, Actions(self.store, self.posted.append))
        qtbot.addWidget(self.view)
        self.view.resize(900, 460)
        with qtbot.waitExposed(self.view):
            self.view.show()

    def plot(self, name: str) -> SlicePlot:
        return self.view.plot_of(name)

    def pending(self, name: str) -> object:
        assert self.store.pending is not None
        return self.store.pending[name]

    def end_trials(self, *numbers: int) -> None:
        self.store.apply(events_of(self.store.plan, numbers))


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot, 60)


# --- dragging ---


def test_a_drag_on_a_log_axis_makes_a_pending_interval_of_round_values(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    drag(plot, place(plot, 0.253), place(plot, 0.746))
    assert bench.pending("learning_rate") == Interval(1e-3, 0.1)
    assert bench.store.plan.region["learning_rate"] == Interval(1e-4, 1.0)


def test_a_drag_on_a_log1m_axis_keeps_the_nines(bench: Bench) -> None:
    plot = bench.plot("momentum")
    at = unit_of(plot.parameter, 0.99)
    drag(plot, place(plot, at), place(plot, 1.02))
    assert bench.pending("momentum") == Interval(0.99, 0.999)


def test_a_drag_on_whole_numbers_gives_whole_numbers(bench: Bench) -> None:
    plot = bench.plot("units")
    drag(plot, place(plot, unit_of(plot.parameter, 32)), place(plot, unit_of(plot.parameter, 64)))
    interval = as_interval(bench.pending("units"))
    assert interval == Interval(32, 64)
    assert isinstance(interval.low, int)


def test_a_drag_over_choices_keeps_those_it_touches(bench: Bench) -> None:
    plot = bench.plot("batch_size")
    drag(plot, place(plot, 0.4), place(plot, 0.9))
    assert bench.pending("batch_size") == (64, 128)


def test_with_alt_the_edges_stand_exactly_where_the_mouse_is(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    end = place(plot, 0.757)
    drag(plot, place(plot, 0.1), end, modifier=ALT)
    high = as_interval(bench.pending("learning_rate")).high
    assert high != 0.1
    assert unit_of(plot.parameter, high) == pytest.approx(plot.frame.x_at(end.x()), abs=1e-6)


def test_drags_on_several_slices_add_up(bench: Bench) -> None:
    rate, units = bench.plot("learning_rate"), bench.plot("units")
    drag(rate, place(rate, 0.25), place(rate, 0.75))
    drag(units, place(units, 0.3), place(units, 0.8))
    assert bench.pending("learning_rate") == Interval(1e-3, 0.1)
    assert bench.pending("units") != full_extent(units.parameter)


def test_the_edges_of_what_is_pending_can_be_dragged_and_its_middle_moves_it(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    drag(plot, place(plot, 0.25), place(plot, 0.5))
    drag(plot, place(plot, 0.5), place(plot, 0.75))
    assert bench.pending("learning_rate") == Interval(1e-3, 0.1)
    drag(plot, place(plot, 0.5), place(plot, 0.25))
    assert bench.pending("learning_rate") == Interval(1e-4, 1e-2)


def test_the_edge_of_the_current_region_can_be_dragged(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    drag(plot, place(plot, 0.25), place(plot, 0.5))
    QTest.keyClick(plot, Qt.Key.Key_Return)
    drag(plot, place(plot, 0.5), place(plot, 0.75))
    assert bench.pending("learning_rate") == Interval(1e-3, 0.1)


def test_escape_in_the_middle_of_a_drag_leaves_no_trace(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    drag(plot, place(plot, 0.25), place(plot, 0.75))
    before = bench.store.pending
    drag(plot, place(plot, 0.9), place(plot, 0.4), release=False)
    assert bench.store.pending != before
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert bench.store.pending == before


def test_the_right_and_the_middle_button_do_not_drag(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    for button in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        drag(plot, place(plot, 0.2), place(plot, 0.8), button=button)
    assert bench.store.pending is None


# --- keys ---


def test_enter_applies_and_escape_drops(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    drag(plot, place(plot, 0.25), place(plot, 0.75))
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert bench.store.pending is None
    assert bench.posted == []
    drag(plot, place(plot, 0.25), place(plot, 0.75))
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert bench.store.pending is None
    assert bench.store.plan.region["learning_rate"] == Interval(1e-3, 0.1)
    assert [type(command) for command in bench.posted] == [SetLog]


def test_arrow_keys_move_the_handle_and_tab_goes_to_the_other_one_first(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(plot, Qt.Key.Key_Right, SHIFT)
    first = as_interval(bench.pending("learning_rate"))
    assert first.low > 1e-4
    assert first.high == 1.0
    QTest.keyClick(plot, Qt.Key.Key_Tab)
    assert plot.hasFocus()
    QTest.keyClick(plot, Qt.Key.Key_Left)
    second = as_interval(bench.pending("learning_rate"))
    assert second.low == first.low
    assert second.high < 1.0
    QTest.keyClick(plot, Qt.Key.Key_Tab)
    assert bench.plot("momentum").hasFocus()


def test_choices_are_toggled_with_the_space_bar(bench: Bench) -> None:
    plot = bench.plot("layers")
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_Space)
    assert bench.pending("layers") == (1, 3)


def test_a_double_click_on_the_axis_opens_an_editor_that_explains_bad_values(bench: Bench, qtbot: QtBot) -> None:
    plot = bench.plot("learning_rate")
    editor = plot.type_values(plot.drag)
    assert editor is not None
    editor.low.setText("0.5")
    editor.high.setText("0.1")
    assert not editor.take.isEnabled()
    assert "low" in editor.message.text()
    editor.high.setText("abc")
    assert "number" in editor.message.text()
    editor.low.setText("2e-3")
    editor.high.setText("0.3")
    QTest.keyClick(editor.high, Qt.Key.Key_Return)
    assert bench.pending("learning_rate") == Interval(2e-3, 0.3)
    assert bench.posted == [], "Enter in the editor must not apply the region"
    assert not editor.isVisible()


def test_a_double_click_under_the_plot_opens_the_editor(bench: Bench) -> None:
    from tuner_gui.gui.plots.range_editor import RangeEditor

    plot = bench.plot("learning_rate")
    QTest.mouseDClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, plot.height() - 6))
    assert [editor.isVisible() for editor in bench.view.findChildren(RangeEditor)] == [True]


# --- clicks ---


def finished_place(plot: SlicePlot, number: int) -> QPoint:
    plot.grab()
    where = plot.place_of(number)
    assert where is not None
    return QPoint(round(where[0]), round(where[1]))


def test_a_click_on_a_point_selects_its_trial_and_ctrl_adds_one(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    history = bench.store.history
    first, second = (int(row) + 1 for row in np.flatnonzero(history.in_state(TrialState.FINISHED))[[3, 11]])
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, finished_place(plot, first))
    assert bench.store.selection == (first,)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, CTRL, finished_place(plot, second))
    assert bench.store.selection == (second, first)
    assert bench.store.pending is None


def test_a_click_beside_all_points_selects_none(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    bench.store.select([5])
    empty = next(
        place(plot, x, 0.5)
        for x in np.linspace(0.1, 0.9, 50)
        if plot.grab() and plot.trial_at(place(plot, x, 0.5).toPointF()) is None
    )
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, empty)
    assert bench.store.selection == ()


def test_a_click_on_the_name_of_a_choice_takes_it_out_and_puts_it_back(bench: Bench) -> None:
    plot = bench.plot("batch_size")
    name = QPoint(round(plot.frame.px(0.5)), plot.height() - 8)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, name)
    assert bench.pending("batch_size") == (32, 128)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, name)
    assert bench.store.pending is None


def test_the_trial_under_the_mouse_is_marked(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    number = int(np.flatnonzero(bench.store.history.in_state(TrialState.FINISHED))[0]) + 1
    hover(plot, finished_place(plot, number))
    assert plot.hovered is not None
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert plot.hovered is None


# --- what arrives ---


def test_trials_that_end_give_the_picture_of_a_full_painting(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    plot.grab()
    bench.end_trials(61, 62, 63, 64)
    plot.grab()
    grown = pixels(plot._layer.image)
    plot.data_outdated()
    plot.grab()
    assert len(plot._points.x) == 64
    assert np.array_equal(pixels(plot._layer.image), grown)


def test_a_running_trial_moves_with_its_epochs_and_becomes_a_point(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    events = trial_events(bench.store.plan, 61)
    bench.store.apply(events[:1])
    start = plot.place_of(61)
    bench.store.apply(events[1:4])
    later = plot.place_of(61)
    assert start is not None
    assert later is not None
    assert start[0] == later[0]
    assert later[1] < start[1], "from the rail up to its first accuracy"
    plot.grab()
    bench.store.apply(events[4:])
    plot.grab()
    assert plot._points is not None
    assert plot._points.style[60] == Style.VALUE


def test_new_trials_never_move_what_the_person_looks_at(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    turn_wheel(plot, place(plot, 0.5), 3, modifier=CTRL)
    zoomed = plot.frame
    assert zoomed.x_range[1] - zoomed.x_range[0] < 0.8
    bench.end_trials(*range(61, 66))
    assert plot.frame == zoomed
    QTest.mouseDClick(
        plot, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place(plot, zoomed.x_range[0] + 0.1, 0.2)
    )
    assert plot.frame.x_range[1] - plot.frame.x_range[0] > 1


def test_the_wheel_alone_changes_nothing(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    before = plot.frame
    turn_wheel(plot, place(plot, 0.5), 2)
    assert plot.frame == before


def test_applying_a_region_dims_what_lies_outside(bench: Bench) -> None:
    plot = bench.plot("units")
    plot.grab()
    assert not (plot._points.style == Style.OUTSIDE).any()
    rate = bench.plot("learning_rate")
    drag(rate, place(rate, 0.25), place(rate, 0.75))
    plot.grab()
    while_pending = plot._points.style.copy()
    QTest.keyClick(rate, Qt.Key.Key_Return)
    plot.grab()
    assert (plot._points.style == Style.OUTSIDE).any()
    assert np.array_equal(plot._points.style, while_pending)


def test_a_hidden_view_catches_up_when_it_is_shown(bench: Bench) -> None:
    bench.view.hide()
    bench.end_trials(*range(61, 71))
    bench.store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
    bench.view.show()
    plot = bench.plot("momentum")
    plot.grab()
    assert len(plot._points.x) == 70
    assert (plot._points.style == Style.OUTSIDE).any()


def test_a_parameter_that_is_switched_on_gets_a_slice(bench: Bench) -> None:
    before = [plot.parameter.name for plot in bench.view.plots]
    actions = Actions(bench.store, bench.posted.append)
    actions.switch("dropout", on=True)
    assert [plot.parameter.name for plot in bench.view.plots] == [*before, "dropout"]
    bench.plot("dropout").grab()
    actions.switch("layers", on=False)
    assert "layers" not in [plot.parameter.name for plot in bench.view.plots]


def test_the_axis_can_show_all_values_or_the_best_half(bench: Bench) -> None:
    axis = bench.view.scene.scale.axis
    for action, spread in bench.view.values._spreads.items():
        if spread is Spread.ALL:
            action.trigger()
    assert bench.view.scene.scale.axis.low < axis.low
    for action, spread in bench.view.values._spreads.items():
        if spread is Spread.BEST_HALF:
            action.trigger()
    assert bench.view.scene.scale.axis.low > axis.low
    assert "best half" in bench.view.values.text()


# --- how it looks ---


def test_an_empty_study_says_what_will_be_here_and_can_already_be_narrowed(qtbot: QtBot) -> None:
    empty = Bench(qtbot, 0)
    assert empty.view.hint.isVisible()
    assert empty.view.hint.text() == EMPTY
    plot = empty.plot("learning_rate")
    drag(plot, place(plot, 0.25), place(plot, 0.75))
    assert empty.pending("learning_rate") == Interval(1e-3, 0.1)
    empty.end_trials(1)
    assert not empty.view.hint.isVisible()


@pytest.fixture
def _light_again() -> Iterator[None]:
    yield
    choose_scheme(Qt.ColorScheme.Light)


@pytest.mark.usefixtures("_light_again")
def test_plots_change_colours_with_the_system(bench: Bench, qtbot: QtBot) -> None:
    choose_scheme(Qt.ColorScheme.Light)
    plot = bench.plot("momentum")
    qtbot.waitUntil(lambda: not plot.theme.dark)
    assert plot.grab().toImage().pixelColor(2, 2).name() == LIGHT.background
    choose_scheme(Qt.ColorScheme.Dark)
    qtbot.waitUntil(lambda: plot.theme.dark)
    assert plot.grab().toImage().pixelColor(2, 2).name() == DARK.background
    assert bench.view.legend.grab().toImage().pixelColor(1, 1).lightness() < 128


def test_every_slice_has_a_name_and_says_what_holds(bench: Bench) -> None:
    plot = bench.plot("learning_rate")
    assert plot.accessibleName() == "val_accuracy against learning_rate"
    drag(plot, place(plot, 0.25), place(plot, 0.75))
    assert "pending: learning_rate 1e-3 to 0.1" in plot.accessibleDescription()


def test_the_view_is_freed_when_it_is_closed(qapp: QApplication) -> None:
    store = make_store(20)
    actions = Actions(store, print)
    freed_on_close(lambda: SlicesView(store, actions))
