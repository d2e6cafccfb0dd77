"""A band on the objective's axis of the parallel coordinates proposes the box around the trials in it."""

from __future__ import annotations

import numpy as np
import pytest
from plot_hand import drag, place
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.drag import spanning
from tuner_gui.gui.plots.parallel import ParallelView
from tuner_gui.gui.plots.parallel_plot import ParallelPlot
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.region import Interval, contains
from tuner_gui.space.scales import Scale
from tuner_gui.space.unit import unit_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
RATE = FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG)


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


def brush(plot: ParallelPlot, start: float, end: float, *, release: bool = True) -> None:
    axis = len(plot.drags)
    drag(plot, place(plot, axis, start), place(plot, axis, end), release=release)


def best(store: Store, count: int) -> list[int]:
    return store.history.ranked(store.plan.definition.objective, count)


def height(plot: ParallelPlot, store: Store, rank: int) -> float:
    """Just below the trial of a rank, on the axis of the objective."""
    values = [store.history.trial(number).value or 0.0 for number in best(store, rank + 1)]
    return unit_of(plot.scene.scale.axis, (values[-1] + values[-2]) / 2)


def test_the_best_trials_are_selected_and_their_box_is_pending(plot: ParallelPlot, store: Store) -> None:
    brush(plot, 1.0, height(plot, store, 6))
    chosen = store.selection
    assert 3 <= len(chosen) <= 9
    assert list(chosen) == best(store, len(chosen)), "the best one first"
    assert store.pending is not None
    for number in chosen:
        assert contains(store.plan.space, store.pending, store.history.trial(number).values)
    for parameter in store.plan.space:
        if isinstance(parameter, ChoiceParameter):
            used = {store.history.trial(number).values[parameter.name] for number in chosen}
            assert set(store.pending[parameter.name]) == used


def test_the_footer_is_told_which_trials_these_are(plot: ParallelPlot, store: Store) -> None:
    brush(plot, 1.0, height(plot, store, 6))
    assert store.pending_note == f"around {len(store.selection)} trials with {plot.brush.words}"
    assert plot.brush.words.endswith("or more")
    assert plot.brush.words in plot.accessibleDescription()


def test_brushing_again_replaces_and_an_edge_can_be_dragged(plot: ParallelPlot, store: Store) -> None:
    brush(plot, 0.05, 0.3)
    first = store.selection
    brush(plot, 0.95, 0.8)
    assert not set(first) & set(store.selection)
    fewer = len(store.selection)
    brush(plot, plot.brush.edges[0], 0.6)
    assert len(store.selection) > fewer
    assert plot.brush.edges[1] == pytest.approx(0.95, abs=0.03)


def test_enter_applies_and_the_band_goes(view: ParallelView, plot: ParallelPlot, store: Store) -> None:
    brush(plot, 1.0, height(plot, store, 10))
    pending = store.pending
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert store.plan.current == 2
    assert store.plan.region == pending
    assert plot.brush.band is None


def test_escape_drops_region_and_band(plot: ParallelPlot, store: Store) -> None:
    brush(plot, 1.0, height(plot, store, 10))
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert store.pending is None
    assert plot.brush.band is None


def test_escape_during_the_drag_brings_back_what_was_pending(plot: ParallelPlot, store: Store) -> None:
    brush(plot, 1.0, 0.9)
    pending, band = store.pending, plot.brush.band
    brush(plot, 0.1, 0.4, release=False)
    assert store.pending != pending
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert store.pending == pending
    assert plot.brush.band == band


def test_another_region_ends_the_band(plot: ParallelPlot, store: Store) -> None:
    brush(plot, 1.0, 0.8)
    drag(plot, place(plot, 0, 0.9), place(plot, 0, 0.95))
    assert store.pending is not None
    assert plot.brush.band is None


def test_a_band_without_trials_proposes_nothing(plot: ParallelPlot, store: Store) -> None:
    heights = np.sort(plot.scene.heights[np.isfinite(plot.scene.heights)])
    heights = heights[heights > 0]
    gap = int(np.diff(heights).argmax())
    low, high = heights[gap], heights[gap + 1]
    brush(plot, low + (high - low) * 0.4, low + (high - low) * 0.6)
    assert store.pending is None
    assert store.selection == ()
    assert plot.brush.band is None


def test_the_keyboard_alone_is_enough(plot: ParallelPlot, store: Store) -> None:
    plot.setFocus()
    for _ in range(len(plot.drags)):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    for _ in range(9):
        QTest.keyClick(plot, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    chosen = store.selection
    assert store.pending is not None
    assert 0 < len(chosen) < 30
    assert list(chosen) == best(store, len(chosen))
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert store.pending is None


def test_where_less_is_better_the_keys_begin_at_the_upper_end(qtbot: QtBot) -> None:
    store = make_store(60)
    actions = Actions(store, print)
    view = ParallelView(store, actions)
    qtbot.addWidget(view)
    view.show()
    view.scene.scale = _turned(view)
    for _ in range(len(view.plot.drags)):
        QTest.keyClick(view.plot, Qt.Key.Key_Right)
    QTest.keyClick(view.plot, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.plot.brush.edges[0] == 0
    assert view.plot.brush.edges[1] < 1
    assert view.plot.brush.words.endswith("or less")


def _turned(view: ParallelView) -> object:
    import dataclasses

    return dataclasses.replace(view.scene.scale, sign=-1)


def test_without_trials_there_is_nothing_to_brush(qtbot: QtBot) -> None:
    store = make_store(0)
    view = ParallelView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(900, 420)
    view.show()
    brush(view.plot, 1.0, 0.5)
    assert store.pending is None
    assert view.plot.brush.band is None


# --- the box ---


def test_its_ends_are_round_and_a_little_outside() -> None:
    low, high = spanning(RATE, unit_of(RATE, 1.07e-3), unit_of(RATE, 0.094), pixel=0.003)
    assert (low, high) == (1e-3, 0.1)


@pytest.mark.parametrize("unit", [0.0, 0.001, 0.37, 0.9999, 1.0])
def test_a_single_place_has_a_small_box_around_it(unit: float) -> None:
    low, high = (unit_of(RATE, value) for value in spanning(RATE, unit, unit, pixel=0.003))
    assert low - 1e-9 <= unit <= high + 1e-9
    assert 0 < high - low < 0.03


def test_whole_numbers_are_taken_as_they_are() -> None:
    units = IntParameter(name="units", low=16, high=128, scale=Scale.LOG)
    assert spanning(units, unit_of(units, 21), unit_of(units, 90), pixel=0.003) == Interval(21, 90)
