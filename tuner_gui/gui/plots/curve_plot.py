"""Learning curves: what has ended lies in a kept picture, what trains is drawn live on top of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.of_lines import curves_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import curves_table
from tuner_gui.gui.plots.axes import CountAxis, UnitAxis
from tuner_gui.gui.plots.curve_layer import CurveLayer, Curves, classes_of
from tuner_gui.gui.plots.frame import Range
from tuner_gui.gui.plots.region_paint import chip_places
from tuner_gui.gui.plots.running_curves import RunningCurves
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.selecting import select_clicked
from tuner_gui.gui.plots.strokes import scaled_font
from tuner_gui.gui.plots.zoom_plot import ZoomPlot
from tuner_gui.gui.store import Store
from tuner_gui.space.ticks import format_in
from tuner_gui.study.curvedata import CurveTable, curve_axis, curves_of, heights_on, nearest_curve
from tuner_gui.study.definition import Direction, direction_of
from tuner_gui.study.plotdata import Floats, Indices, Mark, describe_trial

CURVE_REACH = 7.0
# How long one repaint may work on the kept picture.
WORK_SECONDS = 0.005
WIDEST = (-0.03, 1.03)
MOST_LABELS = 12


class _Line(NamedTuple):
    """A curve that is drawn by itself: the role of its colour, its width, and a sign before its label."""

    number: int
    role: str
    width: float
    sign: str = ""


class _Drawn(NamedTuple):
    """A line with the places of its epochs and its last value."""

    line: _Line
    points: list[QPointF]
    value: float


class CurvePlot(ZoomPlot):
    """One metric over the epochs. Running curves grow; a click selects the nearest curve."""

    def __init__(self, store: Store, actions: Actions, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._actions = actions
        self.scene = scene
        self.shown_metric = store.plan.definition.objective.metric
        self.log = False
        self.hovered: int | None = None
        self._table = CurveTable(self.shown_metric)
        self._layer = CurveLayer()
        self._curves: Curves | None = None
        self._running: RunningCurves | None = None
        self._resting = QImage()
        self._resting_key: tuple[object, ...] = ()
        self.x_axis = CountAxis()
        self.x_label = "epoch →"
        self.rescale()

    # --- data ---

    @property
    def sign(self) -> int:
        objective = self.store.plan.definition.objective
        if self.shown_metric == objective.metric:
            return objective.sign
        return 1 if direction_of(self.shown_metric) is Direction.MAXIMIZE else -1

    def show_metric(self, metric: str, *, log: bool) -> None:
        """Show another metric; the view follows again."""
        self.shown_metric, self.log = metric, log
        self.follow()

    def reread(self) -> None:
        """Read all curves anew."""
        self._table = CurveTable(self.shown_metric)
        # The last one first: the table makes room only once.
        self._table.take(self.store.history, range(len(self.store.history), 0, -1))
        self.rescale()

    def fit(self) -> None:
        self.reread()

    @property
    def widest(self) -> tuple[Range, Range]:
        return self._auto_x(), WIDEST

    def rescale(self) -> None:
        """Make the axis fit the data, if the view is not the person's."""
        self.title = f"↑ {self.shown_metric}" if self.sign > 0 else f"↓ {self.shown_metric}"
        self.setAccessibleName(f"Learning curves of {self.shown_metric}")
        if self.follows:
            values = self._deciding_values()
            self._axis, self._auto_y = curve_axis(self.shown_metric, values, sign=self.sign, log=self.log)
            self.y_axis = UnitAxis(self._axis)
            self.frame = self.frame.showing(self._auto_x(), self._auto_y)
        self.redraw()

    def _deciding_values(self) -> Floats:
        """The curves that the axis has to fit: the finished ones, or before there are any, whatever there is."""
        values = self._table.values
        if not len(values):
            return curves_of(self.store.history, self.scene.running, self.shown_metric)
        rows = self.scene.marks == Mark.VALUE
        return values[rows[: len(values)]] if rows.any() else values

    def _auto_x(self) -> Range:
        epochs = max(self._table.epochs, self.store.plan.definition.model.epochs, 2)
        air = 0.015 * (epochs - 1)
        return 1 - air, epochs + air

    def data_outdated(self) -> None:
        self._curves = None
        self._running = None

    def take(self, rows: Indices) -> None:
        self._running = None
        if not len(rows):
            self._fit_first_curves()
            return
        self._table.take(self.store.history, (int(row) + 1 for row in rows))
        if self.follows and self._is_beyond(self._table.values[rows]):
            self.rescale()
        if self._curves is None:
            return
        if len(self._curves.xs) != self._table.values.shape[1]:
            self.data_outdated()
            return
        curves = self._curves.with_room_for(len(self._table.values))
        curves.ys[rows] = self._ys(self._table.values[rows])
        curves.classes[rows] = self._classes(rows)
        curves.crossed[rows] = self.scene.marks[rows] == Mark.DIVERGED
        self._curves = curves
        self._layer.add(curves, rows)

    def _fit_first_curves(self) -> None:
        """Until a trial has ended, those in training decide what is shown."""
        if not self.follows or len(self._table.values):
            return
        values = self._deciding_values()
        heights = heights_on(self._axis, values[np.isfinite(values)])
        low, high = self.frame.y_range
        if ((heights < low) | (heights > high)).any():
            self.rescale()

    def _is_beyond(self, values: Floats) -> bool:
        """Whether a new curve goes beyond what is shown on the good side."""
        heights = heights_on(self._axis, values[np.isfinite(values)])
        low, high = self.frame.y_range
        return bool((heights > high).any() if self.sign > 0 else (heights < low).any())

    def _ys(self, values: Floats) -> Floats:
        return self.frame.pys(heights_on(self._axis, values)) - self.frame.top

    def _classes(self, rows: Indices) -> Indices:
        return classes_of(self.scene.levels[rows], self.scene.marks[rows] != Mark.VALUE)

    def _begin(self) -> None:
        values = self._table.values
        rows = np.flatnonzero(self.scene.marks[: len(values)] != Mark.NONE)
        classes = np.zeros(len(values), dtype=np.intp)
        classes[rows] = self._classes(rows)
        xs = self.frame.pxs(np.arange(1, values.shape[1] + 1, dtype=np.float64)) - self.frame.left
        crossed = self.scene.marks[: len(values)] == Mark.DIVERGED
        self._curves = Curves(xs, self._ys(values), classes, crossed)
        self._layer.begin(
            self._curves, rows, width=self.frame.width, height=self.frame.height,
            ratio=self.devicePixelRatioF(), theme=self.theme,
        )  # fmt: skip

    def picture(self) -> Picture:
        views = self.frame.x_range, self.frame.y_range
        return curves_picture(self.scene.shown(), self._axis, views, sign=self.sign)

    def numbers(self) -> PlotTable:
        return curves_table(self.scene.shown(), self.shown_metric)

    # --- painting ---

    def paint_data(self, painter: QPainter) -> None:
        if self._curves is None:
            self._begin()
        self._layer.work(WORK_SECONDS)
        painter.setClipRect(self.area)
        self._layer.paint(painter, self.frame.left, self.frame.top)
        if not self._layer.is_finished:
            self.update()

    def paint_over(self, painter: QPainter) -> None:
        """Running curves, the best one and the selected ones; these, and few running ones, are named at their ends."""
        lines, training = self._on_top(), self.store.history.progress
        drawn = [_Drawn(line, *self._points(line.number)) for line in lines]
        painter.setClipRect(self.area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._running_curves().are_many:
            self._running_curves().paint(painter, self.theme.color("text"))
        painter.drawImage(
            QPointF(self.frame.left, self.frame.top),
            self._resting_picture([curve for curve in drawn if curve.line.number not in training]),
        )
        for curve in drawn:
            if curve.line.number in training:
                self._paint_curve(painter, curve)
        painter.setClipping(False)
        self._paint_labels(painter, [label for curve in drawn if (label := self._label(curve))][-MOST_LABELS:])

    def _running_curves(self) -> RunningCurves:
        if self._running is None:
            numbers = self.scene.running
            values = curves_of(self.store.history, numbers, self.shown_metric)
            xs = self.frame.pxs(np.arange(1, values.shape[1] + 1, dtype=np.float64))
            # Beyond this Qt's rasteriser would walk along the whole line.
            self._running = RunningCurves(
                numbers, xs, np.clip(self.frame.pys(heights_on(self._axis, values)), -1e4, 1e4)
            )
        return self._running

    def _resting_picture(self, curves: list[_Drawn]) -> QImage:
        """The thick lines that do not grow, kept until they are others: smooth wide lines are slow to draw."""
        key = (tuple(curve.line for curve in curves), self.frame, self._axis, self.theme.dark, self.devicePixelRatioF())
        if key != self._resting_key:
            self._resting_key = key
            ratio = self.devicePixelRatioF()
            size = round(self.frame.width * ratio), round(self.frame.height * ratio)
            self._resting = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
            self._resting.setDevicePixelRatio(ratio)
            self._resting.fill(0)
            painter = QPainter(self._resting)
            painter.translate(-self.frame.left, -self.frame.top)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for curve in curves:
                self._paint_curve(painter, curve)
            painter.end()
        return self._resting

    def _on_top(self) -> list[_Line]:
        """What is drawn over the bundle by itself; later ones lie on top."""
        running = [] if self._running_curves().are_many else self.scene.running
        shown = {number: _Line(number, "text", 1.5) for number in running}
        best = self.scene.best
        if best is not None:
            shown[best] = _Line(best, "good", 2.6, "★ ")
        if self.hovered is not None:
            shown[self.hovered] = _Line(self.hovered, "text", 2.0)
        for number in self.store.selection[:MOST_LABELS]:
            shown[number] = _Line(number, "selected", 3.0, "★ " if number == best else "")
        return list(shown.values())

    def _points(self, number: int) -> tuple[list[QPointF], float]:
        """The places of a curve's epochs, and its last value."""
        values = self.store.history.curve(number, self.shown_metric)
        epochs = np.flatnonzero(np.isfinite(values))
        if not len(epochs):
            return [], math.nan
        xs = self.frame.pxs(np.asarray(epochs + 1.0, dtype=np.float64))
        ys = np.clip(self.frame.pys(heights_on(self._axis, values[epochs])), -1e4, 1e4)
        return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)], float(values[epochs[-1]])

    def _paint_curve(self, painter: QPainter, curve: _Drawn) -> None:
        line, points, _ = curve
        if not points:
            return
        color = self.theme.color(line.role)
        halo = [QPen(self.theme.color("background", 0.8), line.width + 2)] if line.width > 2 else []
        for pen in (*halo, QPen(color, line.width)):
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(points[-1], line.width + 1, line.width + 1)

    def _label(self, curve: _Drawn) -> tuple[float, str, QColor] | None:
        """Height, text and colour of the label at the end of a curve, if that is in sight."""
        line, points, value = curve
        if not points or not self.area.adjusted(-1, -1, 1, 1).contains(points[-1]):
            return None
        text = f"{line.sign}#{line.number}  {format_in(self._axis, value, 3)}"
        return points[-1].y(), text, self.theme.color(line.role)

    def _paint_labels(self, painter: QPainter, labels: list[tuple[float, str, QColor]]) -> None:
        if not labels:
            return
        painter.setFont(scaled_font(self.font(), 0.88, bold=True))
        metrics = painter.fontMetrics()
        labels = sorted(labels, key=_height)
        line = float(metrics.height())
        tops = chip_places([y for y, _, _ in labels], [line - 3] * len(labels), self.area.top() - 4, self.area.bottom())
        for top, (_, text, color) in zip(tops, labels, strict=True):
            painter.setPen(color)
            painter.drawText(QPointF(self.frame.right + 7, top + metrics.ascent() - 1), text)

    # --- the mouse ---

    def curve_at(self, position: QPointF) -> int | None:
        """The number of the trial whose curve passes under the mouse."""
        if not self.area.contains(position):
            return None
        running = self._running_curves().nearest(position.x(), position.y(), reach=CURVE_REACH)
        if running is not None:
            return running
        if self._curves is None:
            return None
        x, y = position.x() - self.frame.left, position.y() - self.frame.top
        row = nearest_curve(self._curves.xs, self._curves.ys, x, y, reach=CURVE_REACH)
        return None if row is None else row + 1

    def clicked(self, position: QPointF, *, adding: bool) -> None:
        select_clicked(self.store, self.curve_at(position), adding=adding)

    def hovered_at(self, position: QPointF | None, at: QPoint) -> None:
        number = None if position is None else self.curve_at(position)
        if number == self.hovered:
            return
        self.hovered = number
        self.setCursor(Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor)
        if number is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(at, describe_trial(self.store.history, self.store.plan, number), self)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered_at(None, QPoint())


def _height(label: tuple[float, str, QColor]) -> float:
    return label[0]
