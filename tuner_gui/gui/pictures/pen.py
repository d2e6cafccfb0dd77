"""What all parts of a picture are painted with: the painter, the colours, the letters, and where places lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from tuner_gui.gui.plots.frame import Frame
from tuner_gui.gui.theme import Theme, value_colors

# Sizes in pixels at 96 to the inch, so that no screen decides them: 13 are 9.75 points, 12 are 9.
NAME, TICK, SMALL = 13, 12, 11
# Their letters are equally wide; the last one is what nearly every system has.
FAMILIES = ("Helvetica", "Arial", "Liberation Sans", "Nimbus Sans", "DejaVu Sans")
# What differs less in colour cannot be told apart.
STEPS = 32


def font(size: int, *, bold: bool = False) -> QFont:
    made = QFont(list(FAMILIES))
    made.setPixelSize(size)
    # Shaped for a screen, letters would stand differently in every size that a picture is saved in.
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setBold(bold)
    return made


def width_of(text: str, size: int, *, bold: bool = False) -> float:
    return QFontMetricsF(font(size, bold=bold)).horizontalAdvance(text)


def shortened(text: str, size: int, room: float) -> str:
    """With three dots where it is too long; of a name both ends tell more than its beginning."""
    return QFontMetricsF(font(size)).elidedText(text, Qt.TextElideMode.ElideMiddle, room)


@dataclass
class Pen:
    """``scale``: how many pixels of the picture make one of its layout; None where shapes are kept."""

    painter: QPainter
    theme: Theme
    scale: float | None = None

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        return self.theme.color(role, alpha)

    @cached_property
    def colors(self) -> list[QColor]:
        """From the worst to the best, in :data:`STEPS`."""
        table = value_colors((np.arange(STEPS) + 0.5) / STEPS, dark=self.theme.dark)
        return [QColor(*(int(channel) for channel in row[:3])) for row in table]

    def stroke(self, color: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
        pen = QPen(color, width, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def contour(self, *, unbroken: bool) -> None:
        """Around the good parts of an estimate."""
        pen = QPen(self.color("text"), 1.0)
        if not unbroken:
            pen.setDashPattern([4.0, 3.0])
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def fill(self, color: QColor) -> None:
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(color)

    def words(
        self, text: str, x: float, baseline: float, *, role: str = "text", size: int = TICK, anchor: float = 0.0,
        bold: bool = False,
    ) -> None:  # fmt: skip
        """``anchor``: which part of the text lies left of x, 0 to 1."""
        self.painter.setFont(font(size, bold=bold))
        self.painter.setPen(self.color(role))
        self.painter.drawText(QPointF(x - anchor * width_of(text, size, bold=bold), baseline), text)

    def upright_words(self, text: str, x: float, middle: float, *, role: str = "text", size: int = NAME) -> None:
        """Read from below, around a height."""
        self.painter.save()
        self.painter.translate(x, middle)
        self.painter.rotate(-90)
        self.words(text, 0, 0, role=role, size=size, anchor=0.5)
        self.painter.restore()

    def clip(self, area: QRectF) -> None:
        self.painter.setClipRect(area)

    def unclip(self) -> None:
        self.painter.setClipping(False)


def area_of(frame: Frame, rail: float = 0.0) -> QRectF:
    return QRectF(frame.left, frame.top, frame.width, frame.height + rail)
