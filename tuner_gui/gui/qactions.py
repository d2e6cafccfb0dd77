"""The window's verbs as QActions: toolbar, menus and command palette show the same ones."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.export_actions import ExportActions
from tuner_gui.gui.icons import icon
from tuner_gui.gui.plot_actions import PlotActions
from tuner_gui.gui.search_choices import SearchChoices
from tuner_gui.gui.store import RunState, Store
from tuner_gui.search.confirming import BEST_FEW, RUNS
from tuner_gui.search.refine import FEWEST_TRIALS
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.region import full_region
from tuner_gui.study.checks import check_definition
from tuner_gui.study.events import TrialState

DEFAULT_TRIALS = 20


class WindowActions(QObject):
    """``told`` carries a sentence for the status bar when something that was asked for made no sense.

    ``coverage_asked`` asks for the preview of what a budget of trials would try.
    """

    told = Signal(str)
    coverage_asked = Signal()
    changed = Signal()

    def __init__(self, store: Store, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._actions = actions
        self._space_problem: str | None = None
        self._trials: int | None = DEFAULT_TRIALS
        self._icons: dict[QAction, str] = {}
        key = QKeySequence.StandardKey
        self.run = self._make("Run", "run", "F5", self._on_run)
        self.pause = self._make("Pause", "pause", "F8", self._on_pause)
        self.stop = self._make("Stop", "stop", "Shift+F5", self._on_stop)
        self.suggest = self._make("Suggest region", "suggest", "Ctrl+R", self._on_suggest)
        self.apply = self._make("Apply region", "apply", "Ctrl+Return", self._on_apply)
        self.drop = self._make("Drop pending region", "drop", "Shift+Esc", self._on_drop)
        self.widen = self._make("Propose a wider region", "widen", None, self._on_widen)
        self.full = self._make("Propose the full space", "full", None, self._on_full)
        self.coverage = self._make("Preview coverage…", "coverage", None, self._on_coverage)
        self.coverage.setToolTip("What grid, random search and Sobol points would try with this number of trials")
        self.repeat = self._make("Repeat the best few", "repeat", None, self._on_repeat)
        self.undo = self._make("Undo", "undo", key.Undo, self._on_undo)
        self.redo = self._make("Redo", "redo", key.Redo, self._on_redo)
        self.search = SearchChoices(store, actions, self)
        self.exports = ExportActions(store, self)
        self.plots = PlotActions(store, self)
        self.exports.told.connect(self.told)
        store.status_changed.connect(self._update)
        store.plan_changed.connect(self._update)
        store.pending_changed.connect(self._update)
        store.history_paced.connect(self._update_suggest)
        self._icons |= {self.plots.copy: "copy", self.plots.copy_table: "table"}
        self.refresh_icons()
        self._update()

    # --- what others need ---

    @property
    def trials(self) -> int | None:
        """How many trials Run asks for; None until stopped."""
        return self._trials

    def set_trials(self, trials: int | None) -> None:
        self._trials = trials
        self._update()

    @Slot(object)
    def set_space_problem(self, reason: str | None) -> None:
        """Why what is typed in the space cannot be searched; None when it can."""
        self._space_problem = reason
        self._update()

    @property
    def off_reason(self) -> str | None:
        """Why Run is off, in words; None if it is on, or off because a search runs already."""
        if self._store.status.read_only is not None:
            return f"This study can only be looked at: {self._store.status.read_only}"
        if self._space_problem is not None:
            return self._space_problem
        if not len(self._store.plan.space):
            return "Nothing is searched: check a parameter in Space"
        try:
            check_definition(self._store.plan.definition)
        except SpaceError as error:
            return f"{error.key}: expected {error.expected}"
        return None

    def search_actions(self) -> list[QAction]:
        """In the order of a menu, with separators."""
        return [
            self.run, self.pause, self.stop, self._separator(),
            self.suggest, self.apply, self.drop, self._separator(), self.widen, self.full, self._separator(),
            self.coverage, self.repeat,
        ]  # fmt: skip

    def edit_actions(self) -> list[QAction]:
        return [self.undo, self.redo, self._separator(), self.plots.copy, self.plots.copy_table]

    def fill_export(self, menu: QMenu) -> None:
        """The forms of the study, then what can be taken from the plot that is shown."""
        self.exports.fill(menu)
        menu.addSeparator()
        menu.addActions([self.plots.export, self.plots.save_table])

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the palette; to be called again when that changes."""
        for action, name in self._icons.items():
            action.setIcon(icon(name))

    # --- how they stand ---

    @Slot()
    def _update(self) -> None:
        status, log = self._store.status, self._store.log
        writable = status.read_only is None
        self._update_run()
        self._update_pause()
        stopping = status.run is RunState.STOPPING
        self.stop.setEnabled(status.run in (RunState.RUNNING, RunState.PAUSED))
        self._tell(self.stop, "Stopping …" if stopping else "Stop", "End the search; what has finished is kept")
        pending = self._store.pending is not None
        self.apply.setEnabled(pending and writable)
        self.drop.setEnabled(pending)
        narrower = self._store.plan.region != full_region(self._store.plan.space)
        self.widen.setEnabled(narrower and writable)
        self.full.setEnabled(narrower and writable)
        for action, verb, edit in ((self.undo, "Undo", log.undo_text), (self.redo, "Redo", log.redo_text)):
            action.setEnabled(edit is not None and writable)
            named = f"{verb} {edit[:1].lower()}{edit[1:]}" if edit else verb
            self._tell(action, named, named if edit else f"Nothing to {verb.lower()}")
        self._update_suggest()
        self.changed.emit()

    def _update_run(self) -> None:
        idle, reason = self._store.status.run is RunState.IDLE, self.off_reason
        self.run.setEnabled(idle and reason is None)
        many = "until stopped" if self._trials is None else f"{self._trials:,} trial{'s' if self._trials > 1 else ''}"
        words = f"Draw and train {many}" if self._trials is not None else "Draw and train trials until stopped"
        self._tell(self.run, f"Run {many}", reason or (words if idle else "A search is running"))

    def _update_pause(self) -> None:
        paused = self._store.status.run is RunState.PAUSED
        self.pause.setEnabled(self._store.status.run in (RunState.RUNNING, RunState.PAUSED))
        name = "Resume" if paused else "Pause"
        words = "Go on where the training was held" if paused else "Hold all training; nothing is lost"
        self._tell(self.pause, name, words)
        self.pause.setIconText(name)
        if self._icons[self.pause] != (wanted := "run" if paused else "pause"):
            self._icons[self.pause] = wanted
            self.pause.setIcon(icon(wanted))

    @Slot()
    def _update_suggest(self) -> None:
        finished = self._store.history.counts()[TrialState.FINISHED] if len(self._store.history) else 0
        enough = finished >= FEWEST_TRIALS
        self.suggest.setEnabled(enough and self._store.status.read_only is None)
        words = "Propose the box around the best trials" if enough else f"Needs {FEWEST_TRIALS} finished trials"
        self._tell(self.suggest, "Suggest region", words)
        self.repeat.setEnabled(finished > 0 and self._store.status.read_only is None)
        self._tell(self.repeat, "Repeat the best few", f"Train the best {BEST_FEW} with other seeds, {RUNS} runs each")

    # --- what they do ---

    @Slot()
    def _on_run(self) -> None:
        if self.off_reason is None:
            self._actions.run(trials=self._trials)

    @Slot()
    def _on_pause(self) -> None:
        if self._store.status.run is RunState.PAUSED:
            self._actions.resume()
        else:
            self._actions.pause()

    @Slot()
    def _on_stop(self) -> None:
        self._actions.stop()

    @Slot()
    def _on_suggest(self) -> None:
        reason = self._actions.suggest()
        if reason is not None:
            self.told.emit(f"No suggestion: {reason}.")

    @Slot()
    def _on_apply(self) -> None:
        self._actions.apply_pending()

    @Slot()
    def _on_drop(self) -> None:
        self._actions.drop_pending()

    @Slot()
    def _on_widen(self) -> None:
        self._actions.propose_wider()

    @Slot()
    def _on_full(self) -> None:
        self._actions.propose_full()

    @Slot()
    def _on_coverage(self) -> None:
        self.coverage_asked.emit()

    @Slot()
    def _on_repeat(self) -> None:
        reason = self._actions.repeat_best()
        if reason is not None:
            self.told.emit(f"Nothing to repeat: {reason}.")

    @Slot()
    def _on_undo(self) -> None:
        self._actions.undo()

    @Slot()
    def _on_redo(self) -> None:
        self._actions.redo()

    # --- how they are made ---

    def _make(
        self, text: str, name: str, keys: QKeySequence.StandardKey | str | None, slot: Callable[[], None]
    ) -> QAction:
        action = QAction(text, self)
        action.setIconText(text)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(slot)
        self._icons[action] = name
        return action

    @staticmethod
    def _tell(action: QAction, text: str, words: str) -> None:
        """The long text for menus and the tooltip with the keys; buttons keep the short one."""
        short = action.iconText()
        action.setText(text)
        action.setIconText(short)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{words} ({keys})" if keys else words)

    def _separator(self) -> QAction:
        separator = QAction(self)
        separator.setSeparator(True)
        return separator
