"""File > Export: what it offers, what it asks, and that the window tells how it ended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import fake_trainer
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tuner_gui.assets import asset
from tuner_gui.engines.local import LocalEngine
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.menus import menus_of

ENGINE = partial(LocalEngine, target=fake_trainer.main)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow(engine=ENGINE)
    made.show()
    with qtbot.waitSignal(made.study_opened):
        made.open_study(Path(shutil.copy(asset("demo.tuner"), tmp_path / "demo.tuner")))
    yield made
    made.close()
    made.deleteLater()


def entry(window: MainWindow, text: str) -> QAction:
    (found,) = [a for menu in menus_of(window.menuBar()) for a in menu.actions() if a.text() == text]
    return found


def asked(window: MainWindow, text: str) -> QFileDialog:
    """The dialog that an entry opens."""
    entry(window, text).trigger()
    (dialog,) = window.findChildren(QFileDialog)
    return dialog


def answer(qtbot: QtBot, window: MainWindow, dialog: QFileDialog, path: Path) -> str:
    """Choose a path; what the status bar says in the end."""
    with qtbot.waitSignal(dialog.destroyed):
        dialog.fileSelected.emit(str(path))
        dialog.close()
    bar = window.statusBar()
    qtbot.waitUntil(lambda: bar.currentMessage().startswith(("Exported", "Not exported")), timeout=30_000)
    return bar.currentMessage()


def test_there_is_an_entry_for_every_form_while_a_study_is_open(window: MainWindow) -> None:
    (menu,) = [menu for menu in menus_of(window.menuBar()) if menu.title() == "&Export"]
    assert [action.text() for action in menu.actions() if not action.isSeparator()] == [
        "Trials as CSV…", "Study as JSON…", "Trials as Parquet…", "Study for Optuna…", "Model as .keras…",
        "Training script…", "Report as HTML…", "This plot…", "Table of this plot as CSV…",
    ]  # fmt: skip
    window.close_study()
    assert "&Export" not in [menu.title() for menu in menus_of(window.menuBar())]


def test_trials_leave_while_the_window_has_the_study_open(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = asked(window, "Study as JSON…")
    assert dialog.selectedFiles()[0] == str(tmp_path / "demo.json")
    out = tmp_path / "mine.json"
    assert answer(qtbot, window, dialog, out) == f"Exported {out}: 60 trials"
    assert len(json.loads(out.read_text())["trials"]) == 60


def test_the_one_selected_trial_is_what_a_script_is_of(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    document = window.document
    assert document is not None
    document.store.select([14])
    dialog = asked(window, "Training script…")
    assert dialog.windowTitle() == "Export: training script, of trial #14"
    out = tmp_path / "train.py"
    assert answer(qtbot, window, dialog, out) == f"Exported {out}: trains trial #14 again"
    document.store.select([14, 6])
    dialog = asked(window, "Training script…")
    assert dialog.windowTitle().endswith("of the best trial")
    assert answer(qtbot, window, dialog, out) == f"Exported {out}: trains trial #6 again"


def test_what_cannot_be_made_is_told(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_text("mine")
    dialog = asked(window, "Study for Optuna…")
    assert answer(qtbot, window, dialog, tmp_path / "mine.db").startswith("Not exported: ")
    assert (tmp_path / "mine.db").read_text() == "mine"
    said = answer(qtbot, window, asked(window, "Model as .keras…"), tmp_path / "m.h5")
    assert said == f"Not exported: {tmp_path / 'm.h5'}: expected a file that ends in .keras"


def test_an_answer_of_no_path_exports_nothing(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = asked(window, "Trials as CSV…")
    with qtbot.waitSignal(dialog.destroyed):
        dialog.reject()
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"] == []
    assert window.statusBar().currentMessage() == ""
