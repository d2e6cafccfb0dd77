"""Labels for plain text: in a colour of the theme, and cut with an ellipsis where there is no room."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from tuner_gui.gui.theme import current_theme


def plain_tip(text: str) -> str:
    """A tooltip that shows its text as it is; Qt would guess whether it is HTML."""
    return f"<qt>{html.escape(text)}</qt>" if text else ""


class ToneLabel(QLabel):
    """Text in one of the theme's colours, whichever theme it is. Never rich text: names and reasons are data."""

    def __init__(
        self,
        tone: str = "text",
        text: str = "",
        *,
        smaller: float = 0,
        bold: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        font = self.font()
        font.setPointSizeF(max(font.pointSizeF() - smaller, 7))
        font.setBold(bold)
        self.setFont(font)
        self._colour()

    def set_tone(self, tone: str) -> None:
        self._tone = tone
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        color = current_theme().color(self._tone)
        if self.palette().color(QPalette.ColorRole.WindowText) != color:
            palette = QPalette(self.palette())
            palette.setColor(QPalette.ColorRole.WindowText, color)
            self.setPalette(palette)


class FittingLabel(ToneLabel):
    """One line in several lengths, of which the longest that fits is painted; ``text`` is always the longest."""

    def __init__(self, tone: str = "text") -> None:
        super().__init__(tone)
        self._lengths: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lengths(self, *lengths: str) -> None:
        """The longest first; even the last one gives up its end where it must."""
        if lengths != self._lengths:
            self._lengths = lengths
            self.setText(lengths[0])
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, metrics, room = QPainter(self), self.fontMetrics(), self.contentsRect()
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        fitting = (text for text in self._lengths if metrics.horizontalAdvance(text) <= room.width())
        shown = next(fitting, None)
        if shown is None and self._lengths:
            shown = metrics.elidedText(self._lengths[-1], Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown or "")
        painter.end()


class ElidedLabel(ToneLabel):
    """One line that gives up its end when the room is short; the tooltip has all of it."""

    def __init__(self, tone: str = "text", text: str = "", *, smaller: float = 0, bold: bool = False) -> None:
        super().__init__(tone, text, smaller=smaller, bold=bold)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()
