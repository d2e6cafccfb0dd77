"""The widget under every plot: ground, grid, axes and title are a picture that is kept; data lie on it.

What changes now and then but not with every trial, such as the region, is painted onto a second one.

It paints itself and is no graphics scene: repainting nine of these takes less than a millisecond, and each is an
ordinary widget with focus, keys, a context menu and a name for screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from tuner_gui.gui.plots.axes import Axis, fitting_ticks
from tuner_gui.gui.plots.frame import Frame, Range
from tuner_gui.gui.plots.strokes import paint_pill, pill_width, scaled_font
from tuner_gui.gui.theme import Theme, current_theme
from tuner_gui.space.ticks import Tick

TICK_FONT, BADGE_FONT = 0.88, 0.8
AXIS_HEIGHT = 19.0
RAIL_HEIGHT = 15.0


class Margins(NamedTuple):
    """Room around the plot for labels, in logical pixels."""

    left: float
    top: float
    right: float
    bottom: float


class Canvas(QWidget):
    """A frame with an x and a y axis, a title and a badge.

    ``rail``: a strip under the axis for trials that have no value; zero where there is none.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = current_theme()
        self.x_axis: Axis | None = None
        self.y_axis: Axis | None = None
        self.title = ""
        self.badge = ""
        self.rail = 0.0
        self.x_label = ""
        self.x_labels: list[QRectF] = []
        self.y_labels: list[QRectF] = []
        self.frame = Frame(0, 0, 1, 1)
        self._margins = Margins(8, 22, 8, AXIS_HEIGHT)
        self._back: QPixmap | None = None
        self._ground: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # --- what is shown ---

    @property
    def margins(self) -> Margins:
        return self._margins

    def set_margins(self, margins: Margins) -> None:
        if margins != self._margins:
            self._margins = margins
            self._place_frame()

    def set_ranges(self, x_range: Range, y_range: Range) -> None:
        """Show other ranges of the data."""
        if (x_range, y_range) != (self.frame.x_range, self.frame.y_range):
            self.frame = self.frame.showing(x_range, y_range)
            self.redraw()

    def redraw(self) -> None:
        """The frame changed: ground and data have to be painted again, when they are next seen."""
        self._back = None
        self.ground_outdated()
        self.data_outdated()

    def ground_outdated(self) -> None:
        """What :meth:`painted_ground` shows has changed."""
        self._ground = None
        self.update()

    def data_outdated(self) -> None:
        """Subclasses drop the pictures of their data here."""

    def take(self, rows: NDArray[np.intp]) -> None:
        """Subclasses add the trials of these rows, which are over now, to the pictures of their data."""

    def region_moved(self) -> None:
        """Subclasses show another current or pending region."""
        self.update()

    def painted_ground(self, back: QPixmap) -> QPixmap:
        """Subclasses return a copy of the ground with what lies under the data; it is kept until it is outdated."""
        return back

    def paint_data(self, painter: QPainter) -> None:
        """Subclasses paint what lies inside the frame here."""

    def paint_over(self, painter: QPainter) -> None:
        """Subclasses paint what may reach over the frame, and what moves, here."""

    @property
    def area(self) -> QRectF:
        """The frame together with the rail."""
        return QRectF(self.frame.left, self.frame.top, self.frame.width, self.frame.height + self.rail)

    @property
    def tick_font(self) -> QFont:
        return scaled_font(self.font(), TICK_FONT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

    # --- events ---

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_frame()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.theme = current_theme()
            self.redraw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        ground = self._kept_ground()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, ground)
        self.paint_data(painter)
        painter.setClipping(False)
        self.paint_over(painter)
        painter.end()

    # --- the kept pictures ---

    def _kept_ground(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._back is None or self._back.devicePixelRatio() != ratio:
            self._back, self._ground = self._painted_back(ratio), None
        if self._ground is None:
            self._ground = self.painted_ground(self._back)
        return self._ground

    def _place_frame(self) -> None:
        left, top, right, bottom = self._margins
        width = max(self.width() - left - right, 10)
        height = max(self.height() - top - bottom - self.rail, 10)
        ranges = self.frame.x_range, self.frame.y_range
        self.frame = Frame(round(left), round(top), round(width), round(height), *ranges)
        self.redraw()

    def _painted_back(self, ratio: float) -> QPixmap:
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(self.theme.color("background"))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self._paint_title(painter)
        self._paint_axes(painter)
        painter.end()
        return picture

    def _paint_title(self, painter: QPainter) -> None:
        if not self.title:
            return
        font = scaled_font(self.font(), 1.0, bold=True)
        metrics, badge_font = QFontMetricsF(font), scaled_font(self.font(), BADGE_FONT)
        room = self.frame.width
        badge = pill_width(self.badge, badge_font) + 6 if self.badge else 0.0
        if metrics.horizontalAdvance(self.title) + badge > room:
            badge = 0.0
        text = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, room - badge)
        line = QRectF(self.frame.left, 0, room, self._margins.top - 2)
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if badge:
            height = QFontMetricsF(badge_font).height() + 2
            left = line.left() + metrics.horizontalAdvance(text) + 6
            area = QRectF(round(left), round(line.center().y() - height / 2), badge - 6, round(height))
            ink, border = self.theme.color("secondary_text"), self.theme.color("grid")
            paint_pill(
                painter, area, self.badge, font=badge_font, ground=self.theme.color("panel"), border=border, ink=ink
            )

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setFont(self.tick_font)
        area, grid = self.area, QPen(self.theme.color("grid", 0.75), 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        xs, ys = self.shown_ticks(Qt.Orientation.Horizontal), self.shown_ticks(Qt.Orientation.Vertical)
        painter.setPen(grid)
        for tick in xs:
            x = round(self.frame.px(tick.unit))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for tick in ys:
            y = round(self.frame.py(tick.unit))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QPen(self.theme.color("grid"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        if self.rail:
            painter.setPen(QPen(self.theme.color("border"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(area.left(), self.frame.bottom), QPointF(area.right(), self.frame.bottom))
        painter.setPen(self.theme.color("secondary_text"))
        self._label_x(painter, xs)
        self._label_y(painter, ys)

    def shown_ticks(self, orientation: Qt.Orientation) -> Sequence[Tick]:
        """The ticks that find room on an axis."""
        metrics = QFontMetricsF(self.tick_font)
        if orientation is Qt.Orientation.Horizontal:
            if self.x_axis is None:
                return []
            return fitting_ticks(self.x_axis, *self.frame.x_range, self.frame.width, size=metrics.horizontalAdvance)
        if self.y_axis is None:
            return []
        return fitting_ticks(
            self.y_axis, *self.frame.y_range, self.frame.height, size=lambda _: metrics.height() * 0.8, gap=8
        )

    def _label_x(self, painter: QPainter, ticks: Sequence[Tick]) -> None:
        metrics = QFontMetricsF(self.tick_font)
        room = self.frame.width / max(len(ticks), 1) - 4
        self.x_labels = []
        for tick in ticks:
            text = tick.label
            if self.x_axis is not None and self.x_axis.keeps_all:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            width = metrics.horizontalAdvance(text)
            left = min(max(self.frame.px(tick.unit) - width / 2, 1), self.width() - width - 1)
            top = self.area.bottom() + 4
            painter.drawText(QPointF(left, top + metrics.ascent()), text)
            self.x_labels.append(QRectF(left, top, width, metrics.height()))
        if self.x_label:
            line = QRectF(self.frame.left, self.area.bottom() + AXIS_HEIGHT, self.frame.width, metrics.height() + 2)
            painter.setFont(scaled_font(self.font(), 1.0, bold=True))
            painter.setPen(self.theme.color("text"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.x_label)
            painter.setFont(self.tick_font)
            painter.setPen(self.theme.color("secondary_text"))

    def _label_y(self, painter: QPainter, ticks: Sequence[Tick]) -> None:
        metrics = QFontMetricsF(self.tick_font)
        room = self._margins.left - 6
        if room < metrics.horizontalAdvance("0.0"):
            return
        self.y_labels = []
        for tick in ticks:
            text = metrics.elidedText(tick.label, Qt.TextElideMode.ElideRight, room)
            width = metrics.horizontalAdvance(text)
            left, y = self.frame.left - 5 - width, self.frame.py(tick.unit)
            painter.drawText(QPointF(left, y + metrics.capHeight() / 2), text)
            self.y_labels.append(QRectF(left, y - metrics.height() / 2, width, metrics.height()))
