"""Several of a few choices: a check box for each."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QGridLayout, QStyle, QStyleOptionButton, QWidget

from tuner_gui.gui.theme import current_theme
from tuner_gui.space.parameters import ChoiceParameter, Value, choice_key
from tuner_gui.space.ticks import format_value

IN_A_ROW = 4


class OutlinedCheckBox(QCheckBox):
    """A check box that can be seen on both grounds; Fusion's own vanishes on a dark one."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current_theme().color("region" if self.hasFocus() else "secondary_text"), 1))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        painter.end()


class ChoiceChecks(QWidget):
    """Begins with one choice checked, or with none."""

    changed = Signal()

    def __init__(self, parameter: ChoiceParameter, value: Value | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parameter = parameter
        self.setAccessibleName(parameter.name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(IN_A_ROW, 1)
        self.boxes = [OutlinedCheckBox(format_value(choice)) for choice in parameter.choices]
        for index, (box, choice) in enumerate(zip(self.boxes, parameter.choices, strict=True)):
            box.setChecked(value is not None and choice_key(choice) == choice_key(value))
            box.setAccessibleName(f"{parameter.name}: {box.text()}")
            box.toggled.connect(self._on_toggled)
            grid.addWidget(box, index // IN_A_ROW, index % IN_A_ROW)

    def chosen(self) -> list[Value]:
        """The checked ones, in the order of the parameter."""
        return [c for box, c in zip(self.boxes, self._parameter.choices, strict=True) if box.isChecked()]

    def choose(self, *values: Value) -> None:
        """Check these, and no others."""
        keys = {choice_key(value) for value in values}
        for box, choice in zip(self.boxes, self._parameter.choices, strict=True):
            box.setChecked(choice_key(choice) in keys)

    @Slot()
    def _on_toggled(self) -> None:
        self.changed.emit()
