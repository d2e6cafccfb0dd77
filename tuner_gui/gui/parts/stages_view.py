"""The list of stage cards, with one button that goes along to the card under the mouse or the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QPushButton, QWidget

from tuner_gui.gui.delegates.stage_delegate import StageDelegate
from tuner_gui.gui.models.roles import OBJECT_ROLE, Index


class StagesView(QListView):
    """``go_back_asked`` carries the number of the stage whose button was pressed."""

    go_back_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # First: Qt lays the view out while it is being set up.
        self._hovered = QPersistentModelIndex()
        self._read_only = False
        self.button = QPushButton("Go back here", self.viewport())
        self.setAccessibleName("Stages")
        self.setItemDelegate(StageDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        font = self.button.font()
        font.setPointSizeF(max(font.pointSizeF() - 1, 7))
        self.button.setFont(font)
        self.button.hide()
        self.button.clicked.connect(self._on_pressed)
        self.entered.connect(self._on_entered)
        self.viewportEntered.connect(self._on_left)
        self.verticalScrollBar().valueChanged.connect(self.place_button)

    def set_read_only(self, *, read_only: bool) -> None:
        self._read_only = read_only
        self.place_button()

    def may_go_back_to(self, index: Index) -> bool:
        return index.isValid() and not self._read_only and not index.data(OBJECT_ROLE).current

    @Slot()
    def place_button(self) -> None:
        """Put the button on the card it belongs to now, or hide it."""
        target = self._target()
        if target is None:
            self.button.hide()
            return
        number = target.data(OBJECT_ROLE).stage.number
        self.button.setAccessibleName(f"Go back to stage {number}")
        self.button.setToolTip(f"Start a new stage with the region of stage {number}; no trial is lost")
        corner = StageDelegate.corner(self.visualRect(target))
        size = self.button.sizeHint()
        self.button.setGeometry(corner.right() - size.width(), corner.top(), size.width(), 20)
        self.button.show()

    def _target(self) -> QPersistentModelIndex | None:
        for index in (self._hovered, QPersistentModelIndex(self.currentIndex())):
            if self.may_go_back_to(index):
                return index
        return None

    @Slot()
    def _on_pressed(self) -> None:
        target = self._target()
        if target is not None:
            self.go_back_asked.emit(target.data(OBJECT_ROLE).stage.number)

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        self._hovered = QPersistentModelIndex(index)
        self.place_button()

    @Slot()
    def _on_left(self) -> None:
        self._hovered = QPersistentModelIndex()
        self.place_button()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._on_left()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.place_button()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Notes wrap, so the heights follow from the width.
        self.scheduleDelayedItemsLayout()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self.place_button()
