"""The trials as a table that sorts and filters itself and follows the events of a running search.

It keeps the order with its own keys instead of a proxy: ten thousand rows sort in a few milliseconds. What a batch
changes is told in as few signals as possible, since each of them makes a view lay itself out or paint again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QItemSelectionRange, QModelIndex, QObject, Qt, Signal, Slot

from tuner_gui.gui.models.roles import BEST_ROLE, DIMMED_ROLE, PROGRESS_ROLE, STATE_ROLE, Index, Role
from tuner_gui.gui.models.sorted_rows import Order, SortedRows
from tuner_gui.gui.models.trials_columns import STATE_COLUMN, VALUE_COLUMN, TrialsColumn, trials_columns
from tuner_gui.gui.models.trials_filter import TrialFilter
from tuner_gui.gui.store import Batch, Store
from tuner_gui.study.events import TrialState
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


class Cell(NamedTuple):
    """All that is needed to paint a cell. ``progress`` is None for a trial that is over."""

    text: str
    alignment: Qt.AlignmentFlag
    state: TrialState
    dimmed: bool
    best: bool
    progress: float | None


class TrialsModel(QAbstractTableModel):
    """``rows_changing`` and ``rows_changed`` stand around each batch of events, for a view that must not scroll;
    ``rows_moving`` and ``rows_moved`` around each change of the order, whatever the reason."""

    rows_changing = Signal()
    rows_changed = Signal()
    rows_moving = Signal()
    rows_moved = Signal()

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
        store.history_paced.connect(self._on_history_changed)
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

    def numbers_between(self, first: int, last: int) -> list[int]:
        """The numbers of the trials in these rows, both ends included."""
        return self._rows.numbers_between(first, last)

    def rows_of(self, numbers: Collection[int]) -> list[int]:
        """The rows of those of some trials that the filter does not hide, in order."""
        return self._rows.rows_of(numbers)

    def row_of(self, number: int) -> int | None:
        """The row of a trial; None if the filter hides it."""
        return self._rows.row_of(number) if number in self._rows else None

    def cell(self, row: int, column: int) -> Cell:
        """The same as ``data``, for a delegate that paints hundreds of cells: one question instead of ten."""
        shown = self._columns[column]
        trial = self._store.history.trials[self._rows.number_at(row) - 1]
        return Cell(
            text=shown.text(trial),
            alignment=_alignment(shown),
            state=trial.state,
            dimmed=trial.stage not in self._ancestors,
            best=column == VALUE_COLUMN and trial.number == self._best,
            progress=self._progress(trial.number) if column == STATE_COLUMN else None,
        )

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
        return self._store.share_done(number) if number in self._store.history.progress else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Keeps the selection: persistent indices move with their trials."""
        if not 0 <= column < len(self._columns):
            column, order = 0, Qt.SortOrder.AscendingOrder
        self._sorted_by, self._descending = self._columns[column].name, order == Qt.SortOrder.DescendingOrder
        self._rearrange(self._fill)

    def _rearrange(self, put_in_order: Callable[[], None]) -> None:
        """Move any number of rows at once."""
        self.rows_moving.emit()
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        numbers = [self._rows.number_at(index.row()) for index in before]
        put_in_order()
        after = [self.index(self._rows.row_of(n), i.column()) for n, i in zip(numbers, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self.rows_moved.emit()

    # --- following the store ---

    @Slot(Batch)
    def _on_history_changed(self, batch: Batch) -> None:
        self.rows_changing.emit()
        # Progress between two epochs is no change of the trial, but of its bar.
        training = set(self._store.history.progress)
        changed = set(batch.trials) - training
        best = self._find_best()
        if best != self._best:
            changed |= {number for number in (best, self._best) if number is not None}
            self._best = best
        self._put_in_place(changed | training)
        self._repaint(changed, range(len(self._columns)))
        for column in self._growing_columns():
            self._repaint(training, range(column, column + 1))
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

    def _growing_columns(self) -> list[int]:
        """What changes of a trial while it trains."""
        return [STATE_COLUMN, next(i for i, column in enumerate(self._columns) if column.name == "epochs")]

    def _put_in_place(self, touched: set[int]) -> None:
        """Rows appear, go, and move, so that the order and the filter hold again for the trials that changed."""
        trials = self._store.history.trials
        wanted = {number for number in touched if self._filter.accepts(trials[number - 1])}
        shown = {number for number in touched if number in self._rows}
        self._remove(shown - wanted)
        keys = {number: self._order(trials[number - 1]) for number in wanted}
        movers = [number for number in shown & wanted if self._rows.would_move(number, keys[number])]
        if movers:
            self._move({number: keys[number] for number in movers})
        self._insert({number: keys[number] for number in sorted(wanted - shown)})

    def _insert(self, keys: dict[int, Order]) -> None:
        """Trials that come to stand side by side are inserted together."""
        places: dict[int, list[int]] = {}
        for number, key in keys.items():
            places.setdefault(self._rows.row_for(number, key), []).append(number)
        # From below, so that the rows of the others stay what they are.
        for row in sorted(places, reverse=True):
            self.beginInsertRows(QModelIndex(), row, row + len(places[row]) - 1)
            for number in places[row]:
                self._rows.add(number, keys[number])
            self.endInsertRows()

    def _remove(self, numbers: set[int]) -> None:
        for first, last in reversed(_stretches(self._rows.row_of(number) for number in numbers)):
            leaving = [self._rows.number_at(row) for row in range(first, last + 1)]
            self.beginRemoveRows(QModelIndex(), first, last)
            for number in leaving:
                self._rows.remove(number)
            self.endRemoveRows()

    def _move(self, keys: dict[int, Order]) -> None:
        def put_in_order() -> None:
            for number, key in keys.items():
                self._rows.remove(number)
                self._rows.add(number, key)

        if len(keys) == 1:
            ((number, key),) = keys.items()
            self._move_one(number, key)
        else:
            # A view lays out all its rows after each move: one layout for all of them.
            self._rearrange(put_in_order)

    def _move_one(self, number: int, key: Order) -> None:
        before = self._rows.row_of(number)
        # Where it would stand, counted with itself still in place, as beginMoveRows wants it.
        target = self._rows.row_for(number, key)
        if target in (before, before + 1):
            self._rows.remove(number)
            self._rows.add(number, key)
            return
        self.rows_moving.emit()
        self.beginMoveRows(QModelIndex(), before, before, QModelIndex(), target)
        self._rows.remove(number)
        self._rows.add(number, key)
        self.endMoveRows()
        self.rows_moved.emit()

    def _repaint(self, numbers: Iterable[int], columns: range) -> None:
        rows = (self._rows.row_of(number) for number in numbers if number in self._rows)
        for first, last in _stretches(rows):
            self.dataChanged.emit(self.index(first, columns[0]), self.index(last, columns[-1]))

    def _fill(self) -> None:
        trials = self._store.history.trials
        shown: Iterable[int] = (trial.number for trial in trials if self._filter.accepts(trial))
        column = self._column(self._sorted_by)
        self._rows.fill(shown, lambda number: column.order(trials[number - 1]), descending=self._descending)

    def _order(self, trial: Trial) -> Order:
        return self._column(self._sorted_by).order(trial)

    def _column(self, name: str) -> TrialsColumn:
        return next(column for column in self._columns if column.name == name)

    def _find_best(self) -> int | None:
        best = self._store.history.best(self._store.plan.definition.objective)
        return None if best is None else best.number


def _stretches(rows: Iterable[int]) -> list[tuple[int, int]]:
    """The rows as few stretches as possible, each with its first and last row, in order."""
    ordered = sorted(rows)
    starts = [row for before, row in pairwise([-2, *ordered]) if row != before + 1]
    ends = [row for row, after in pairwise([*ordered, -2]) if after != row + 1]
    return list(zip(starts, ends, strict=True))


def _alignment(column: TrialsColumn) -> Qt.AlignmentFlag:
    if column.name == "stage":
        return _MIDDLE
    return _RIGHT if column.numeric else _LEFT
