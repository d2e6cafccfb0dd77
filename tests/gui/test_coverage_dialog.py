"""What a person sees of a budget before anything runs, and what they can do about it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from leaks import freed_on_close
from panel_bench import Bench
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.coverage_dialog import CoverageDialog
from tuner_gui.gui.qactions import WindowActions
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import apply_theme, choose_scheme
from tuner_gui.search.commands import Command, SetLog
from tuner_gui.space.region import Interval


class Opened:
    """The dialog over a study, with the budget of the run bar."""

    def __init__(self, qtbot: QtBot, store: Store) -> None:
        self.posted: list[Command] = []
        self.store = store
        self.actions = Actions(store, self.posted.append)
        self.verbs = WindowActions(store, self.actions)
        self.verbs.set_trials(60)
        self.bench = Bench(qtbot, store, self.actions, self.posted)
        self.dialog = CoverageDialog(store, self.actions, self.verbs)
        # qtbot would delete it a second time.
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        self.bench.show(self.dialog, 980, 690)
        self.settle()

    def settle(self) -> None:
        """Wait until what is shown answers what holds now."""
        self.bench.qtbot.waitUntil(self._is_settled, timeout=30_000)

    def _is_settled(self) -> bool:
        shown = self.dialog.shown
        if not len(self.store.plan.space):
            return shown is None
        return shown is not None and shown.asked == self.dialog._question()

    def dots(self, strategy: str) -> int:
        found = self.dialog.cards[strategy].plot.dots
        return 0 if found is None else len(found.x)


@pytest.fixture
def opened(qtbot: QtBot) -> Opened:
    return Opened(qtbot, make_store(10))


def test_it_shows_the_three_beside_each_other_for_the_budget_of_the_run_bar(opened: Opened) -> None:
    assert (opened.dots("grid"), opened.dots("random"), opened.dots("sobol")) == (9, 60, 60)
    assert "a grid tries 3 values of learning_rate" in opened.dialog.lesson.text()
    assert "729 trials" in opened.dialog.cards["grid"].takes.text()
    table = opened.dialog.table
    assert [table.item(0, column).text() for column in range(2)] == ["learning_rate", "3, 50 %"]
    assert table.rowCount() == 6
    assert not table.verticalScrollBar().isVisible()


def test_it_follows_the_budget_of_the_run_bar_and_sets_it(opened: Opened) -> None:
    opened.verbs.set_trials(25)
    opened.settle()
    assert opened.dots("random") == 25
    assert opened.dialog.budget.value() == 25
    opened.dialog.budget.setValue(40)
    assert opened.verbs.trials == 40
    opened.settle()
    assert opened.dots("sobol") == 40


def test_it_follows_the_space_and_a_pending_region(opened: Opened) -> None:
    opened.actions.switch("momentum", on=False)
    opened.settle()
    assert opened.dialog.table.rowCount() == 5
    assert opened.dialog.y_box.currentText() == "units"
    opened.store.set_pending_extents({"learning_rate": Interval(1e-3, 1e-2)})
    opened.settle()
    found = opened.dialog.cards["random"].plot.dots
    assert found is not None
    assert found.x.min() >= 0.25 - 1e-9
    assert found.x.max() <= 0.5 + 1e-9
    assert "pending region" in opened.dialog.remarks.text()


def test_the_strategy_of_the_study_is_marked_and_another_is_taken_by_a_button(opened: Opened) -> None:
    assert not any(card.mark.isVisible() for card in opened.dialog.cards.values())
    assert "coarse-to-fine" in opened.dialog.remarks.text()
    opened.bench.qtbot.mouseClick(opened.dialog.cards["sobol"].use, Qt.MouseButton.LeftButton)
    assert opened.store.plan.definition.search.strategy == "sobol"
    assert isinstance(opened.posted[-1], SetLog)
    assert opened.dialog.cards["sobol"].mark.isVisible()
    assert not opened.dialog.cards["sobol"].use.isEnabled()
    assert not opened.dialog.remarks.isVisible()


def test_what_was_chosen_is_taken_back_with_the_usual_keys(opened: Opened) -> None:
    opened.dialog.cards["grid"].use.click()
    opened.dialog.table.setFocus()
    opened.bench.qtbot.keyClick(opened.dialog.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert opened.store.plan.definition.search.strategy == "coarse-to-fine"
    assert not opened.dialog.cards["grid"].mark.isVisible()


def test_more_values_in_the_grid_are_an_edit_and_seen_at_once(opened: Opened) -> None:
    opened.dialog.levels.setFocus()
    QTest.keyClicks(opened.dialog.levels, "5")
    opened.dialog.levels.activated.emit(opened.dialog.levels.currentIndex())
    assert opened.store.plan.definition.search.levels == 5
    opened.settle()
    assert opened.dialog.table.item(0, 1).text() == "5, 25 %"


def test_other_axes_are_chosen_and_never_the_same_twice(opened: Opened) -> None:
    dialog = opened.dialog
    dialog.x_box.setCurrentText("momentum")
    dialog.x_box.activated.emit(dialog.x_box.currentIndex())
    assert (dialog.x_box.currentText(), dialog.y_box.currentText()) == ("momentum", "learning_rate")
    assert "of momentum" in dialog.lesson.text()
    opened.bench.qtbot.mouseClick(dialog.swap, Qt.MouseButton.LeftButton)
    assert (dialog.x_box.currentText(), dialog.y_box.currentText()) == ("learning_rate", "momentum")
    assert dialog.cards["grid"].plot.x_label == "learning_rate →"


def test_the_axes_stay_when_something_else_changes(opened: Opened) -> None:
    opened.dialog.y_box.setCurrentText("units")
    opened.dialog.y_box.activated.emit(opened.dialog.y_box.currentIndex())
    opened.verbs.set_trials(30)
    opened.settle()
    assert (opened.dialog.x_box.currentText(), opened.dialog.y_box.currentText()) == ("learning_rate", "units")


def test_without_a_space_there_are_words(opened: Opened) -> None:
    for name in opened.store.plan.space.names:
        opened.actions.switch(name, on=False)
    assert opened.dialog.empty.isVisible()
    assert not opened.dialog.table.isVisible()
    opened.actions.switch("learning_rate", on=True)
    opened.settle()
    assert opened.dialog.table.isVisible()
    assert not opened.dialog.y_box.isVisible()
    assert opened.dots("random") == 60


def test_a_viewer_can_look_and_not_change(opened: Opened) -> None:
    opened.store.set_status(replace(opened.store.status, read_only="another window has it open"))
    dialog = opened.dialog
    assert not any(card.use.isEnabled() for card in dialog.cards.values())
    assert not dialog.levels.isEnabled()
    assert not dialog.budget.isEnabled()


def test_a_large_budget_is_cut_with_words(opened: Opened) -> None:
    opened.verbs.set_trials(100_000)
    opened.settle()
    assert "the first 2,000" in opened.dialog.remarks.text()
    assert opened.dots("random") == 2_000


def test_the_colours_change_while_it_is_open(qapp: QApplication, opened: Opened) -> None:
    before, style = QGuiApplication.palette(), qapp.style().name()
    plot = opened.dialog.cards["sobol"].plot

    def lightness() -> int:
        return plot.grab().toImage().pixelColor(2, 2).lightness()

    apply_theme(qapp)
    choose_scheme(Qt.ColorScheme.Dark)
    opened.bench.qtbot.waitUntil(lambda: lightness() < 80)
    choose_scheme(Qt.ColorScheme.Light)
    opened.bench.qtbot.waitUntil(lambda: lightness() > 200)
    qapp.setStyle(style)
    qapp.setPalette(before)


def test_it_has_names_for_who_cannot_see_it(opened: Opened) -> None:
    plot = opened.dialog.cards["grid"].plot
    assert plot.accessibleName() == "grid: what it would try of momentum against learning_rate"
    assert "729 trials" in plot.accessibleDescription()
    assert opened.dialog.cards["grid"].use.accessibleName() == "Search by grid"
    assert "Distinct values" in opened.dialog.table.accessibleName()


@pytest.mark.parametrize("close", [CoverageDialog.reject, CoverageDialog.close], ids=["escape", "close"])
def test_it_can_be_closed_while_it_works_something_out(qtbot: QtBot, close: Callable[[CoverageDialog], object]) -> None:
    opened = Opened(qtbot, make_store(0))
    opened.verbs.set_trials(2_000)
    opened.dialog._ask()
    close(opened.dialog)
    assert not opened.dialog.isVisible()  # a thread that goes on would be found by the guard of every test


def test_it_is_freed_with_all_that_it_has_shown(qtbot: QtBot) -> None:
    store = make_store(5)
    posted: list[Command] = []
    actions = Actions(store, posted.append)
    verbs = WindowActions(store, actions)

    def shown() -> CoverageDialog:
        dialog = CoverageDialog(store, actions, verbs)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.shown is not None, timeout=30_000)
        return dialog

    freed_on_close(shown)
