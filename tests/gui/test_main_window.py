"""The assembled window with a real study and a training process that needs no TensorFlow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import fake_trainer
import psutil
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QComboBox, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from tuner_gui.assets import asset
from tuner_gui.engines.local import LocalEngine
from tuner_gui.gui.app import Application
from tuner_gui.gui.coverage_dialog import CoverageDialog
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.menus import menus_of
from tuner_gui.gui.palette import CommandPalette
from tuner_gui.gui.panels.stages_panel import StagesPanel
from tuner_gui.gui.panels.welcome import WelcomePage
from tuner_gui.gui.parts.notes import NotesEdit
from tuner_gui.gui.store import RunState
from tuner_gui.space.region import Interval
from tuner_gui.study.file import open_study as open_file

ENGINE = partial(LocalEngine, target=fake_trainer.main)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return Path(shutil.copy(asset("demo.tuner"), tmp_path / "demo.tuner"))


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(MainWindow, "_may_stop", lambda _: True)
    made = MainWindow(engine=ENGINE)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()
    made.deleteLater()


def open_study(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    with qtbot.waitSignal(window.study_opened):
        window.open_study(path)
    qtbot.waitUntil(lambda: window.centralWidget().isVisible() and any(dock.isVisible() for dock in window.docks))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def menu_actions(window: MainWindow) -> list[QAction]:
    return [a for menu in menus_of(window.menuBar()) for a in menu.actions() if not a.isSeparator()]


def test_without_a_study_the_window_welcomes_and_offers_nothing_that_needs_one(window: MainWindow) -> None:
    assert window.findChild(WelcomePage).isVisible()
    assert [action.text() for action in window.menuBar().actions()] == ["&File", "&View", "&Help"]
    assert window.docks == []


def test_every_menu_entry_does_something(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    silent = [
        action.text()
        for action in menu_actions(window)
        if action.menu() is None and not action.receivers("2triggered(bool)") and not action.isCheckable()
    ]
    assert silent == []
    assert {"&File", "&Edit", "&Search", "&View", "&Help"} == {a.text() for a in window.menuBar().actions()}


def test_no_two_entries_share_a_shortcut(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    keys = [action.shortcut().toString() for action in menu_actions(window) if not action.shortcut().isEmpty()]
    assert sorted(keys) == sorted(set(keys))
    assert {"F5", "F8", "Ctrl+Z", "F6", "Ctrl+Shift+P"} <= set(keys)


def test_every_control_that_takes_the_focus_has_a_name(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    nameless = [
        f"{type(w).__name__} in {type(w.parent()).__name__}"
        for w in window.findChildren(QWidget)
        if w.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (w.accessibleName() or getattr(w, "text", str)())
        and not isinstance(w.parent(), QAbstractScrollArea)
        and not isinstance(w.parent().parent(), QComboBox)
        and w.objectName() != "qt_toolbar_ext_button"
    ]
    assert nameless == []


def test_a_file_that_is_no_study_is_refused_in_words_and_the_window_goes_on(
    qtbot: QtBot, window: MainWindow, demo: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.tuner"
    bad.write_bytes(b"not a study")
    window.open_study(bad)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = window.findChild(QMessageBox)
    assert "bad.tuner" in box.text()
    box.accept()
    assert window.document is None
    open_study(qtbot, window, demo)
    assert "demo.tuner" in window.windowTitle()


def test_opening_another_study_replaces_the_first(qtbot: QtBot, window: MainWindow, demo: Path, tmp_path: Path) -> None:
    open_study(qtbot, window, demo)
    other = Path(shutil.copy(demo, tmp_path / "other.tuner"))
    open_study(qtbot, window, other)
    assert window.document is not None
    assert window.document.path == other
    assert len(window.findChildren(StagesPanel)) == 1 or not window.findChildren(StagesPanel)[0].isVisible()
    assert [dock.windowTitle() for dock in window.docks] == ["Stages", "Suggestions", "Space", "Trial", "Trials"]


def test_closing_a_study_brings_the_welcome_page_back_with_it_among_the_recent_ones(
    qtbot: QtBot, window: MainWindow, demo: Path
) -> None:
    open_study(qtbot, window, demo)
    assert window.close_study()
    welcome = window.centralWidget().currentWidget()
    assert isinstance(welcome, WelcomePage)
    assert welcome.recent.count() == 1
    assert window.windowTitle() == "Tuner"


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_the_coverage_preview_opens_once_beside_the_window_and_goes_with_the_study(
    qtbot: QtBot, window: MainWindow, demo: Path
) -> None:
    open_study(qtbot, window, demo)
    preview = next(action for action in menu_actions(window) if action.text() == "Preview coverage…")
    preview.trigger()
    preview.trigger()
    (dialog,) = window.findChildren(CoverageDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    qtbot.waitUntil(lambda: dialog.shown is not None, timeout=30_000)
    assert window.close_study()
    assert not any(left.isVisible() for left in window.findChildren(CoverageDialog))


def test_a_study_is_opened_by_dropping_it(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(demo))])
    event = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(window.study_opened):
        window.dropEvent(event)
    assert window.document is not None
    assert window.document.path == demo


def test_the_layout_comes_back_and_can_be_reset(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    stages = window.docks[0]
    stages.hide()
    window.close_study()
    open_study(qtbot, window, demo)
    assert not window.docks[0].isVisible()
    window.reset_layout()
    assert window.docks[0].isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_every_dock_floats_and_docks_again(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    for dock in window.docks:
        dock.setFloating(True)
        assert dock.isFloating()
        dock.resize(400, 300)
        dock.setFloating(False)
        assert not dock.isFloating()


def test_the_size_of_the_window_comes_back(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    # The height alone: the screen that tests have is narrower than the window may be.
    window.resize(1000, 690)
    window.close_study()
    again = MainWindow(engine=ENGINE)
    qtbot.addWidget(again)
    assert again.height() == 690


def test_undo_takes_back_an_edit_of_a_range_while_its_field_has_the_focus(
    qtbot: QtBot, window: MainWindow, demo: Path
) -> None:
    open_study(qtbot, window, demo)
    store = window.document.store
    store.show_parameter("learning_rate")
    field = next(f for f in window.findChildren(QLineEdit) if f.accessibleName() == "learning_rate: low")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "2e-3")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() != "2e-3", "what is being typed is taken back first"
    field.selectAll()
    QTest.keyClicks(field, "1e-3")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert store.plan.space["learning_rate"].low == 1e-3
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.plan.space["learning_rate"].low == 1e-4


def test_f6_goes_round_the_panels(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    window.document.store.select([6])  # an empty trial panel has nothing to focus
    visited = []
    for _ in range(6):
        window.focus_next_panel()
        focused = window.focusWidget()
        stops = [window.centralWidget(), *window.docks]
        visited.append(next(i for i, stop in enumerate(stops) if stop.isAncestorOf(focused)))
    assert sorted(visited) == [0, 1, 2, 3, 4, 5]


def test_the_palette_finds_a_command_and_runs_it(qtbot: QtBot, window: MainWindow, demo: Path) -> None:
    open_study(qtbot, window, demo)
    document = window.document
    assert document is not None
    document.store.set_pending_extents({"learning_rate": Interval(0.01, 0.1)})
    document.actions.apply_pending()
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    palette = window.findChild(CommandPalette)
    field = palette.findChild(QLineEdit)
    QTest.keyClicks(field, "undo")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.store.plan.current == 1


def test_the_demo_searches_by_itself_when_asked(qtbot: QtBot, demo: Path) -> None:
    application = Application(engine=ENGINE, demo_path=lambda: demo)
    application.window.show()
    application.open_demo(trials=3)
    window = application.window
    qtbot.waitUntil(lambda: window.document is not None and window.document.is_open)
    store = window.document.store  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: len(store.history) == 63 and store.status.run is RunState.IDLE, timeout=20_000)
    window.close()
    window.deleteLater()


def test_a_window_without_a_study_never_starts_a_process(qtbot: QtBot, window: MainWindow) -> None:
    trainers = [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
    assert window.document is None
    assert trainers == []


def test_a_note_that_is_being_typed_is_kept_when_the_window_closes(
    qtbot: QtBot, window: MainWindow, demo: Path
) -> None:
    open_study(qtbot, window, demo)
    window.document.store.select([6])
    notes = window.findChild(NotesEdit)
    notes.setFocus()
    QTest.keyClicks(notes, "steady")
    assert window.close()
    kept = open_file(demo)
    assert kept.history.notes == {6: "steady"}
    kept.close()


def test_closing_while_a_search_runs_asks_and_may_go_on(
    qtbot: QtBot, window: MainWindow, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_study(qtbot, window, demo)
    document = window.document
    assert document is not None
    document.actions.run(trials=None)
    qtbot.waitUntil(lambda: document.store.status.run is RunState.RUNNING)
    monkeypatch.setattr(MainWindow, "_may_stop", lambda _: False)
    assert not window.close()
    assert window.document is document
    monkeypatch.setattr(MainWindow, "_may_stop", lambda _: True)
    assert window.close()
    assert window.document is None
