"""The numbers of a plot as a table: for reading, sorting and copying, and for those who cannot see the plot."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTime, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.gui.models.plot_table_model import PlotTableModel
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.telling import save_into, tell

MOST_MEASURED = 200
"""So many rows decide how wide the columns are."""


class TableFileDialog(QFileDialog):
    """Asks where the numbers of a plot shall be, and writes them there."""

    def __init__(self, table: PlotTable, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Save the numbers of this plot", str(path))
        self._table = table
        self.setNameFilter("Comma-separated values (*.csv)")
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setDefaultSuffix("csv")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fileSelected.connect(self.write)

    @Slot(str)
    def write(self, path: str) -> None:
        """Write all rows as CSV; where that cannot be, say why over the window that asked."""
        above = self.parentWidget()
        if above is not None:
            save_into(above, Path(path), self._table.save, f"{self._table.rows:,} rows")


class PlotTableDialog(QDialog):
    """Beside the window, as the plot was when this was opened. Ctrl+C copies the selected cells, or all."""

    def __init__(self, table: PlotTable, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Table of {table.name}")
        self.resize(920, 520)
        self.model = PlotTableModel(table, self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setAccessibleName(f"Numbers of {table.name}")
        self._set_up_view()
        self.words = ToneLabel(
            "secondary_text", f"{table.rows:,} rows, as of {QTime.currentTime().toString('HH:mm:ss')}"
        )
        self.copy_button, self.save_button = QPushButton("Copy all"), QPushButton("Save as CSV…")
        self._lay_out()
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.activated.connect(self.copy)
        self.copy_button.clicked.connect(self.copy_all)
        self.save_button.clicked.connect(self.ask_path)

    def _set_up_view(self) -> None:
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setAlternatingRowColors(True)
        self.view.setWordWrap(False)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(self.view.fontMetrics().height() + 8)
        head = self.view.horizontalHeader()
        head.setResizeContentsPrecision(MOST_MEASURED)
        head.setHighlightSections(False)
        head.setMinimumHeight(self.view.fontMetrics().height() + 10)
        # No column is sorted by before one is chosen: the rows stand in the order of the trials.
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.view.setSortingEnabled(True)
        self.view.resizeColumnsToContents()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.words, 1)
        for button in (self.copy_button, self.save_button):
            button.setAutoDefault(False)
            line.addWidget(button)
        page = QVBoxLayout(self)
        page.addWidget(self.view, 1)
        page.addLayout(line)

    @Slot()
    def copy(self) -> None:
        """The rows and columns of what is selected; all where nothing is."""
        chosen = self.view.selectionModel().selectedIndexes()
        rows = sorted({index.row() for index in chosen})
        columns = sorted({index.column() for index in chosen})
        if not chosen:
            self.copy_all()
            return
        text = self.model.table.text([self.model.order[row] for row in rows], columns)
        QGuiApplication.clipboard().setText(text)
        tell(self, f"Copied {len(rows):,} rows")

    @Slot()
    def copy_all(self) -> None:
        """In the order in which they are sorted."""
        QGuiApplication.clipboard().setText(self.model.table.text(self.model.order))
        tell(self, f"Copied {len(self.model.order):,} rows")

    @Slot()
    def ask_path(self) -> None:
        TableFileDialog(self.model.table, self._path, self).open()
