from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from panel_bench import Bench
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QToolButton

from tuner_gui.gui.panels.run_bar import RunBar
from tuner_gui.gui.qactions import WindowActions
from tuner_gui.search.commands import Pause, Resume, Run, SetLog, Stop
from tuner_gui.space.region import Interval
from tuner_gui.study.events import RunEnded, RunPaused, RunResumed, RunStarted, RunStatus

Maker = Callable[..., Bench]


class Bar:
    """A window with the toolbar in it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.window = QMainWindow()
        self.verbs = WindowActions(bench.store, bench.actions, self.window)
        self.bar = RunBar(bench.store, bench.actions, self.verbs)
        self.window.addToolBar(self.bar)
        bench.show(self.window, width=1280, height=200)

    def press(self, action: QAction) -> None:
        button = self.bar.widgetForAction(action)
        assert isinstance(button, QToolButton)
        self.bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def enabled(self) -> tuple[bool, bool, bool]:
        return self.verbs.run.isEnabled(), self.verbs.pause.isEnabled(), self.verbs.stop.isEnabled()


@pytest.fixture
def bar(make_bench: Maker) -> Bar:
    return Bar(make_bench(20))


class TestRunning:
    def test_run_asks_for_the_budget_in_the_box(self, bar: Bar) -> None:
        bar.bar.budget.setValue(8)
        bar.press(bar.verbs.run)
        assert bar.bench.posted == [Run(trials=8)]
        assert bar.verbs.run.text() == "Run 8 trials"

    def test_the_step_below_one_trial_means_until_stopped(self, bar: Bar) -> None:
        bar.bar.budget.setValue(0)
        assert bar.bar.budget.text() == "until stopped"
        bar.press(bar.verbs.run)
        assert bar.bench.posted == [Run(trials=None)]

    def test_the_buttons_follow_the_run_from_start_to_end(self, bar: Bar) -> None:
        store = bar.bench.store
        assert bar.enabled() == (True, False, False)
        store.apply([RunStarted(8, None)])
        assert bar.enabled() == (False, True, True)
        assert not bar.bar.budget.isEnabled()
        bar.press(bar.verbs.pause)
        store.apply([RunPaused()])
        assert bar.verbs.pause.iconText() == "Resume"
        bar.press(bar.verbs.pause)
        store.apply([RunResumed()])
        assert bar.verbs.pause.iconText() == "Pause"
        bar.press(bar.verbs.stop)
        assert bar.enabled() == (False, False, False)
        store.apply([RunEnded(RunStatus.STOPPED)])
        assert bar.enabled() == (True, False, False)
        assert bar.bench.posted == [Pause(), Resume(), Stop()]

    def test_the_keys_work(self, bar: Bar) -> None:
        bar.bench.qtbot.keyClick(bar.window, Qt.Key.Key_F5)
        assert bar.bench.posted == [Run(trials=20)]


class TestWhyRunIsOff:
    def test_a_bad_value_in_the_space_is_named(self, bar: Bar) -> None:
        reason = "learning_rate: high must be more than low, 0.5"
        bar.verbs.set_space_problem(reason)
        assert not bar.verbs.run.isEnabled()
        assert bar.bar.reason.text() == reason
        assert bar.verbs.run.toolTip().startswith(reason)
        bar.verbs.set_space_problem(None)
        assert bar.verbs.run.isEnabled()
        assert bar.bar.reason.text() == ""

    def test_an_empty_space_searches_nothing(self, bar: Bar) -> None:
        for name in bar.bench.store.plan.space.names:
            bar.bench.actions.switch(name, on=False)
        assert not bar.verbs.run.isEnabled()
        assert bar.bar.reason.text().startswith("Nothing is searched")

    def test_a_parameter_that_no_optimizer_reads_is_named(self, bar: Bar) -> None:
        bar.bench.actions.pin("optimizer", "adam")
        assert not bar.verbs.run.isEnabled()
        assert "momentum" in bar.bar.reason.text()

    def test_a_viewer_cannot_run_nor_edit(self, bar: Bar) -> None:
        store = bar.bench.store
        store.set_pending_extents({"momentum": Interval(0.95, 0.99)})
        store.set_status(replace(store.status, read_only="another window has it open"))
        verbs = bar.verbs
        assert not any(action.isEnabled() for action in (verbs.run, verbs.apply, verbs.suggest, verbs.undo))
        assert "another window has it open" in verbs.run.toolTip()

    def test_a_search_that_runs_already_is_no_mistake(self, bar: Bar) -> None:
        bar.bench.store.apply([RunStarted(8, None)])
        assert bar.bar.reason.text() == ""
        assert "running" in bar.verbs.run.toolTip()


class TestEdits:
    def test_undo_and_redo_name_the_edit(self, bar: Bar) -> None:
        store, verbs = bar.bench.store, bar.verbs
        assert not verbs.undo.isEnabled()
        store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
        bar.press(verbs.apply)
        assert verbs.undo.text() == "Undo narrow learning_rate 1e-4–1 → 1e-3–0.1"
        assert verbs.undo.iconText() == "Undo"
        bar.press(verbs.undo)
        assert verbs.redo.text() == "Redo narrow learning_rate 1e-4–1 → 1e-3–0.1"
        assert not verbs.undo.isEnabled()
        bar.press(verbs.redo)
        assert store.plan.current == 2
        assert [type(command) for command in bar.bench.posted] == [SetLog] * 3

    def test_a_suggestion_is_proposed_and_dropped_without_a_trace(self, bar: Bar) -> None:
        store, verbs = bar.bench.store, bar.verbs
        bar.press(verbs.suggest)
        assert store.pending is not None
        assert verbs.apply.isEnabled()
        verbs.drop.trigger()
        assert store.pending is None
        assert len(store.log.edits) == 1

    def test_a_suggestion_needs_trials_and_says_so(self, make_bench: Maker) -> None:
        bar = Bar(make_bench(5))
        assert not bar.verbs.suggest.isEnabled()
        assert "10 finished trials" in bar.verbs.suggest.toolTip()

    def test_a_second_suggestion_that_changes_nothing_is_told(self, bar: Bar) -> None:
        told: list[str] = []
        bar.verbs.told.connect(told.append)
        bar.press(bar.verbs.suggest)
        bar.press(bar.verbs.apply)
        bar.press(bar.verbs.suggest)
        assert told == ["No suggestion: the region already is the box around the best trials."]


def test_menus_and_toolbar_share_actions_with_shortcuts_of_their_own(bar: Bar) -> None:
    actions = [a for a in bar.verbs.search_actions() + bar.verbs.edit_actions() if not a.isSeparator()]
    keys = [a.shortcut().toString() for a in actions if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert all(action.text() and not action.icon().isNull() for action in actions)


class TestSearching:
    def test_the_button_says_how_the_next_trials_are_found(self, bar: Bar) -> None:
        assert bar.bar.search.text().startswith("coarse-to-fine")
        assert "Strategy: coarse-to-fine" in bar.bar.search.accessibleName()

    def test_another_strategy_is_an_edit_that_can_be_undone(self, bar: Bar) -> None:
        menu = bar.bar.search.menu()
        next(action for action in menu.actions() if action.text() == "tpe").trigger()
        assert isinstance(bar.bench.posted[-1], SetLog)
        assert bar.bench.store.plan.definition.search.strategy == "tpe"
        assert bar.bench.store.log.undo_text == "Search with tpe"
        assert bar.bar.search.text().startswith("tpe")
        bar.press(bar.verbs.undo)
        assert bar.bar.search.text().startswith("coarse-to-fine")

    def test_a_grid_shows_how_many_trials_it_takes_before_it_starts(self, bar: Bar) -> None:
        bar.bench.actions.set_search("strategy", "grid")
        assert bar.bar.search.text().startswith("grid of 729")
        bar.bench.actions.set_search("levels", 2)
        assert bar.bar.search.text().startswith("grid of 144")

    def test_its_menu_offers_to_preview_the_coverage(self, bar: Bar) -> None:
        with bar.bench.qtbot.waitSignal(bar.verbs.coverage_asked):
            next(action for action in bar.bar.search.menu().actions() if action.text() == "Preview coverage…").trigger()

    def test_pruning_is_chosen_in_the_same_menu(self, bar: Bar) -> None:
        menu = bar.bar.search.menu()
        next(action for action in menu.actions() if "median rule" in action.text()).trigger()
        assert bar.bench.store.plan.definition.search.pruning == "median"
        assert bar.bar.search.text().startswith("coarse-to-fine, median")

    def test_the_share_of_repeats_is_chosen_there_too(self, bar: Bar) -> None:
        menu = bar.bar.search.menu()
        next(action for action in menu.actions() if "40 %" in action.text()).trigger()
        assert bar.bench.store.plan.definition.search.confirm == 0.4
        assert bar.bench.store.log.undo_text == "Repeat the best with 40 % of the trials"

    def test_a_share_that_is_not_offered_has_an_entry_while_it_holds(self, bar: Bar) -> None:
        def shown() -> list[tuple[str, bool]]:
            actions = bar.bar.search.menu().actions()
            return [(a.text(), a.isChecked()) for a in actions if a.text().startswith("Repeat") and a.isVisible()]

        bar.bench.actions.set_search("confirm", 0.25)
        assert shown()[4:] == [("Repeat the best with 25 % of the trials", True)]
        bar.bench.actions.set_search("confirm", 0.1)
        assert [checked for _, checked in shown()] == [False, True, False, False]

    def test_the_best_few_are_repeated_on_request(self, bar: Bar) -> None:
        store = bar.bench.store
        bar.verbs.repeat.trigger()
        ranked = store.history.ranked(store.plan.definition.objective, 3)
        assert [command.lineage for command in bar.bench.posted] == [{"repeats": number} for number in ranked]
        for command, number in zip(bar.bench.posted, ranked, strict=True):
            assert command.points == (dict(store.history.trial(number).values),) * 4
