"""Fixtures of the panel tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from panel_bench import Bench
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import apply_theme
from tuner_gui.search.commands import Command


@pytest.fixture
def make_bench(qtbot: QtBot) -> Callable[..., Bench]:
    def made(trials: int = 20, running: int = 0, store: Store | None = None) -> Bench:
        posted: list[Command] = []
        store = store or make_store(trials, running=running)
        return Bench(qtbot, store, Actions(store, posted.append), posted)

    return made


@pytest.fixture(autouse=True)
def _our_colours(qapp: QApplication) -> Iterator[None]:
    """Each test starts in the light theme, and later tests find the palette that they would have found."""
    before, style = QGuiApplication.palette(), qapp.style().name()
    apply_theme(qapp)
    yield
    qapp.setStyle(style)
    qapp.setPalette(before)
