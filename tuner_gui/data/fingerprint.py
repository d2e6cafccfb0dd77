"""What tells one state of a source from another: a study keeps it from its beginning and notices changed data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tuner_gui.data.errors import DataError
from tuner_gui.data.images import folder_of
from tuner_gui.data.memory import format_bytes
from tuner_gui.data.sources import cannot_read
from tuner_gui.study.definition import DataSettings

FACT = "data"
"""Under which key a study keeps it."""
_PIECE = 1 << 20


@dataclass(frozen=True)
class Fingerprint:
    """``size`` in bytes and ``modified``, in nanoseconds since 1970, of the file; of a folder the sum of its images and
    the latest. ``files`` is how many; ``sha256`` is of the content, with the names where there are several."""

    size: int
    modified: int
    files: int
    sha256: str


def fingerprint_of(source: Path) -> Fingerprint:
    """Reads all of it; DataError where that cannot be done."""
    try:
        files = _files(source)
        digest = hashlib.sha256()
        for path in files:
            if len(files) > 1 or path != source:
                digest.update(path.relative_to(source).as_posix().encode() + b"\0")
            _add(digest, path)
        size, modified = _outside(files)
        return Fingerprint(size, modified, len(files), digest.hexdigest())
    except OSError as error:
        raise cannot_read(source, error) from error


def _files(source: Path) -> list[Path]:
    return [path for _, path in folder_of(source).files] if source.is_dir() else [source]


def _add(digest: hashlib._Hash, path: Path) -> None:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)


def _outside(files: list[Path]) -> tuple[int, int]:
    facts = [path.stat() for path in files]
    return sum(fact.st_size for fact in facts), max(fact.st_mtime_ns for fact in facts)


def facts_of(data: DataSettings) -> dict[str, str]:
    """What a new study of this data keeps: nothing for built-in data, which never changes, or where there is none."""
    if data.built_in:
        return {}
    try:
        return {FACT: json.dumps(asdict(fingerprint_of(Path(data.source))))}
    except DataError:
        return {}


def what_changed(data: DataSettings, kept: str | None) -> str:
    """What is different from the data that the study was begun with, in a sentence; empty where nothing is.

    Only where size or date differ is the content read again.
    """
    if data.built_in or kept is None:
        return ""
    source = Path(data.source)
    try:
        before = Fingerprint(**json.loads(kept))
    except (ValueError, TypeError):
        return ""
    if not source.exists():
        return f"{source} is not there any more"
    try:
        files = _files(source)
        size, modified = _outside(files)
        if (size, modified, len(files)) == (before.size, before.modified, before.files):
            return ""
        now = fingerprint_of(source)
    except (OSError, DataError) as error:
        return f"{source} cannot be compared with what the study was begun with ({error})"
    return "" if now.sha256 == before.sha256 else _difference(source, before, now)


def _difference(source: Path, before: Fingerprint, now: Fingerprint) -> str:
    if now.files != before.files:
        what = f"{now.files:,} images instead of {before.files:,}"
    elif now.size != before.size:
        exact = format_bytes(now.size) == format_bytes(before.size)
        sizes = (f"{n:,} bytes" if exact else format_bytes(n) for n in (now.size, before.size))
        what = "{} instead of {}".format(*sizes)
    else:
        what = "the same size, with other content"
    day = datetime.fromtimestamp(now.modified / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{source} has changed since the study was begun: {what}, last written {day}"
