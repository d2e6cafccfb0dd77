"""A stage as a card: what it is, what it changed, its region in miniature, what came of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tuner_gui.gui.delegates.extent_bar import paint_extent
from tuner_gui.gui.models.roles import OBJECT_ROLE, Index
from tuner_gui.gui.models.stages_model import Card
from tuner_gui.gui.theme import Theme, current_theme

_OUTER = 4
_INNER = 8
_BAR, _BAR_GAP = 3.0, 3.0
_NOTE_LINES = 2
FALLBACK_WIDTH = 200


class StageDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        card = index.data(OBJECT_ROLE)
        width = option.rect.width() or FALLBACK_WIDTH
        small = QFontMetricsF(_smaller(option.font))
        note = len(_note_lines(card.note, _smaller(option.font), width - 2 * (_OUTER + _INNER)))
        bars = len(card.extents) * (_BAR + _BAR_GAP)
        title = QFontMetricsF(option.font).height()
        height = title + note * small.height() + 5 + bars + 2 + small.height() + 2 * (_INNER - 1) + _OUTER
        return QSize(width, int(height) + 1)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        card, theme = index.data(OBJECT_ROLE), current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(option.rect).adjusted(_OUTER, _OUTER, -_OUTER, 0)
        _paint_frame(painter, frame, card, option, theme)
        inside = frame.adjusted(_INNER, _INNER - 1, -_INNER, -_INNER + 1)
        top = _paint_title(painter, inside, card, option.font, theme)
        _paint_rest(painter, inside, top, card, _smaller(option.font), theme)
        painter.restore()

    @staticmethod
    def corner(rect: QRect) -> QRect:
        """Where the button of a card goes: the upper right corner of its frame."""
        return rect.adjusted(_OUTER, _OUTER + 4, -_OUTER - 5, 0)


def _paint_frame(painter: QPainter, frame: QRectF, card: Card, option: QStyleOptionViewItem, theme: Theme) -> None:
    state = option.state
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    pen = QPen(theme.color("region"), 1.6) if card.current else QPen(theme.color("border" if hovered else "grid"), 1)
    painter.setPen(pen)
    painter.setBrush(theme.color("selection" if chosen else "panel" if card.left else "background"))
    painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)


def _paint_title(painter: QPainter, inside: QRectF, card: Card, font: QFont, theme: Theme) -> float:
    """The number, the title and the badge; returns where the next line begins."""
    bold = QFont(font)
    bold.setBold(True)
    metrics = QFontMetricsF(bold)
    baseline = inside.top() + metrics.ascent()
    right = inside.right() - (_paint_badge(painter, inside, card, font, theme) if card.badge else 0.0)
    painter.setPen(theme.color("secondary_text" if card.left else "text"))
    painter.setFont(bold)
    number = f"{card.stage.number}"
    painter.drawText(QPointF(inside.left(), baseline), number)
    left = inside.left() + metrics.horizontalAdvance(number) + 7
    painter.setFont(font)
    title = QFontMetricsF(font).elidedText(card.title, Qt.TextElideMode.ElideRight, right - left - 4)
    painter.drawText(QPointF(left, baseline), title)
    return inside.top() + metrics.height()


def _paint_badge(painter: QPainter, inside: QRectF, card: Card, font: QFont, theme: Theme) -> float:
    small = _smaller(font)
    metrics = QFontMetricsF(small)
    width = metrics.horizontalAdvance(card.badge) + 12
    pill = QRectF(inside.right() - width, inside.top(), width, metrics.height() + 1)
    painter.setFont(small)
    color = theme.color("region" if card.current else "secondary_text")
    painter.setPen(QPen(color, 1))
    painter.setBrush(color if card.current else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), pill.height() / 2 - 1, pill.height() / 2 - 1)
    painter.setPen(theme.color("background") if card.current else color)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, card.badge)
    return width


def _paint_rest(painter: QPainter, inside: QRectF, top: float, card: Card, font: QFont, theme: Theme) -> None:
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.color("secondary_text"))
    for line in _note_lines(card.note, font, inside.width()):
        painter.drawText(QPointF(inside.left(), top + metrics.ascent()), line)
        top += metrics.height()
    top += 5
    for parameter, extent in zip(card.space, card.extents, strict=True):
        bar = QRectF(inside.left(), top, inside.width(), _BAR)
        paint_extent(painter, bar, parameter, extent, theme=theme, dimmed=card.left)
        top += _BAR + _BAR_GAP
    painter.setPen(theme.color("secondary_text" if card.left or not card.trials else "text"))
    figures = metrics.elidedText(card.figures, Qt.TextElideMode.ElideRight, inside.width())
    painter.drawText(QPointF(inside.left(), top + 2 + metrics.ascent()), figures)


def _smaller(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(max(font.pointSizeF() - 1, 7))
    return small


def _note_lines(text: str, font: QFont, width: float) -> list[str]:
    """The text broken into at most two lines, the last one cut with an ellipsis if more would follow."""
    if not text:
        return []
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines: list[str] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        lines.append(text[line.textStart() : line.textStart() + line.textLength()])
    layout.endLayout()
    if len(lines) > _NOTE_LINES:
        rest = text[sum(map(len, lines[: _NOTE_LINES - 1])) :]
        cut = QFontMetricsF(font).elidedText(rest, Qt.TextElideMode.ElideRight, width)
        lines = [*lines[: _NOTE_LINES - 1], cut]
    return [line.rstrip() for line in lines]
