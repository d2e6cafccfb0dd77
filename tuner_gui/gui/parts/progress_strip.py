"""A slim bar: finished in blue, lost in red with gaps between, what is left in grey."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tuner_gui.gui.theme import current_theme

_HEIGHT = 6


class ProgressStrip(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done, self._lost, self._total = 0.0, 0.0, 1.0
        self.setAccessibleName("Progress of the search")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(QSize(110, 14))

    def show_progress(self, done: float, lost: float, total: float) -> None:
        """``done`` counts what came to an end well, trials in training by the share of their epochs."""
        self._done, self._lost, self._total = done, lost, max(total, done + lost, 1.0)
        self.setAccessibleDescription(f"{done:.0f} done, {lost:.0f} failed, of {self._total:.0f}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, (self.height() - _HEIGHT) / 2, self.width(), _HEIGHT)
        painter.setBrush(theme.color("grid"))
        painter.drawRoundedRect(track, 3, 3)
        done = track.width() * self._done / self._total
        lost = track.width() * self._lost / self._total
        painter.setBrush(theme.color("region"))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), done, _HEIGHT), 3, 3)
        if lost:
            # Hatched: failures differ from the rest by more than their colour.
            painter.setBrush(QBrush(theme.color("bad"), Qt.BrushStyle.Dense3Pattern))
            painter.drawRect(QRectF(track.left() + done + 1, track.top(), max(lost - 1, 2.0), _HEIGHT))
        painter.end()
