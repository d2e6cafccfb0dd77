"""The table behind a plot as rows of a view. It sorts its own order of rows: ten thousand take some milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tuner_gui.gui.pictures.table import Cell, PlotTable
from tuner_gui.space.ticks import format_value

Index = QModelIndex | QPersistentModelIndex


class PlotTableModel(QAbstractTableModel):
    """Cells are shown with few digits; what is copied and saved is exact."""

    def __init__(self, table: PlotTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self.order = list(range(table.rows))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.table.headers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        cell = self.table.columns[index.column()][self.order[index.row()]]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell_words(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if _is_number(cell) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.table.headers[section]
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Numbers before words; what is unknown stays last in both directions."""
        if not 0 <= column < len(self.table.headers):
            return
        self.layoutAboutToBeChanged.emit()
        self.order = sorted_rows(self.table.columns[column], descending=order is Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()


def sorted_rows(column: Sequence[Cell], *, descending: bool) -> list[int]:
    """The rows in the order of a column; equal ones keep theirs."""
    known = [row for row, cell in enumerate(column) if cell is not None]
    numbers = [row for row in known if _is_number(column[row])]
    others = [row for row in known if not _is_number(column[row])]
    keys = np.array([column[row] for row in numbers], dtype=np.float64)
    ranked = np.argsort(-keys if descending else keys, kind="stable")
    words = sorted(others, key=[str(cell) for cell in column].__getitem__, reverse=descending)
    return [*(numbers[rank] for rank in ranked), *words, *(row for row, cell in enumerate(column) if cell is None)]


def cell_words(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return format_value(cell)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
