"""Keras' own data sets by name, read from the files that Keras keeps. All rows together: a study splits them itself."""

from __future__ import annotations

import gzip
import io
import pickle  # noqa: TID251 - the form of CIFAR's files; _Plain runs nothing
import tarfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data import npz
from tuner_gui.data.errors import DataError
from tuner_gui.data.keras_files import Cancelled, KerasFile, Progress, found, provided, size_words
from tuner_gui.data.memory import refuse_beyond_memory
from tuner_gui.study.definition import IMAGE_SHAPES

Bytes = NDArray[np.uint8]
Contents = tuple[NDArray[Any], NDArray[Any], tuple[str, ...]]
"""Inputs, targets, and the names of the classes or of the inputs; empty where they have none."""

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_CIFAR = "https://www.cs.toronto.edu/~kriz/"
_FASHION = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
_BOSTON = ("CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT")
# The file does not name its columns, and Keras' page does not say in which order it lists them: they get no names.
_CALIFORNIA_INPUTS = 8
_IDX_IMAGES, _IDX_CLASSES = 2051, 2049


@dataclass(frozen=True)
class KerasSet:
    """``pixels`` is how many numbers its images have together, 0 where there are none."""

    files: tuple[KerasFile, ...]
    read: Callable[[tuple[Path, ...]], Contents]
    pixels: int = 0


def read_set(name: str, *, progress: Progress, cancelled: Cancelled) -> Contents:
    """Pixels, uint8 ``[rows, height, width, channels]``, or numbers ``[rows, inputs]``, and as many targets.

    Downloads what is missing. DataError where that cannot be done, or a file is not what it should be.
    """
    wanted = SETS[name]
    paths = tuple(provided(file, name, progress=progress, cancelled=cancelled) for file in wanted.files)
    # The pixels, and three times as many as floats of four bytes while they are prepared.
    refuse_beyond_memory(wanted.pixels * 13, name)
    try:
        inputs, targets, names = wanted.read(paths)
    except (OSError, EOFError, ValueError, KeyError, zlib.error, tarfile.TarError, pickle.UnpicklingError) as error:
        if isinstance(error, DataError):
            raise
        listed = ", ".join(str(path) for path in paths)
        raise DataError(f"{name}: {listed} cannot be read ({error}); delete it, and it is downloaded again") from error
    shape = IMAGE_SHAPES.get(name)
    if len(inputs) != len(targets) or (shape is not None and inputs.shape[1:] != shape):
        raise DataError(f"{name}: {len(inputs):,} rows {inputs.shape[1:]} and {len(targets):,} targets do not belong")
    return inputs, targets, names


def provide(name: str, *, progress: Progress = lambda _share: None, cancelled: Cancelled = lambda: False) -> None:
    """See to it that the files are there; DataError where they cannot be got."""
    for file in SETS[name].files:
        provided(file, name, progress=progress, cancelled=cancelled)


def is_there(name: str) -> bool:
    """Whether no network is needed."""
    return all(found(file) is not None for file in SETS[name].files)


def download_words(name: str) -> str:
    """What is to be downloaded, about: "170 MB"; empty where nothing is."""
    return size_words(SETS[name].files)


# --- NPZ ---


def _arrays(path: Path, *names: str) -> list[NDArray[Any]]:
    members = {member.name: member for member in npz.members_of(path)}
    return [npz.array(path, members[name]) for name in names]


def _mnist(paths: tuple[Path, ...]) -> Contents:
    first, x_test, y_train, y_test = _arrays(paths[0], "x_train", "x_test", "y_train", "y_test")
    return np.concatenate([first, x_test])[..., None], np.concatenate([y_train, y_test]), ()


def _boston(paths: tuple[Path, ...]) -> Contents:
    x, y = _arrays(paths[0], "x", "y")
    return x, y, _BOSTON


def _california(paths: tuple[Path, ...]) -> Contents:
    x, y = _arrays(paths[0], "x", "y")
    return x, y, tuple(f"x{number}" for number in range(_CALIFORNIA_INPUTS))


# --- IDX ---


def _fashion(paths: tuple[Path, ...]) -> Contents:
    y_train, x_train, y_test, x_test = (_idx(path) for path in paths)
    return np.concatenate([x_train, x_test])[..., None], np.concatenate([y_train, y_test]), _FASHION


def _idx(path: Path) -> Bytes:
    """Four bytes of a mark, four for each length, most significant first, then the values."""
    with gzip.open(path) as file:
        lengths = 3 if (mark := int.from_bytes(file.read(4), "big")) == _IDX_IMAGES else 1
        if mark not in (_IDX_IMAGES, _IDX_CLASSES):
            raise ValueError(f"{path.name} does not begin as a file of images or classes does")
        shape = [int.from_bytes(file.read(4), "big") for _ in range(lengths)]
        count = int(np.prod(shape, dtype=object))
        refuse_beyond_memory(count, path)
        values = np.frombuffer(file.read(count + 1), np.uint8)
    return values.reshape(shape)


# --- CIFAR ---


class _Plain(pickle.Unpickler):
    """Reads arrays, words and numbers, and can run nothing, whatever is in the file."""

    def find_class(self, module: str, name: str) -> Any:
        known: dict[str, Any] = {
            "ndarray": np.ndarray,
            "dtype": np.dtype,
            "_reconstruct": np.empty(0).__reduce__()[0],
        }
        if name in known and module.partition(".")[0] == "numpy":
            return known[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _entries(archive: tarfile.TarFile, member: str) -> dict[str, Any]:
    file = archive.extractfile(member)
    if file is None:
        raise KeyError(member)
    content = _Plain(io.BytesIO(file.read()), encoding="bytes").load()
    return {key.decode() if isinstance(key, bytes) else str(key): value for key, value in content.items()}


def _cifar(folder: str, members: tuple[str, ...], meta: str, classes: str, words: str) -> Callable[..., Contents]:
    def read(paths: tuple[Path, ...]) -> Contents:
        with tarfile.open(paths[0]) as archive:
            parts = [_entries(archive, f"{folder}/{member}") for member in members]
            names = _entries(archive, f"{folder}/{meta}")[words]
        rows = np.concatenate([np.asarray(part["data"], np.uint8) for part in parts])
        pixels = rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        targets = np.concatenate([np.asarray(part[classes], np.int64) for part in parts])
        return pixels, targets, tuple(n.decode() if isinstance(n, bytes) else str(n) for n in names)

    return read


_BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")

SETS: Mapping[str, KerasSet] = {
    "mnist": KerasSet(
        (
            KerasFile(
                "mnist.npz",
                f"{_KERAS}mnist.npz",
                11_490_434,
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
        _mnist,
        70_000 * 28 * 28,
    ),
    "fashion_mnist": KerasSet(
        tuple(
            KerasFile(f"fashion-mnist/{name}.gz", f"{_KERAS}{name}.gz", size)
            for name, size in (
                ("train-labels-idx1-ubyte", 29_515),
                ("train-images-idx3-ubyte", 26_421_880),
                ("t10k-labels-idx1-ubyte", 5_148),
                ("t10k-images-idx3-ubyte", 4_422_102),
            )
        ),
        _fashion,
        70_000 * 28 * 28,
    ),
    "cifar10": KerasSet(
        (
            KerasFile(
                "cifar-10-batches-py-target_archive",
                f"{_CIFAR}cifar-10-python.tar.gz",
                170_498_071,
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                "cifar-10-batches-py.tar.gz",
            ),
        ),
        _cifar("cifar-10-batches-py", _BATCHES, "batches.meta", "labels", "label_names"),
        60_000 * 32 * 32 * 3,
    ),
    "cifar100": KerasSet(
        (
            KerasFile(
                "cifar-100-python-target_archive",
                f"{_CIFAR}cifar-100-python.tar.gz",
                169_001_437,
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
                "cifar-100-python.tar.gz",
            ),
        ),
        _cifar("cifar-100-python", ("train", "test"), "meta", "fine_labels", "fine_label_names"),
        60_000 * 32 * 32 * 3,
    ),
    "california_housing": KerasSet(
        (
            KerasFile(
                "california_housing.npz",
                f"{_KERAS}california_housing.npz",
                743_530,
                "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            ),
        ),
        _california,
    ),
    "boston_housing": KerasSet(
        (
            KerasFile(
                "boston_housing.npz",
                f"{_KERAS}boston_housing.npz",
                57_026,
                "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
            ),
        ),
        _boston,
    ),
}
