"""Arrays in an NPZ file, looked at before they are read: no Python objects, and no more than they say they are."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data.errors import DataError
from tuner_gui.data.memory import refuse_beyond_memory
from tuner_gui.study.errors import one_of

INPUT_NAMES = ("x", "X", "inputs", "data", "x_train", "X_train", "images", "features")
TARGET_NAMES = ("y", "Y", "targets", "target", "labels", "y_train", "Y_train", "label")


@dataclass(frozen=True)
class Member:
    """One array of the file, by its header."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    bytes: int


def members_of(source: Path) -> tuple[Member, ...]:
    """What the file holds, without reading any of it. DataError where it is damaged or not what it says."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
            found = tuple(_member(archive, entry, source) for entry in entries)
    except DataError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{source}: no NPZ file, or a damaged one ({error})") from error
    if not found:
        raise DataError(f"{source}: no arrays in it")
    return found


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Path) -> Member:
    name = entry.filename.removesuffix(".npy")
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(stream)
        header = stream.tell()
    if dtype.hasobject:
        raise DataError(
            f"{source}: the array {name!r} holds Python objects, which are not read because they can run code; "
            "save it as numbers or text"
        )
    needed = dtype.itemsize * int(np.prod([int(size) for size in shape], dtype=object))
    if needed != entry.file_size - header:
        raise DataError(
            f"{source}: the array {name!r} says it has {needed:,} bytes and has {entry.file_size - header:,}"
        )
    return Member(name, tuple(int(size) for size in shape), dtype, needed)


def pair_of(members: tuple[Member, ...], target: str, source: Path) -> tuple[Member, Member]:
    """The inputs and the target, which have as many rows."""
    by_name = {member.name: member for member in members}
    wanted = target or next((name for name in TARGET_NAMES if name in by_name), "")
    if wanted not in by_name:
        raise DataError(f"{source}: no array {target or 'y'!r}: expected {one_of(by_name, target)} as the target")
    goal = by_name[wanted]
    rows = goal.shape[0] if goal.shape else 0
    twin = {"y": "x", "Y": "X"}.get(wanted[0], "") + wanted[1:]
    names = [name for name in (twin, *INPUT_NAMES, *by_name) if name in by_name and name != wanted]
    for name in names:
        if by_name[name].shape[:1] == (rows,) and by_name[name].dtype.kind in "biuf":
            return by_name[name], goal
    listed = ", ".join(f"{member.name} {list(member.shape)}" for member in members)
    raise DataError(
        f"{source}: no array of numbers has as many rows as the target {wanted!r} ({rows:,}); found {listed}"
    )


def refuse_large(pair: tuple[Member, Member], source: Path) -> None:
    """Before anything is unpacked: a small file can hold any number of zeros."""
    inputs, target = pair
    numbers = int(np.prod(inputs.shape, dtype=object))
    copies = numbers * 5 if image_shape(inputs) else numbers * 20
    refuse_beyond_memory(inputs.bytes + target.bytes + copies, source)


def array(source: Path, member: Member) -> NDArray[Any]:
    """One array, read whole."""
    try:
        with np.load(source, allow_pickle=False) as archive:
            return np.asarray(archive[member.name])
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, KeyError) as error:
        raise DataError(f"{source}: the array {member.name!r} is damaged ({error})") from error


def image_shape(member: Member) -> tuple[int, int, int] | None:
    """Height, width and channels where the array holds images: whole numbers of a byte, grey or in colour."""
    if member.dtype != np.uint8 or len(member.shape) not in (3, 4):
        return None
    height, width, channels = (*member.shape[1:], 1)[:3]
    return (height, width, channels) if channels in (1, 3, 4) else None


def grid_shape(member: Member) -> tuple[int, int, int] | None:
    """Height, width and channels of a row that a convolution can go over, whatever numbers it holds."""
    if len(member.shape) not in (3, 4) or min(member.shape[1:]) < 1 or max(member.shape[1:3]) == 1:
        return None
    height, width, channels = (*member.shape[1:], 1)[:3]
    return height, width, channels
