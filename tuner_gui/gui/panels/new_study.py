"""The dialog that defines a new study: data (built in, or one's own), optimizer, epochs, seed, and where to keep it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.data.preview import preview
from tuner_gui.gui.parts.drops import dropped_source
from tuner_gui.gui.parts.fields import CheckedLineEdit
from tuner_gui.gui.parts.labels import ToneLabel, plain_tip
from tuner_gui.gui.parts.own_data import Look, OwnData
from tuner_gui.study.checks import OPTIMIZERS
from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings, Definition, Task, definition_of

SUFFIX = ".tuner"
MOST_EPOCHS = 10_000
MOST_SEED = 2**31 - 1
FORM_WIDTH = 448
OWN_FILE, OWN_FOLDER = "own file", "own folder"
OWN_WORDS = {
    OWN_FILE: ("Your own file…", "A table (CSV or Parquet), or arrays (NPZ)."),
    OWN_FOLDER: ("A folder of images…", "One folder of images for each class."),
}

# Rows, inputs and classes of the built-in data, as a person meets them; a test compares them with the data.
DATA_WORDS = {
    "digits": ("Handwritten digits", "1,797 rows, 64 inputs, 10 classes: 8 × 8 pixels"),
    "breast_cancer": ("Breast cancer", "569 rows, 30 inputs, 2 classes: measurements of cell nuclei"),
    "wine": ("Wine", "178 rows, 13 inputs, 3 classes: chemical analyses; small, so figures scatter"),
    "two_spirals": ("Two spirals", "1,200 rows, 2 inputs, 2 classes: two arms that wind around each other"),
    "diabetes": ("Diabetes", "442 rows, 10 inputs, regression: progress of the disease after a year"),
}


class NewStudyDialog(QDialog):
    """``study_defined`` carries the Path of the file to make and the Definition to put into it."""

    study_defined = Signal(object, object)

    def __init__(self, parent: QWidget | None = None, *, folder: Path | None = None, look: Look = preview) -> None:
        super().__init__(parent)
        self.setWindowTitle("New study")
        self.setAcceptDrops(True)
        self._folder = folder or _documents()
        self._path_is_ours = True
        self._look = look
        self._make_fields()
        self._lay_out()
        self._connect()
        self._on_data_changed()

    @property
    def path(self) -> Path:
        """The file as typed, with the suffix it will have."""
        path = Path(self.file.text().strip()).expanduser()
        return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX) if path.name else path

    @property
    def definition(self) -> Definition:
        made = definition_of(
            self._data_settings(),
            name=self.name.text().strip(),
            optimizer=self.optimizer.currentText(),
            seed=self.seed.value(),
        )
        return replace(made, model=replace(made.model, epochs=self.epochs.value()))

    def choose_source(self, source: Path) -> None:
        """Choose a person's own table or folder of images, and look at it."""
        self.data.setCurrentIndex(self.data.findData(OWN_FOLDER if source.is_dir() else OWN_FILE))
        self.own.choose(source)

    @property
    def _is_own(self) -> bool:
        return self.data.currentData() in OWN_WORDS

    def _data_settings(self) -> DataSettings:
        if not self._is_own:
            return DataSettings(self.data.currentData())
        # Until it has been looked at, nothing can be created; the words of the dialog go on a guess.
        return self.own.settings or DataSettings("", task=Task.CLASSIFICATION)

    def _make_fields(self) -> None:
        self.name = CheckedLineEdit("Name")
        self.data = QComboBox()
        self.data.setAccessibleName("Data")
        for source in BUILT_IN_DATA:
            self.data.addItem(DATA_WORDS[source][0], source)
        self.data.insertSeparator(self.data.count())
        for source, words in OWN_WORDS.items():
            self.data.addItem(words[0], source)
        self.about = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.own = OwnData(self._look)
        self.optimizer = QComboBox()
        self.optimizer.setAccessibleName("Optimizer")
        self.optimizer.addItems(OPTIMIZERS)
        self.searched = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.epochs = _spin_box("Epochs", 1, MOST_EPOCHS, 20)
        self.epochs.setToolTip("Passes over the training part in each trial")
        self.seed = _spin_box("Seed", 0, MOST_SEED, 0)
        self.seed.setToolTip("The same seed draws the same trials")
        self.file = CheckedLineEdit("File")
        self.browse = QPushButton("Browse…")
        self.browse.setAccessibleName("Choose where to keep the study")
        self.problem = ToneLabel("bad", wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.create_button = self.buttons.addButton("Create", QDialogButtonBox.ButtonRole.AcceptRole)

    def _lay_out(self) -> None:
        file = QHBoxLayout()
        file.addWidget(self.file, 1)
        file.addWidget(self.browse)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setVerticalSpacing(8)
        form.addRow(_label("&Data", self.data), _stacked(self.data, self.about, self.own))
        form.addRow(_label("&Name", self.name), self.name)
        form.addRow(_label("&Optimizer", self.optimizer), _stacked(self.optimizer, self.searched))
        form.addRow(_label("&Epochs", self.epochs), self.epochs)
        form.addRow(_label("&Seed", self.seed), self.seed)
        form.addRow(_label("&File", self.file), file)
        self._column = QWidget()
        self._column.setMinimumWidth(FORM_WIDTH)
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addStretch(1)
        self._rule = QFrame()
        self._rule.setFrameShape(QFrame.Shape.VLine)
        self._rule.setForegroundRole(QPalette.ColorRole.Mid)
        sides = QHBoxLayout()
        sides.setSpacing(16)
        sides.addWidget(self._column)
        sides.addWidget(self._rule)
        sides.addWidget(self.own.view, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(10)
        layout.addLayout(sides, 1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.data.currentIndexChanged.connect(self._on_data_changed)
        self.own.changed.connect(self._on_own_changed)
        self.own.source_changed.connect(self._name_after_data)
        self.optimizer.currentIndexChanged.connect(self._check)
        self.name.textEdited.connect(self._on_name_edited)
        self.file.textEdited.connect(self._on_file_edited)
        self.browse.clicked.connect(self._on_browse)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self.own.stop)

    # --- while typing ---

    @Slot()
    def _on_data_changed(self) -> None:
        source = self.data.currentData()
        if self._is_own:
            self.about.setText(OWN_WORDS[source][1])
            self.own.want(folder=source == OWN_FOLDER)
        else:
            self.own.stop()
            task = "" if BUILT_IN_DATA[source] is Task.CLASSIFICATION else " The search lowers the validation loss."
            self.about.setText(f"{DATA_WORDS[source][1]}.{task}")
        self.own.setVisible(self._is_own)
        self._name_after_data()
        self._check()
        self._fit()

    @Slot()
    def _name_after_data(self) -> None:
        source = self.own.source
        name = self.data.currentData() if not self._is_own else "study" if source is None else source.stem
        if self._path_is_ours:
            self.name.setText(name)
            self._name_file()

    @Slot()
    def _on_own_changed(self) -> None:
        self._check()
        self._fit()

    def _fit(self) -> None:
        """Room for the preview when there is one, and none otherwise; never smaller than a person made it."""
        shown = self._is_own and self.own.found is not None
        if shown == self.own.view.isVisibleTo(self):
            return
        for part in (self._rule, self.own.view):
            part.setVisible(shown)
        layout = self.layout()
        if layout is not None:
            layout.activate()
        wanted = self.sizeHint()
        room = self.screen().availableSize() * 0.94
        self.resize((wanted.expandedTo(self.size()) if shown else wanted).boundedTo(room))

    @Slot()
    def _on_name_edited(self) -> None:
        if self._path_is_ours:
            self._name_file()
        self._check()

    @Slot()
    def _on_file_edited(self) -> None:
        self._path_is_ours = False
        self._check()

    def _name_file(self) -> None:
        """A free file name after the study's name."""
        stem = "".join(c if c.isalnum() or c in " -_." else "-" for c in self.name.text().strip()) or "study"
        path, number = self._folder / f"{stem}{SUFFIX}", 2
        while path.exists():
            path, number = self._folder / f"{stem}-{number}{SUFFIX}", number + 1
        self.file.setText(str(path))

    @Slot()
    def _check(self) -> None:
        names = ", ".join(self.definition.space.names)
        self.searched.setText(f"Searches {names}; everything else is pinned. All of it can be changed later.")
        name_problem = None if self.name.text().strip() else "The study needs a name."
        file_problem = _file_problem(self.file.text(), self.path)
        self.name.set_problem(name_problem)
        self.file.set_problem(file_problem)
        # What is wrong with the data stands beside them.
        problem = name_problem or file_problem
        self.problem.setText(problem or "")
        problem = problem or (self.own.problem if self._is_own else None)
        self.create_button.setEnabled(problem is None)
        self.create_button.setToolTip(plain_tip(problem or ""))

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, "Keep the study in", str(self.path), f"Studies (*{SUFFIX})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.lstrip("."))
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.open()

    @Slot(str)
    def _on_file_chosen(self, path: str) -> None:
        self.file.setText(path)
        self._on_file_edited()

    @Slot()
    def _on_accepted(self) -> None:
        self._check()
        if self.create_button.isEnabled():
            self.study_defined.emit(self.path, self.definition)
            self.accept()

    # --- Qt ---

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_source(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        source = dropped_source(event.mimeData())
        if source is not None:
            event.acceptProposedAction()
            self.choose_source(source)


def _file_problem(text: str, path: Path) -> str | None:
    if not text.strip() or not path.name:
        return "The study needs a file."
    if path.exists():
        return f"{path.name} is there already; choose another name, or open it."
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist."
    if not os.access(path.parent, os.W_OK):
        return f"The folder {path.parent} cannot be written."
    return None


def _documents() -> Path:
    found = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())
    return found if found.is_dir() else Path.home()


def _spin_box(name: str, low: int, high: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setAccessibleName(name)
    box.setRange(low, high)
    box.setValue(value)
    box.setGroupSeparatorShown(name != "Seed")
    return box


def _label(text: str, field: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(field)
    label.setMinimumHeight(field.sizeHint().height())
    return label


def _stacked(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    for widget in widgets:
        column.addWidget(widget)
    return column
