"""What was dropped on a window: a study, or data to learn from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from tuner_gui.gui.parts.preview_words import is_source


def dropped_study(mime: QMimeData) -> Path | None:
    """The first study among the files."""
    return next((path for path in _paths(mime) if path.suffix == ".tuner"), None)


def dropped_source(mime: QMimeData) -> Path | None:
    """The first table or folder among the files."""
    return next((path for path in _paths(mime) if is_source(path)), None)


def _paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
