"""All trials of the study as a table that sorts, filters, and follows the search."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.icons import icon
from tuner_gui.gui.models.trials_columns import filter_columns
from tuner_gui.gui.models.trials_filter import FilterError, Reader, TrialFilter, parse_filter, without_unfinished
from tuner_gui.gui.models.trials_model import TrialsModel
from tuner_gui.gui.parts.fields import CheckedLineEdit, QuietComboBox
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.parts.trials_view import TrialsView
from tuner_gui.gui.store import Batch, Store
from tuner_gui.study.events import TrialState

_ALL = "all states"
_HINT = 'Filter: failed   lr>0.01   stage:2   "out of memory"'.replace("stage:2", "stage=2")
_EMPTY = (
    "Every trial of the search will be a row here: its values, what came of it, and why if it failed.\nPress Run (F5)."
)


class TrialsPanel(QWidget):
    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Trials")
        self._store = store
        self._actions = actions
        self._unseen = 0
        self.model = TrialsModel(store, self)
        self.view = TrialsView(store, self.model)
        self._make_filter_line()
        self._empty = ToneLabel("secondary_text", _EMPTY, wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._line)
        layout.addWidget(self.problem)
        layout.addWidget(pages, 1)
        self._connect()
        self._show_counts()
        self._tint()

    def _make_filter_line(self) -> None:
        self.filter = CheckedLineEdit("Filter the trials")
        self.filter.setPlaceholderText(_HINT)
        self.filter.setClearButtonEnabled(True)
        self.states = QuietComboBox("Show trials in state")
        self.states.addItem(_ALL)
        for state in TrialState:
            if state is not TrialState.QUEUED:
                self.states.addItem(str(state))
        self.counts = ToneLabel()
        self.follow = QPushButton()
        self.follow.setAccessibleName("Show the newest trials")
        self.follow.setToolTip("New trials arrived below; show them and follow")
        self.follow.hide()
        self.problem = ToneLabel("bad", smaller=1, wrap=True)
        self.problem.setContentsMargins(8, 0, 8, 3)
        self.problem.hide()
        self._line = QHBoxLayout()
        self._line.setContentsMargins(4, 3, 6, 3)
        self._line.setSpacing(6)
        self._line.addWidget(self.filter, 1)
        self._line.addWidget(self.states)
        self._line.addWidget(self.counts)
        self._line.addWidget(self.follow)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._apply_filter)
        self.filter.restore_asked.connect(self.filter.clear)
        self.states.currentTextChanged.connect(self._apply_filter)
        self.follow.clicked.connect(self._follow)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._store.history_paced.connect(self._on_history_changed)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.view)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy)

    # --- filter ---

    @Slot()
    def _apply_filter(self) -> None:
        """Take over what is typed; while it is wrong the rows stay as they were, and the line says why."""
        text = self.filter.text()
        self.filter.restorable = bool(text)
        state = self.states.currentText()
        if state != _ALL:
            text = f"state:{state} {text}"
        try:
            columns = self._filter_columns()
            chosen = parse_filter(without_unfinished(text, columns), columns=columns, note_of=self._note_of)
        except FilterError as error:
            self._show_problem(str(error))
            return
        self._show_problem(None)
        self.model.set_filter(chosen if chosen.predicates else TrialFilter())
        self._show_counts()

    def _filter_columns(self) -> Mapping[str, Reader]:
        return filter_columns(self.model.columns, self._store.plan.definition.objective.metric)

    def _note_of(self, trial: int) -> str:
        return self._store.history.notes.get(trial, "")

    def _show_problem(self, problem: str | None) -> None:
        self.filter.set_problem(problem)
        self.problem.setText(problem or "")
        self.problem.setVisible(problem is not None)

    # --- following ---

    @Slot(Batch)
    def _on_history_changed(self, batch: Batch) -> None:
        if not self.view.at_end and self.model.sorted_by == ("trial", Qt.SortOrder.AscendingOrder):
            self._unseen += sum(self.model.row_of(number) is not None for number in batch.started)
        self._show_counts()

    @Slot()
    def _on_scrolled(self) -> None:
        if self.view.at_end and self._unseen:
            self._unseen = 0
            self._show_counts()

    @Slot()
    def _follow(self) -> None:
        self.view.scrollToBottom()

    def _show_counts(self) -> None:
        shown, total = self.model.rowCount(), len(self._store.history)
        self.counts.setText(f"{total:,} trials" if shown == total else f"{shown:,} of {total:,}")
        self.counts.setVisible(total > 0)
        self.follow.setText(f"{self._unseen:,} new")
        self.follow.setVisible(self._unseen > 0)
        self._pages.setCurrentIndex(0 if total else 1)

    # --- what can be done with a trial ---

    def menu_for(self, row: int) -> QMenu:
        """The context menu of a row, or of all selected ones."""
        trial = self._store.history.trial(self.model.number_at(row))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy values")
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self._copy)
        if trial.number in self._store.trials_with_weights() and self._store.status.read_only is None:
            ask = menu.addAction(f"Final figure of #{trial.number} on the test part…")
            ask.triggered.connect(self._ask_final_figure)
        if self._running() and self._store.status.read_only is None:
            menu.addSeparator()
            many = f"{len(self._running())} trials" if len(self._running()) > 1 else f"#{self._running()[0]}"
            menu.addAction(f"Prune {many}").triggered.connect(self._prune)
            menu.addAction(f"Protect {many} from pruning").triggered.connect(self._protect)
        return menu

    def _running(self) -> list[int]:
        """The selected trials that are in training."""
        return [number for number in self._store.selection if self._store.history.is_running(number)]

    @Slot()
    def _prune(self) -> None:
        self._actions.prune(self._running())

    @Slot()
    def _protect(self) -> None:
        self._actions.protect(self._running(), on=True)

    @Slot(QPoint)
    def _show_menu(self, position: QPoint) -> None:
        index = self.view.indexAt(position)
        if index.isValid():
            self.menu_for(index.row()).popup(self.view.viewport().mapToGlobal(position))

    @Slot()
    def _ask_final_figure(self) -> None:
        if self._store.selection:
            self._actions.ask_final_figure(self._store.selection[0])

    @Slot()
    def _copy(self) -> None:
        """The selected rows as lines with tabs, the titles first: any spreadsheet takes it."""
        columns = self.model.columns
        trials = [self._store.history.trial(number) for number in sorted(self._store.selection)]
        lines = ["\t".join(column.title.strip() for column in columns)]
        lines += ["\t".join(column.text(trial).replace("\t", " ") for column in columns) for trial in trials]
        if trials:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        self.follow.setIcon(icon("down"))
