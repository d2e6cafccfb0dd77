"""Plots take turns: one is repainted in each turn of the event loop, so that the mouse never waits for all of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget


class Turns(QObject):
    """Asks widgets to repaint, one after the other, in the order in which they became due."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._due: dict[QWidget, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def ask(self, widget: QWidget) -> None:
        """Have it repainted soon; asking again before its turn changes nothing."""
        self._due.setdefault(widget)
        if not self._timer.isActive():
            self._timer.start(0)

    def forget(self, widget: QWidget) -> None:
        self._due.pop(widget, None)

    def clear(self) -> None:
        """Nobody looks any more."""
        self._due.clear()
        self._timer.stop()

    @Slot()
    def _next(self) -> None:
        if not self._due:
            return
        widget = next(iter(self._due))
        del self._due[widget]
        widget.update()
        if self._due:
            self._timer.start(0)
