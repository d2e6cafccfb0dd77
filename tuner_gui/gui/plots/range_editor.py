"""A small editor over a plot: the bounds of an interval, typed. It refuses what cannot be and says why."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from tuner_gui.gui.theme import current_theme
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import NumberParameter
from tuner_gui.space.region import Extent, Interval, as_interval, checked_extent
from tuner_gui.space.ticks import format_in

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def typed_interval(parameter: NumberParameter, low: str, high: str) -> Extent:
    """The interval of two texts; SpaceError says in words what is wrong with them."""
    return checked_extent(parameter, Interval(_typed(parameter, "low", low), _typed(parameter, "high", high)))


def _typed(parameter: NumberParameter, field: str, text: str) -> float:
    if not _NUMBER.fullmatch(text.strip()):
        raise SpaceError(f"{parameter.name}.{field}", text, "a number such as 0.01 or 1e-2")
    return float(text)


class RangeEditor(QFrame):
    """Two fields and the reason why they cannot be taken, if so. Enter takes them, Esc closes."""

    accepted = Signal(str, object)

    def __init__(self, parent: QWidget, parameter: NumberParameter, extent: Extent) -> None:
        super().__init__(parent)
        self._over = parent
        self._parameter = parameter
        low, high = as_interval(extent)
        self.low = self._field("Low", low)
        self.high = self._field("High", high)
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.take = QPushButton("Set", self)
        self.take.clicked.connect(self._take)
        self._arrange()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(f"Values of {parameter.name}")
        self._check()

    def open_at(self, place: QPoint) -> None:
        """Show inside the parent, as near to a place as it fits, with the keyboard in the first field."""
        self.adjustSize()
        room = self._over.rect()
        x = min(max(place.x(), 4), max(room.width() - self.width() - 4, 4))
        y = min(max(place.y(), 4), max(room.height() - self.height() - 4, 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self.low.setFocus()
        self.low.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc end here; the plot below must not take them for its own."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
        event.accept()

    def _field(self, name: str, value: float) -> QLineEdit:
        field = QLineEdit(format_in(self._parameter, value, 6), self)
        field.setAccessibleName(f"{name} of {self._parameter.name}")
        field.setMaximumWidth(110)
        field.textChanged.connect(self._check)
        return field

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 8, 10, 8)
        title = QLabel(f"<b>{self._parameter.name}</b>", self)
        grid.addWidget(title, 0, 0, 1, 4)
        grid.addWidget(self.low, 1, 0)
        grid.addWidget(QLabel("to", self), 1, 1)
        grid.addWidget(self.high, 1, 2)
        grid.addWidget(self.take, 1, 3)
        grid.addWidget(self.message, 2, 0, 1, 4)

    @Slot()
    def _check(self) -> None:
        reason = self._reason()
        theme = current_theme()
        span = (
            f"{format_in(self._parameter, self._parameter.low)} to {format_in(self._parameter, self._parameter.high)}"
        )
        self.message.setText(reason or f"full range {span}")
        self.message.setStyleSheet(f"color: {theme.bad if reason else theme.secondary_text}")
        self.take.setEnabled(not reason)

    def _reason(self) -> str:
        try:
            typed_interval(self._parameter, self.low.text(), self.high.text())
        except SpaceError as error:
            return f"expected {error.expected}"
        return ""

    @Slot()
    def _take(self) -> None:
        if not self._reason():
            extent = typed_interval(self._parameter, self.low.text(), self.high.text())
            self.accepted.emit(self._parameter.name, extent)
            self.close()
