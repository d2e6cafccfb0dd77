"""What the window remembers between starts: its layout and the studies that were open. Nothing of a study is here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

# A stored layout of another version is ignored: docks have been renamed or added.
LAYOUT_VERSION = 1
RECENT_MOST = 10


def settings() -> QSettings:
    return QSettings("Tuner", "tuner-gui")


def recent_studies() -> list[Path]:
    """The studies opened last, newest first; some may be gone."""
    stored = settings().value("recent", [])
    # A list of one comes back as its only string.
    paths = [stored] if isinstance(stored, str) else stored
    return [Path(str(path)) for path in paths] if isinstance(paths, list) else []


def remember_study(path: Path) -> None:
    path = path.resolve()
    paths = [path, *(known for known in recent_studies() if known != path)]
    settings().setValue("recent", [str(known) for known in paths[:RECENT_MOST]])


def save_layout(geometry: QByteArray, state: QByteArray) -> None:
    store = settings()
    store.setValue("layout/version", LAYOUT_VERSION)
    store.setValue("layout/geometry", geometry)
    store.setValue("layout/state", state)


def load_layout() -> tuple[QByteArray, QByteArray] | None:
    store = settings()
    if str(store.value("layout/version")) != str(LAYOUT_VERSION):
        return None
    geometry, state = store.value("layout/geometry"), store.value("layout/state")
    if not isinstance(geometry, QByteArray) or not isinstance(state, QByteArray):
        return None
    return geometry, state


def load_choice(key: str, default: str) -> str:
    return str(settings().value(key, default))


def save_choice(key: str, value: str) -> None:
    settings().setValue(key, value)
