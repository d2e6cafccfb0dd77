"""What a look at a person's own data found: facts, warnings, a table of the columns, and the first rows."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from tuner_gui.data.preview import Preview
from tuner_gui.gui.models.columns_model import EXAMPLES, NAME, SORT_ROLE, ColumnsModel, HeadModel
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.parts.preview_words import TABLE_KINDS, facts, head_words, warning_words

WIDEST = 220
WIDTHS = (150, 76, 70, 70, 140)
_EXACTLY = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchCaseSensitive
SEARCH_FROM = 9
"""With fewer columns a field to search them would be in the way."""


class PreviewView(QWidget):
    """``target_chosen`` carries the name of a column that a person made the target."""

    target_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choosable = False
        self._showing: tuple[Preview | None, str] | None = None
        self.facts = ToneLabel("text", wrap=True)
        self.reading = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.warnings = ToneLabel("warning", wrap=True)
        self.search = QLineEdit()
        self.search.setAccessibleName("Search the columns")
        self.search.setPlaceholderText("Search the columns")
        self.search.setClearButtonEnabled(True)
        self.hint = ToneLabel("secondary_text", "Double-click or Enter makes a column the target.", smaller=1)
        self._model, self._head_model, self._shown = ColumnsModel(), HeadModel(), QSortFilterProxyModel()
        self._shown.setSourceModel(self._model)
        self._shown.setSortRole(SORT_ROLE)
        self._shown.setFilterKeyColumn(NAME)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.columns = self._make_columns()
        self.head_title = ToneLabel("secondary_text", smaller=1)
        self.head = _table("First rows")
        self.head.setModel(self._head_model)
        self._lay_out()
        self.search.textChanged.connect(self._shown.setFilterFixedString)
        self.columns.activated.connect(self._on_activated)

    def sizeHint(self) -> QSize:
        return QSize(660, 560)

    def hasHeightForWidth(self) -> bool:
        # Its labels wrap; the dialog would take the least height at which they fit, and the tables would have no rows.
        return False

    def show_preview(self, found: Preview | None, target: str) -> None:
        """Everything that was found, with the target marked; None shows an empty place."""
        if (found, target) == self._showing:
            return
        self._showing = found, target
        for part in (self.facts, self.columns):
            part.setVisible(found is not None)
        first, *rest = facts(found) if found is not None else ("",)
        self.facts.setText(first)
        _say(self.reading, " ".join(rest))
        _say(self.warnings, warning_words(found.warnings) if found is not None else "")
        columns = found.columns if found is not None else ()
        self.search.setVisible(len(columns) >= SEARCH_FROM)
        if not self.search.isVisibleTo(self):
            self.search.clear()
        self._choosable = found is not None and found.kind in TABLE_KINDS
        self.hint.setVisible(self._choosable)
        # Arrays and images have two rows there.
        self._layout.setStretchFactor(self.columns, 3 if self._choosable else 1)
        self._model.show_columns(columns, target)
        self._scroll_to(target)
        self._show_head(found)

    def _scroll_to(self, target: str) -> None:
        """The row of the target, wherever it stands among many."""
        found = self._shown.match(self._shown.index(0, NAME), Qt.ItemDataRole.DisplayRole, target, 1, _EXACTLY)
        if found:
            self.columns.setCurrentIndex(found[0])
            self.columns.scrollTo(found[0])

    def _show_head(self, found: Preview | None) -> None:
        rows = 0 if found is None else len(found.head)
        self._head_model.show_head(found)
        self.head.setVisible(rows > 0)
        _say(self.head_title, head_words(found) if found is not None and rows else "")
        # A hundred columns are enough to measure: each of them costs a pass over its rows.
        for column in range(min(self._head_model.columnCount(), 100)):
            self.head.resizeColumnToContents(column)
            self.head.setColumnWidth(column, min(self.head.columnWidth(column), WIDEST))

    def _make_columns(self) -> QTableView:
        table = _table("Columns")
        table.setModel(self._shown)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.setSortingEnabled(True)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for column, width in enumerate(WIDTHS):
            table.setColumnWidth(column, width)
        table.horizontalHeader().setSectionResizeMode(EXAMPLES, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _lay_out(self) -> None:
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.facts, self.reading, self.warnings, self.search):
            layout.addWidget(widget)
        layout.addWidget(self.columns, 3)
        layout.addWidget(self.hint)
        layout.addSpacing(4)
        layout.addWidget(self.head_title)
        layout.addWidget(self.head, 2)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        if self._choosable:
            self.target_chosen.emit(self._model.name_at(self._shown.mapToSource(index).row()))


def _say(label: ToneLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _table(name: str) -> QTableView:
    table = QTableView()
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setTextElideMode(Qt.TextElideMode.ElideRight)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setMinimumHeight(110)
    table.horizontalHeader().setHighlightSections(False)
    height = table.fontMetrics().height() + 6
    header = table.verticalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setMinimumSectionSize(height)
    header.setDefaultSectionSize(height)
    return table
