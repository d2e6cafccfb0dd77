"""The view of the parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plots.canvas import Canvas, Margins
from tuner_gui.gui.plots.parallel_plot import ParallelPlot
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.store import Store


class ParallelView(TrialView):
    """One :class:`ParallelPlot` with the controls of the objective's axis."""

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__(store, actions)
        self.plot = ParallelPlot(store, actions, self.scene, parent=self)
        self.plot.set_margins(Margins(8, 30, 8, 12))
        self.bar.addWidget(self.legend, stretch=1)
        self.legend.show_lines()
        self.page.addWidget(self.plot, stretch=1)
        self.setAccessibleName("Parallel coordinates")
        self.rebuild_plots()

    @property
    def plots(self) -> Sequence[Canvas]:
        return [self.plot]

    def picture(self) -> Picture:
        return self.plot.picture()

    def numbers(self) -> PlotTable:
        return self.plot.numbers()

    def rebuild_plots(self) -> None:
        self.plot.show_space(self.store.plan.space)

    def rescaled(self) -> None:
        self.plot.rescaled()
