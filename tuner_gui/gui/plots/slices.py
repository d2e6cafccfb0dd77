"""All slices in a grid: one plot for each parameter that is searched, with one axis of the objective for all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.of_trials import slices_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import parameters_table
from tuner_gui.gui.plots.canvas import AXIS_HEIGHT, TICK_FONT, Canvas, Margins
from tuner_gui.gui.plots.slice_plot import SlicePlot
from tuner_gui.gui.plots.strokes import scaled_font
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.store import Store
from tuner_gui.study.plotdata import grid_shape

LEAST_WIDTH, LEAST_HEIGHT = 150, 118
TOP, RIGHT, BOTTOM = 24.0, 12.0, AXIS_HEIGHT + 5
INNER_LEFT = 12.0


class SlicesView(TrialView):
    """One :class:`SlicePlot` for each parameter. The plots of the first column carry the labels of the value axis."""

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__(store, actions)
        self._plots: list[SlicePlot] = []
        self._grid = _Grid(self)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._grid)
        self.bar.addWidget(self.legend, stretch=1)
        self.page.addWidget(self._scroll, stretch=1)
        self.setAccessibleName("Slices")
        self.rebuild_plots()

    @property
    def plots(self) -> Sequence[Canvas]:
        return self._plots

    def picture(self) -> Picture | None:
        if not self._plots:
            return None
        shown = [(plot.parameter, plot.frame.x_range) for plot in self._plots]
        return slices_picture(self.scene.shown(), [parameter for parameter, _ in shown], [view for _, view in shown])

    def numbers(self) -> PlotTable | None:
        if not self._plots:
            return None
        return parameters_table(self.scene.shown(), [plot.parameter for plot in self._plots], name="slices")

    def plot_of(self, name: str) -> SlicePlot:
        """The slice of a parameter; KeyError if it is not searched."""
        for plot in self._plots:
            if plot.parameter.name == name:
                return plot
        raise KeyError(name)

    def rebuild_plots(self) -> None:
        kept = {plot.parameter: plot for plot in self._plots}
        made = [
            kept.pop(p) if p in kept else SlicePlot(self.store, self._actions, self.scene, p)
            for p in self.store.plan.space
        ]
        for plot in kept.values():
            self.turns.forget(plot)
            plot.hide()
            plot.deleteLater()
        self._plots = made
        self._grid.show_plots(made)

    def rescaled(self) -> None:
        for plot in self._plots:
            plot.rescaled()
        self._grid.arrange()


class _Grid(QWidget):
    """Places the plots: as many columns as give them a good shape, the first one wider by the axis labels."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._plots: list[SlicePlot] = []

    def show_plots(self, plots: Sequence[SlicePlot]) -> None:
        self._plots = list(plots)
        for before, plot in zip([None, *plots], plots, strict=False):
            plot.setParent(self)
            plot.show()
            if before is not None:
                QWidget.setTabOrder(before, plot)
        self.arrange()

    def arrange(self) -> None:
        count = len(self._plots)
        if not count:
            return
        gutter = self._gutter()
        viewport = self.parentWidget()
        room = self.width() - gutter, viewport.height() if viewport else self.height()
        columns, rows = grid_shape(count, *room, least_width=LEAST_WIDTH, least_height=LEAST_HEIGHT)
        self.setMinimumHeight(rows * LEAST_HEIGHT)
        inner = (self.width() - gutter) / columns
        height = self.height() / rows
        for index, plot in enumerate(self._plots):
            row, column = divmod(index, columns)
            left = round(gutter + column * inner) if column else 0
            right, top = round(gutter + (column + 1) * inner), round(row * height)
            plot.set_margins(Margins(gutter + INNER_LEFT if column == 0 else INNER_LEFT, TOP, RIGHT, BOTTOM))
            plot.setGeometry(QRect(left, top, right - left, round((row + 1) * height) - top))

    def _gutter(self) -> int:
        """Room for the labels of the value axis."""
        metrics = QFontMetricsF(scaled_font(self.font(), TICK_FONT))
        labels = [tick.label for tick in self._plots[0].y_axis.ticks(0.0, 1.0, 9)] if self._plots[0].y_axis else []
        return round(max((metrics.horizontalAdvance(label) for label in labels), default=0.0)) + 4

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.arrange()

    def sizeHint(self) -> QSize:
        return QSize(640, 320)
