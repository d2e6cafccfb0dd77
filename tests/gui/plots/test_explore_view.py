"""The tabs of all plots and the line under them."""

from __future__ import annotations

import pytest
from leaks import freed_on_close
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.gui.plots.footer import DRAG_HINT, ExploreFooter, warning
from tuner_gui.gui.store import Status, Store
from tuner_gui.search.refine import keeps
from tuner_gui.space.region import Interval


@pytest.fixture
def store() -> Store:
    return make_store(60)


@pytest.fixture
def view(qtbot: QtBot, store: Store) -> ExploreView:
    view = ExploreView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    with qtbot.waitExposed(view):
        view.show()
    return view


def narrow(store: Store, low: float = 1e-3, high: float = 0.1) -> None:
    store.set_pending_extents({"learning_rate": Interval(low, high)})


def test_the_footer_says_where_to_drag_until_something_is_pending(view: ExploreView, store: Store) -> None:
    assert view.footer.text == DRAG_HINT
    assert not view.footer.apply_button.isVisible()
    narrow(store)
    assert view.footer.apply_button.isVisible()
    assert view.footer.text.startswith(str(keeps(store.plan.space, store.pending, store.history)))
    assert "50 % of the volume" in view.footer.text


def test_its_buttons_apply_and_drop(view: ExploreView, store: Store) -> None:
    narrow(store)
    view.footer.drop_button.click()
    assert store.pending is None
    narrow(store)
    view.footer.apply_button.click()
    assert store.plan.region["learning_rate"] == Interval(1e-3, 0.1)
    assert "Stage 2" in view.footer.text


def test_keys_on_the_tabs_apply_and_drop_as_well(view: ExploreView, store: Store) -> None:
    narrow(store)
    QTest.keyClick(view.tabs.tabBar(), Qt.Key.Key_Escape)
    assert store.pending is None
    narrow(store)
    QTest.keyClick(view.tabs.tabBar(), Qt.Key.Key_Return)
    assert store.plan.current == 2


def test_it_warns_when_the_best_trial_is_outside(view: ExploreView, store: Store) -> None:
    best = store.history.best(store.plan.definition.objective)
    assert best is not None
    rate = best.values["learning_rate"]
    narrow(store, *((rate * 2, 1.0) if rate < 0.01 else (1e-4, rate / 2)))
    assert f"the best trial, #{best.number}, is outside" in view.footer.text


def test_it_warns_when_few_trials_lie_inside(store: Store) -> None:
    best = store.history.best(store.plan.definition.objective)
    assert best is not None
    rate = best.values["learning_rate"]
    narrow(store, rate * 0.97, rate * 1.03)
    assert "inside" in warning(store)
    narrow(store, 1e-4, 0.99)
    assert warning(store) == ""


def test_the_numbers_follow_the_trials_that_end_meanwhile(view: ExploreView, store: Store) -> None:
    narrow(store)
    store.apply(events_of(store.plan, range(61, 66)))
    assert "of 65 trials" in view.footer.text


def test_a_suggestion_brings_its_reason(view: ExploreView, store: Store) -> None:
    Actions(store, print).suggest()
    assert store.pending_note
    assert store.pending_note in view.footer.text


def test_a_study_that_cannot_be_changed_cannot_be_narrowed(view: ExploreView, store: Store) -> None:
    store.set_status(Status(read_only="the file is open in another window"))
    narrow(store)
    assert not view.footer.apply_button.isEnabled()
    assert view.footer.apply_button.toolTip() == "the file is open in another window"


def test_the_height_of_the_footer_never_changes(view: ExploreView, store: Store) -> None:
    before = view.footer.height()
    narrow(store)
    QApplication.sendPostedEvents()
    assert view.footer.height() == before


def test_plots_in_hidden_tabs_do_no_work(view: ExploreView, store: Store) -> None:
    narrow(store)
    store.apply(events_of(store.plan, range(61, 64)))
    assert len(view.pairs.scene.marks) == 0
    view.tabs.setCurrentWidget(view.pairs)
    assert len(view.pairs.scene.marks) == 63


def test_a_selection_is_seen_in_every_tab(view: ExploreView, store: Store) -> None:
    for tab in (view.slices, view.pairs, view.curves):
        view.tabs.setCurrentWidget(tab)
        store.select(())
        before = view.grab().toImage()
        store.select((7,))
        assert view.grab().toImage() != before


def test_everything_that_takes_the_keyboard_has_a_name(view: ExploreView) -> None:
    nameless = []
    own = (widget for widget in view.findChildren(QWidget) if widget.window() is view)
    for widget in own:
        focusable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        named = widget.accessibleName() or getattr(widget, "text", str)()
        if focusable and not named and not widget.objectName().startswith("qt_"):
            nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_the_view_is_freed_when_it_is_closed(qapp: QApplication, store: Store) -> None:
    actions = Actions(store, print)
    freed_on_close(lambda: ExploreView(store, actions))
    freed_on_close(lambda: ExploreFooter(store, actions))
