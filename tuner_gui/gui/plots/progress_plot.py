"""The search over time: each trial by its number, the best so far as a line, and the stages it was drawn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.of_trials import progress_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import progress_table
from tuner_gui.gui.plots.axes import CountAxis, UnitAxis
from tuner_gui.gui.plots.canvas import RAIL_HEIGHT
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.selecting import select_clicked
from tuner_gui.gui.plots.slice_plot import on_value_axis
from tuner_gui.gui.plots.strokes import paint_pill, pill_width, scaled_font
from tuner_gui.gui.plots.trial_plot import TrialPlot
from tuner_gui.gui.store import Store
from tuner_gui.study.plotdata import Floats, Indices
from tuner_gui.study.progressdata import StageStart, records, shown_upto, stage_starts, steps

LABEL_HEIGHT = 16.0


class ProgressPlot(TrialPlot):
    """A click selects a trial. The axis of the trials grows in steps, so that what is looked at seldom moves."""

    def __init__(self, store: Store, actions: Actions, scene: Scene) -> None:
        super().__init__(store, actions, scene)
        self.x_axis = CountAxis()
        self.x_label = "trial →"
        self.rail = RAIL_HEIGHT
        self._upto = 0
        self._stages: list[StageStart] = []
        self.rescaled()

    # --- data ---

    def rescaled(self) -> None:
        """The axis of the objective changed, or all trials."""
        scale = self.scene.scale
        self.y_axis = UnitAxis(scale.axis)
        self.title = f"↑ {scale.metric}"
        self.setAccessibleName(f"{scale.metric} of each trial in turn, and the best so far")
        self._make_room()
        self.redraw()

    def take(self, rows: Indices) -> None:
        super().take(rows)
        self._make_room()

    def _make_room(self) -> None:
        count = len(self.store.history)
        upto = shown_upto(count)
        if upto != self._upto:
            self._upto = upto
            self.set_ranges((0.0, upto * 1.01 + 1), (0.0, 1.0))
        starts = stage_starts(self.store.history)
        if starts != self._stages:
            self._stages = starts
            self.ground_outdated()

    def places(self, rows: Indices | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
        at = np.arange(len(self.scene.marks)) if rows is None else rows
        xs = self.frame.pxs((at + 1).astype(np.float64))
        ys, styles = on_value_axis(self.frame, self.scene, at, self._rail_middle)
        return xs, ys, styles

    def running_places(self, rows: Indices) -> tuple[Floats, Floats]:
        heights = self.scene.running_heights
        ys = np.where(np.isfinite(heights), self.frame.pys(np.clip(heights, 0.0, 1.0)), self._rail_middle)
        return self.frame.pxs((rows + 1).astype(np.float64)), ys

    @property
    def _rail_middle(self) -> float:
        return self.frame.bottom + self.rail / 2 + 0.5

    def picture(self) -> Picture:
        return progress_picture(self.scene.shown(), self.frame.x_range)

    def numbers(self) -> PlotTable:
        return progress_table(self.scene.shown())

    # --- painting ---

    def painted_ground(self, back: QPixmap) -> QPixmap:
        """The stages, every second one on a ground of its own."""
        starts = self._stages
        if not starts:
            return back
        ground = QPixmap(back)
        painter = QPainter(ground)
        painter.setClipRect(self.area)
        ends = [start.row + 0.5 for start in starts[1:]] + [float(self._upto * 2)]
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            left = self.frame.px(start.row + 0.5)
            band = QRectF(left, self.area.top(), self.frame.px(end) - left, self.area.height())
            if number % 2:
                painter.fillRect(band, self.theme.color("region", 0.07))
            if number:
                painter.setPen(QPen(self.theme.color("region", 0.8), 1))
                painter.drawLine(QPointF(round(left) + 0.5, band.top()), QPointF(round(left) + 0.5, band.bottom()))
            if len(starts) > 1:
                self._paint_stage(painter, start.stage, left, band.right())
        painter.end()
        return ground

    def _paint_stage(self, painter: QPainter, stage: int, left: float, right: float) -> None:
        """Its number, where there is room for it."""
        font = scaled_font(self.font(), 0.85)
        text = f"stage {stage}"
        if pill_width(text, font) + 6 > right - left:
            text = str(stage)
        width = pill_width(text, font)
        if width + 4 > right - left:
            return
        area = QRectF(round(left) + 3, self.area.top() + 3, width, LABEL_HEIGHT)
        ink, border = self.theme.color("region"), self.theme.color("grid")
        paint_pill(painter, area, text, font=font, ground=self.theme.color("panel"), border=border, ink=ink)

    def paint_data(self, painter: QPainter) -> None:
        self.paint_points(painter)

    def paint_over(self, painter: QPainter) -> None:
        painter.setClipRect(self.area)
        self._paint_best(painter)
        painter.setClipping(False)
        self.paint_live(painter)

    def best_so_far(self) -> list[tuple[float, float]]:
        """The corners of the line: trial numbers and heights."""
        rows = records(self.store.history, self.scene.scale.sign)
        rows = rows[rows < len(self.scene.heights)]
        return steps(rows, np.clip(self.scene.heights[rows], 0.0, 1.0), len(self.store.history))

    def _paint_best(self, painter: QPainter) -> None:
        corners = self.best_so_far()
        if not corners:
            return
        line = QPolygonF([QPointF(self.frame.px(x), self.frame.py(y)) for x, y in corners])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((self.theme.color("background", 0.8), 4.4), (self.theme.color("good"), 2.4)):
            painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
            painter.drawPolyline(line)
        self._paint_words(painter, line.last(), self.theme.color("good"))

    def _paint_words(self, painter: QPainter, end: QPointF, color: QColor) -> None:
        """What the line is, where it ends, if there is room for it."""
        font = scaled_font(self.font(), 0.9, bold=True)
        metrics, text = QFontMetricsF(font), "best single run so far"
        if end.x() + metrics.horizontalAdvance(text) + 8 < self.area.right():
            painter.setFont(font)
            painter.setPen(color)
            painter.drawText(QPointF(end.x() + 6, end.y() + metrics.capHeight() / 2), text)

    # --- the mouse ---

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self.area.contains(event.position())
        number = self.trial_at(event.position()) if inside else None
        self.setCursor(Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor)
        self.hover(number, event.globalPosition().toPoint() if number is not None else QPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self.area.contains(event.position()):
            super().mousePressEvent(event)
            return
        adding = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        select_clicked(self.store, self.trial_at(event.position()), adding=adding)
