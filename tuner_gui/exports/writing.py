"""Files appear whole or not at all: written beside their place, then moved there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tuner_gui.exports.errors import ExportError


@contextlib.contextmanager
def place_for(path: Path) -> Iterator[Path]:
    """A free place with the ending of ``path``, in its folder; what is written there becomes ``path`` at the end.

    ExportError in words where that cannot be.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.stem[:40]}-", dir=path.parent) as folder:
            made = Path(folder) / path.name
            yield made
            os.replace(made, path)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_text(path: Path, text: str) -> None:
    with place_for(path) as place:
        place.write_text(text, encoding="utf-8", newline="\n")
