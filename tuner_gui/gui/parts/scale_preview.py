"""The scale preview: where the next draws of one parameter will fall, before anything runs."""

from __future__ import annotations

import enum
import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tuner_gui.gui.models.preview_figures import Figures, Lane, figures
from tuner_gui.gui.theme import Theme, current_theme
from tuner_gui.space.parameters import Parameter
from tuner_gui.space.region import Extent, Interval
from tuner_gui.space.ticks import Tick, format_in, format_value

_MARGIN = 10.0
_RUG = 13.0
_BAR = 18.0
_LANE_GAP = 5.0
_SMALLEST_SHOWN = 0.0005


class Mood(enum.Enum):
    """Whose region the preview shows: its colour and the words before the range."""

    CURRENT = ("region", "The next trials draw from")
    PENDING = ("pending", "The pending region draws from")
    DRAFT = ("pending", "As typed it draws from")
    PINNED = ("secondary_text", "Pinned now; searched, it draws from")


class ScalePreview(QWidget):
    """Sample draws and their share in each stretch of values, beside what another scale would do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: Figures | None = None
        self._mood = Mood.CURRENT
        self._range = ""
        self.setAccessibleName("Scale preview")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._small = QFont()
        self._choose_font()

    @property
    def figures(self) -> Figures | None:
        """The numbers that are painted; None while there is nothing to show."""
        return self._figures

    @property
    def mood(self) -> Mood:
        return self._mood

    @property
    def heading(self) -> str:
        return f"{self._mood.value[1]} {self._range}"

    def show_draws(self, parameter: Parameter | None, extent: Extent | None = None, mood: Mood = Mood.CURRENT) -> None:
        """Preview the draws of a parameter from an extent of it; nothing without a parameter."""
        if parameter is None or extent is None:
            self._figures = None
        else:
            self._figures, self._mood = figures(parameter, extent), mood
            self._range = _range_words(parameter, extent)
        self.setAccessibleDescription(self._spoken())
        self._fit()
        self.update()

    def share_texts(self) -> list[str]:
        """The shares as they are written into the stretches, in order."""
        return [] if self._figures is None else [_share_text(share) for share in self._figures.lane.shares]

    def remarks(self) -> list[str]:
        return [] if self._figures is None else [_sentence(remark) for remark in self._figures.remarks]

    # --- Qt ---

    def sizeHint(self) -> QSize:
        return QSize(300, self._height_for(max(self.width(), 260)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._choose_font()

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown = self._figures
        if shown is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(self._small)
        _Picture(painter, QRectF(self.rect()), theme, QFontMetricsF(self._small)).paint(
            shown, self.heading, theme.color(self._mood.value[0]), self._remark_text()
        )
        painter.end()

    def _choose_font(self) -> None:
        self._small = QFont(self.font())
        self._small.setPointSizeF(max(self.font().pointSizeF() - 1, 7))
        self._fit()

    def _fit(self) -> None:
        """The height follows from the width, because remarks wrap."""
        self.setFixedHeight(self._height_for(self.width()))

    def _height_for(self, width: int) -> int:
        shown = self._figures
        if shown is None:
            return 0
        metrics = QFontMetricsF(self._small)
        line = metrics.height()
        height = 2 + line + 4 + self._lane_height(shown.lane) + line + 4
        if shown.other is not None:
            height += _LANE_GAP + line + self._lane_height(shown.other)
        if shown.windows:
            height += line
        if shown.remarks:
            room = QRectF(0, 0, width - 2 * _MARGIN, 1000)
            height += 6 + metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, self._remark_text()).height()
        return math.ceil(height)

    @staticmethod
    def _lane_height(lane: Lane) -> float:
        return _BAR + (_RUG if len(lane.samples) else 0)

    def _remark_text(self) -> str:
        return "\n".join(self.remarks())

    def _spoken(self) -> str:
        shown = self._figures
        if shown is None:
            return ""
        shares = ", ".join(f"{s.label}: {_share_text(s.share) or '0 %'}" for s in shown.stretches)
        return ". ".join([self.heading, f"Shares of the trials: {shares}", *self.remarks()])


class _Picture:
    """One painting of the preview, from the top down."""

    def __init__(self, painter: QPainter, rect: QRectF, theme: Theme, metrics: QFontMetricsF) -> None:
        self._painter = painter
        self._theme = theme
        self._metrics = metrics
        self._left = rect.left() + _MARGIN
        self._width = rect.width() - 2 * _MARGIN
        self._y = rect.top() + 2

    def paint(self, shown: Figures, heading: str, color: QColor, remarks: str) -> None:
        self._line(heading, color)
        self._y += 4
        self._lane(shown.lane, shown, color, strong=True)
        self._ticks(shown.ticks)
        if shown.windows:
            self._ticks(shown.windows, unit=" steps")
        if shown.other is not None:
            self._y += _LANE_GAP
            self._line(f"The same number of trials on a {shown.other.scale} scale", self._theme.color("secondary_text"))
            self._lane(shown.other, shown, self._theme.color("secondary_text"), strong=False)
        if remarks:
            self._y += 6
            self._painter.setPen(self._theme.color("text"))
            rest = QRectF(self._left, self._y, self._width, 1000)
            self._painter.drawText(rest, Qt.TextFlag.TextWordWrap, remarks)

    def _line(self, text: str, color: QColor) -> None:
        self._painter.setPen(color)
        shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, self._width)
        self._painter.drawText(QPointF(self._left, self._y + self._metrics.ascent()), shown)
        self._y += self._metrics.height()

    def _lane(self, lane: Lane, shown: Figures, color: QColor, *, strong: bool) -> None:
        if len(lane.samples):
            self._rug(lane, color)
        edges = [*(stretch.low for stretch in shown.stretches), 1.0]
        for low, high, share in zip(edges, edges[1:], lane.shares, strict=False):
            self._segment(low, high, share, color, strong=strong)
        self._y += _BAR

    def _rug(self, lane: Lane, color: QColor) -> None:
        """One thin stroke for each draw; where many fall together they grow solid."""
        stroke = QColor(color)
        stroke.setAlphaF(0.55)
        self._painter.setPen(QPen(stroke, 1))
        xs = np.round(self._left + lane.samples * (self._width - 1)) + 0.5
        for x in xs.tolist():
            self._painter.drawLine(QPointF(x, self._y + 1), QPointF(x, self._y + _RUG - 2))
        self._y += _RUG

    def _segment(self, low: float, high: float, share: float, color: QColor, *, strong: bool) -> None:
        rect = QRectF(self._left + low * self._width, self._y, (high - low) * self._width, _BAR - 2)
        ground = QColor(color)
        ground.setAlphaF(0.18 if strong else 0.10)
        self._painter.fillRect(rect.adjusted(0.5, 0, -0.5, 0), ground)
        text = _share_text(share)
        if self._metrics.horizontalAdvance(text) <= rect.width() - 2:
            self._painter.setPen(self._theme.color("text" if strong else "secondary_text"))
            self._painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _ticks(self, marks: list[Tick], unit: str = "") -> None:
        """Labels under their places, kept inside the picture; one that would touch its neighbour is left out."""
        self._painter.setPen(self._theme.color("secondary_text"))
        free_from = -1e9
        for number, mark in enumerate(marks):
            label = mark.label + (unit if number == len(marks) - 1 else "")
            width = self._metrics.horizontalAdvance(label)
            left = self._left + mark.unit * self._width - width / 2
            left = min(max(left, self._left - 2), self._left + self._width - width + 2)
            if left < free_from:
                continue
            self._painter.drawText(QPointF(left, self._y + self._metrics.ascent()), label)
            free_from = left + width + 6
        self._y += self._metrics.height()


def _share_text(share: float) -> str:
    """Two digits are all that such a number is worth: 25 %, 9.1 %, 0.1 %."""
    percent = 100 * share
    return "" if share < _SMALLEST_SHOWN else f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.2g} %"


def _sentence(remark: str) -> str:
    return remark[:1].upper() + remark[1:].replace("%", " %") + "."


def _range_words(parameter: Parameter, extent: Extent) -> str:
    if isinstance(extent, Interval):
        return f"{format_in(parameter, extent.low, 3)} – {format_in(parameter, extent.high, 3)}"
    return ", ".join(format_value(choice) for choice in extent)
