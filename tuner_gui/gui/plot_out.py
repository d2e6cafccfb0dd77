"""A plot leaves the window: copied, exported, or as the table of its numbers. The same for every plot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from tuner_gui.gui import settings
from tuner_gui.gui.pictures.painted import mime_of
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plot_export_dialog import SCREEN_KEY, PlotExportDialog, theme_of
from tuner_gui.gui.plot_table_dialog import PlotTableDialog, TableFileDialog
from tuner_gui.gui.telling import proposed, tell

COPY_SCALE = 2.0
NOTHING = "There is nothing on this plot yet"


class PlotSource(Protocol):
    """What every plot, and every view of plots, can tell of itself; None while it shows nothing."""

    def picture(self) -> Picture | None:
        """What is drawn, to be painted elsewhere."""

    def numbers(self) -> PlotTable | None:
        """The table with exactly the numbers that are drawn."""


def open_plot_menu(widget: QWidget, source: PlotSource, study: Path, at: QPoint) -> QMenu:
    """The context menu of a plot on which nothing is chosen; ``at`` on the screen."""
    menu = QMenu(widget)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_plot_entries(menu, widget, source, study)
    menu.popup(at)
    return menu


def add_plot_entries(menu: QMenu, widget: QWidget, source: PlotSource, study: Path) -> None:
    """What can be taken from a plot. The menu is deleted when it closes, so it may hold the plot."""
    if menu.actions():
        menu.addSeparator()
    for words, call in _ENTRIES:
        menu.addAction(words).triggered.connect(partial(_call, call, widget, source, study))


def _call(
    call: Callable[[QWidget, PlotSource, Path], object],
    widget: QWidget, source: PlotSource, study: Path, _checked: bool = False,
) -> None:  # fmt: skip
    call(widget, source, study)


def copy_plot(widget: QWidget, source: PlotSource, study: Path) -> None:
    """As a picture and as shapes at once; what it is pasted into takes what it can."""
    del study
    picture = source.picture()
    if picture is None:
        tell(widget, NOTHING)
        return
    theme = theme_of(as_on_screen=settings.load_choice(SCREEN_KEY, "light") == "screen")
    QGuiApplication.clipboard().setMimeData(mime_of(picture, theme, COPY_SCALE))
    tell(widget, "Copied the plot as PNG and SVG")


def export_plot(widget: QWidget, source: PlotSource, study: Path) -> PlotExportDialog | None:
    """Open the form with size and colours over a window."""
    picture = source.picture()
    if picture is None:
        tell(widget, NOTHING)
        return None
    dialog = PlotExportDialog(picture, study, widget.window())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def copy_table(widget: QWidget, source: PlotSource, study: Path) -> None:
    """With tabs, as spreadsheets take it."""
    del study
    table = source.numbers()
    if table is None:
        tell(widget, NOTHING)
        return
    QGuiApplication.clipboard().setText(table.text())
    tell(widget, f"Copied {table.rows:,} rows")


def save_table(widget: QWidget, source: PlotSource, study: Path) -> None:
    """Ask where to, then write a CSV file."""
    table = source.numbers()
    if table is None:
        tell(widget, NOTHING)
        return
    TableFileDialog(table, proposed(study, table.name, ".csv"), widget.window()).open()


def show_table(widget: QWidget, source: PlotSource, study: Path) -> PlotTableDialog | None:
    """In a window of its own beside this one."""
    table = source.numbers()
    if table is None:
        tell(widget, NOTHING)
        return None
    dialog = PlotTableDialog(table, proposed(study, table.name, ".csv"), widget.window())
    dialog.show()
    return dialog


_ENTRIES: tuple[tuple[str, Callable[[QWidget, PlotSource, Path], object]], ...] = (
    ("Copy plot", copy_plot),
    ("Export plot…", export_plot),
    ("Copy table", copy_table),
    ("Save table as CSV…", save_table),
    ("Show as table", show_table),
)
