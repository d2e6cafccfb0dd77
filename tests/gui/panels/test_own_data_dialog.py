"""A person's own data in the dialog for a new study, and dropped on the window."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import fake_trainer
import pytest
from leaks import freed_on_close
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tuner_gui.data.errors import DataError
from tuner_gui.data.preview import Column, Preview
from tuner_gui.engines.local import LocalEngine
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.models.columns_model import NOTES
from tuner_gui.gui.panels.new_study import OWN_FILE, OWN_FOLDER, NewStudyDialog
from tuner_gui.gui.parts.own_data import Look
from tuner_gui.study.definition import DataSettings, Definition, Task

LEFT = Qt.MouseButton.LeftButton
Open = Callable[[Look], NewStudyDialog]


def never() -> bool:
    return False


def look_at_csv(source: Path, *, target: str = "", cancelled: Callable[[], bool] = never) -> Preview:
    """Reads a small CSV; the threads, the fields and the tables of the dialog are what is tested here."""
    if source.is_dir():
        columns = (_column("pixels", ["1", "2"]), _column("class", ["cat", "dog"]))
        return Preview("images", columns, 4, 4, (("a.png", "cat"),), "", Task.CLASSIFICATION, 100)
    names, *rows = csv.reader(source.read_text().splitlines())
    if not rows:
        raise DataError(f"{source.name} has no rows.")
    columns = tuple(_column(name, [row[at] for row in rows]) for at, name in enumerate(names))
    chosen = next(column for column in columns if column.name == (target or names[-1]))
    task = Task.REGRESSION if chosen.kind == "number" else Task.CLASSIFICATION
    head = tuple(tuple(row) for row in rows[:20])
    told = ("<i>one</i> column is the same in every row",)
    seen, size = len(rows), source.stat().st_size
    return Preview("csv", columns, seen, seen, head, chosen.name, task, size, "utf-8", ";", ",", warnings=told)


def _column(name: str, values: list[str]) -> Column:
    kind = "number" if all(value.replace(".", "").isdigit() or not value for value in values) else "category"
    distinct = len(set(values) - {""})
    return Column(name, kind, values.count(""), distinct, distinct == 1, "", tuple(values[:3]))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    path = tmp_path / "flowers.csv"
    path.write_text("width,same,<b>bold</b>,species\n1.5,7,a,rose\n,7,<img src=x>,tulip\n3.5,7,c,rose\n")
    return path


@pytest.fixture
def open_dialog(qtbot: QtBot, tmp_path: Path) -> Open:
    def opened(look: Look) -> NewStudyDialog:
        dialog = NewStudyDialog(folder=tmp_path, look=look)
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    return opened


@pytest.fixture
def dialog(open_dialog: Open) -> NewStudyDialog:
    return open_dialog(look_at_csv)


def settled(qtbot: QtBot, dialog: NewStudyDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.own._inquiry.is_busy)


def pick(qtbot: QtBot, dialog: NewStudyDialog, entry: str, source: Path) -> None:
    """By the list and by typing the path, as with the keyboard alone."""
    dialog.data.setCurrentIndex(dialog.data.findData(entry))
    dialog.own.path.setFocus()
    dialog.own.path.selectAll()
    qtbot.keyClicks(dialog.own.path, str(source))
    qtbot.keyClick(dialog.own.path, Qt.Key.Key_Return)
    settled(qtbot, dialog)


def created(qtbot: QtBot, dialog: NewStudyDialog) -> Definition:
    with qtbot.waitSignal(dialog.study_defined) as defined:
        qtbot.mouseClick(dialog.create_button, LEFT)
    definition: Definition = defined.args[1]
    return definition


def notes_of(dialog: NewStudyDialog) -> list[str]:
    model = dialog.own.view.columns.model()
    return [model.index(row, NOTES).data() for row in range(model.rowCount())]


def test_a_file_is_shown_before_a_study_is_made_of_it(qtbot: QtBot, dialog: NewStudyDialog, flowers: Path) -> None:
    pick(qtbot, dialog, OWN_FILE, flowers)
    view = dialog.own.view
    assert "3 rows, 4 columns" in view.facts.text()
    assert view.reading.text() == "Encoding utf-8, delimiter semicolon, decimal mark comma, names in the first line."
    assert notes_of(dialog) == ["", "constant", "", "target"]
    assert dialog.name.text() == "flowers"
    assert dialog.path.name == "flowers.tuner"
    definition = created(qtbot, dialog)
    assert definition.data == DataSettings(str(flowers), target="species", task=Task.CLASSIFICATION, missing="fill")
    assert definition.objective.metric == "val_accuracy"


def test_another_target_brings_its_task_and_objective(qtbot: QtBot, dialog: NewStudyDialog, flowers: Path) -> None:
    pick(qtbot, dialog, OWN_FILE, flowers)
    table = dialog.own.view.columns
    table.setCurrentIndex(table.model().index(0, 0))
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    settled(qtbot, dialog)
    assert notes_of(dialog) == ["target", "constant", "", ""]
    assert dialog.own.kind_of_task is Task.REGRESSION
    dialog.own.missing.setCurrentIndex(1)
    definition = created(qtbot, dialog)
    assert definition.data.target == "width"
    assert definition.data.missing == "drop"
    assert definition.objective.metric == "val_loss"


def test_the_task_can_be_changed_and_an_impossible_one_is_refused(
    qtbot: QtBot, dialog: NewStudyDialog, flowers: Path
) -> None:
    pick(qtbot, dialog, OWN_FILE, flowers)
    qtbot.keyClick(dialog.own.task, Qt.Key.Key_Down)
    assert dialog.own.state.text() == "A regression needs numbers; the target species has categories."
    assert not dialog.create_button.isEnabled()
    qtbot.keyClick(dialog.own.task, Qt.Key.Key_Up)
    assert dialog.create_button.isEnabled()


def test_an_error_stands_in_the_dialog_and_is_gone_after_looking_again(
    qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path
) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("a,b\n")
    pick(qtbot, dialog, OWN_FILE, path)
    assert dialog.own.state.text() == "empty.csv has no rows."
    assert not dialog.create_button.isEnabled()
    path.write_text("a,b\n1,2\n")
    qtbot.mouseClick(dialog.own.again, LEFT)
    settled(qtbot, dialog)
    assert not dialog.own.state.isVisible()
    assert dialog.create_button.isEnabled()


def test_a_missing_file_is_named(qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path) -> None:
    pick(qtbot, dialog, OWN_FILE, tmp_path / "gone.csv")
    assert dialog.own.state.text() == "gone.csv cannot be read: No such file or directory."


def test_what_a_file_says_is_never_markup(qtbot: QtBot, dialog: NewStudyDialog, flowers: Path) -> None:
    pick(qtbot, dialog, OWN_FILE, flowers)
    view = dialog.own.view
    assert "<i>one</i>" in view.warnings.text()
    assert view.columns.model().index(2, 0).data() == "<b>bold</b>"
    labels = [label for label in dialog.findChildren(QLabel) if label.text() and label.buddy() is None]
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    assert view.columns.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole) is None


def test_a_folder_of_images_has_no_target(qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    folder.mkdir()
    pick(qtbot, dialog, OWN_FOLDER, folder)
    assert not dialog.own.target.isVisible()
    dialog.own.size_of_images.setValue(32)
    assert created(qtbot, dialog).data == DataSettings(str(folder), task=Task.CLASSIFICATION, size=32)


def test_the_dialog_grows_for_own_data_alone(qtbot: QtBot, dialog: NewStudyDialog, flowers: Path) -> None:
    before = dialog.width()
    pick(qtbot, dialog, OWN_FILE, flowers)
    assert dialog.width() > before
    dialog.data.setCurrentIndex(0)
    assert not dialog.own.view.isVisible()
    assert dialog.width() == before
    assert created(qtbot, dialog).data == DataSettings("digits")


def test_many_columns_can_be_searched(qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"sensor {number}" for number in range(200)]
    path.write_text("\n".join([",".join(names), ",".join("1" for _ in names)]))
    pick(qtbot, dialog, OWN_FILE, path)
    qtbot.keyClicks(dialog.own.view.search, "SENSOR 19")
    assert dialog.own.view.columns.model().rowCount() == 11


class Slow:
    """Looks until it is told to stop, as at a file on a far disk."""

    def __init__(self) -> None:
        self.began, self.ended = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None

    def __call__(self, source: Path, *, target: str = "", cancelled: Callable[[], bool] = never) -> Preview:
        if source.name != "slow.csv":
            return look_at_csv(source, target=target)
        self.thread = threading.current_thread()
        self.began.set()
        while not cancelled():
            self.ended.wait(0.005)
        self.ended.set()
        raise DataError("An answer that nobody waits for.")


def look_slowly(qtbot: QtBot, dialog: NewStudyDialog, slow: Slow) -> None:
    dialog.choose_source(Path("slow.csv"))
    qtbot.waitUntil(slow.began.is_set)


def test_while_it_looks_it_says_so_and_can_be_stopped(qtbot: QtBot, open_dialog: Open) -> None:
    slow = Slow()
    dialog = open_dialog(slow)
    look_slowly(qtbot, dialog, slow)
    assert slow.thread is not threading.main_thread()
    assert dialog.own.state.text() == "Looking at slow.csv …"
    assert not dialog.create_button.isEnabled()
    qtbot.mouseClick(dialog.own.again, LEFT)
    qtbot.waitUntil(slow.ended.is_set)
    assert dialog.own.state.text() == "Stopped before anything was found."


def test_the_answer_on_an_earlier_file_never_shows(qtbot: QtBot, open_dialog: Open, flowers: Path) -> None:
    slow = Slow()
    dialog = open_dialog(slow)
    look_slowly(qtbot, dialog, slow)
    dialog.choose_source(flowers)
    qtbot.waitUntil(slow.ended.is_set)
    settled(qtbot, dialog)
    assert slow.thread is not None
    slow.thread.join(5)
    dialog.own._inquiry._look()
    assert dialog.create_button.isEnabled()
    assert notes_of(dialog)[-1] == "target"


def test_closing_while_it_looks_stops_looking(qtbot: QtBot, open_dialog: Open) -> None:
    slow = Slow()
    dialog = open_dialog(slow)
    look_slowly(qtbot, dialog, slow)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    qtbot.waitUntil(slow.ended.is_set)


@pytest.mark.usefixtures("qapp")
def test_it_is_freed_when_it_closes_while_it_looks(tmp_path: Path) -> None:
    slow = Slow()

    def made() -> NewStudyDialog:
        dialog = NewStudyDialog(folder=tmp_path, look=slow)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.choose_source(Path("slow.csv"))
        return dialog

    freed_on_close(made)
    assert slow.ended.wait(5)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(engine=partial(LocalEngine, target=fake_trainer.main))
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    made.deleteLater()


def drop(target: MainWindow | NewStudyDialog, path: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys = Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, LEFT, keys)
    event.ignore()
    target.dropEvent(event)
    return event.isAccepted()


@pytest.mark.parametrize(("name", "entry"), [("flowers.csv", OWN_FILE), ("", OWN_FOLDER)])
def test_what_is_dropped_on_the_window_is_filled_in(window: MainWindow, flowers: Path, name: str, entry: str) -> None:
    source = flowers.parent / name
    assert drop(window, source)
    (dialog,) = window.findChildren(NewStudyDialog)
    assert dialog.isVisible()
    assert dialog.data.currentData() == entry
    assert dialog.own.source == source
    dialog.close()


def test_what_cannot_be_learned_from_is_not_taken(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.touch()
    assert not drop(window, path)
    assert window.findChildren(NewStudyDialog) == []


def test_a_file_is_dropped_on_the_dialog_too(qtbot: QtBot, dialog: NewStudyDialog, flowers: Path) -> None:
    assert drop(dialog, flowers)
    settled(qtbot, dialog)
    assert dialog.create_button.isEnabled()
