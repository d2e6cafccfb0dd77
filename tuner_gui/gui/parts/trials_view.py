"""The table view of the trials: one selection with the rest of the window, and new rows never scroll it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from tuner_gui.gui.delegates.trials_delegates import (
    CellDelegate,
    NumberDelegate,
    ReasonDelegate,
    StateDelegate,
    ValueDelegate,
)
from tuner_gui.gui.models.trials_columns import STATE_COLUMN, VALUE_COLUMN, TrialsColumn
from tuner_gui.gui.models.trials_model import TrialsModel
from tuner_gui.gui.store import Store

ROW_HEIGHT = 22
_FLAGS = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class TrialsView(QTableView):
    def __init__(self, store: Store, model: TrialsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._model = model
        self._taking_over = False
        self._was_taking_over = False
        self._anchor: int | None = None
        self._follows = False
        self._reasons = ReasonDelegate(self)
        self._set_up()
        self.setModel(model)
        self._size_columns()
        self._give_reasons_room()
        header = self.horizontalHeader()
        # A header asks for each section whether all its rows are selected, one by one; ours shows nothing of that.
        header.setSelectionModel(QItemSelectionModel(model, self))
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        model.rows_changing.connect(self._remember_place)
        model.rows_changed.connect(self._keep_place)
        model.rows_moving.connect(self._let_go)
        model.rows_moved.connect(self._select_again)
        model.modelReset.connect(self._on_reset)
        store.selection_changed.connect(self.take_over_selection)
        self.take_over_selection()

    def _set_up(self) -> None:
        self.setAccessibleName("Trials")
        self.setItemDelegate(CellDelegate(self))
        self.setItemDelegateForColumn(0, NumberDelegate(self))
        self.setItemDelegateForColumn(STATE_COLUMN, StateDelegate(self))
        self.setItemDelegateForColumn(VALUE_COLUMN, ValueDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        vertical, header = self.verticalHeader(), self.horizontalHeader()
        vertical.setVisible(False)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setMinimumSectionSize(ROW_HEIGHT)
        vertical.setDefaultSectionSize(ROW_HEIGHT)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(36)
        header.setSectionsMovable(True)

    def _size_columns(self) -> None:
        """Wide enough for the title and for the widest usual value; nothing is measured row by row."""
        for number, column in enumerate(self._model.columns):
            self.setColumnWidth(number, self._width_of(column, number))

    def _give_reasons_room(self) -> None:
        """The reason is the last column, whose number depends on the space."""
        last = len(self._model.columns) - 1
        for column in range(VALUE_COLUMN + 1, self.horizontalHeader().count()):
            self.setItemDelegateForColumn(column, self._reasons if column == last else self.itemDelegate())

    def _width_of(self, column: TrialsColumn, number: int) -> int:
        metrics = self.fontMetrics()
        if number == STATE_COLUMN:
            return metrics.horizontalAdvance("cancelled") + 40
        # The sign of the sorting stands beside the title.
        title = metrics.horizontalAdvance(column.title) + 26
        return max(title if number else 34, metrics.horizontalAdvance(column.widest or "★ 0.12345") + 14)

    # --- one selection everywhere ---

    @Slot()
    def take_over_selection(self) -> None:
        """Select the rows of the store's selection, and show the one in focus."""
        if self._taking_over:
            return
        selection = self._store.selection
        self._taking_over = True
        self.selectionModel().select(self._ranges(self._model.rows_of(selection)), _FLAGS)
        focus = self._model.row_of(selection[0]) if selection else None
        if focus is not None and focus != self.currentIndex().row():
            index = self._model.index(focus, max(self.currentIndex().column(), 0))
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)
        self._taking_over = False

    @Slot()
    def _let_go(self) -> None:
        """Rows move. Qt would carry each selected cell along by itself: seconds for ten thousand rows."""
        self._was_taking_over, self._taking_over = self._taking_over, True
        self.selectionModel().clearSelection()

    @Slot()
    def _select_again(self) -> None:
        self._taking_over = False
        self.take_over_selection()
        self._taking_over = self._was_taking_over

    def _ranges(self, rows: list[int]) -> QItemSelection:
        """Whole rows as few ranges as possible."""
        selection = QItemSelection()
        starts = [row for before, row in pairwise([-2, *rows]) if row != before + 1]
        ends = [row for row, after in pairwise([*rows, -2]) if after != row + 1]
        for start, end in zip(starts, ends, strict=True):
            selection.append(self._model.rows_between(start, end))
        return selection

    @Slot()
    def _on_selection_changed(self) -> None:
        if self._taking_over:
            return
        parts = self.selectionModel().selection().toList()
        numbers = [number for part in parts for number in self._model.numbers_between(part.top(), part.bottom())]
        current = self.currentIndex()
        focus = self._model.number_at(current.row()) if current.isValid() else None
        if focus in numbers:
            numbers = [focus, *(number for number in numbers if number != focus)]
        self._taking_over = True
        self._store.select(numbers)
        self._taking_over = False

    @Slot(QModelIndex, QModelIndex)
    def _on_current_row_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        """Moving inside a selection of many puts another trial in focus."""
        if not self._taking_over and len(self._store.selection) > 1:
            self._on_selection_changed()

    @Slot()
    def _on_reset(self) -> None:
        self._give_reasons_room()
        self._size_columns()
        name, order = self._model.sorted_by
        column = next(i for i, c in enumerate(self._model.columns) if c.name == name)
        self.horizontalHeader().setSortIndicator(column, order)
        self.take_over_selection()

    # --- new rows never move the view, unless it stands at the end ---

    @property
    def at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()

    @Slot()
    def _remember_place(self) -> None:
        # What Qt makes of the selection while rows come and go is no choice of the person's.
        self._taking_over = True
        self._follows = self.at_end and self._model.sorted_by == ("trial", Qt.SortOrder.AscendingOrder)
        top = self.rowAt(0)
        self._anchor = self._model.number_at(top) if top > 0 else None

    @Slot()
    def _keep_place(self) -> None:
        self._taking_over = False
        if self._follows:
            self.scrollToBottom()
            return
        row = self._model.row_of(self._anchor) if self._anchor is not None else None
        if row is not None:
            self.verticalScrollBar().setValue(row)
