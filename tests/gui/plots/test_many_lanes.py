"""Plots while dozens of trials train at once: live, in turns, and no more often than somebody can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from plot_hand import pixels
from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from studies import EPOCHS, make_store, trial_events

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots import turns
from tuner_gui.gui.plots.curve_plot import CurvePlot
from tuner_gui.gui.plots.curves import CurvesView
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.plots.running_curves import MOST_NAMED
from tuner_gui.gui.plots.slices import SlicesView
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.plots.turns import Turns
from tuner_gui.gui.store import Store
from tuner_gui.study.curvedata import heights_on
from tuner_gui.study.events import Event

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)

FINISHED, LANES = 100, 64
NUMBERS = range(FINISHED + 1, FINISHED + LANES + 1)


def starts(store: Store) -> list[Event]:
    return [trial_events(store.plan, number)[0] for number in NUMBERS]


def epochs(store: Store, epoch: int) -> list[Event]:
    """The same epoch of all lanes, of those trials that get so far."""
    trials = (trial_events(store.plan, number) for number in NUMBERS)
    return [trial[epoch] for trial in trials if len(trial) == EPOCHS + 2]


class Paints(QObject):
    """Counts the paint events of widgets."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[QObject] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.counts[watched] += 1
        return False


Shown = Callable[[type[TrialView]], tuple[Store, TrialView]]


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    held: list[TrialView] = []

    def made(kind: type[TrialView]) -> tuple[Store, TrialView]:
        store = make_store(FINISHED)
        view = kind(store, Actions(store, print))
        held.append(view)
        qtbot.addWidget(view)
        view.resize(800, 460)
        with qtbot.waitExposed(view):
            view.show()
        store.apply(starts(store))
        for plot in view.plots:
            plot.grab()
        qtbot.waitUntil(lambda: not view.turns._timer.isActive())
        # What was asked to be painted until now is painted now, and not counted later.
        QApplication.sendPostedEvents()
        return store, view

    return made


@pytest.mark.parametrize("kind", [SlicesView, PairView, CurvesView])
def test_a_batch_with_the_epochs_of_64_trials_repaints_each_plot_once(
    qtbot: QtBot, shown: Shown, kind: type[TrialView]
) -> None:
    store, view = shown(kind)
    paints = Paints()
    for plot in view.plots:
        plot.installEventFilter(paints)
    store.apply(epochs(store, 1))
    qtbot.waitUntil(lambda: len(paints.counts) == len(view.plots))
    QApplication.sendPostedEvents()
    assert set(paints.counts.values()) == {1}


def test_fast_batches_repaint_a_plot_ten_times_a_second_at_most(
    qtbot: QtBot, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, view = shown(CurvesView)
    now = [1000.0]
    monkeypatch.setattr(turns.time, "monotonic", lambda: now[0])
    view.turns.clear()
    asked = []
    # The mouse of an earlier test may still be there.
    monkeypatch.setattr(view.plot, "underMouse", lambda: False)
    monkeypatch.setattr(view.plot, "update", lambda: asked.append(now[0]))
    for epoch in range(1, 16):
        now[0] += 1 / 30
        store.apply(epochs(store, epoch))
        view.turns._next()
    view.turns.clear()
    assert 4 <= len(asked) <= 6, "half a second went by"


def test_the_plot_under_the_mouse_does_not_wait(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = QWidget(), QWidget()
    updates: Counter[str] = Counter()
    for name, widget in (("near", near), ("far", far)):
        qtbot.addWidget(widget)
        monkeypatch.setattr(widget, "update", lambda n=name: updates.update([n]))
    monkeypatch.setattr(near, "underMouse", lambda: True)
    made = Turns(near)
    for _ in range(5):
        made.ask(far)
        made.ask(near)
        for _ in range(2):
            made._next()
    assert updates == {"near": 5, "far": 1}
    made.clear()


def test_the_last_batch_is_always_painted(qtbot: QtBot, shown: Shown) -> None:
    store, view = shown(CurvesView)
    for epoch in range(1, 6):
        store.apply(epochs(store, epoch))
    qtbot.waitUntil(lambda: not view.turns._due)
    before = pixels(view.plot.grab().toImage())
    view.plot.update()
    assert np.array_equal(pixels(view.plot.grab().toImage()), before)


class TestCurves:
    @pytest.fixture
    def bench(self, shown: Shown) -> tuple[Store, CurvePlot]:
        store, view = shown(CurvesView)
        return store, view.plot

    def tip(self, plot: CurvePlot, number: int) -> QPointF:
        values = plot.store.history.curve(number, plot.shown_metric)
        return QPointF(plot.frame.px(len(values)), plot.frame.py(heights_on(plot._axis, values[-1:])[0]))

    def test_curves_of_all_lanes_appear_as_their_epochs_end(self, bench: tuple[Store, CurvePlot]) -> None:
        store, plot = bench
        kept = pixels(plot._layer.image)
        before = pixels(plot.grab().toImage()).astype(int)
        store.apply(epochs(store, 1) + epochs(store, 2))
        after = pixels(plot.grab().toImage()).astype(int)
        changed = np.abs(after - before).max(axis=2) > 60
        seen = 0
        for number in NUMBERS:
            tip = self.tip(plot, number) if store.history.epochs(number) else None
            if tip is not None and plot.area.contains(tip):
                x, y = round(tip.x()), round(tip.y())
                assert changed[y - 2 : y + 3, x - 2 : x + 3].any(), number
                seen += 1
        assert seen > MOST_NAMED
        assert np.array_equal(pixels(plot._layer.image), kept), "what has ended was not painted again"

    def test_each_of_them_can_be_found_with_the_mouse(self, bench: tuple[Store, CurvePlot]) -> None:
        store, plot = bench
        for epoch in range(1, 5):
            store.apply(epochs(store, epoch))
        tips = {n: self.tip(plot, n) for n in NUMBERS if store.history.epochs(n)}
        inside = [n for n, tip in tips.items() if plot.area.contains(tip)]
        found = [plot.curve_at(tips[number]) for number in inside]
        assert set(found) <= set(NUMBERS)
        # Where two pass through the same place, the later one is found.
        assert sum(f == n for f, n in zip(found, inside, strict=True)) > 0.8 * len(inside)

    def test_many_are_not_named_but_the_selected_one_is(self, bench: tuple[Store, CurvePlot]) -> None:
        store, plot = bench
        store.apply(epochs(store, 1))
        assert [line.number for line in plot._on_top()] == [plot.scene.best]
        store.select([NUMBERS[3]])
        assert [line.number for line in plot._on_top()] == [plot.scene.best, NUMBERS[3]]

    def test_a_curve_that_ends_leaves_the_running_ones(self, bench: tuple[Store, CurvePlot]) -> None:
        store, plot = bench
        whole = next(n for n in NUMBERS if len(trial_events(store.plan, n)) == EPOCHS + 2)
        store.apply(trial_events(store.plan, whole)[1:])
        assert whole not in plot._running_curves().numbers
        assert len(plot._running_curves().numbers) == LANES - 1


def test_the_first_curves_are_seen_before_any_trial_has_ended(qtbot: QtBot) -> None:
    store = make_store(0)
    view = CurvesView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    view.show()
    view.show_metric("val_loss")
    store.apply(starts_from_one(store))
    losses = np.array([store.history.curve(n, "val_loss")[-1] for n in range(1, 11)])
    heights = heights_on(view.plot._axis, losses)
    low, high = view.plot.frame.y_range
    assert ((heights >= low) & (heights <= high)).mean() >= 0.8


def starts_from_one(store: Store) -> list[Event]:
    return [event for number in range(1, 11) for event in trial_events(store.plan, number)[:2]]


@pytest.mark.parametrize("kind", [SlicesView, PairView])
def test_rings_of_64_trials_stand_where_they_train(shown: Shown, kind: type[TrialView]) -> None:
    store, view = shown(kind)
    store.apply(epochs(store, 1))
    plot = view.plots[0]
    places = [place for number in NUMBERS if (place := plot.place_of(number))]
    assert len(places) == LANES
    picture = pixels(plot.grab().toImage())
    for x, y in places:
        around = picture[round(y) - 5 : round(y) + 6, round(x) - 5 : round(x) + 6, :3]
        assert around.min() < 90, "a dark ring"
    assert plot.trial_at(QPointF(*places[0])) in NUMBERS
