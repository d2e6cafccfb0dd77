"""How a row of our tables looks: a soft ground when selected, quiet text when it does not count right now."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tuner_gui.gui.delegates.extent_bar import paint_extent
from tuner_gui.gui.models.roles import DIMMED_ROLE, OBJECT_ROLE, Index
from tuner_gui.gui.theme import Theme, current_theme, palette_of

_BAR_HEIGHT = 3.0
_BOX = 13.0


@lru_cache(maxsize=4)
def _row_palette(theme: Theme, *, dimmed: bool) -> QPalette:
    palette = palette_of(theme)
    text = theme.color("secondary_text" if dimmed else "text")
    palette.setColor(QPalette.ColorRole.Highlight, theme.color("selection"))
    palette.setColor(QPalette.ColorRole.HighlightedText, text)
    palette.setColor(QPalette.ColorRole.Text, text)
    return palette


class RowDelegate(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.palette = _row_palette(current_theme(), dimmed=bool(index.data(DIMMED_ROLE)))
        # The whole row is the unit here; a dotted frame around one of its cells says nothing.
        option.state &= ~QStyle.StateFlag.State_HasFocus


class CheckDelegate(RowDelegate):
    """A check box that can be seen on both grounds; Fusion's own vanishes on a dark one."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = current_theme()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.color("selection"))
        box = QRectF(0, 0, _BOX, _BOX)
        box.moveCenter(QRectF(self._check_rect(option)).center())
        checked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        able = bool(index.flags() & Qt.ItemFlag.ItemIsUserCheckable)
        color = theme.color("region" if able else "muted") if checked else theme.color("secondary_text")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1))
        painter.setBrush(color if checked else theme.color("background"))
        painter.drawRoundedRect(box, 3, 3)
        if checked:
            _paint_tick(painter, box, theme)
        painter.restore()

    def _check_rect(self, option: QStyleOptionViewItem) -> QRect:
        """Where Qt takes clicks for the box."""
        styled = QStyleOptionViewItem(option)
        styled.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        style = option.widget.style()
        return style.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, styled, option.widget)


def _paint_tick(painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.setPen(QPen(theme.color("background"), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    left, middle, right = box.left() + 3, box.left() + 5.6, box.right() - 3
    bottom = box.bottom() - 3.8
    painter.drawPolyline([QPointF(left, box.center().y()), QPointF(middle, bottom), QPointF(right, box.top() + 4)])


class RangeDelegate(RowDelegate):
    """A parameter's range in words over the miniature of the region in it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        row = index.data(OBJECT_ROLE)
        if row.extent is None:
            return
        cell = QRectF(option.rect)
        height = _BAR_HEIGHT if row.pending in (None, row.extent) else 2 * _BAR_HEIGHT
        bar = QRectF(cell.left() + 4, cell.bottom() - height - 0.5, cell.width() - 10, height)
        paint_extent(painter, bar, row.parameter, row.extent, pending=row.pending, theme=current_theme())
