"""What one strategy would try, in the plane of two parameters: a dot for each place, a stroke for each value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from tuner_gui.gui.models.coverage_figures import Dots, view_of
from tuner_gui.gui.pictures.of_lines import coverage_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import coverage_table
from tuner_gui.gui.plot_out import open_plot_menu
from tuner_gui.gui.plots.axes import UnitAxis
from tuner_gui.gui.plots.canvas import AXIS_HEIGHT, Canvas, Margins
from tuner_gui.gui.plots.frame import Range
from tuner_gui.space.parameters import Parameter
from tuner_gui.space.region import Region

# Room around the region inside the frame: the ends of a grid lie on its edges, and the strokes need a strip too.
AROUND = 0.08
RUG = 8.0
DOT, LARGEST_DOT = 2.6, 8.0


class CoveragePlot(Canvas):
    """The distinct values of either parameter are strokes along its axis. Where several trials fall on one place, the
    dot grows with their number. It takes no focus: the numbers stand in the table below it.

    ``study``: beside which file its pictures are saved.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._dots: Dots | None = None
        self._parameters: tuple[Parameter, ...] = ()
        self.study: Path | None = None
        self._picture: QPixmap | None = None
        self._tone = "region"
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(False)

    @property
    def dots(self) -> Dots | None:
        return self._dots

    def show_dots(self, dots: Dots, region: Region, x: Parameter, y: Parameter | None, *, tone: str) -> None:
        """Show trials over a region, in a colour of the theme."""
        self._dots, self._tone = dots, tone
        self._parameters = (x,) if y is None else (x, y)
        self.x_axis, self.x_label = UnitAxis(x), f"{x.name} →"
        self.y_axis, self.title = (UnitAxis(y), f"↑ {y.name}") if y is not None else (None, "")
        self.frame = self.frame.showing(
            _widened(view_of(x, region[x.name])), _widened(view_of(y, region[y.name]) if y is not None else (0.0, 1.0))
        )
        against = f"{y.name} against {x.name}" if y is not None else x.name
        self.setAccessibleName(f"{self._name}: what it would try of {against}")
        self._make_room()
        self.redraw()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.study is not None:
            open_plot_menu(self, self, self.study, event.globalPos())

    def sizeHint(self) -> QSize:
        return QSize(290, 270)

    def minimumSizeHint(self) -> QSize:
        return QSize(170, 170)

    def picture(self) -> Picture | None:
        """None before there is anything to show."""
        if self._dots is None:
            return None
        sides = list(zip(self._parameters, (self.frame.x_range, self.frame.y_range), strict=False))
        trials = f"{int(self._dots.trials.sum()):,} trials"
        return coverage_picture(self._name, self._dots, sides, role=self._tone, caption=f"{self._name} · {trials}")

    def numbers(self) -> PlotTable | None:
        if self._dots is None:
            return None
        x, *rest = self._parameters
        return coverage_table(f"coverage-{self._name}", self._dots, x, rest[0] if rest else None)

    # --- painting ---

    def data_outdated(self) -> None:
        self._picture = None

    def paint_data(self, painter: QPainter) -> None:
        if self._dots is None:
            return
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._painted(self._dots, ratio)
        painter.drawPixmap(0, 0, self._picture)

    def _painted(self, dots: Dots, ratio: float) -> QPixmap:
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setClipRect(self.area)
        self._paint_rugs(painter, dots)
        self._paint_dots(painter, dots)
        painter.end()
        return picture

    def _paint_rugs(self, painter: QPainter, dots: Dots) -> None:
        painter.setPen(QPen(self._ink(0.75), 1))
        low, left = self.frame.bottom - 1, self.frame.left + 1
        for x in (np.round(self.frame.pxs(dots.x_values)) + 0.5).tolist():
            painter.drawLine(QPointF(x, low - RUG), QPointF(x, low))
        for y in (np.round(self.frame.pys(dots.y_values)) + 0.5).tolist():
            painter.drawLine(QPointF(left, y), QPointF(left + RUG, y))

    def _paint_dots(self, painter: QPainter, dots: Dots) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("background"), 0.8))
        # The area of a dot is what the eye takes for the number of trials.
        radii = np.minimum(DOT * np.sqrt(dots.trials), LARGEST_DOT).tolist()
        painter.setBrush(self._ink(0.85))
        for x, y, r in zip(self.frame.pxs(dots.x).tolist(), self.frame.pys(dots.y).tolist(), radii, strict=True):
            painter.drawEllipse(QRectF(x - r, y - r, 2 * r, 2 * r))

    def _ink(self, alpha: float) -> QColor:
        return self.theme.color(self._tone, alpha)

    def _make_room(self) -> None:
        metrics = QFontMetricsF(self.tick_font)
        labels = [tick.label for tick in self.shown_ticks(Qt.Orientation.Vertical)]
        left = max((metrics.horizontalAdvance(label) for label in labels), default=0.0) + 14
        self.set_margins(Margins(max(left, 20.0), 24.0, 12.0, AXIS_HEIGHT + 20))


def _widened(view: Range) -> Range:
    width = view[1] - view[0]
    return view[0] - AROUND * width, view[1] + AROUND * width
