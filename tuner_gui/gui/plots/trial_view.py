"""The frame of the views that show trials as points: what they hear from the store, and what they do with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plot_out import open_plot_menu
from tuner_gui.gui.plots.canvas import Canvas
from tuner_gui.gui.plots.legend import Legend
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.turns import Turns
from tuner_gui.gui.plots.value_menu import ValueMenu
from tuner_gui.gui.store import Batch, Store
from tuner_gui.space.space import Space

EMPTY = "Trials appear here as they end. Press Run, or drag now to narrow the range before the first trial."


class TrialView(QWidget):
    """A bar on top and plots below. While it is hidden it only remembers that it is outdated."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._actions = actions
        self.scene = Scene(store)
        self.turns = Turns(self)
        self._shown_space: Space | None = None
        self._outdated = True
        self._restyle_needed = False
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.values = ValueMenu(self.scene, self)
        self.legend = Legend(self.scene, self)
        self.hint = QLabel(EMPTY, self)
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(6, 4, 10, 0)
        self.bar.addWidget(self.values)
        self.page = QVBoxLayout(self)
        self.page.setContentsMargins(0, 0, 0, 0)
        self.page.setSpacing(2)
        self.page.addLayout(self.bar)
        self.page.addWidget(self.hint)
        self._listen()

    # --- what subclasses say ---

    @property
    def plots(self) -> Sequence[Canvas]:
        """The plots that are shown now."""
        raise NotImplementedError

    def picture(self) -> Picture | None:
        """What is drawn, to leave the window; None while there is nothing."""
        raise NotImplementedError

    def numbers(self) -> PlotTable | None:
        """The table with the numbers that are drawn; None while there is nothing."""
        raise NotImplementedError

    def rebuild_plots(self) -> None:
        """The space changed."""
        raise NotImplementedError

    def rescaled(self) -> None:
        """The scale of the objective changed, or all trials."""
        raise NotImplementedError

    # --- the store ---

    def _listen(self) -> None:
        self.store.history_changed.connect(self._history_changed)
        self.store.plan_changed.connect(self._plan_changed)
        self.store.pending_changed.connect(self._region_changed)
        self.store.selection_changed.connect(self._selection_changed)
        self.values.chosen.connect(self._values_chosen)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._outdated:
            self._outdated = False
            self._rebuild()
        elif self._restyle_needed:
            self._restyle()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.turns.clear()

    @Slot(Batch)
    def _history_changed(self, batch: Batch) -> None:
        if not self.isVisible():
            self._outdated = True
            return
        rows = self.scene.extend(batch)
        if rows is None:
            self._all_changed()
            return
        for plot in self.plots:
            plot.take(rows)
            self.turns.ask(plot)
        if len(rows) or batch.started:
            self._refresh_bar()

    @Slot()
    def _plan_changed(self) -> None:
        if not self.isVisible():
            self._outdated = True
        elif self.store.plan.space != self._shown_space or self._objective_changed():
            self._rebuild()
        else:
            self._restyle()

    @Slot()
    def _region_changed(self) -> None:
        if self.isVisible():
            self._restyle()
        else:
            self._restyle_needed = True

    @Slot()
    def _selection_changed(self) -> None:
        for plot in self.plots:
            plot.update()

    @Slot()
    def _values_chosen(self) -> None:
        self._all_changed()

    def _objective_changed(self) -> bool:
        objective = self.store.plan.definition.objective
        return (objective.metric, objective.sign) != (self.scene.scale.metric, self.scene.scale.sign)

    def _rebuild(self) -> None:
        self.scene.rebuild()
        if self.store.plan.space != self._shown_space:
            self._shown_space = self.store.plan.space
            self.rebuild_plots()
        self._all_changed()

    def _all_changed(self) -> None:
        self.rescaled()
        self._restyle()
        self.values.refresh()

    def _restyle(self) -> None:
        self._restyle_needed = False
        self.scene.restyle()
        for plot in self.plots:
            plot.data_outdated()
            plot.region_moved()
        self._refresh_bar()

    def _refresh_bar(self) -> None:
        self.legend.refresh()
        self.hint.setVisible(not len(self.store.history))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Where a plot has no menu of its own, and beside the plots."""
        open_plot_menu(self, self, self.store.path, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not settle_pending(event, self.store, self._actions):
            super().keyPressEvent(event)


def settle_pending(event: QKeyEvent, store: Store, actions: Actions) -> bool:
    """Enter applies the pending region, Esc drops it. Whether the key did something."""
    if store.pending is None:
        return False
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        actions.apply_pending()
    elif event.key() == Qt.Key.Key_Escape:
        actions.drop_pending()
    else:
        return False
    return True
