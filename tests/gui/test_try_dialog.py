from __future__ import annotations

import pytest
from leaks import freed_on_close
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from studies import make_plan, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.panels.trial_panel import TrialPanel
from tuner_gui.gui.parts.choice_checks import ChoiceChecks
from tuner_gui.gui.try_dialog import TryDialog
from tuner_gui.search.commands import Command, Try
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


def choices(dialog: TryDialog, name: str) -> ChoiceChecks:
    found = dialog.fields[name]
    assert isinstance(found, ChoiceChecks)
    return found


def trained(qtbot: QtBot, dialog: TryDialog) -> list[tuple[dict[str, Value], int]]:
    """What is asked for by a click on Train."""
    asked: list[tuple[dict[str, Value], int]] = []
    dialog.asked.connect(lambda values, times: asked.append((values, times)))
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    return asked


def test_it_begins_with_the_values_that_it_is_given(dialog: TryDialog) -> None:
    assert dialog.points() == [VALUES]
    assert dialog.count.text() == "1 trial"


def test_changed_values_are_asked_for_with_as_many_seeds_as_wanted(qtbot: QtBot, dialog: TryDialog) -> None:
    field(dialog, "learning_rate").setText("3e-2")
    choices(dialog, "batch_size").choose(128)
    dialog.times.setValue(5)
    assert dialog.count.text() == "5 trials: with 5 seeds"
    assert trained(qtbot, dialog) == [({**VALUES, "learning_rate": 0.03, "batch_size": 128}, 5)]
    assert not dialog.isVisible()


class TestSeveral:
    def test_several_values_make_every_combination_in_order(self, qtbot: QtBot, dialog: TryDialog) -> None:
        line = field(dialog, "learning_rate")
        line.selectAll()
        QTest.keyClicks(line, "1e-3, 3e-3, 0.01")
        qtbot.mouseClick(choices(dialog, "batch_size").boxes[2], Qt.MouseButton.LeftButton)
        assert dialog.count.text() == "6 trials: 3 × 2"
        asked = trained(qtbot, dialog)
        assert [(values["learning_rate"], values["batch_size"]) for values, _ in asked] == [
            (1e-3, 64), (1e-3, 128), (3e-3, 64), (3e-3, 128), (0.01, 64), (0.01, 128),
        ]  # fmt: skip
        assert all({**values, "learning_rate": 0.02, "batch_size": 64} == VALUES for values, _ in asked)

    def test_choices_are_picked_with_the_keyboard(self, qtbot: QtBot, dialog: TryDialog) -> None:
        box = choices(dialog, "layers").boxes[0]
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Space)
        assert [point["layers"] for point in dialog.points()] == [1, 3]
        assert dialog.count.text() == "2 trials: 2 values"

    def test_each_combination_is_trained_with_every_seed(self, qtbot: QtBot, dialog: TryDialog) -> None:
        field(dialog, "units").setText("16, 32")
        dialog.times.setValue(3)
        assert dialog.count.text() == "6 trials: 2 values, each with 3 seeds"
        assert [times for _, times in trained(qtbot, dialog)] == [3, 3]

    def test_a_value_that_is_given_twice_is_tried_once(self, dialog: TryDialog) -> None:
        field(dialog, "units").setText("40, 40.2, 64,")
        assert [point["units"] for point in dialog.points()] == [40, 64]

    def test_a_factor_multiplies_the_value_that_the_form_began_with(self, dialog: TryDialog) -> None:
        field(dialog, "learning_rate").setText("×0.5, ×1, *3")
        assert [point["learning_rate"] for point in dialog.points()] == pytest.approx([0.01, 0.02, 0.06])

    def test_too_many_are_refused_with_the_reason_and_taken_once_there_are_fewer(self, dialog: TryDialog) -> None:
        field(dialog, "learning_rate").setText("1e-3, 2e-3, 3e-3, 0.01")
        choices(dialog, "batch_size").choose(32, 64, 128)
        choices(dialog, "layers").choose(1, 2, 3)
        dialog.times.setValue(6)
        assert dialog.count.text().startswith("216 trials: 4 × 3 × 3, each with 6 seeds. At most 200 at once")
        assert not dialog.take.isEnabled()
        dialog.times.setValue(5)
        assert dialog.count.text() == "180 trials: 4 × 3 × 3, each with 5 seeds"
        assert dialog.take.isEnabled()


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        "text", ["", "fast", "7", "1e-9", "nan", "0.1, fast", ", 0.1", "0.1,, 0.2", "×1000", "1_0"]
    )
    def test_what_cannot_be_is_marked_with_its_reason_and_not_trained(self, dialog: TryDialog, text: str) -> None:
        field(dialog, "learning_rate").setText(text)
        assert not dialog.take.isEnabled()
        assert dialog.problems["learning_rate"].text().startswith("expected a number")
        assert dialog.problems["learning_rate"].isVisible()
        field(dialog, "learning_rate").setText("0.1")
        assert dialog.take.isEnabled()
        assert not dialog.problems["learning_rate"].isVisible()

    def test_the_part_that_is_wrong_is_named(self, dialog: TryDialog) -> None:
        field(dialog, "units").setText("32, 500")
        assert dialog.problems["units"].text() == "expected a number in its range, 16 to 128, and not 500"
        field(dialog, "units").setText("32, ×5")
        assert dialog.problems["units"].text().endswith("and not ×5 (200)")

    def test_every_field_says_its_own(self, dialog: TryDialog) -> None:
        field(dialog, "learning_rate").setText("fast")
        choices(dialog, "layers").choose()
        assert dialog.problems["learning_rate"].isVisible()
        assert dialog.problems["layers"].text() == "expected at least one of them"
        assert not dialog.problems["momentum"].isVisible()

    def test_without_a_value_to_begin_with_there_is_nothing_to_multiply(self, qtbot: QtBot) -> None:
        dialog = TryDialog(make_plan().space, {})
        qtbot.addWidget(dialog)
        field(dialog, "momentum").setText("×1")
        assert dialog.problems["momentum"].text().startswith("expected a number such as")


def test_a_whole_number_is_put_on_its_grid(dialog: TryDialog) -> None:
    field(dialog, "units").setText("40.4")
    assert dialog.points()[0]["units"] == 40


def test_the_dialog_is_freed(qapp: object) -> None:
    del qapp
    space = make_plan().space
    freed_on_close(lambda: TryDialog(space, VALUES))


def test_from_the_panel_of_a_trial_each_combination_says_where_it_comes_from(qtbot: QtBot) -> None:
    store, posted = make_store(5), list[Command]()
    panel = TrialPanel(store, Actions(store, posted.append))
    qtbot.addWidget(panel)
    panel.show()
    store.select([2])
    panel.again.click()
    dialog = panel.findChild(TryDialog)
    line = field(dialog, "learning_rate")
    line.setText(f"{line.text()}, ×0.5")
    dialog.take.click()
    trial = store.history.trial(2)
    assert [(tried.points[0]["learning_rate"], tried.lineage) for tried in posted if isinstance(tried, Try)] == [
        (trial.values["learning_rate"], {"repeats": 2}),
        (pytest.approx(float(trial.values["learning_rate"]) / 2), {"from": 2}),
    ]
