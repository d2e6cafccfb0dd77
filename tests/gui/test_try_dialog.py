from __future__ import annotations

import pytest
from leaks import freed_on_close
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot
from studies import make_plan

from tuner_gui.gui.try_dialog import TryDialog
from tuner_gui.space.parameters import Value

VALUES: dict[str, Value] = {
    "learning_rate": 0.02, "momentum": 0.95, "units": 40, "batch_size": 64, "layers": 3, "learning_rate_decay": 0.01,
}  # fmt: skip


@pytest.fixture
def dialog(qtbot: QtBot) -> TryDialog:
    dialog = TryDialog(make_plan().space, VALUES)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def field(dialog: TryDialog, name: str) -> QLineEdit:
    found = dialog.fields[name]
    assert isinstance(found, QLineEdit)
    return found


def test_it_begins_with_the_values_that_it_is_given(dialog: TryDialog) -> None:
    assert dialog.values() == VALUES


def test_changed_values_are_asked_for_with_as_many_seeds_as_wanted(qtbot: QtBot, dialog: TryDialog) -> None:
    field(dialog, "learning_rate").setText("3e-2")
    batch = dialog.fields["batch_size"]
    assert isinstance(batch, QComboBox)
    batch.setCurrentText("128")
    dialog.times.setValue(5)
    with qtbot.waitSignal(dialog.asked) as asked:
        qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert asked.args == [{**VALUES, "learning_rate": 0.03, "batch_size": 128}, 5]


@pytest.mark.parametrize("text", ["", "fast", "7", "1e-9", "nan"])
def test_what_cannot_be_is_marked_with_its_reason_and_not_trained(dialog: TryDialog, text: str) -> None:
    field(dialog, "learning_rate").setText(text)
    assert not dialog.take.isEnabled()
    assert dialog.problem.text().startswith("learning_rate: expected a number")


def test_a_whole_number_is_put_on_its_grid(dialog: TryDialog) -> None:
    field(dialog, "units").setText("40.4")
    assert dialog.values()["units"] == 40


def test_the_dialog_is_freed(qapp: object) -> None:
    del qapp
    space = make_plan().space
    freed_on_close(lambda: TryDialog(space, VALUES))
