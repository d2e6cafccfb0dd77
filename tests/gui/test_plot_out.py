"""From the window: the plot that is shown is copied, exported and shown as a table, and errors are one message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui import plot_out
from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plot_actions import PlotActions
from tuner_gui.gui.plot_export_dialog import PlotExportDialog
from tuner_gui.gui.plot_table_dialog import PlotTableDialog, TableFileDialog
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.search.commands import Command


def nobody(command: Command) -> None:
    del command


class Window(QMainWindow):
    """The plots of a study in a window of their own."""

    def __init__(self, trials: int) -> None:
        super().__init__()
        self.store = make_store(trials)
        self.explore = ExploreView(self.store, Actions(self.store, nobody))
        self.setCentralWidget(self.explore)
        self.plots = PlotActions(self.store, self)
        self.plots.look_at(self.explore)
        self.resize(900, 600)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(40)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    QGuiApplication.clipboard().clear()
    return made


def test_copying_tells_and_gives_pixels_and_shapes(window: Window) -> None:
    window.plots.copy.trigger()
    found = QGuiApplication.clipboard().mimeData()
    assert {"image/png", "image/svg+xml"} <= set(found.formats())
    assert window.statusBar().currentMessage() == "Copied the plot as PNG and SVG"


@pytest.mark.parametrize("tab", range(6))
def test_every_tab_has_a_picture_and_a_table(window: Window, tab: int) -> None:
    window.explore.tabs.setCurrentIndex(tab)
    plot = window.explore.shown_plot
    picture, table = plot.picture(), plot.numbers()
    assert picture is not None
    assert table is not None
    assert table.rows == (len(window.store.plan.space) if tab == 3 else table.rows) > 5
    window.plots.copy_table.trigger()
    assert QGuiApplication.clipboard().text() == table.text()


def test_a_plot_is_saved_in_the_form_and_size_that_are_chosen(window: Window, tmp_path: Path) -> None:
    window.plots.export.trigger()
    (dialog,) = window.findChildren(PlotExportDialog)
    dialog.size_box.setCurrentIndex(3)
    dialog.pixels.setValue(1000)
    dialog.save(str(tmp_path / "a.png"))
    assert QImage(str(tmp_path / "a.png")).width() == 1000
    assert window.statusBar().currentMessage().startswith(f"Exported {tmp_path / 'a.png'}")
    window.plots.export.trigger()
    dialog = window.findChildren(PlotExportDialog)[-1]
    dialog.form_box.setCurrentIndex(1)
    dialog.save(str(tmp_path / "a.svg"))
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")


def test_what_cannot_be_written_is_told_and_the_form_stays(window: Window, tmp_path: Path) -> None:
    window.plots.export.trigger()
    (dialog,) = window.findChildren(PlotExportDialog)
    dialog.save(str(tmp_path / "nowhere" / "a.png"))
    (box,) = dialog.findChildren(QMessageBox)
    assert (
        box.text() == f"Not exported: {tmp_path / 'nowhere' / 'a.png'}: cannot be written (No such file or directory)"
    )
    assert dialog.isVisible()
    assert [path.name for path in tmp_path.iterdir() if path.suffix] == []
    box.close()
    dialog.close()


def test_before_there_is_anything_to_take_this_is_told(qtbot: QtBot) -> None:
    window = Window(0)
    qtbot.addWidget(window)
    window.explore.tabs.setCurrentWidget(window.explore.importance)
    for action in (window.plots.copy, window.plots.export, window.plots.copy_table, window.plots.show_table):
        window.statusBar().clearMessage()
        action.trigger()
        assert window.statusBar().currentMessage() == plot_out.NOTHING


def test_a_table_sorts_and_copies_what_is_selected(window: Window, tmp_path: Path) -> None:
    window.plots.show_table.trigger()
    (dialog,) = window.findChildren(PlotTableDialog)
    value = dialog.model.table.headers.index("val_accuracy")
    dialog.view.sortByColumn(value, Qt.SortOrder.DescendingOrder)
    best = window.store.history.best(window.store.plan.definition.objective)
    assert best is not None
    assert dialog.model.data(dialog.model.index(0, 0)) == str(best.number)
    dialog.view.setCurrentIndex(dialog.model.index(0, value))
    dialog.copy()
    assert QGuiApplication.clipboard().text() == f"val_accuracy\n{best.value!r}\n"
    dialog.save_button.click()
    (asked,) = dialog.findChildren(TableFileDialog)
    assert asked.selectedFiles()[0].endswith("digits-slices.csv")
    asked.write(str(tmp_path / "t.csv"))
    asked.close()
    assert len((tmp_path / "t.csv").read_text().splitlines()) == dialog.model.rowCount() + 1
    dialog.close()


# Without a screen a menu can neither be raised nor take the keyboard.
@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("tab", [0, 1, 2, 4, 5])
def test_the_menu_of_every_plot_offers_the_same(qtbot: QtBot, window: Window, tab: int) -> None:
    window.explore.tabs.setCurrentIndex(tab)
    view = window.explore.tabs.currentWidget()
    assert view is not None
    plot: QWidget = view.plots[0]  # type: ignore[attr-defined]
    if tab == 5:
        qtbot.mouseClick(plot, Qt.MouseButton.RightButton, pos=plot.rect().center())
    else:
        at = QPoint(60, 60)
        QApplication.sendEvent(plot, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, plot.mapToGlobal(at)))
    (menu,) = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
    words = [action.text() for action in menu.actions()]
    assert words[-5:] == ["Copy plot", "Export plot…", "Copy table", "Save table as CSV…", "Show as table"]
    menu.close()
