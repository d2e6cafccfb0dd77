"""The main job from end to end: the real window by mouse and keys, a real file, a real training process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.gui.document import Document
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.panels.new_study import NewStudyDialog
from tuner_gui.gui.panels.space_panel import SpacePanel
from tuner_gui.gui.panels.trials_panel import TrialsPanel
from tuner_gui.gui.parts.budget_box import BudgetBox
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.gui.plots.slice_plot import SlicePlot
from tuner_gui.gui.store import RunState
from tuner_gui.space.region import Interval, contains
from tuner_gui.study.events import TrialState

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

    def make_study(self, path: Path) -> None:
        QTest.keyClick(self.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = self.find(NewStudyDialog)
        self.type_into(dialog.file, str(path))
        with self.qtbot.waitSignal(self.window.study_opened, timeout=PATIENCE_MS):
            QTest.keyClick(dialog.file, Qt.Key.Key_Return)
        # Without a window manager nobody gives the focus back when a dialog closes.
        self.come_to_front()

    def open_study(self, path: Path) -> None:
        with self.qtbot.waitSignal(self.window.study_opened, timeout=PATIENCE_MS):
            self.window.open_study(path)

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
        start, end = _point(plot, low), _point(plot, high)
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


def _point(plot: SlicePlot, unit: float) -> QPoint:
    frame = plot.frame
    return QPoint(round(frame.px(unit)), round(frame.top + frame.height / 2))


@pytest.fixture
def come(qtbot: QtBot) -> Iterator[Callable[[], Person]]:
    people: list[Person] = []

    def arrive() -> Person:
        people.append(Person(qtbot))
        return people[-1]

    yield arrive
    for person in people:
        person.leave()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_person_narrows_a_running_search_and_finds_everything_again(
    come: Callable[[], Person], tmp_path: Path
) -> None:
    path = tmp_path / "story.tuner"
    person = come()
    person.make_study(path)
    store = person.document.store

    person.change_low("learning_rate", "1e-3")
    assert store.plan.space["learning_rate"].low == 1e-3
    assert [stage.number for stage in store.plan.stages] == [1]

    person.run(8)
    assert [trial.state for trial in store.history.trials] == [TrialState.FINISHED] * 8
    assert all(trial.values["learning_rate"] >= 1e-3 for trial in store.history.trials)
    assert max(trial.value for trial in store.history.trials) > 0.8, "nothing was learned"

    # More than are in training at once: those finish as they were drawn.
    person.start(120)
    person.drag_slice("learning_rate", 0.3, 0.6)
    assert store.pending is not None
    low, high = store.pending["learning_rate"]
    assert 1e-3 < low < high < 1
    QTest.keyClick(person.slice_of("learning_rate"), Qt.Key.Key_Return)
    assert store.plan.region["learning_rate"] == Interval(low, high)
    person.wait_for(person.is_idle)
    inside = [trial for trial in store.history.trials if trial.stage == 2]
    assert len(inside) >= 8
    assert inside == store.history.trials[-len(inside) :], "a trial of the old region came after the new one"
    assert all(contains(store.plan.space, store.plan.region, trial.values) for trial in inside)
    assert len(store.history) == 128

    QTest.keyClick(person.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.plan.region["learning_rate"] == Interval(1e-3, 1.0)
    assert store.log.redo_text is not None
    assert len(store.history) == 128
    log, trials = store.log, list(store.history.trials)
    curves = [store.history.curves(trial.number) for trial in trials]
    person.leave()

    again = come()
    again.open_study(path)
    kept = again.document.store
    assert kept.log == log
    assert kept.history.trials == trials
    for trial, expected in zip(trials, curves, strict=True):
        assert {name: list(curve) for name, curve in kept.history.curves(trial.number).items()} == {
            name: list(curve) for name, curve in expected.items()
        }
    assert again.find(TrialsPanel).findChild(QTableView).model().rowCount() == 128
    again.press("Redo")
    assert kept.plan.region["learning_rate"] == Interval(low, high)
