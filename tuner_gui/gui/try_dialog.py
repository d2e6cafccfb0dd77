"""A form for values of one's own: the next trials are trained with just these, once or with several seeds."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QSpinBox, QVBoxLayout, QWidget

from tuner_gui.gui.models.parameter_texts import text_of_value
from tuner_gui.gui.models.typed_values import Point, combinations, count_words, too_many, typed_values
from tuner_gui.gui.parts.choice_checks import ChoiceChecks
from tuner_gui.gui.parts.fields import CheckedLineEdit
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value, choice_key
from tuner_gui.space.space import Space

MOST_TIMES = 100
WIDTH = 420
_WORDS = (
    "These are trained next, before anything that the search draws. Several values, with commas between, make every "
    "combination; ×3 is three times the value that the form began with."
)


class TryDialog(QDialog):
    """``asked`` carries the values, and how many trials are to have them, each with a seed of its own.

    Several values in a field make every combination: it is emitted once for each, in order.
    """

    asked = Signal(object, int)

    def __init__(
        self, space: Space, values: Mapping[str, Value], parent: QWidget | None = None, *, times: int = 1
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Try values")
        self._space = space
        self._given = dict(values)
        self.fields: dict[str, CheckedLineEdit | ChoiceChecks] = {p.name: _field(p, values.get(p.name)) for p in space}
        self.problems = {name: ToneLabel("bad", smaller=1, wrap=True) for name in space.names}
        self.times = QSpinBox()
        self.times.setRange(1, MOST_TIMES)
        self.times.setValue(times)
        self.times.setSuffix(" × with other seeds")
        self.times.setAccessibleName("How many trials with each set of values")
        self.count = ToneLabel("text", wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.take = self.buttons.addButton("Train", QDialogButtonBox.ButtonRole.AcceptRole)
        self.setMinimumWidth(WIDTH)
        self._lay_out()
        self.times.valueChanged.connect(self._check)
        self.buttons.accepted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        self._check()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        for name, field in self.fields.items():
            form.addRow(name, _above(field, self.problems[name]))
            if isinstance(field, CheckedLineEdit):
                field.textChanged.connect(self._check)
            else:
                field.changed.connect(self._check)
        form.addRow("trials", self.times)
        layout = QVBoxLayout(self)
        layout.addWidget(ToneLabel("secondary_text", _WORDS, wrap=True))
        layout.addLayout(form)
        layout.addWidget(self.count)
        layout.addWidget(self.buttons)

    def points(self) -> list[Point]:
        """Every combination of what the form says; SpaceError for the first field that cannot be meant."""
        return combinations({parameter.name: self._values(parameter) for parameter in self._space})

    def _values(self, parameter: Parameter) -> list[Value]:
        field = self.fields[parameter.name]
        if isinstance(field, ChoiceChecks):
            if not field.chosen():
                raise SpaceError(parameter.name, "", "at least one of them")
            return field.chosen()
        assert not isinstance(parameter, ChoiceParameter)  # noqa: S101 - it would have check boxes
        return typed_values(parameter, field.text(), self._given.get(parameter.name))

    @Slot()
    def _check(self) -> None:
        """Say under every field what is wrong with it, and at the end how many trials all of it makes."""
        values: dict[str, list[Value]] = {}
        for parameter in self._space:
            reason = None
            try:
                values[parameter.name] = self._values(parameter)
            except SpaceError as error:
                reason = f"expected {error.expected}"
            self._mark(parameter.name, reason)
        times, is_whole = self.times.value(), len(values) == len(self._space)
        reason = too_many(values, times) if is_whole else None
        words = count_words(values, times) if is_whole else "How many trials this makes is known once all fields are."
        self.count.setText(f"{words}. {reason}" if reason else words)
        self.count.set_tone("bad" if reason else "text" if is_whole else "secondary_text")
        self.take.setEnabled(is_whole and reason is None)

    def _mark(self, name: str, reason: str | None) -> None:
        field, problem = self.fields[name], self.problems[name]
        if isinstance(field, CheckedLineEdit):
            field.set_problem(reason)
        problem.setText(reason or "")
        problem.setVisible(reason is not None)

    @Slot()
    def _take(self) -> None:
        if self.take.isEnabled():
            for point in self.points():
                self.asked.emit(point, self.times.value())
            self.accept()


def _field(parameter: Parameter, value: Value | None) -> CheckedLineEdit | ChoiceChecks:
    if isinstance(parameter, ChoiceParameter):
        known = value is not None and choice_key(value) in map(choice_key, parameter.choices)
        # What is no longer among the choices gives way to the first.
        return ChoiceChecks(parameter, value if known else parameter.choices[0])
    field = CheckedLineEdit(parameter.name)
    if value is not None:
        field.setText(text_of_value(parameter, value))
    return field


def _above(field: QWidget, problem: QWidget) -> QWidget:
    row = QWidget()
    layout = QVBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(1)
    layout.addWidget(field)
    layout.addWidget(problem)
    return row
