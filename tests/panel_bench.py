"""A bench for one panel: a study with trials, the actions on it, and the commands that they post."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Store
from tuner_gui.search.commands import Command

AnyWidget = TypeVar("AnyWidget", bound=QWidget)


@dataclass
class Bench:
    qtbot: QtBot
    store: Store
    actions: Actions
    posted: list[Command] = field(default_factory=list)

    def show(self, widget: AnyWidget, width: int = 360, height: int = 600) -> AnyWidget:
        self.qtbot.addWidget(widget)
        widget.resize(width, height)
        with self.qtbot.waitExposed(widget):
            widget.show()
        widget.activateWindow()
        return widget
