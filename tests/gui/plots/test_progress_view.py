"""The search over time: trials by number, the best so far, stages."""

from __future__ import annotations

import numpy as np
import pytest
from plot_hand import LEFT, pixels
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.progress import ProgressView
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval


@pytest.fixture
def store(qapp: object) -> Store:
    return make_store(40)


@pytest.fixture
def view(store: Store, qtbot: QtBot) -> ProgressView:
    view = ProgressView(store, Actions(store, [].append))
    qtbot.addWidget(view)
    view.resize(800, 460)
    with qtbot.waitExposed(view):
        view.show()
    view.plot.grab()
    return view


def test_each_trial_stands_at_its_number_and_a_click_selects_it(view: ProgressView, store: Store) -> None:
    (best,) = store.history.ranked(store.plan.definition.objective, 1)
    place = view.plot.place_of(best)
    assert place is not None
    assert place[0] == pytest.approx(view.plot.frame.px(best))
    QTest.mouseClick(view.plot, LEFT, pos=QPoint(round(place[0]), round(place[1])))
    assert store.selection == (best,)


def test_the_line_ends_at_the_best_value_of_all(view: ProgressView, store: Store) -> None:
    corners = view.plot.best_so_far()
    values = store.history.value_column
    top = float(view.scene.scale.heights(np.array([np.nanmax(values)]))[0])
    assert corners[-1] == (40, pytest.approx(min(top, 1.0)))
    assert [y for _, y in corners] == sorted(y for _, y in corners)


def test_new_trials_move_nothing_until_the_axis_is_full(view: ProgressView, store: Store) -> None:
    ends = []
    for number in range(41, 51):
        store.apply(events_of(store.plan, [number]))
        ends.append(view.plot.frame.x_range)
    assert len(set(ends)) == 1
    assert ends[0][1] >= 50
    store.apply(events_of(store.plan, range(51, 120)))
    assert view.plot.frame.x_range[1] >= 119


def test_a_new_stage_is_marked_from_its_first_trial_on(view: ProgressView, store: Store) -> None:
    actions = Actions(store, [].append)
    store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
    actions.apply_pending()
    before = pixels(view.plot.grab().toImage())
    store.apply(events_of(store.plan, range(41, 46)))
    x = round(view.plot.frame.px(40.5))
    column = pixels(view.plot.grab().toImage())[:, x - 1 : x + 2]
    changed = (column != before[:, x - 1 : x + 2]).any(axis=-1).mean(axis=0)
    assert changed.max() > 0.7, "a line where the stage begins"


def test_an_empty_study_says_what_will_be_here(qtbot: QtBot) -> None:
    store = make_store(0)
    view = ProgressView(store, Actions(store, [].append))
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    assert view.hint.isVisible()
    view.plot.grab()
    store.apply(events_of(store.plan, [1]))
    assert not view.hint.isVisible()
