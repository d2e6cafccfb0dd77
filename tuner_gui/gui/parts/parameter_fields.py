"""The fields of the parameter editor: for numbers, for choices, and for a value that is pinned.

Each holds texts only. What they mean, and whether they can be searched, the editor asks elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from tuner_gui.gui.models.parameter_texts import Texts
from tuner_gui.gui.models.space_model import SCALE_WORDS
from tuner_gui.gui.parts.fields import CheckedLineEdit, QuietComboBox
from tuner_gui.space.parameters import FloatParameter, Parameter
from tuner_gui.space.scales import Scale
from tuner_gui.study.checks import LIMITS, Kind


class Fields(QWidget):
    """What the three have in common: ``edited`` while typing, ``confirmed`` on Enter or leaving, ``restore_asked``."""

    edited = Signal()
    confirmed = Signal()
    restore_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line_edits: dict[str, CheckedLineEdit] = {}

    def texts(self) -> Texts:
        return {field: line_edit.text() for field, line_edit in self.line_edits.items()}

    def set_texts(self, texts: Texts) -> None:
        for field, line_edit in self.line_edits.items():
            line_edit.setText(texts[field])
            line_edit.setCursorPosition(0)

    def set_problem(self, field: str | None, problem: str | None) -> None:
        """Mark the field that is wrong; the others are cleared."""
        for name, line_edit in self.line_edits.items():
            line_edit.set_problem(problem if name == field else None)

    def set_restorable(self, *, restorable: bool) -> None:
        for line_edit in self.line_edits.values():
            line_edit.restorable = restorable

    def set_read_only(self, *, read_only: bool) -> None:
        for line_edit in self.line_edits.values():
            line_edit.setReadOnly(read_only)

    def name_controls(self, parameter: str) -> None:
        """Tell screen readers which parameter the fields belong to."""
        for field, line_edit in self.line_edits.items():
            line_edit.setAccessibleName(f"{parameter}: {field}")

    def _add_line_edit(self, field: str) -> CheckedLineEdit:
        line_edit = CheckedLineEdit(field, self)
        line_edit.setMinimumWidth(44)
        line_edit.textEdited.connect(self._on_edited)
        line_edit.editingFinished.connect(self.confirmed)
        line_edit.restore_asked.connect(self.restore_asked)
        self.line_edits[field] = line_edit
        return line_edit

    @Slot(str)
    def _on_edited(self, _text: str) -> None:
        self.edited.emit()


class NumberFields(Fields):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        self.scale = QuietComboBox("scale")
        self.scale.activated.connect(self._on_scale_chosen)
        low, high, step = (self._add_line_edit(field) for field in ("low", "high", "step"))
        for column, (title, widget, stretch) in enumerate(
            [("Low", low, 5), ("High", high, 5), ("Scale", self.scale, 4), ("Step", step, 4)]
        ):
            label = _small_label(title)
            label.setBuddy(widget)
            grid.addWidget(label, 0, column)
            grid.addWidget(widget, 1, column)
            grid.setColumnStretch(column, stretch)
        for before, after in ((low, high), (high, self.scale), (self.scale, step)):
            QWidget.setTabOrder(before, after)

    def texts(self) -> Texts:
        return {**super().texts(), "scale": self.scale.currentText()}

    def set_texts(self, texts: Texts) -> None:
        super().set_texts(texts)
        self.scale.setCurrentText(texts["scale"])

    def set_parameter(self, parameter: Parameter) -> None:
        """Offer what this kind of number can have."""
        is_float = isinstance(parameter, FloatParameter)
        self.line_edits["step"].setPlaceholderText("none" if is_float else "1")
        self.scale.clear()
        for scale in Scale if is_float else (Scale.LINEAR, Scale.LOG):
            self.scale.addItem(str(scale))
            self.scale.setItemData(self.scale.count() - 1, SCALE_WORDS[scale], Qt.ItemDataRole.ToolTipRole)

    def set_read_only(self, *, read_only: bool) -> None:
        super().set_read_only(read_only=read_only)
        self.scale.setEnabled(not read_only)

    def name_controls(self, parameter: str) -> None:
        super().name_controls(parameter)
        self.scale.setAccessibleName(f"{parameter}: scale")

    @Slot(int)
    def _on_scale_chosen(self, _index: int) -> None:
        self.edited.emit()
        self.confirmed.emit()


class ChoiceFields(Fields):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(1)
        choices = self._add_line_edit("choices")
        label = _small_label("Choices, with commas between them")
        label.setBuddy(choices)
        grid.addWidget(label, 0, 0)
        grid.addWidget(choices, 1, 0)


class PinnedFields(Fields):
    """The value of a hyperparameter that is not searched, and the button that searches it."""

    search_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.value = self._add_line_edit("value")
        self.words = QuietComboBox("value")
        self.words.activated.connect(self._on_word_chosen)
        self.search = QPushButton("Search it")
        self.search.setToolTip("Draw it from a range, like the parameters above")
        self.search.clicked.connect(self.search_asked)
        row.addWidget(_small_label("Pinned at"))
        row.addWidget(self.value, 1)
        row.addWidget(self.words, 1)
        row.addWidget(self.search)

    def texts(self) -> Texts:
        return {"value": self.words.currentText() if self.words.isVisibleTo(self) else self.value.text()}

    def set_texts(self, texts: Texts) -> None:
        super().set_texts(texts)
        self.words.setCurrentText(texts["value"])

    def set_parameter(self, parameter: Parameter) -> None:
        limits = LIMITS.get(parameter.name)
        words = limits.words if limits is not None else ()
        if limits is not None and limits.kind is Kind.SWITCH:
            words = ("true", "false")
        self.words.clear()
        self.words.addItems(words)
        self.words.setVisible(bool(words))
        self.value.setVisible(not words)

    def set_read_only(self, *, read_only: bool) -> None:
        super().set_read_only(read_only=read_only)
        self.words.setEnabled(not read_only)
        self.search.setEnabled(not read_only)

    def name_controls(self, parameter: str) -> None:
        super().name_controls(parameter)
        self.words.setAccessibleName(f"{parameter}: value")
        self.search.setAccessibleName(f"Search {parameter}")

    @Slot(int)
    def _on_word_chosen(self, _index: int) -> None:
        self.edited.emit()
        self.confirmed.emit()


def _small_label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = label.font()
    font.setPointSizeF(max(font.pointSizeF() - 1, 7))
    label.setFont(font)
    return label
