"""The command palette: every enabled menu entry, found by typing a part of its name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget


class CommandPalette(QDialog):
    """Type, choose with the arrows, run with Enter."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("All commands")
        self.resize(520, 380)
        self._actions = [a for a in actions if a.isEnabled() and a.text() and a.menu() is None]
        self._filter = QLineEdit(placeholderText="Type what you want to do")
        self._filter.setAccessibleName("Filter commands")
        self._filter.installEventFilter(self)
        self._list = QListWidget()
        self._list.setAccessibleName("Commands")
        layout = QVBoxLayout(self)
        layout.addWidget(self._filter)
        layout.addWidget(self._list)
        self._filter.textChanged.connect(self._refill)
        self._list.itemActivated.connect(self._run)
        self._refill("")

    @Slot(str)
    def _refill(self, text: str) -> None:
        self._list.clear()
        for action in self._actions:
            name = action.text().replace("&", "")
            if all(word in name.lower() for word in text.lower().split()):
                keys = action.shortcut().toString()
                item = QListWidgetItem(f"{name}    {keys}" if keys else name)
                item.setData(Qt.ItemDataRole.UserRole, action)
                self._list.addItem(item)
        self._list.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _run(self, item: QListWidgetItem) -> None:
        action: QAction = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter act on the list while the text has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                count = self._list.count()
                self._list.setCurrentRow((self._list.currentRow() + step) % count if count else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self._list.currentItem()
                if item is not None:
                    self._run(item)
                return True
        return super().eventFilter(watched, event)
