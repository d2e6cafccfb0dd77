"""A form for values of one's own: the next trials are trained with just these, once or with several seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QSpinBox, QVBoxLayout, QWidget

from tuner_gui.gui.models.parameter_texts import text_of_value
from tuner_gui.gui.parts.fields import CheckedLineEdit
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, NumberParameter, Parameter, Value
from tuner_gui.space.space import Space
from tuner_gui.space.ticks import format_value
from tuner_gui.space.unit import canonical

MOST_TIMES = 100


def typed_value(parameter: NumberParameter, text: str) -> Value:
    """The value of a text, on the parameter's grid; SpaceError says in words what is wrong with it."""
    try:
        number = float(text)
    except ValueError:
        raise SpaceError(parameter.name, text, "a number such as 0.01 or 1e-2") from None
    if not parameter.low <= number <= parameter.high:
        span = f"{format_value(parameter.low)} to {format_value(parameter.high)}"
        raise SpaceError(parameter.name, text, f"a number in its range, {span}")
    return canonical(parameter, number)


class TryDialog(QDialog):
    """``asked`` carries the values, and how many trials are to have them, each with a seed of its own."""

    asked = Signal(object, int)

    def __init__(
        self, space: Space, values: Mapping[str, Value], parent: QWidget | None = None, *, times: int = 1
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Try values")
        self._space = space
        self.fields: dict[str, CheckedLineEdit | QComboBox] = {
            parameter.name: _field(parameter, values.get(parameter.name)) for parameter in space
        }
        self.times = QSpinBox()
        self.times.setRange(1, MOST_TIMES)
        self.times.setValue(times)
        self.times.setSuffix(" × with other seeds")
        self.times.setAccessibleName("How many trials with these values")
        self.problem = ToneLabel("bad", wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.take = self.buttons.addButton("Train", QDialogButtonBox.ButtonRole.AcceptRole)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        for name, field in self.fields.items():
            form.addRow(name, field)
            if isinstance(field, CheckedLineEdit):
                field.textChanged.connect(self._check)
        form.addRow("trials", self.times)
        layout = QVBoxLayout(self)
        layout.addWidget(
            ToneLabel("secondary_text", "These are trained next, before anything that the search draws.", wrap=True)
        )
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        self._check()

    def values(self) -> dict[str, Value]:
        """What the form says; SpaceError for the first field that cannot be meant."""
        return {parameter.name: self._value(parameter) for parameter in self._space}

    def _value(self, parameter: Parameter) -> Value:
        field = self.fields[parameter.name]
        if isinstance(parameter, ChoiceParameter):
            assert isinstance(field, QComboBox)  # noqa: S101 - made for it above
            return parameter.choices[field.currentIndex()]
        return typed_value(parameter, field.text() if isinstance(field, CheckedLineEdit) else "")

    @Slot()
    def _check(self) -> None:
        """Mark every field that is wrong, and say of the first one why."""
        reasons: list[str] = []
        for parameter in self._space:
            field = self.fields[parameter.name]
            if not isinstance(field, CheckedLineEdit):
                continue
            reason = _reason(self._value, parameter)
            field.set_problem(reason)
            if reason is not None:
                reasons.append(f"{parameter.name}: {reason}")
        self.problem.setText(reasons[0] if reasons else "")
        self.problem.setVisible(bool(reasons))
        self.take.setEnabled(not reasons)

    @Slot()
    def _take(self) -> None:
        if self.take.isEnabled():
            self.asked.emit(self.values(), self.times.value())
            self.accept()


def _reason(value_of: Callable[[Parameter], Value], parameter: Parameter) -> str | None:
    try:
        value_of(parameter)
    except SpaceError as error:
        return f"expected {error.expected}"
    return None


def _field(parameter: Parameter, value: Value | None) -> CheckedLineEdit | QComboBox:
    if isinstance(parameter, ChoiceParameter):
        box = QComboBox()
        box.addItems([format_value(choice) for choice in parameter.choices])
        box.setAccessibleName(parameter.name)
        if value in parameter.choices:
            box.setCurrentIndex(parameter.choices.index(value))
        return box
    field = CheckedLineEdit(parameter.name)
    if value is not None:
        field.setText(text_of_value(parameter, value))
    return field
