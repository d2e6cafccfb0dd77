"""The search over time, in a tab of its own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFontMetricsF, QResizeEvent

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plots.canvas import AXIS_HEIGHT, TICK_FONT, Canvas, Margins
from tuner_gui.gui.plots.progress_plot import ProgressPlot
from tuner_gui.gui.plots.strokes import scaled_font
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.store import Store


class ProgressView(TrialView):
    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__(store, actions)
        self.plot = ProgressPlot(store, actions, self.scene)
        self.legend.leave_out_seeds()
        self.bar.addWidget(self.legend, stretch=1)
        self.page.addWidget(self.plot, stretch=1)
        self.setAccessibleName("Progress")

    @property
    def plots(self) -> Sequence[Canvas]:
        return [self.plot]

    def picture(self) -> Picture:
        return self.plot.picture()

    def numbers(self) -> PlotTable:
        return self.plot.numbers()

    def rebuild_plots(self) -> None:
        """One plot, whatever the space."""

    def rescaled(self) -> None:
        self.plot.rescaled()
        self._make_room()

    def _make_room(self) -> None:
        """For the labels of the value axis."""
        metrics = QFontMetricsF(scaled_font(self.font(), TICK_FONT))
        labels = [tick.label for tick in self.plot.y_axis.ticks(0.0, 1.0, 9)] if self.plot.y_axis else []
        left = max((metrics.horizontalAdvance(label) for label in labels), default=0.0) + 16
        self.plot.set_margins(Margins(max(left, 48.0), 26.0, 14.0, AXIS_HEIGHT + 20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()
