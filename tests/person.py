"""A person at the real window, by mouse and keys alone, with a real file and a real training process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QMenu, QMenuBar, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.gui.document import Document
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.panels.new_study import OWN_FILE, NewStudyDialog
from tuner_gui.gui.panels.space_panel import SpacePanel
from tuner_gui.gui.parts.budget_box import BudgetBox
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.gui.plots.slice_plot import SlicePlot
from tuner_gui.gui.store import RunState

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 90_000


class Person:
    """Does with the window what a person can do, by mouse and keys alone."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = MainWindow(engine=ENGINES["local"])
        self.window.resize(1280, 800)
        self.window.show()
        self.come_to_front()

    def come_to_front(self) -> None:
        self.window.activateWindow()
        self.qtbot.waitUntil(self.window.isActiveWindow)

    @property
    def document(self) -> Document:
        assert self.window.document is not None
        return self.window.document

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def find(self, kind: type) -> QWidget:
        found = self.window.findChild(kind)
        assert found is not None, f"there is no {kind.__name__}"
        return found

    def press(self, text: str) -> None:
        button = next(b for b in self.window.findChildren(QToolButton) if b.text() == text and b.isVisible())
        assert button.isEnabled(), f"{text} is off: {button.toolTip()}"
        QTest.mouseClick(button, LEFT)

    def make_study(self, path: Path, source: Path | None = None) -> None:
        """Of a file of the person's own, or of what the dialog offers first."""
        QTest.keyClick(self.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = self.find(NewStudyDialog)
        if source is not None:
            self.choose(dialog.data, OWN_FILE)
            self.type_into(dialog.own.path, str(source))
            QTest.keyClick(dialog.own.path, Qt.Key.Key_Return)
            self.wait_for(dialog.create_button.isEnabled)
        self.type_into(dialog.file, str(path))
        with self.qtbot.waitSignal(self.window.study_opened, timeout=PATIENCE_MS):
            QTest.keyClick(dialog.file, Qt.Key.Key_Return)
        # Without a window manager nobody gives the focus back when a dialog closes.
        self.come_to_front()

    def open_study(self, path: Path) -> None:
        with self.qtbot.waitSignal(self.window.study_opened, timeout=PATIENCE_MS):
            self.window.open_study(path)

    def choose(self, box: QComboBox, entry: object) -> None:
        """Walk through the list by keys to the entry that stands for this."""
        box.setFocus()
        wanted = box.findData(entry)
        while box.currentIndex() != wanted:
            QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < wanted else Qt.Key.Key_Up)

    def walk_menu(self, *titles: str) -> None:
        """Click from the menu bar to an entry."""
        menu: QMenu | QMenuBar = self.window.menuBar()
        for title in titles:
            self.wait_for(menu.isVisible)
            action = next(a for a in menu.actions() if a.text() == title)
            QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
            menu = action.menu() or menu

    def export(self, title: str, path: Path) -> None:
        """File > Export, the entry of this title, and the name of a file typed into the dialog."""
        self.walk_menu("&File", "&Export", title)
        dialog = self.find(QFileDialog)
        dialog.activateWindow()  # without a window manager nobody does after a menu
        self.wait_for(dialog.isActiveWindow)
        field = next(f for f in dialog.findChildren(QLineEdit) if f.isVisible())
        self.type_into(field, str(path))
        told: list[str] = []
        self.window.window_actions.exports.told.connect(told.append)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait_for(lambda: len(told) == 2)
        assert told[-1].startswith("Exported"), told[-1]
        self.come_to_front()

    def type_into(self, field: QLineEdit, text: str) -> None:
        QTest.mouseClick(field, LEFT)
        field.selectAll()
        QTest.keyClicks(field, text)

    def change_low(self, name: str, low: str) -> None:
        """Choose the parameter's row in the space table and type another lower end."""
        panel = self.find(SpacePanel)
        table = panel.findChild(QTableView)
        self.wait_for(table.isVisible)
        QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(_row(table, name)).center())
        field = next(f for f in panel.findChildren(QLineEdit) if f.accessibleName() == f"{name}: low")
        self.wait_for(field.isVisible)
        self.type_into(field, low)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def run(self, trials: int) -> None:
        self.start(trials)
        self.wait_for(self.is_idle)

    def start(self, trials: int) -> None:
        budget = self.find(BudgetBox)
        QTest.mouseClick(budget, LEFT)
        budget.selectAll()
        QTest.keyClicks(budget, str(trials))
        QTest.keyClick(budget, Qt.Key.Key_Return)
        before = len(self.document.store.history)
        self.press("Run")
        self.wait_for(lambda: len(self.document.store.history) > before)

    def is_idle(self) -> bool:
        return self.document.store.status.run is RunState.IDLE

    def slice_of(self, name: str) -> SlicePlot:
        return self.find(ExploreView).slices.plot_of(name)

    def drag_slice(self, name: str, low: float, high: float) -> None:
        """Sweep over the slice from one unit coordinate to another."""
        plot = self.slice_of(name)
        start, end = point_of(plot, low), point_of(plot, high)
        QTest.mousePress(plot, LEFT, pos=start)
        for share in (0.25, 0.5, 0.75, 1.0):
            QTest.mouseMove(plot, start + (end - start) * share)
        QTest.mouseRelease(plot, LEFT, pos=end)

    def leave(self) -> None:
        if self.window is not None:
            if self.window.document is not None and not self.is_idle():
                self.document.actions.stop()
                self.wait_for(self.is_idle)
            self.window.close()
            self.window.deleteLater()
            self.window = None


def _row(table: QTableView, name: str) -> QModelIndex:
    model = table.model()
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            if model.index(row, column).data() == name:
                return model.index(row, column)
    raise AssertionError(f"no row {name}")


def point_of(plot: SlicePlot, unit: float) -> QPoint:
    frame = plot.frame
    return QPoint(round(frame.px(unit)), round(frame.top + frame.height / 2))
