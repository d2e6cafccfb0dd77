"""The menu bar: the same actions as the toolbar and the command palette, in their usual places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QMessageBox

from tuner_gui import __version__
from tuner_gui.gui import settings
from tuner_gui.gui.palette import CommandPalette
from tuner_gui.gui.theme import choose_scheme

if TYPE_CHECKING:
    from tuner_gui.gui.main_window import MainWindow

SCHEMES = {
    "As the system": Qt.ColorScheme.Unknown,
    "Light": Qt.ColorScheme.Light,
    "Dark": Qt.ColorScheme.Dark,
}


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar anew; the entries of a study are there only while one is open."""
    bar = window.menuBar()
    for old in menus_of(bar):
        # A cleared bar keeps its menus alive, and their shortcuts would compete with those of the new ones.
        old.deleteLater()
    bar.clear()
    _file_menu(window, bar.addMenu("&File"))
    if window.window_actions is not None:
        edit, search = bar.addMenu("&Edit"), bar.addMenu("&Search")
        edit.addActions(window.window_actions.edit_actions())
        search.addActions(window.window_actions.search_actions())
        window.window_actions.search.fill(search.addMenu("&How to search"))
    _view_menu(window, bar.addMenu("&View"))
    _help_menu(window, bar.addMenu("&Help"))


def menus_of(bar: QMenuBar) -> list[QMenu]:
    """The menus in the bar, each followed by its submenus."""
    found: list[QMenu] = []
    for action in bar.actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            found += [menu, *menu.findChildren(QMenu)]
    return found


def apply_scheme(name: str) -> None:
    choose_scheme(SCHEMES.get(name, Qt.ColorScheme.Unknown))


def _file_menu(window: MainWindow, menu: QMenu) -> None:
    _add(menu, "&New study…", window.ask_new, QKeySequence.StandardKey.New)
    _add(menu, "&Open…", window.ask_open, QKeySequence.StandardKey.Open)
    recent = [path for path in settings.recent_studies() if path.exists()]
    if recent:
        submenu = menu.addMenu("Open &recent")
        for path in recent:
            _add(submenu, str(path), partial(_open, window, str(path)))
    _add(menu, "Explore the &demo study", window.demo_requested.emit)
    menu.addSeparator()
    if window.window_actions is not None:
        window.window_actions.fill_export(menu.addMenu("&Export"))
        menu.addSeparator()
        _add(menu, "&Close study", window.close_study, QKeySequence.StandardKey.Close)
    _add(menu, "&Quit", window.close, QKeySequence.StandardKey.Quit)


def _view_menu(window: MainWindow, menu: QMenu) -> None:
    if window.window_actions is not None:
        menu.addActions(window.dock_toggles())
        menu.addSeparator()
        menu.addAction(window.window_actions.plots.show_table)
        menu.addSeparator()
        _add(menu, "&Next panel", window.focus_next_panel, Qt.Key.Key_F6)
        _add(menu, "&Reset layout", window.reset_layout)
    scheme_menu = menu.addMenu("&Colours")
    group = QActionGroup(scheme_menu)
    chosen = settings.load_choice("colours", "As the system")
    for name in SCHEMES:
        action = _add(scheme_menu, name, partial(_choose_scheme, name))
        action.setCheckable(True)
        action.setChecked(name == chosen)
        group.addAction(action)


def _help_menu(window: MainWindow, menu: QMenu) -> None:
    _add(menu, "&All commands…", partial(_show_palette, window), "Ctrl+Shift+P")
    _add(menu, "A&bout Tuner", partial(_show_about, window))


def _add(
    menu: QMenu, text: str, slot: Callable[[], object], shortcut: QKeySequence.StandardKey | Qt.Key | str | None = None
) -> QAction:
    action = QAction(text, menu)
    if shortcut is not None:
        action.setShortcut(QKeySequence(shortcut))
    # A partial of a module's function, or a bound method: nothing here keeps a widget alive that the menu outlives.
    action.triggered.connect(slot)
    menu.addAction(action)
    return action


def _open(window: MainWindow, path: str) -> None:
    from pathlib import Path

    window.open_study(Path(path))


def _choose_scheme(name: str) -> None:
    settings.save_choice("colours", name)
    apply_scheme(name)


def _show_palette(window: MainWindow) -> None:
    actions = [action for menu in menus_of(window.menuBar()) for action in menu.actions()]
    palette = CommandPalette(actions, window)
    palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    palette.open()


def _show_about(window: MainWindow) -> None:
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About Tuner")
    box.setText(f"Tuner {__version__}")
    box.setInformativeText("Define ranges and scales, search, watch, drag a region, and the running search follows.")
    box.open()
