"""The columns of a person's own data, and its first rows, as table models. All texts are plain."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from tuner_gui.data.preview import Column, Preview
from tuner_gui.gui.parts.preview_words import head_titles, notes, one_line
from tuner_gui.gui.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

SORT_ROLE = Role.UserRole + 1
TITLES = ("Column", "Kind", "Missing", "Distinct", "Notes", "Examples")
NAME, KIND, MISSING, DISTINCT, NOTES, EXAMPLES = range(len(TITLES))
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ColumnsModel(QAbstractTableModel):
    """One row for each column of the data, that of the target in bold and named so in the notes."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._target = ""

    def show_columns(self, columns: tuple[Column, ...], target: str) -> None:
        """Replace everything, unless only the target is another one."""
        if columns == self._columns:
            self._target = target
            if columns:
                self.dataChanged.emit(self.index(0, 0), self.index(len(columns) - 1, len(TITLES) - 1))
            return
        self.beginResetModel()
        self._columns, self._target = columns, target
        self.endResetModel()

    def name_at(self, row: int) -> str:
        return self._columns[row].name

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return TITLES[section]
        if (
            orientation is Qt.Orientation.Horizontal
            and role == Role.TextAlignmentRole
            and section in (MISSING, DISTINCT)
        ):
            return _RIGHT
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        column, at = self._columns[index.row()], index.column()
        if role == Role.DisplayRole:
            return self._text(column, at)
        if role == SORT_ROLE:
            numbers = {MISSING: column.missing, DISTINCT: column.distinct}
            return numbers.get(at, self._text(column, at).casefold())
        if role == Role.TextAlignmentRole and at in (MISSING, DISTINCT):
            return _RIGHT
        if role == Role.FontRole and column.name == self._target:
            font = QFont()
            font.setBold(True)
            return font
        if role == Role.ForegroundRole and at == NOTES and column.name != self._target:
            return current_theme().color("warning")
        return None

    def _text(self, column: Column, at: int) -> str:
        texts = {
            NAME: column.name or "(no name)",
            KIND: column.kind,
            MISSING: f"{column.missing:,}" if column.missing else "–",
            DISTINCT: f"{column.distinct:,}" if column.distinct else "–",
            NOTES: notes(column, self._target),
            EXAMPLES: ", ".join(column.examples),
        }
        return one_line(texts[at])


class HeadModel(QAbstractTableModel):
    """The first rows as they stand in the file, under the names of their columns."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()

    def show_head(self, found: Preview | None) -> None:
        self.beginResetModel()
        self._names = () if found is None else head_titles(found)
        self._rows = () if found is None else found.head
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else max((len(row) for row in self._rows), default=0)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        if role != Role.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return f"{section + 1:,}"
        return self._names[section] if section < len(self._names) else ""

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        if role != Role.DisplayRole:
            return None
        row = self._rows[index.row()]
        return one_line(row[index.column()]) if index.column() < len(row) else ""
