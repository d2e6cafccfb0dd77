"""Pairs: any two parameters against each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton

from tuner_gui.gui import settings
from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plots.canvas import AXIS_HEIGHT, Canvas, Margins
from tuner_gui.gui.plots.pair_plot import PairPlot
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.store import Store

_X_KEY, _Y_KEY = "pairs/x", "pairs/y"


class PairView(TrialView):
    """One plot with a choice of what lies along x and y; the choice is remembered between starts."""

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__(store, actions)
        self.plot = PairPlot(store, actions, self.scene, parent=self)
        self.y_box, self.x_box = QComboBox(self), QComboBox(self)
        self.swap = QToolButton(self)
        self._add_to_bar()
        self.page.addWidget(self.plot, stretch=1)
        self.setAccessibleName("Pairs")
        self.rebuild_plots()
        self.x_box.activated.connect(self._chosen)
        self.y_box.activated.connect(self._chosen)
        self.swap.clicked.connect(self._swap)
        self.plot.estimate_changed.connect(self._estimate_changed)
        store.history_paced.connect(self._trials_ended)

    def _add_to_bar(self) -> None:
        self.y_box.setAccessibleName("Parameter along y")
        self.x_box.setAccessibleName("Parameter along x")
        self.swap.setText("⇄")
        self.swap.setToolTip("Swap the axes")
        self.swap.setAccessibleName("Swap the axes")
        self.swap.setAutoRaise(True)
        # What the colours stand for is named by the legend; the axes are two parameters.
        self.bar.removeWidget(self.values)
        self.values.hide()
        self.bar.setContentsMargins(10, 4, 10, 0)
        for widget in (self.y_box, QLabel("against", self), self.x_box, self.swap):
            self.bar.addWidget(widget)
        self.legend.name_metric()
        self.bar.addWidget(self.legend, stretch=1)

    @property
    def plots(self) -> Sequence[Canvas]:
        return [self.plot]

    def picture(self) -> Picture | None:
        return self.plot.picture()

    def numbers(self) -> PlotTable | None:
        return self.plot.numbers()

    def rebuild_plots(self) -> None:
        names = self.store.plan.space.names
        x = self.x_box.currentText() or settings.load_choice(_X_KEY, "")
        y = self.y_box.currentText() or settings.load_choice(_Y_KEY, "")
        for box in (self.x_box, self.y_box):
            box.clear()
            box.addItems(names)
        if len(names) < 2:
            self.plot.drags = ()
            self.plot.setVisible(False)
            return
        self.plot.setVisible(True)
        x = x if x in names else names[0]
        y = y if y in names and y != x else next(name for name in names if name != x)
        self._show(x, y)

    def show_pair(self, x: str, y: str) -> None:
        """Put two parameters on the axes; KeyError if one is not searched."""
        self._show(x, y)
        settings.save_choice(_X_KEY, x)
        settings.save_choice(_Y_KEY, y)

    def _show(self, x: str, y: str) -> None:
        space = self.store.plan.space
        self.x_box.setCurrentText(x)
        self.y_box.setCurrentText(y)
        self.plot.show_pair(space[x], space[y])
        self._make_room()

    @Slot()
    def _chosen(self) -> None:
        x, y = self.x_box.currentText(), self.y_box.currentText()
        if x == y:
            # The other axis takes what this one had.
            before = self.plot.drags[0].parameter.name, self.plot.drags[1].parameter.name
            x, y = (before[1], y) if self.sender() is self.y_box else (x, before[0])
        self.show_pair(x, y)

    @Slot()
    def _swap(self) -> None:
        self.show_pair(self.y_box.currentText(), self.x_box.currentText())

    @Slot()
    def _estimate_changed(self) -> None:
        self.legend.name_contours(self.plot.contours)

    @Slot()
    def _trials_ended(self) -> None:
        if self.isVisible():
            self.plot.estimate_outdated()

    def rescaled(self) -> None:
        self._make_room()
        self.plot.redraw()

    def _make_room(self) -> None:
        metrics = QFontMetricsF(self.plot.tick_font)
        labels = [tick.label for tick in self.plot.shown_ticks(Qt.Orientation.Vertical)]
        labels += [label for drag in self.plot.drags[1:] for label in drag.edge_labels if drag.has_edges]
        left = max((metrics.horizontalAdvance(label) for label in labels), default=20.0) + 20
        self.plot.set_margins(Margins(max(left, 56.0), 26.0, 18.0, AXIS_HEIGHT + 20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()
