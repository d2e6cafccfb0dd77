"""The middle of the window: all plots in tabs, and the line that says what a pending region keeps."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plot_out import PlotSource
from tuner_gui.gui.plots.curves import CurvesView
from tuner_gui.gui.plots.footer import DRAG_HINT, ExploreFooter
from tuner_gui.gui.plots.importance import ImportanceView
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.plots.parallel import ParallelView
from tuner_gui.gui.plots.progress import ProgressView
from tuner_gui.gui.plots.slices import SlicesView
from tuner_gui.gui.plots.trial_view import settle_pending
from tuner_gui.gui.store import Store

CURVE_HINT = "Click a curve to select its trial; the wheel zooms, a drag moves, a double-click shows everything again"
PROGRESS_HINT = "The line is the best single run so far; a stage that narrowed well lifts the trials after it"
IMPORTANCE_HINT = (
    "What ranks low with little spread can be pinned; what ranks high deserves more values and a finer region"
)
PARALLEL_HINT = (
    "Drag along an axis to choose where the next trials are drawn; along the objective, for the box around such trials"
)


class ExploreView(QWidget):
    """Slices, pairs, parallel coordinates, importance, progress and learning curves in tabs; the footer under them."""

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__()
        self._store = store
        self._actions = actions
        self.slices = SlicesView(store, actions)
        self.pairs = PairView(store, actions)
        self.parallel = ParallelView(store, actions)
        self.importance = ImportanceView(store, actions)
        self.progress = ProgressView(store, actions)
        self.curves = CurvesView(store, actions)
        self.footer = ExploreFooter(store, actions, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Plots")
        self.tabs.tabBar().setAccessibleName("Plots")
        for view, title, tip in (
            (self.slices, "Slices", "The objective against each parameter"),
            (self.pairs, "Pairs", "Two parameters against each other"),
            (self.parallel, "Parallel", "All parameters at once: a line for each trial"),
            (self.importance, "Importance", "What matters in this study, beside the textbook's order"),
            (self.progress, "Progress", "Each trial in turn, the best so far, and the stages"),
            (self.curves, "Learning curves", "Metrics after each epoch, live"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(view, title), tip)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.tabs, stretch=1)
        page.addWidget(self.footer)
        self.tabs.currentChanged.connect(self._tab_changed)

    @property
    def shown_plot(self) -> PlotSource:
        """The view of the tab that is open."""
        views = (self.slices, self.pairs, self.parallel, self.importance, self.progress, self.curves)
        return views[self.tabs.currentIndex()]

    @Slot(int)
    def _tab_changed(self, index: int) -> None:
        hints = {
            self.curves: CURVE_HINT,
            self.progress: PROGRESS_HINT,
            self.importance: IMPORTANCE_HINT,
            self.parallel: PARALLEL_HINT,
        }
        shown = self.tabs.widget(index)
        self.footer.set_hint(next((hint for view, hint in hints.items() if view is shown), DRAG_HINT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the plots work on the tabs and the footer as well."""
        if not settle_pending(event, self._store, self._actions):
            super().keyPressEvent(event)
