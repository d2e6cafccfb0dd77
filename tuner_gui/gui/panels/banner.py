"""A strip at the top that appears only when something stands in the way: what happened, and what to do."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.icons import tinted
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.store import RunState, Status, Store
from tuner_gui.gui.theme import current_theme


class Message(NamedTuple):
    """``tone`` is a colour of the theme, ``sign`` an icon; ``resumes`` offers to go on."""

    title: str
    text: str
    tone: str
    sign: str
    resumes: bool = False


def message_for(status: Status) -> Message | None:
    """The most pressing thing that a person should know and do something about; None if all is well."""
    if status.saving_failed is not None:
        return Message(
            f"Not saved: {status.saving_failed}",
            "Nothing is lost yet: what is new is kept in memory and written as soon as the file can be written again.",
            "bad",
            "warning",
            resumes=status.run is RunState.PAUSED,
        )
    if status.run is RunState.PAUSED and status.pause_reason is not None:
        return Message(
            f"The search paused: {status.pause_reason}",
            "Resume goes on where it stopped.",
            "warning",
            "warning",
            resumes=True,
        )
    if status.read_only is not None:
        return Message(
            f"Viewer: {status.read_only}",
            "Everything can be looked at; edits, notes and new trials need a study that can be written.",
            "secondary_text",
            "lock",
        )
    return None


class Banner(QWidget):
    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._actions = actions
        self._message: Message | None = None
        self._sign = QLabel()
        self._sign.setFixedSize(18, 18)
        self.title = ToneLabel(bold=True, wrap=True)
        self.words = ToneLabel(wrap=True)
        self.resume = QPushButton("Resume")
        self.resume.setAccessibleName("Resume the search")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addWidget(self.words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 10, 6)
        layout.setSpacing(10)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)
        layout.addWidget(self.resume)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.resume.clicked.connect(self._on_resume)
        store.status_changed.connect(self._update)
        self._update()

    @Slot()
    def _update(self) -> None:
        message = message_for(self._store.status)
        self.setVisible(message is not None)
        if message is None or message == self._message:
            return
        self._message = message
        self.title.setText(message.title)
        self.words.setText(message.text)
        self.resume.setVisible(message.resumes)
        self.setAccessibleName(message.title)
        self.setAccessibleDescription(message.text)
        self.update()

    @Slot()
    def _on_resume(self) -> None:
        self._actions.resume()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._message is None:
            return
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), theme.color(self._message.tone, 0.13))
        painter.fillRect(QRectF(0, 0, 3, self.height()), theme.color(self._message.tone))
        sign = tinted(self._message.sign, theme.color(self._message.tone).name(), 16, self.devicePixelRatioF())
        painter.drawPixmap(self._sign.geometry().topLeft(), sign)
        painter.end()
