"""Plots take turns: one is repainted in each turn of the event loop, so that the mouse never waits for all of them."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

# How often new data repaints a plot: ten times a second is lively; under the mouse it has to be exact at any moment.
LEAST_SECONDS = 0.1


class Turns(QObject):
    """Asks widgets to repaint, one after the other, in the order in which they became due.

    The first wish after a quiet moment is granted at once. While wishes keep coming, each widget is repainted every
    ``LEAST_SECONDS``, but the one under the mouse as often as it is asked for.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._due: dict[QWidget, None] = {}
        self._last: dict[QWidget, float] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def ask(self, widget: QWidget) -> None:
        """Have it repainted soon; asking again before its turn changes nothing."""
        self._due.setdefault(widget)
        # Not without need: a timer that is started anew with every batch would never come to its end.
        if not self._timer.isActive() or widget.underMouse():
            self._wait()

    def forget(self, widget: QWidget) -> None:
        self._due.pop(widget, None)
        self._last.pop(widget, None)

    def clear(self) -> None:
        """Nobody looks any more."""
        self._due.clear()
        self._last.clear()
        self._timer.stop()

    def _seconds_until(self, widget: QWidget) -> float:
        if widget.underMouse():
            return 0.0
        return max(0.0, self._last.get(widget, -math.inf) + LEAST_SECONDS - time.monotonic())

    def _wait(self) -> None:
        if self._due:
            self._timer.start(math.ceil(1000 * min(map(self._seconds_until, self._due))))

    @Slot()
    def _next(self) -> None:
        widget = next((due for due in self._due if not self._seconds_until(due)), None)
        if widget is not None:
            del self._due[widget]
            self._last[widget] = time.monotonic()
            widget.update()
        self._wait()
