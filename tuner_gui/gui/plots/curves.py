"""The view of the learning curves: which metric, on which scale, and whether the view follows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QComboBox, QToolButton

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plots.canvas import AXIS_HEIGHT, Canvas, Margins
from tuner_gui.gui.plots.curve_plot import CurvePlot
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.store import Store
from tuner_gui.space.scales import Scale
from tuner_gui.study.plotdata import log_scale_of

EMPTY = "Learning curves appear here while trials train, epoch by epoch. Press Run to begin."


class CurvesView(TrialView):
    """One :class:`CurvePlot` and its controls."""

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__(store, actions)
        self.hint.setText(EMPTY)
        self.plot = CurvePlot(store, actions, self.scene, parent=self)
        self.metric_box = QComboBox(self)
        self.scale_box = QComboBox(self)
        self.follow_button = QToolButton(self)
        self._add_to_bar()
        self.page.addWidget(self.plot, stretch=1)
        self.setAccessibleName("Learning curves")
        self.rebuild_plots()
        self.metric_box.activated.connect(self._chosen)
        self.scale_box.activated.connect(self._chosen)
        self.follow_button.clicked.connect(self._follow)
        self.plot.view_changed.connect(self._show_follow)

    def _add_to_bar(self) -> None:
        self.metric_box.setAccessibleName("Metric")
        self.scale_box.setAccessibleName("Scale of the metric")
        self.follow_button.setText("↺ Follow")
        self.follow_button.setToolTip("Show all epochs and most values again, and follow new ones")
        self.follow_button.setAccessibleName("Follow new data")
        self.follow_button.hide()
        self.bar.removeWidget(self.values)
        self.values.hide()
        self.bar.setContentsMargins(10, 4, 10, 0)
        for widget in (self.metric_box, self.scale_box, self.follow_button):
            self.bar.addWidget(widget)
        self.legend.show_lines()
        self.legend.name_metric()
        self.bar.addWidget(self.legend, stretch=1)

    @property
    def plots(self) -> Sequence[Canvas]:
        return [self.plot]

    def picture(self) -> Picture:
        return self.plot.picture()

    def numbers(self) -> PlotTable:
        return self.plot.numbers()

    def rebuild_plots(self) -> None:
        shown = self.plot.shown_metric
        names = list(self.store.plan.definition.metrics)
        names += [name for name in self.store.history.metric_names if name not in names]
        self.metric_box.clear()
        self.metric_box.addItems(names)
        self.metric_box.setCurrentText(shown if shown in names else self.store.plan.definition.objective.metric)
        self._name_scale()

    def rescaled(self) -> None:
        self.plot.reread()
        self._make_room()

    def show_metric(self, metric: str) -> None:
        self.metric_box.setCurrentText(metric)
        self._chosen()

    @Slot()
    def _chosen(self) -> None:
        self._name_scale()
        self.plot.show_metric(self.metric_box.currentText(), log=self.scale_box.currentIndex() == 1)
        self._make_room()

    def _name_scale(self) -> None:
        index = max(self.scale_box.currentIndex(), 0)
        is_loss = log_scale_of(self.metric_box.currentText()) is Scale.LOG
        self.scale_box.clear()
        self.scale_box.addItems(["linear", "log" if is_loss else "log of 1 − value"])
        self.scale_box.setCurrentIndex(index)

    @Slot()
    def _follow(self) -> None:
        self.plot.follow()

    @Slot()
    def _show_follow(self) -> None:
        self.follow_button.setVisible(not self.plot.follows)

    def _make_room(self) -> None:
        metrics = QFontMetricsF(self.plot.tick_font)
        labels = [tick.label for tick in self.plot.shown_ticks(Qt.Orientation.Vertical)]
        left = max((metrics.horizontalAdvance(label) for label in labels), default=20.0) + 14
        right = metrics.horizontalAdvance("★ #10000  0.9999") + 10
        self.plot.set_margins(Margins(max(left, 40.0), 26.0, right, AXIS_HEIGHT + 18))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()
