"""The files of Keras' own data sets: in the folder where Keras keeps them, or downloaded to it. No TensorFlow."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tuner_gui.data.errors import DataError
from tuner_gui.data.memory import format_bytes

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]

PATIENCE_SECONDS = 30.0
_PIECE = 1 << 18


@dataclass(frozen=True)
class KerasFile:
    """``place`` is where Keras keeps it, below its folder of data sets, and ``earlier`` where a former Keras did.
    ``sha256`` is what Keras publishes of it, empty where it publishes nothing. ``bytes`` is about its size."""

    place: str
    origin: str
    bytes: int
    sha256: str = ""
    earlier: str = ""


def folder() -> Path:
    """Where Keras keeps its data sets: in ``KERAS_HOME``, else in the home of the person."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets"


def found(file: KerasFile) -> Path | None:
    """The file, if it is there and is the one that Keras publishes; reads all of it to know."""
    for place in filter(None, (file.place, file.earlier)):
        path = folder() / place
        with contextlib.suppress(OSError):
            if path.is_file() and file.sha256 in ("", _sha256(path)):
                return path
    return None


def provided(file: KerasFile, name: str, *, progress: Progress, cancelled: Cancelled) -> Path:
    """The file, downloaded where it is not there yet, a few minutes for the largest.

    DataError says of the data set ``name`` what is missing, why it cannot be got, and where a person may put it.
    """
    path = found(file)
    if path is not None:
        return path
    wanted = folder() / file.place
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        with _alone(wanted):
            # Another process may have got it while this one waited.
            if found(file) is None:
                _download(file, wanted, progress, cancelled)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{name}: the file {wanted.name} is not in {wanted.parent} and cannot be downloaded ({_why(error)}); "
            f"get {file.origin} where there is a network and put it there under that name"
        ) from None
    return wanted


def _download(file: KerasFile, wanted: Path, progress: Progress, cancelled: Cancelled) -> None:
    """To a file beside it first, so that there is never half of one under its name."""
    handle, temporary = tempfile.mkstemp(prefix=f".{wanted.name}-", dir=wanted.parent)
    try:
        with os.fdopen(handle, "wb") as target, urllib.request.urlopen(file.origin, timeout=PATIENCE_SECONDS) as source:  # noqa: S310 - one of the addresses below
            done = 0
            while piece := source.read(_PIECE):
                if cancelled():
                    raise DataError(f"{wanted.name}: the download was cancelled")
                target.write(piece)
                done += len(piece)
                progress(min(1.0, done / file.bytes))
        if file.sha256 and _sha256(Path(temporary)) != file.sha256:
            raise ValueError("what came is not the file that Keras publishes")
        Path(temporary).replace(wanted)
    finally:
        Path(temporary).unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time see to this file; the others wait. Without such a lock, on Windows, all download."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    lock = path.with_name(f".{path.name}.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _why(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        reason = error.reason
        return f"no connection: {getattr(reason, 'strerror', None) or reason}"
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def size_words(files: tuple[KerasFile, ...]) -> str:
    """About how much is to be downloaded of these: "170 MB", or empty where all are there."""
    missing = [file.bytes for file in files if found(file) is None]
    return format_bytes(sum(missing)) if missing else ""
