"""Small things that several plots paint: labels in a pill, rings, the star of the best trial, handles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from tuner_gui.gui.theme import Theme

PILL_PADDING = 5.0
SPREAD_REACH = 4.0


def scaled_font(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    made = QFont(font)
    if font.pointSizeF() > 0:
        made.setPointSizeF(font.pointSizeF() * factor)
    else:
        made.setPixelSize(max(round(font.pixelSize() * factor), 1))
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def pill_width(text: str, font: QFont) -> float:
    return QFontMetricsF(font).horizontalAdvance(text) + 2 * PILL_PADDING


def paint_pill(
    painter: QPainter, area: QRectF, text: str, *, font: QFont, ground: QColor, border: QColor, ink: QColor
) -> None:
    """A text in a rounded box."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(border, 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(ink)
    painter.setFont(font)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def paint_ring(painter: QPainter, x: float, y: float, *, radius: float, color: QColor, width: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, width))
    painter.drawEllipse(QPointF(x, y), radius, radius)


def paint_mark(
    painter: QPainter, x: float, y: float, *, radius: float, color: QColor, ground: QColor, width: float
) -> None:
    """A ring on a wider one in the ground's colour, from a kept picture: dozens of them move at a time."""
    picture = _mark_picture(radius, color.rgba(), ground.rgba(), width, painter.device().devicePixelRatioF())
    half = picture.deviceIndependentSize().width() / 2
    painter.drawImage(QPointF(x - half, y - half), picture)


@lru_cache(maxsize=64)
def _mark_picture(radius: float, color: int, ground: int, width: float, ratio: float) -> QImage:
    side = 2 * math.ceil((radius + width / 2 + 2) * ratio) + 1
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(0)
    painter = QPainter(picture)
    middle = side / ratio / 2
    paint_ring(painter, middle, middle, radius=radius, color=QColor.fromRgba(ground), width=width + 2)
    paint_ring(painter, middle, middle, radius=radius, color=QColor.fromRgba(color), width=width)
    painter.end()
    return picture


def star(radius: float) -> QPolygonF:
    """Five points around the origin, the first at the top."""
    corners = []
    for index in range(10):
        r = radius if index % 2 == 0 else radius * 0.45
        angle = math.pi * index / 5
        corners.append(QPointF(r * math.sin(angle), -r * math.cos(angle)))
    return QPolygonF(corners)


def paint_star(painter: QPainter, x: float, y: float, *, radius: float, theme: Theme) -> None:
    """The best trial: filled in the ground's colour so that it stands out from every disc."""
    picture = _star_picture(radius, theme, painter.device().devicePixelRatioF())
    half = radius + 2
    painter.drawImage(QPointF(x - half, y - half), picture)


@lru_cache(maxsize=16)
def _star_picture(radius: float, theme: Theme, ratio: float) -> QImage:
    side = math.ceil((2 * radius + 4) * ratio)
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(0)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(theme.color("text"), 1.4)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(theme.color("background"))
    painter.drawPolygon(star(radius).translated(radius + 2, radius + 2))
    painter.end()
    return picture


def paint_spreads(painter: QPainter, places: Sequence[tuple[float, float, float, float]], theme: Theme) -> None:
    """Upright lines with a stroke across: x, both ends and the middle of each, in pixels."""
    lines = []
    for x, low, high, middle in places:
        lines.append(QLineF(x, low, x, high))
        lines.append(QLineF(x - SPREAD_REACH, middle, x + SPREAD_REACH, middle))
    for color, width in ((theme.color("background", 0.7), 3.0), (theme.color("text", 0.7), 1.2)):
        painter.setPen(QPen(color, width))
        painter.drawLines(lines)


def paint_handle(
    painter: QPainter, x: float, y: float, *, color: QColor, ground: QColor, filled: bool, upright: bool = True
) -> None:
    """The grip of an edge: a rounded box with two lines; ``upright`` for edges that run from top to bottom."""
    ratio = painter.device().devicePixelRatioF()
    picture = _handle_picture(color.rgba(), ground.rgba(), filled, upright, ratio)
    half = picture.deviceIndependentSize().width() / 2
    painter.drawImage(QPointF(x - half, y - half), picture)


@lru_cache(maxsize=32)
def _handle_picture(line: int, inside: int, filled: bool, upright: bool, ratio: float) -> QImage:
    side = math.ceil(24 * ratio)
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(0)
    painter = QPainter(picture)
    color, ground = QColor.fromRgba(line), QColor.fromRgba(inside)
    painter.translate(side / ratio / 2, side / ratio / 2)
    if not upright:
        painter.rotate(90)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.4))
    painter.setBrush(color if filled else ground)
    painter.drawRoundedRect(QRectF(-4.5, -10, 9, 20), 3, 3)
    painter.setPen(QPen(ground if filled else color, 1))
    for dx in (-1.5, 1.5):
        painter.drawLine(QPointF(dx, -4), QPointF(dx, 4))
    painter.end()
    return picture
