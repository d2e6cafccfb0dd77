"""The welcome page and the dialog for a new study."""

from __future__ import annotations

from pathlib import Path

import pytest
from leaks import freed_on_close
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tuner_gui.gui.panels.new_study import DATA_WORDS, NewStudyDialog
from tuner_gui.gui.panels.welcome import WelcomePage
from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings, Definition, Task
from tuner_gui.training.data import load

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> NewStudyDialog:
    made = NewStudyDialog(folder=tmp_path)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def created(qtbot: QtBot, dialog: NewStudyDialog) -> tuple[Path, Definition]:
    with qtbot.waitSignal(dialog.study_defined) as defined:
        qtbot.mouseClick(dialog.create_button, LEFT)
    path, definition = defined.args
    return path, definition


class TestWelcomePage:
    def test_each_way_to_begin_is_asked_for(self, qtbot: QtBot) -> None:
        page = WelcomePage()
        qtbot.addWidget(page)
        for button, signal in (
            (page.demo, page.demo_requested),
            (page.new, page.new_requested),
            (page.open, page.open_requested),
        ):
            with qtbot.waitSignal(signal):
                qtbot.mouseClick(button, LEFT)

    def test_a_recent_study_opens_and_a_missing_one_does_not(self, qtbot: QtBot, tmp_path: Path) -> None:
        there, gone = tmp_path / "there.tuner", tmp_path / "gone.tuner"
        there.touch()
        page = WelcomePage([there, gone])
        qtbot.addWidget(page)
        page.resize(900, 700)
        with qtbot.waitExposed(page):
            page.show()
        chosen: list[Path] = []
        page.path_chosen.connect(chosen.append)
        for row in (1, 0):
            place = page.recent.visualItemRect(page.recent.item(row)).center()
            qtbot.mouseClick(page.recent.viewport(), LEFT, pos=place)
        assert chosen == [there]
        assert "missing" in page.recent.item(1).text()

    def test_without_recent_studies_there_is_no_empty_list(self, qtbot: QtBot) -> None:
        page = WelcomePage()
        qtbot.addWidget(page)
        assert page.recent.isHidden()


class TestNewStudy:
    def test_it_defines_what_was_chosen(self, qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path) -> None:
        dialog.data.setCurrentIndex(dialog.data.findData("diabetes"))
        dialog.name.selectAll()
        qtbot.keyClicks(dialog.name, "first try")
        dialog.optimizer.setCurrentText("adam")
        dialog.epochs.setValue(35)
        dialog.seed.setValue(7)
        path, definition = created(qtbot, dialog)
        assert path == tmp_path / "first try.tuner"
        assert (definition.name, definition.data.source, definition.seed) == ("first try", "diabetes", 7)
        assert definition.model.epochs == 35
        assert definition.optimizers == {"adam"}
        assert definition.objective.metric == "val_loss"
        assert "momentum" not in definition.space

    def test_what_will_be_searched_is_said_before(self, dialog: NewStudyDialog) -> None:
        assert "momentum" in dialog.searched.text()
        dialog.optimizer.setCurrentText("adam")
        assert "momentum" not in dialog.searched.text()

    def test_a_file_that_exists_is_never_offered_and_never_overwritten(self, qtbot: QtBot, tmp_path: Path) -> None:
        (tmp_path / "digits.tuner").touch()
        dialog = NewStudyDialog(folder=tmp_path)
        qtbot.addWidget(dialog)
        assert dialog.path == tmp_path / "digits-2.tuner"
        dialog.file.selectAll()
        qtbot.keyClicks(dialog.file, str(tmp_path / "digits"))
        assert "is there already" in dialog.problem.text()
        assert not dialog.create_button.isEnabled()

    @pytest.mark.parametrize("text", ["", "/nowhere/at/all/x.tuner"])
    def test_a_file_that_cannot_be_is_refused_while_typing(
        self, qtbot: QtBot, dialog: NewStudyDialog, text: str
    ) -> None:
        dialog.file.clear()
        qtbot.keyClicks(dialog.file, text) if text else qtbot.keyClick(dialog.file, Qt.Key.Key_Backspace)
        dialog._check()
        assert dialog.file.problem is not None
        assert not dialog.create_button.isEnabled()

    def test_a_name_is_needed(self, qtbot: QtBot, dialog: NewStudyDialog) -> None:
        dialog.name.selectAll()
        qtbot.keyClick(dialog.name, Qt.Key.Key_Delete)
        assert dialog.problem.text() == "The study needs a name."

    def test_a_file_that_a_person_chose_stays_when_the_name_changes(
        self, qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path
    ) -> None:
        dialog.file.selectAll()
        qtbot.keyClicks(dialog.file, str(tmp_path / "mine"))
        dialog.name.selectAll()
        qtbot.keyClicks(dialog.name, "other")
        assert dialog.path == tmp_path / "mine.tuner"

    @pytest.mark.usefixtures("qapp")
    def test_it_is_freed_when_it_closes(self, tmp_path: Path) -> None:
        def made() -> NewStudyDialog:
            dialog = NewStudyDialog(folder=tmp_path)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            return dialog

        freed_on_close(made)


@pytest.mark.parametrize("source", BUILT_IN_DATA)
def test_the_words_on_the_data_are_true(source: str) -> None:
    split = load(DataSettings(source))
    words = DATA_WORDS[source][1]
    rows = len(split.train) + len(split.validation) + split.test_rows
    assert f"{rows:,} rows, {split.inputs} inputs" in words
    if split.task is Task.CLASSIFICATION:
        assert f"{split.outputs} classes" in words
    else:
        assert "regression" in words
