"""The field for how many trials a run takes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSpinBox, QWidget

from tuner_gui.gui.parts.fields import leaves_undo_to_the_window

MOST_TRIALS = 100_000


class BudgetBox(QSpinBox):
    """How many trials to run; the step below one means until stopped."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, MOST_TRIALS)
        self.setSpecialValueText("until stopped")
        self.setSuffix(" trials")
        self.setGroupSeparatorShown(True)
        self.setAccessibleName("How many trials to run")
        self.setToolTip("How many trials Run trains; 0 goes on until stopped")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def trials(self) -> int | None:
        return self.value() or None

    def event(self, event: QEvent) -> bool:
        if leaves_undo_to_the_window(event, self.lineEdit()):
            event.ignore()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
