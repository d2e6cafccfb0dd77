"""Cells of the trials table that are more than text: the state with its sign or progress, the best value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from tuner_gui.gui.delegates.row_delegate import RowDelegate
from tuner_gui.gui.delegates.state_sign import SIGN_SIZE, paint_state
from tuner_gui.gui.models.roles import BEST_ROLE, DIMMED_ROLE, PROGRESS_ROLE, STATE_ROLE, Index, Role
from tuner_gui.gui.theme import Theme, current_theme
from tuner_gui.study.events import TrialState

_MARGIN = 5.0
_INDENT = 12


class NumberDelegate(RowDelegate):
    """The first cell of a row; the selected ones carry the mark of the selected trials in the plots."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if option.state & QStyle.StateFlag.State_Selected:
            cell = QRectF(option.rect)
            painter.fillRect(QRectF(cell.left(), cell.top(), 3, cell.height()), current_theme().color("selected"))


class StateDelegate(RowDelegate):
    """A sign and the word; for a trial in training a bar of its progress."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        theme, cell = current_theme(), QRectF(option.rect)
        progress = index.data(PROGRESS_ROLE)
        painter.save()
        painter.setFont(option.font)
        if progress is not None:
            _paint_progress(painter, cell, float(progress), theme)
        else:
            dimmed = bool(index.data(DIMMED_ROLE))
            middle = QPointF(cell.left() + _MARGIN + SIGN_SIZE / 2, cell.center().y())
            # Qt turns the word of an enum into a plain string on the way.
            state = TrialState(index.data(STATE_ROLE))
            paint_state(painter, middle, state, theme, dimmed=dimmed)
            painter.setPen(theme.color("secondary_text" if dimmed else "text"))
            words = cell.adjusted(_MARGIN + SIGN_SIZE + 5, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, index.data(Role.DisplayRole))
        painter.restore()


class ValueDelegate(RowDelegate):
    """The objective; the best of all in bold with a star."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if index.data(BEST_ROLE):
            font = option.font
            font.setBold(True)
            option.font = font
            option.text = f"★ {option.text}"


class ReasonDelegate(RowDelegate):
    """Words that keep their distance from the numbers on their left."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, current_theme().color("selection"))
        moved = QStyleOptionViewItem(option)
        moved.rect = option.rect.adjusted(_INDENT, 0, 0, 0)
        super().paint(painter, moved, index)


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
