"""What the program is for, in one picture: trials as points, and a region dragged over the good ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tuner_gui.gui.theme import current_theme

# Two colours of viridis. The whole map is loaded late, and this picture is the first that anyone sees.
_WORSE, _BETTER = (0x21, 0x91, 0x8C), (0x5E, 0xC9, 0x62)
_POINTS = 90
_REGION = (0.47, 0.74)


class WelcomePicture(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        random = np.random.default_rng(4)
        self._x = random.uniform(0.02, 0.98, _POINTS)
        good = np.exp(-(((self._x - 0.6) / 0.22) ** 2))
        self._y = np.clip(good * 0.85 + random.normal(0, 0.06, _POINTS), 0.03, 0.97)

    def sizeHint(self) -> QSize:
        return QSize(520, 130)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("grid"), 1))
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(frame, 6, 6)
        left, right = (frame.left() + share * frame.width() for share in _REGION)
        band = QRectF(left, frame.top() + 1, right - left, frame.height() - 2)
        painter.fillRect(band, theme.color("pending", 0.14))
        painter.setPen(QPen(theme.color("pending"), 1.5))
        for x in (left, right):
            painter.drawLine(QPointF(x, band.top()), QPointF(x, band.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        for x, y, rgb in zip(self._x.tolist(), self._y.tolist(), _colors(self._y), strict=True):
            inside = _REGION[0] <= x <= _REGION[1]
            painter.setBrush(QColor(*rgb) if inside else theme.color("muted"))
            at = QPointF(frame.left() + x * frame.width(), frame.bottom() - 8 - y * (frame.height() - 16))
            painter.drawEllipse(at, 3.2, 3.2)
        painter.end()


def _colors(shares: NDArray[np.float64]) -> list[list[int]]:
    columns = [np.interp(shares, (0.3, 0.95), ends) for ends in zip(_WORSE, _BETTER, strict=True)]
    return np.column_stack(columns).astype(int).tolist()
