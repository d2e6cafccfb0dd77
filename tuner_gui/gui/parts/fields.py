"""Fields for typed values: what is wrong is marked while typing, Enter or leaving the field confirms, Esc restores."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from tuner_gui.gui.icons import icon
from tuner_gui.gui.parts.labels import plain_tip
from tuner_gui.gui.theme import current_theme


def leaves_undo_to_the_window(event: QEvent, field: QLineEdit) -> bool:
    """Whether undo or redo was pressed in a field that has nothing of its own to take back.

    Qt's fields keep these keys to themselves even then, and the person's last edit would be out of reach.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    key = QKeySequence.StandardKey
    return (event.matches(key.Undo) and not field.isUndoAvailable()) or (
        event.matches(key.Redo) and not field.isRedoAvailable()
    )


class CheckedLineEdit(QLineEdit):
    """A line edit that can carry a problem. ``restorable`` says whether Esc has something to give back."""

    restore_asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.restorable = False
        self._problem: str | None = None
        self._sign: QAction | None = None

    @property
    def problem(self) -> str | None:
        return self._problem

    def set_problem(self, problem: str | None) -> None:
        """Mark the field with a frame and a sign, and say why to those who cannot see them."""
        if problem == self._problem:
            return
        self._problem = problem
        self.setAccessibleDescription(problem or "")
        self.setToolTip(plain_tip(problem or ""))
        if problem is not None and self._sign is None:
            self._sign = self.addAction(icon("warning", "bad"), QLineEdit.ActionPosition.TrailingPosition)
        elif problem is None and self._sign is not None:
            self.removeAction(self._sign)
            self._sign = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Enter and Esc belong to the field while it is edited, whatever shortcuts the window has for them."""
        if leaves_undo_to_the_window(event, self):
            event.ignore()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            confirms = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers()
            if confirms or (event.key() == Qt.Key.Key_Escape and self.restorable):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.restorable:
            self.restore_asked.emit()
            self.selectAll()
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._problem is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current_theme().color("bad"), 1.6))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 2.5, 2.5)
        painter.end()


class QuietComboBox(QComboBox):
    """A combo box that the mouse wheel scrolls past: a value must not change because a panel was scrolled."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
