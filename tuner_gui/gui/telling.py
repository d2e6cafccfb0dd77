"""One sentence on how something went: in the status bar, or in a box where it did not go well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QMessageBox, QWidget

from tuner_gui.exports.errors import ExportError

NOTICE_MS = 12_000


def tell(widget: QWidget, words: str) -> None:
    """In the status bar of the main window that a widget belongs to, through the dialogs between them."""
    above: QWidget | None = widget
    while above is not None and not isinstance(above, QMainWindow):
        above = above.parentWidget()
    if isinstance(above, QMainWindow):
        above.statusBar().showMessage(words, NOTICE_MS)


def refuse(window: QWidget, words: str) -> QMessageBox:
    """Why something could not be done, in a box that waits for nobody."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Tuner", words, QMessageBox.StandardButton.Ok, window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def save_into(window: QWidget, path: Path, save: Callable[[Path], None], what: str) -> bool:
    """Write a file, and say how it went."""
    try:
        save(path)
    except ExportError as error:
        refuse(window, f"Not exported: {error}")
        return False
    tell(window, f"Exported {path}: {what}")
    return True


def proposed(study: Path, name: str, suffix: str) -> Path:
    """Beside the study, with its name and that of what leaves it."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name)
    return study.with_name(f"{study.stem}-{plain}{suffix}")
