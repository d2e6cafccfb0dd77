"""What a study says of its surroundings: its data, its model file, when and with what it was begun."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath

from tuner_gui import __version__
from tuner_gui.data.fingerprint import FACT, Fingerprint
from tuner_gui.data.memory import format_bytes
from tuner_gui.study.file import StudyFile

_PACKAGES = ("tensorflow", "keras", "optuna", "scikit-learn", "numpy")


@dataclass(frozen=True)
class Known:
    """``data`` is the fingerprint of the data, None for built-in data or where there is none. ``model`` and
    ``model_sha256`` are the name and the hash of a person's own file, ``begun`` is a day, ``program`` what made it."""

    data: Fingerprint | None = None
    model: str = ""
    model_sha256: str = ""
    begun: str = ""
    program: str = ""


def known_of(file: StudyFile) -> Known:
    """From the study file alone: nothing of a person's is read or run."""
    model = file.model()
    return Known(
        _fingerprint(file.fact(FACT)),
        PurePath(model.path).name if model else "",
        model.sha256 if model else "",
        (file.fact("created_at") or "")[:10],
        file.fact("program") or "",
    )


def _fingerprint(kept: str | None) -> Fingerprint | None:
    try:
        return Fingerprint(**json.loads(kept)) if kept else None
    except (ValueError, TypeError):
        return None


def data_rows(known: Known) -> list[list[str]]:
    """What tells the data from another state of it, as rows of a table."""
    data = known.data
    if data is None:
        return []
    written = datetime.fromtimestamp(data.modified / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
    files = f" in {data.files:,} files" if data.files > 1 else ""
    return [
        ["data: size", f"{data.size:,} bytes ({format_bytes(data.size)}){files}"],
        ["data: last written", written],
        ["data: SHA-256", data.sha256],
    ]


def model_rows(known: Known) -> list[list[str]]:
    if not known.model:
        return []
    return [["model file", known.model], ["model file: SHA-256", known.model_sha256]]


def study_rows(known: Known) -> list[list[str]]:
    rows = [["study begun", known.begun], ["begun with", known.program.replace("tuner-gui", "Tuner")]]
    return [row for row in rows if row[1]]


def machine_rows() -> list[list[str]]:
    """Versions and hardware of the machine on which the page is made."""
    packages = [[name, _version(name)] for name in _PACKAGES]
    count = os.cpu_count() or 1
    machine = f"{platform.system()} {platform.machine()}, {count} processor{'' if count == 1 else 's'}"
    return [["Tuner", __version__], ["Python", platform.python_version()], *packages, ["machine", machine]]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
