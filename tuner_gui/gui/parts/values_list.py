"""Names and values in two columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from tuner_gui.gui.parts.labels import ToneLabel


class ValuesList(QWidget):
    """Keeps its labels from one trial to the next: walking through trials must not build widgets."""

    def __init__(self, tone: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = tone
        self._labels: list[tuple[ToneLabel, ToneLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)

    def texts(self) -> list[tuple[str, str]]:
        """What is shown, from the top down."""
        return [(name.text(), value.text()) for name, value in self._labels if not name.isHidden()]

    def show_values(self, values: Sequence[tuple[str, str]]) -> None:
        while len(self._labels) < len(values):
            self._add_row()
        for number, labels in enumerate(self._labels):
            for column, label in enumerate(labels):
                label.setVisible(number < len(values))
                label.setText(values[number][column] if number < len(values) else "")

    def _add_row(self) -> None:
        row = len(self._labels)
        name, value = ToneLabel("secondary_text"), ToneLabel(self._tone)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._labels.append((name, value))
