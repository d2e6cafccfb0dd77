"""What the menus offer for the plot that is shown: the entries of its context menu, with keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from tuner_gui.gui import plot_out
from tuner_gui.gui.plot_out import PlotSource
from tuner_gui.gui.store import Store

if TYPE_CHECKING:
    from tuner_gui.gui.plots.explore import ExploreView


class PlotActions(QObject):
    """``explore`` is told once it exists; before that, nothing happens."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._explore: ExploreView | None = None
        self.copy = self._make("Copy plot", "Ctrl+Shift+C", self._on_copy)
        self.copy_table = self._make("Copy table of the plot", None, self._on_copy_table)
        self.export = self._make("This plot…", "Ctrl+Shift+E", self._on_export)
        self.save_table = self._make("Table of this plot as CSV…", None, self._on_save_table)
        self.show_table = self._make("Show plot as table", "Ctrl+Shift+T", self._on_show_table)

    def look_at(self, explore: ExploreView) -> None:
        """The plots that the entries are for."""
        self._explore = explore

    @Slot()
    def _on_copy(self) -> None:
        self._with_plot(plot_out.copy_plot)

    @Slot()
    def _on_copy_table(self) -> None:
        self._with_plot(plot_out.copy_table)

    @Slot()
    def _on_export(self) -> None:
        self._with_plot(plot_out.export_plot)

    @Slot()
    def _on_save_table(self) -> None:
        self._with_plot(plot_out.save_table)

    @Slot()
    def _on_show_table(self) -> None:
        self._with_plot(plot_out.show_table)

    def _with_plot(self, call: Callable[[QWidget, PlotSource, Path], object]) -> None:
        if self._explore is not None:
            call(self._explore, self._explore.shown_plot, self._store.path)

    def _make(self, text: str, keys: str | None, slot: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(slot)
        return action
