"""Cells of the trials table: text, the state with its sign or progress, the best value.

They paint themselves: with ten trials a second and more the table is often painted, and Qt's style asks a model eight
times for each cell before it draws the same words.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from tuner_gui.gui.delegates.row_delegate import RowDelegate
from tuner_gui.gui.delegates.state_sign import SIGN_SIZE, paint_state
from tuner_gui.gui.models.roles import Index
from tuner_gui.gui.models.trials_model import Cell, TrialsModel
from tuner_gui.gui.theme import Theme, current_theme

_MARGIN = 5.0
_TEXT_MARGIN = 3
_INDENT = 12


class CellDelegate(RowDelegate):
    """Text of a trial on the ground of its row."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, theme = index.model(), current_theme()
        assert isinstance(model, TrialsModel)  # noqa: S101 - made for this table only
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(option.rect, theme.color("selection"))
        cell = model.cell(index.row(), index.column())
        painter.setPen(_ink(theme, dimmed=cell.dimmed))
        painter.setFont(option.font)
        self.paint_cell(painter, option, cell, theme, selected=selected)

    def paint_cell(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        cell: Cell,
        theme: Theme,  # noqa: ARG002 - for subclasses
        *,
        selected: bool,  # noqa: ARG002
    ) -> None:
        """Everything but the ground, with pen and font set for plain text."""
        _paint_text(painter, option.rect, cell.text, cell.alignment, option.fontMetrics)


class NumberDelegate(CellDelegate):
    """The first cell of a row; the selected ones carry the mark of the selected trials in the plots."""

    def paint_cell(
        self, painter: QPainter, option: QStyleOptionViewItem, cell: Cell, theme: Theme, *, selected: bool
    ) -> None:
        super().paint_cell(painter, option, cell, theme, selected=selected)
        if selected:
            area = QRectF(option.rect)
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), theme.color("selected"))


class StateDelegate(CellDelegate):
    """A sign and the word; for a trial in training a bar of its progress."""

    def paint_cell(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        cell: Cell,
        theme: Theme,
        *,
        selected: bool,  # noqa: ARG002
    ) -> None:
        area = QRectF(option.rect)
        if cell.progress is not None:
            painter.save()
            _paint_progress(painter, area, cell.progress, theme)
            painter.restore()
            return
        words = area.adjusted(_MARGIN + SIGN_SIZE + 5, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, cell.text)
        middle = QPointF(area.left() + _MARGIN + SIGN_SIZE / 2, area.center().y())
        paint_state(painter, middle, cell.state, theme, dimmed=cell.dimmed)


class ValueDelegate(CellDelegate):
    """The objective; the best of all in bold with a star."""

    def paint_cell(
        self, painter: QPainter, option: QStyleOptionViewItem, cell: Cell, theme: Theme, *, selected: bool
    ) -> None:
        if not cell.best:
            super().paint_cell(painter, option, cell, theme, selected=selected)
            return
        bold = QFont(option.font)
        bold.setBold(True)
        painter.setFont(bold)
        _paint_text(painter, option.rect, f"★ {cell.text}", cell.alignment, QFontMetrics(bold))


class ReasonDelegate(CellDelegate):
    """Words that keep their distance from the numbers on their left."""

    def paint_cell(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        cell: Cell,
        theme: Theme,  # noqa: ARG002
        *,
        selected: bool,  # noqa: ARG002
    ) -> None:
        area = option.rect.adjusted(_INDENT, 0, 0, 0)
        _paint_text(painter, area, cell.text, cell.alignment, option.fontMetrics)


@lru_cache(maxsize=8)
def _ink(theme: Theme, *, dimmed: bool) -> QPen:
    return QPen(theme.color("secondary_text" if dimmed else "text"))


def _paint_text(painter: QPainter, area: QRect, text: str, alignment: Qt.AlignmentFlag, metrics: QFontMetrics) -> None:
    if text:
        room = area.adjusted(_TEXT_MARGIN, 0, -_TEXT_MARGIN, 0)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, alignment, shown)


def _paint_progress(painter: QPainter, cell: QRectF, share: float, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bar = cell.adjusted(_MARGIN, 4, -_MARGIN - 36, -4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("grid"))
    painter.drawRoundedRect(bar, 3, 3)
    done = QRectF(bar.left(), bar.top(), max(6.0, bar.width() * min(share, 1.0)), bar.height())
    painter.setBrush(theme.color("region"))
    painter.drawRoundedRect(done, 3, 3)
    painter.setPen(theme.color("text"))
    words = QRectF(bar.right() + 4, cell.top(), 36, cell.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, f"{100 * share:.0f} %")
