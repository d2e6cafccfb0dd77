"""What is shown while no study is open: what the program does, and the ways to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.gui.icons import icon, tinted
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.parts.welcome_picture import WelcomePicture

# Fusion paints a button lighter than its colour; what comes out still carries white text.
_ACCENT = QColor("#004d7a")
_WIDTH = 520
_MOST_SHOWN = 6
_SENTENCE = "Set ranges and scales, search, drag a region on a plot: the running search follows."
_TOLD = "60 finished trials on handwritten digits. Nothing to set up, nothing to break: it is your own copy."
_DROP = "You can also drop a study (.tuner) on this window."


class WelcomePage(QWidget):
    """``path_chosen`` carries the Path of a recent study that still exists."""

    demo_requested = Signal()
    new_requested = Signal()
    open_requested = Signal()
    path_chosen = Signal(object)

    def __init__(self, recent: Sequence[Path] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.demo = self._button("Explore the demo study", self.demo_requested)
        self.new = self._button("New study…", self.new_requested)
        self.open = self._button("Open…", self.open_requested)
        self.recent = self._make_recent(recent)
        column = QWidget()
        column.setFixedWidth(_WIDTH)
        self._fill(QVBoxLayout(column))
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(column)
        row.addStretch(1)
        self._tint()

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text)
        button.setMinimumHeight(38)
        button.setIconSize(QSize(20, 20))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(signal)
        return button

    def _fill(self, column: QVBoxLayout) -> None:
        column.setSpacing(10)
        column.addStretch(2)
        column.addWidget(ToneLabel("text", "Tuner", smaller=-13, bold=True))
        column.addWidget(ToneLabel("secondary_text", _SENTENCE, smaller=-1, wrap=True))
        column.addWidget(WelcomePicture())
        buttons = QHBoxLayout()
        for button, stretch in ((self.demo, 2), (self.new, 1), (self.open, 1)):
            buttons.addWidget(button, stretch)
        column.addLayout(buttons)
        column.addWidget(ToneLabel("secondary_text", _TOLD, smaller=1, wrap=True))
        if self.recent.count():
            heading = ToneLabel("text", "Recent studies", bold=True)
            heading.setContentsMargins(0, 10, 0, 0)
            column.addWidget(heading)
            column.addWidget(self.recent)
        else:
            self.recent.hide()
        column.addWidget(ToneLabel("secondary_text", _DROP, smaller=1))
        column.addStretch(3)

    def _make_recent(self, paths: Sequence[Path]) -> QListWidget:
        recent = QListWidget(self)
        recent.setAccessibleName("Recent studies")
        recent.setFrameShape(QFrame.Shape.NoFrame)
        recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for path in paths[:_MOST_SHOWN]:
            exists = path.exists()
            folder = str(path.parent).replace(str(Path.home()), "~", 1)
            item = QListWidgetItem(f"{path.stem}    {folder}" + ("" if exists else "    missing"))
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            item.setToolTip(str(path) if exists else f"{path} is not there any more")
            item.setSizeHint(QSize(0, 26))
            if not exists:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            recent.addItem(item)
        recent.setFixedHeight(26 * max(recent.count(), 1) + 4)
        # Enter activates everywhere, a click only on some desktops; on those it must not count twice.
        recent.itemActivated.connect(self._on_chosen)
        if not self.style().styleHint(QStyle.StyleHint.SH_ItemView_ActivateItemOnSingleClick, None, recent):
            recent.itemClicked.connect(self._on_chosen)
        return recent

    @Slot(QListWidgetItem)
    def _on_chosen(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.path_chosen.emit(Path(item.data(Qt.ItemDataRole.UserRole)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        """The first thing to press stands out in the accent colour, in both themes white on blue."""
        for button, name in ((self.demo, "demo"), (self.new, "new"), (self.open, "open")):
            button.setIcon(QIcon(tinted(name, "#ffffff", 20, 2.0)) if button is self.demo else icon(name))
        palette = self.demo.palette()
        if palette.color(QPalette.ColorRole.Button) != _ACCENT:
            palette.setColor(QPalette.ColorRole.Button, _ACCENT)
            palette.setColor(QPalette.ColorRole.ButtonText, QColor("#ffffff"))
            self.demo.setPalette(palette)
