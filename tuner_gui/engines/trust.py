"""Which model files a person has agreed to run, by the SHA-256 of their bytes. Kept outside of all studies.

A model file is a program: it can do on this machine whatever the person can. So it is run only after they have seen it
and said yes, and a changed file is asked about again, with the difference. No study can bring its own consent.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LARGEST_FILE = 2_000_000
MOST_KEPT = 200
"""Files that are remembered; the one that was agreed to first is forgotten first."""


class NotTrustedError(Exception):
    """A model file that cannot be run as it is; the message says why, and what to do."""


@dataclass(frozen=True)
class ModelFile:
    """A person's file as it is now. ``text`` shows bytes that are no UTF-8 as escapes, so that nothing is hidden."""

    path: Path
    sha256: str
    text: str


def read_model_file(path: Path) -> ModelFile:
    """The file with its hash. NotTrustedError, in words, where there is none to read."""
    try:
        if path.is_dir():
            raise NotTrustedError(f"{path}: this is a folder; expected a Python file with build_model(hp)")
        if path.stat().st_size > LARGEST_FILE:
            raise NotTrustedError(f"{path}: too large for a model file (more than {LARGEST_FILE // 1_000_000} MB)")
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotTrustedError(f"{path}: there is no such file") from None
    except OSError as error:
        raise NotTrustedError(f"{path}: cannot be read: {error.strerror}") from None
    text = content.decode("utf-8", errors="backslashreplace")
    return ModelFile(path.resolve(), hashlib.sha256(content).hexdigest(), text)


class TrustStore:
    """What was agreed to, in one small JSON file; ``path`` is this person's own unless another is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or state_folder() / "trusted.json"

    def is_trusted(self, file: ModelFile) -> bool:
        return file.sha256 in self._entries()

    def trust(self, file: ModelFile) -> None:
        """Remember that this content may be run. OSError where that cannot be written."""
        entries = self._entries()
        entries.pop(file.sha256, None)
        entries[file.sha256] = {
            "path": str(file.path),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "text": file.text,
        }
        self._write(dict(list(entries.items())[-MOST_KEPT:]))

    def earlier(self, file: ModelFile) -> str | None:
        """The text that was last agreed to at this path; None if none ever was."""
        texts = [str(entry["text"]) for entry in self._entries().values() if entry.get("path") == str(file.path)]
        return texts[-1] if texts else None

    def checked(self, path: Path) -> ModelFile:
        """The file, if it may be run as it is now; NotTrustedError says what to do where it may not."""
        file = read_model_file(path)
        if not self.is_trusted(file):
            changed = "has changed since it was trusted" if self.earlier(file) is not None else "was not trusted yet"
            raise NotTrustedError(
                f"{path} {changed}, and a model file can do anything on this machine that you can: look at it, "
                "then run it with: tuner-gui check-model --trust FILE, or tuner-gui run --trust"
            )
        return file

    def _entries(self) -> dict[str, dict[str, Any]]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}  # nothing is trusted by a file that cannot be read
        if not isinstance(found, dict):
            return {}
        return {key: entry for key, entry in found.items() if isinstance(entry, dict) and "text" in entry}

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".trusted-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"format": 1, "files": entries}, stream, indent=1)
            Path(name).replace(self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise


def difference(before: str, file: ModelFile) -> str:
    """What changed since ``before``, as a unified diff."""
    lines = difflib.unified_diff(
        before.splitlines(),
        file.text.splitlines(),
        f"{file.path.name} as trusted",
        f"{file.path.name} now",
        lineterm="",
    )
    return "\n".join(lines)


def state_folder() -> Path:
    """Where this program remembers what belongs to no study: the system's folder for that, under tuner."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "tuner"
