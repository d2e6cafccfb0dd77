"""The context menu of a plot, and the editor it opens."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.axis_drag import AxisDrag
from tuner_gui.gui.plots.range_editor import RangeEditor, typed_interval
from tuner_gui.gui.plots.region_menu import region_menu
from tuner_gui.gui.store import Store
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import FloatParameter, IntParameter
from tuner_gui.space.region import Interval
from tuner_gui.space.scales import Scale

RATE = FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG)


@pytest.fixture
def store() -> Store:
    return make_store(20)


@pytest.fixture
def asked() -> list[AxisDrag]:
    return []


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(500, 300)
    parent.show()
    return parent


def menu_for(parent: QWidget, store: Store, asked: list[AxisDrag], *names: str) -> dict[str, QAction]:
    drags = [AxisDrag(store, store.plan.space[name]) for name in names]
    # A connection does not keep the object of a bound method alive.
    parent.actions_held = Actions(store, print)
    menu = region_menu(parent, store, parent.actions_held, drags, type_values=asked.append, try_here=list)
    assert isinstance(menu, QMenu)
    return {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}


def test_what_cannot_be_done_is_greyed(parent: QWidget, store: Store, asked: list[AxisDrag]) -> None:
    entries = menu_for(parent, store, asked, "learning_rate")
    assert not entries["Apply region"].isEnabled()
    assert not entries["Drop region"].isEnabled()
    assert not entries["Full range of learning_rate"].isEnabled()
    store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
    entries = menu_for(parent, store, asked, "learning_rate")
    assert all(action.isEnabled() for action in entries.values())


def test_every_entry_does_what_it_says(parent: QWidget, store: Store, asked: list[AxisDrag]) -> None:
    store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1), "layers": (1, 2)})
    entries = menu_for(parent, store, asked, "learning_rate", "layers")
    entries["Type values of learning_rate…"].trigger()
    assert [drag.parameter.name for drag in asked] == ["learning_rate"]
    assert [entries[f"Try {layers}"].isChecked() for layers in (1, 2, 3)] == [True, True, False]
    entries["Try 1"].trigger()
    assert store.pending is not None
    assert store.pending["layers"] == (2,)
    entries["Full range of learning_rate"].trigger()
    assert store.pending["learning_rate"] == Interval(1e-4, 1.0)
    entries["Apply region"].trigger()
    assert store.plan.region["layers"] == (2,)


def test_dropping_leaves_no_trace(parent: QWidget, store: Store, asked: list[AxisDrag]) -> None:
    store.set_pending_extents({"layers": (1, 2)})
    menu_for(parent, store, asked, "layers")["Drop region"].trigger()
    assert store.pending is None
    assert store.plan.current == 1


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        ("", "1", "a number"),
        ("0,5", "1", "a number"),
        ("inf", "1", "a number"),
        ("0.5", "0.1", "low at most"),
        ("2", "3", "a part of the full range"),
        ("0.1", "0.1", "low below high"),
    ],
)
def test_bad_values_are_refused_in_words(low: str, high: str, reason: str) -> None:
    with pytest.raises(SpaceError, match=reason):
        typed_interval(RATE, low, high)


def test_good_values_are_taken_as_they_are_typed() -> None:
    assert typed_interval(RATE, " 2e-3", ".5 ") == Interval(2e-3, 0.5)
    layers = IntParameter(name="layers", low=1, high=5)
    assert typed_interval(layers, "2", "3.7") == Interval(2, 3)


def test_the_editor_shows_what_holds_and_closes_without_a_trace(qtbot: QtBot, parent: QWidget) -> None:
    editor = RangeEditor(parent, RATE, Interval(1e-3, 0.25))
    assert (editor.low.text(), editor.high.text()) == ("1e-3", "0.25")
    editor.open_at(parent.rect().bottomRight())
    assert parent.rect().contains(editor.geometry())
    with qtbot.assertNotEmitted(editor.accepted):
        qtbot.keyClick(editor.low, "\x1b")
    assert not editor.isVisible()
