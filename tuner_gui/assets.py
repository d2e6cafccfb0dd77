"""Files that come with the program, and the person's own copy of the demo study."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

DEMO = "demo.tuner"


class MissingAssetError(FileNotFoundError):
    """An installation that lacks one of its files; the message names it."""


def asset(name: str) -> Path:
    """A file of the top-level folder ``resources``: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / name).is_file():
            return folder / name
    raise MissingAssetError(f"this installation lacks its file resources/{name}: install the program again")


def data_folder() -> Path:
    """Where this person's programs keep what they made, for this program. It need not exist yet."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "tuner"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "tuner"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tuner"


def demo_copy() -> Path:
    """This person's copy of the demo study, made at the first call and never overwritten afterwards."""
    copy = data_folder() / DEMO
    if not copy.exists():
        _copy_new(asset(DEMO), copy)
    return copy


def _copy_new(source: Path, target: Path) -> None:
    """Copy so that the target is never there in part, and one that appears meanwhile stays as it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{target.stem}-", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(source.read_bytes())
        part.chmod(0o644)
        with contextlib.suppress(FileExistsError):
            _move_new(part, target)
    finally:
        part.unlink(missing_ok=True)


def _move_new(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if not target.exists():
            part.replace(target)
