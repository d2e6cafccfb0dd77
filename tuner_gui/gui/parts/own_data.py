"""The fields for a person's own data: where it is, what is learned from it and how. It is looked at in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.data.preview import Preview, image_of
from tuner_gui.gui.parts.fields import CheckedLineEdit
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.parts.preview_view import PreviewView
from tuner_gui.gui.parts.preview_words import (
    SUFFIXES,
    error_words,
    one_line,
    possible_targets,
    task_problem,
    task_words,
)
from tuner_gui.study.definition import DataSettings, Task
from tuner_gui.worker.inquiry import Cancelled, Inquiry

MOST_IMAGE_SIZE = 64
FILE_FILTER = f"Tables and arrays ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"
TASKS = {Task.CLASSIFICATION: "Classification", Task.REGRESSION: "Regression"}
MISSING = {"fill": "Fill: the median, or a category of its own", "drop": "Leave out the rows that have any"}


class Look(Protocol):
    """Reads the beginning of a source; DataError says why it cannot."""

    def __call__(self, source: Path, *, target: str = "", cancelled: Cancelled = ...) -> Preview: ...


class OwnData(QWidget):
    """``changed`` says that ``settings`` or ``problem`` may be others now; ``source_changed`` that a source was chosen.

    ``view`` shows what was found; where it stands is for who uses these fields.
    """

    changed = Signal()
    source_changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._inquiry = Inquiry(self)
        self._found: Preview | None = None
        self._looked_at: Path | None = None
        self._error = ""
        self.wants_folder = False
        self.view = PreviewView()
        self._make_fields()
        self._lay_out()
        self._connect()
        self._show_state()

    @property
    def source(self) -> Path | None:
        """The path as typed, made absolute."""
        text = self.path.text().strip()
        return Path(text).expanduser().absolute() if text else None

    @property
    def found(self) -> Preview | None:
        return self._found

    @property
    def kind_of_task(self) -> Task:
        # Qt hands the entry back as a plain text.
        return Task(self.task.currentData())

    @property
    def settings(self) -> DataSettings | None:
        """What a study would learn from; None until it has been looked at."""
        if self._found is None or self._looked_at is None:
            return None
        size = self.size_of_images.value() if self._found.kind == "images" else 0
        return DataSettings(
            str(self._looked_at),
            target=self.target.currentText() if self._found.kind != "images" else "",
            task=self.kind_of_task,
            missing=self.missing.currentData(),
            size=size,
            image=image_of(self._found, size),
        )

    @property
    def problem(self) -> str | None:
        """Why no study can be made of it yet, in words."""
        if self.source is None:
            return "Choose a folder of images." if self.wants_folder else "Choose a file."
        if self._inquiry.is_busy:
            return f"Looking at {one_line(self.source.name)} …"
        if self._error:
            return self._error
        if self._found is None or self._looked_at != self.source:
            return f"{one_line(self.source.name)} has not been looked at yet."
        return task_problem(self._found, self.target.currentText(), self.kind_of_task)

    def want(self, *, folder: bool) -> None:
        """Say whether a file or a folder is to be chosen."""
        self.wants_folder = folder
        self.path.setPlaceholderText(
            "A folder with a folder of images for each class" if folder else "CSV, Parquet, NPZ"
        )
        self._show_state()

    def choose(self, source: Path) -> None:
        """Take a source, and look at it."""
        self.path.setText(str(source))
        self._on_typed()

    @Slot()
    def stop(self) -> None:
        """Wait for no answer any more."""
        if self._inquiry.is_busy:
            self._inquiry.cancel()
            self._error = "Stopped before anything was found."
            self._show_state()

    def _make_fields(self) -> None:
        self.path = CheckedLineEdit("Own data")
        self.browse = QPushButton("Browse…")
        self.browse.setAccessibleName("Choose the data")
        self.state = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.again = QPushButton("Look again")
        self.target = QComboBox()
        # As many names as there are columns must not make the dialog as wide as the longest.
        self.target.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.target.setMinimumContentsLength(12)
        self.target.setAccessibleName("Target")
        self._targets = QStringListModel(self)
        self.target.setModel(self._targets)
        self.task = _combo("Task", {task.value: name for task, name in TASKS.items()})
        self.about_task = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.missing = _combo("Missing values", MISSING)
        self.size_of_images = QSpinBox()
        self.size_of_images.setAccessibleName("Image size")
        self.size_of_images.setRange(0, MOST_IMAGE_SIZE)
        self.size_of_images.setSpecialValueText(f"As the first, at most {MOST_IMAGE_SIZE}")
        self.size_of_images.setSuffix(" pixels")

    def _lay_out(self) -> None:
        path = QHBoxLayout()
        path.addWidget(self.path, 1)
        path.addWidget(self.browse)
        state = QHBoxLayout()
        state.addWidget(self.state, 1)
        state.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 4, 0, 6)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setVerticalSpacing(6)
        self.form.addRow(path)
        self.form.addRow(state)
        self.form.addRow("&Target", self.target)
        self._task_row = QWidget()
        task = QVBoxLayout(self._task_row)
        task.setContentsMargins(0, 0, 0, 0)
        task.setSpacing(2)
        task.addWidget(self.task)
        task.addWidget(self.about_task)
        title = QLabel("Tas&k")
        title.setBuddy(self.task)
        self.form.addRow(title, self._task_row)
        self.form.addRow("&Missing", self.missing)
        self.form.addRow("&Image size", self.size_of_images)

    def _connect(self) -> None:
        self.path.textEdited.connect(self._on_text_edited)
        self.path.editingFinished.connect(self._on_typed)
        self.browse.clicked.connect(self._on_browse)
        self.again.clicked.connect(self._on_again)
        self.target.activated.connect(self._on_target_activated)
        self.view.target_chosen.connect(self._on_target_chosen)
        self.task.currentIndexChanged.connect(self._show_state)
        self.missing.currentIndexChanged.connect(self.changed)
        self.size_of_images.valueChanged.connect(self.changed)
        self._inquiry.answered.connect(self._on_answered)

    # --- looking ---

    def _begin(self, target: str) -> None:
        source = self.source
        if source is None:
            return
        if source != self._looked_at:
            self._found = None
        self._looked_at, self._error = source, ""
        self._inquiry.ask(partial(_ask, self._look, source, target))
        self._show_state()

    @Slot(object)
    def _on_answered(self, answer: object) -> None:
        if isinstance(answer, Preview):
            self._found = answer
            self._targets.setStringList(possible_targets(answer))
            self.target.setCurrentIndex(self.target.findText(answer.target, Qt.MatchFlag.MatchExactly))
            self.task.setCurrentIndex(self.task.findData(answer.task))
        elif isinstance(answer, BaseException) and self._looked_at is not None:
            self._error = one_line(error_words(answer, self._looked_at))
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        """Everything that follows from what is known now."""
        found, busy = self._found, self._inquiry.is_busy
        kind = found.kind if found is not None else ""
        for field, shown in (
            (self.target, kind not in ("", "images")),
            (self._task_row, kind != ""),
            (self.missing, kind in ("csv", "parquet")),
            (self.size_of_images, kind == "images"),
        ):
            self.form.setRowVisible(field, shown)
        self.task.setEnabled(kind != "images")
        self.about_task.setText(task_words(self.kind_of_task))
        self.again.setVisible(busy or bool(self._error))
        self.again.setText("Stop" if busy else "Look again")
        problem = self.problem
        self.state.setText(problem or "")
        self.state.set_tone("bad" if problem and not busy and self.source else "secondary_text")
        self.state.setVisible(bool(problem))
        self.view.show_preview(found, self.target.currentText())
        self.changed.emit()

    # --- what a person does ---

    @Slot()
    def _on_text_edited(self) -> None:
        self._inquiry.cancel()
        self._found, self._looked_at, self._error = None, None, ""
        self._show_state()

    @Slot()
    def _on_typed(self) -> None:
        if self.source is not None and self.source != self._looked_at:
            self.source_changed.emit()
            self._begin("")

    @Slot()
    def _on_again(self) -> None:
        if self._inquiry.is_busy:
            self.stop()
        else:
            self._begin(self.target.currentText() if self._found is not None else "")

    @Slot(int)
    def _on_target_activated(self, _row: int) -> None:
        self._begin(self.target.currentText())

    @Slot(str)
    def _on_target_chosen(self, name: str) -> None:
        self.target.setCurrentIndex(self.target.findText(name, Qt.MatchFlag.MatchExactly))
        self._begin(name)

    @Slot()
    def _on_browse(self) -> None:
        folder = str(self.source.parent if self.source is not None else Path.home())
        title = "A folder with a folder of images for each class" if self.wants_folder else "Data to learn from"
        dialog = QFileDialog(self, title, folder, "" if self.wants_folder else FILE_FILTER)
        mode = QFileDialog.FileMode
        dialog.setFileMode(mode.Directory if self.wants_folder else mode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        self.choose(Path(path))


def _ask(look: Look, source: Path, target: str, cancelled: Cancelled) -> Preview:
    return look(source, target=target, cancelled=cancelled)


def _combo(name: str, entries: Mapping[str, str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in entries.items():
        box.addItem(text, value)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    return box
