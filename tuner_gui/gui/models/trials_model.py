"""The trials as a table that sorts and filters itself and follows the events of a running search.

It keeps the order with its own keys instead of a proxy: ten thousand rows sort in a few milliseconds, and one new
trial costs one inserted row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionRange, QModelIndex, QObject, Qt, Signal, Slot

from tuner_gui.gui.models.roles import BEST_ROLE, DIMMED_ROLE, PROGRESS_ROLE, STATE_ROLE, Index, Role
from tuner_gui.gui.models.sorted_rows import SortedRows
from tuner_gui.gui.models.trials_columns import STATE_COLUMN, VALUE_COLUMN, TrialsColumn, trials_columns
from tuner_gui.gui.models.trials_filter import TrialFilter
from tuner_gui.gui.store import Batch, Store
from tuner_gui.study.history import Trial
from tuner_gui.study.stages import lineage

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter
# Qt asks each cell for some ten roles whenever it paints; most are none of ours.
_ROLES = frozenset(
    int(role)
    for role in (
        Role.DisplayRole, Role.TextAlignmentRole, Role.UserRole, Role.ToolTipRole,
        DIMMED_ROLE, STATE_ROLE, PROGRESS_ROLE, BEST_ROLE,
    )
)  # fmt: skip


class TrialsModel(QAbstractTableModel):
    """``rows_changing`` and ``rows_changed`` stand around each batch of events, for a view that must not scroll."""

    rows_changing = Signal()
    rows_changed = Signal()

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._columns = trials_columns(store)
        self._rows = SortedRows()
        self._filter = TrialFilter()
        self._sorted_by = "trial"
        self._descending = False
        self._best = self._find_best()
        self._ancestors = set(lineage(store.plan))
        self._fill()
        store.history_changed.connect(self._on_history_changed)
        store.plan_changed.connect(self._on_plan_changed)

    @property
    def columns(self) -> list[TrialsColumn]:
        return self._columns

    @property
    def sorted_by(self) -> tuple[str, Qt.SortOrder]:
        """The name of the column, and the direction."""
        return self._sorted_by, Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder

    def number_at(self, row: int) -> int:
        """The number of the trial in a row."""
        return self._rows.number_at(row)

    def row_of(self, number: int) -> int | None:
        """The row of a trial; None if the filter hides it."""
        return self._rows.row_of(number) if number in self._rows else None

    def rows_between(self, first: int, last: int) -> QItemSelectionRange:
        """Whole rows, both ends included; the caller knows that they exist."""
        return QItemSelectionRange(self.createIndex(first, 0), self.createIndex(last, len(self._columns) - 1))

    def set_filter(self, chosen: TrialFilter) -> None:
        self.beginResetModel()
        self._filter = chosen
        self._fill()
        self.endResetModel()

    # --- Qt ---

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        match role:
            case Role.DisplayRole:
                return column.title
            case Role.ToolTipRole:
                return column.words
            case Role.TextAlignmentRole:
                return _alignment(column)
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if role not in _ROLES or not index.isValid():
            return None
        column = self._columns[index.column()]
        trial = self._store.history.trials[self._rows.number_at(index.row()) - 1]
        if role == Role.DisplayRole:
            return column.text(trial)
        if role == Role.TextAlignmentRole:
            return _alignment(column)
        if role == Role.UserRole:
            return column.order(trial)
        if role == Role.ToolTipRole and not column.numeric:
            return trial.reason
        return self._look_of(trial, index.column(), role)

    def _look_of(self, trial: Trial, column: int, role: int) -> Any:
        match role:
            case _ if role == DIMMED_ROLE:
                return trial.stage not in self._ancestors
            case _ if role == STATE_ROLE:
                return trial.state
            case _ if role == PROGRESS_ROLE:
                return self._progress(trial.number) if column == STATE_COLUMN else None
            case _ if role == BEST_ROLE:
                return column == VALUE_COLUMN and trial.number == self._best
        return None

    def _progress(self, number: int) -> float | None:
        """The share that is done; between two signs of life the epochs say more."""
        history = self._store.history
        reported = history.progress.get(number)
        if reported is None:
            return None
        return max(reported, history.epochs(number) / self._store.plan.definition.model.epochs)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Keeps the selection: persistent indices move with their trials."""
        if not 0 <= column < len(self._columns):
            column, order = 0, Qt.SortOrder.AscendingOrder
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        numbers = [self._rows.number_at(index.row()) for index in before]
        self._sorted_by, self._descending = self._columns[column].name, order == Qt.SortOrder.DescendingOrder
        self._fill()
        after = [self.index(self._rows.row_of(n), i.column()) for n, i in zip(numbers, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # --- following the store ---

    @Slot(Batch)
    def _on_history_changed(self, batch: Batch) -> None:
        self.rows_changing.emit()
        best = self._find_best()
        # Progress between two epochs is no change of the trial, but of its bar.
        touched = {*batch.trials, *self._store.history.progress}
        if best != self._best:
            touched |= {number for number in (best, self._best) if number is not None}
            self._best = best
        # New trials in order of their numbers: sorted by number they arrive as one row each at the end.
        for number in sorted(touched):
            self._refresh(number)
        self.rows_changed.emit()

    @Slot()
    def _on_plan_changed(self) -> None:
        self._ancestors = set(lineage(self._store.plan))
        columns = trials_columns(self._store)
        if [c.name for c in columns] == [c.name for c in self._columns]:
            self._columns = columns
            if len(self._rows):
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(columns) - 1))
            return
        self.beginResetModel()
        self._columns = columns
        if self._sorted_by not in [c.name for c in columns]:
            self._sorted_by, self._descending = "trial", False
        self._fill()
        self.endResetModel()

    def _refresh(self, number: int) -> None:
        """Show what changed of one trial: its row appears, goes, moves, or is painted again."""
        trial = self._store.history.trial(number)
        shown, wanted = number in self._rows, self._filter.accepts(trial)
        value = self._order(trial)
        if not shown and wanted:
            row = self._rows.row_for(number, value)
            self.beginInsertRows(QModelIndex(), row, row)
            self._rows.add(number, value)
            self.endInsertRows()
        elif shown and not wanted:
            row = self._rows.row_of(number)
            self.beginRemoveRows(QModelIndex(), row, row)
            self._rows.remove(number)
            self.endRemoveRows()
        elif shown:
            if self._rows.would_move(number, value):
                self._move(number, value)
            row = self._rows.row_of(number)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def _move(self, number: int, value: float | str | None) -> None:
        before = self._rows.row_of(number)
        # Where it would stand, counted with itself still in place, as beginMoveRows wants it.
        target = self._rows.row_for(number, value)
        if target in (before, before + 1):
            self._rows.remove(number)
            self._rows.add(number, value)
            return
        self.beginMoveRows(QModelIndex(), before, before, QModelIndex(), target)
        self._rows.remove(number)
        self._rows.add(number, value)
        self.endMoveRows()

    def _fill(self) -> None:
        trials = self._store.history.trials
        shown: Iterable[int] = (trial.number for trial in trials if self._filter.accepts(trial))
        column = self._column(self._sorted_by)
        self._rows.fill(shown, lambda number: column.order(trials[number - 1]), descending=self._descending)

    def _order(self, trial: Trial) -> float | str | None:
        return self._column(self._sorted_by).order(trial)

    def _column(self, name: str) -> TrialsColumn:
        return next(column for column in self._columns if column.name == name)

    def _find_best(self) -> int | None:
        best = self._store.history.best(self._store.plan.definition.objective)
        return None if best is None else best.number


def _alignment(column: TrialsColumn) -> Qt.AlignmentFlag:
    if column.name == "stage":
        return _MIDDLE
    return _RIGHT if column.numeric else _LEFT
