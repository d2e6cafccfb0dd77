"""The space of the study: its parameters as a table, the editor of the chosen one, and what its scale will draw."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.delegates.row_delegate import CheckDelegate, RangeDelegate, RowDelegate
from tuner_gui.gui.models.space_model import Column, SpaceModel
from tuner_gui.gui.parts.parameter_editor import ParameterEditor
from tuner_gui.gui.parts.scale_preview import Mood, ScalePreview
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Region, adapted, full_extent
from tuner_gui.space.space import Space

_ROW_HEIGHT = 27
_LONGEST_NAME, _LONGEST_RANGE = "learning_rate_decay", "0.9 – 0.999"


class SpacePanel(QWidget):
    """``validity_changed`` carries the reason why what is typed cannot be searched, or None."""

    validity_changed = Signal(object)

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Space")
        self._store = store
        self._actions = actions
        self._told: str | None = None
        self._model = SpaceModel(store, actions, self)
        self.table = self._make_table()
        if store.shown_parameter is None and len(store.plan.space):
            store.show_parameter(store.plan.space.names[0])
        self.editor = ParameterEditor(store, actions)
        self.preview = ScalePreview()
        self._tallest = 0
        self._details = QWidget()
        details = _column(self._details)
        details.addWidget(self.editor)
        details.addWidget(self.preview)
        details.addStretch(1)
        layout = _column(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._details)
        self._model.modelReset.connect(self._follow_shown_parameter)
        self.table.selectionModel().currentRowChanged.connect(self._on_current_row_changed)
        self.editor.draft_changed.connect(self._update_preview)
        store.shown_parameter_changed.connect(self._follow_shown_parameter)
        store.pending_changed.connect(self._update_preview)
        self._follow_shown_parameter()
        self._update_preview()

    @property
    def invalid_reason(self) -> str | None:
        """Why what is typed right now cannot be searched, in words; None while all is well."""
        return self.editor.invalid_reason

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Parameters")
        table.setModel(self._model)
        table.setItemDelegate(RowDelegate(table))
        table.setItemDelegateForColumn(Column.USE, CheckDelegate(table))
        table.setItemDelegateForColumn(Column.RANGE, RangeDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setMinimumHeight(4 * _ROW_HEIGHT)
        table.verticalHeader().setVisible(False)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        _lay_out_columns(table)
        return table

    @Slot(QModelIndex, QModelIndex)
    def _on_current_row_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._store.show_parameter(self._model.row(current.row()).parameter.name)

    @Slot()
    def _follow_shown_parameter(self) -> None:
        row = self._model.row_of(self._store.shown_parameter)
        if row is None:
            self.table.clearSelection()
        elif row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self._model.index(row, Column.NAME))

    @Slot()
    def _update_preview(self) -> None:
        row, draft = self.editor.row, self.editor.draft
        if row is None:
            self.preview.show_draws(None)
        elif row.extent is None:
            self.preview.show_draws(row.parameter, full_extent(row.parameter), Mood.PINNED)
        elif draft is not None:
            before, after = Space((row.parameter,)), Space((draft,))
            region = adapted(before, after, Region({draft.name: row.extent}))
            self.preview.show_draws(draft, region[draft.name], Mood.DRAFT)
        else:
            pending = self._store.pending
            extent = pending[row.parameter.name] if pending is not None else row.extent
            mood = Mood.CURRENT if extent == row.extent else Mood.PENDING
            self.preview.show_draws(row.parameter, extent, mood)
        self._settle()
        if self.invalid_reason != self._told:
            self._told = self.invalid_reason
            self.validity_changed.emit(self._told)

    def _settle(self) -> None:
        """Keep the room that the tallest editor took, so that the table stays put while one walks through it."""
        self._tallest = max(self._tallest, self._details.sizeHint().height())
        room = self.height() - self.table.minimumHeight()
        self._details.setMinimumHeight(max(0, min(self._tallest, room)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()
        _share_width(self.table)


def _column(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout


def _lay_out_columns(table: QTableView) -> None:
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setMinimumSectionSize(24)
    metrics = table.fontMetrics()
    widths = {
        Column.USE: 28,
        Column.NAME: metrics.horizontalAdvance(_LONGEST_NAME) + 8,
        Column.SCALE: metrics.horizontalAdvance("pinned") + 9,
        Column.TIER: metrics.horizontalAdvance("Tier") + 12,
    }
    for column, width in widths.items():
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        table.setColumnWidth(column, width)
    header.setSectionResizeMode(Column.RANGE, QHeaderView.ResizeMode.Stretch)


def _share_width(table: QTableView) -> None:
    """In a narrow panel names are cut before ranges are: the tooltip has the name, the bar needs its room."""
    metrics, scroll_bar = table.fontMetrics(), table.verticalScrollBar().sizeHint().width()
    fixed = sum(table.columnWidth(column) for column in (Column.USE, Column.SCALE, Column.TIER)) + scroll_bar
    room = table.width() - fixed - metrics.horizontalAdvance(_LONGEST_RANGE) - 12
    widest = metrics.horizontalAdvance(_LONGEST_NAME) + 8
    table.setColumnWidth(Column.NAME, min(widest, max(room, metrics.horizontalAdvance("momentum") + 8)))
