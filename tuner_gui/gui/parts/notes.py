"""The notes on a trial: kept when the field is left, and a moment after the last key."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_DELAY_MS = 800
_LINES = 3


class NotesEdit(QPlainTextEdit):
    """``note_written`` carries the trial and its new note. The text always belongs to one trial."""

    note_written = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notes")
        self.setPlaceholderText("Notes on this trial")
        self.setTabChangesFocus(True)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + 12)
        self._trial: int | None = None
        self._kept = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self.keep)
        self.textChanged.connect(self._timer.start)

    def show_note(self, trial: int | None, note: str) -> None:
        """Show the note of a trial; what is being typed for the same trial stays."""
        if trial == self._trial and (self.hasFocus() or note == self._kept):
            return
        self.keep()
        self._trial, self._kept = trial, note
        self.setPlainText(note)
        self._timer.stop()

    @Slot()
    def keep(self) -> None:
        """Hand over what is typed, if it differs from what was kept."""
        self._timer.stop()
        text = self.toPlainText().strip()
        if self._trial is not None and text != self._kept.strip() and not self.isReadOnly():
            self._kept = text
            self.note_written.emit(self._trial, text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keep()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.keep()
