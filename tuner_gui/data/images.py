"""Folders of images, one folder for each class."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data.errors import DataError
from tuner_gui.data.memory import refuse_beyond_memory
from tuner_gui.data.sources import cannot_read

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
LARGEST_SIDE = 64
_MOST_PIXELS = 100_000_000
_LOOKED_AT = 50


@dataclass(frozen=True)
class Folder:
    """The images of each class in the order of their names, and the files that are none."""

    files: tuple[tuple[str, Path], ...]
    others: tuple[str, ...]
    bytes: int

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self.files}))


def folder_of(source: Path, *, cancelled: Callable[[], bool] = lambda: False) -> Folder:
    """List the images; DataError where there are not at least two classes of them."""
    files: list[tuple[str, Path]] = []
    others: list[str] = []
    total = 0
    try:
        for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if not entry.is_dir():
                others.append(entry.name)
                continue
            for path in sorted(path for path in Path(entry.path).iterdir() if not path.name.startswith(".")):
                if path.suffix.lower() in SUFFIXES and path.is_file():
                    files.append((entry.name, path))
                    total += path.stat().st_size
                else:
                    others.append(f"{entry.name}/{path.name}")
            if cancelled():
                break
    except OSError as error:
        raise cannot_read(source, error) from error
    found = Folder(tuple(files), tuple(others), total)
    if len(found.classes) < 2:
        there = f"images in one folder, {found.classes[0]!r}" if files else "no images in folders"
        raise DataError(f"{source}: {there}; expected a folder of images for each class, at least two")
    return found


def left_out_words(folder: Folder) -> tuple[str, ...]:
    if not folder.others:
        return ()
    count, first = len(folder.others), folder.others[0]
    some = f"{first} is no image" if count == 1 else f"{count:,} files or folders are no images, such as {first},"
    return (f"{some} and {'is' if count == 1 else 'are'} left out",)


def shape_of(folder: Folder, size: int) -> tuple[int, int, int]:
    """Height, width and channels of all: from the first image where no size is given, grey where the first ones are."""
    first = _opened(folder.files[0][1])
    with first:
        width, height = first.size
    if size:
        height = width = size
    else:
        shrink = min(1.0, LARGEST_SIDE / max(height, width))
        height, width = max(1, round(height * shrink)), max(1, round(width * shrink))
    step = max(1, len(folder.files) // _LOOKED_AT)
    return height, width, 1 if all(_is_grey(path) for _, path in folder.files[::step]) else 3


def _is_grey(path: Path) -> bool:
    with _opened(path) as image:
        return image.mode in ("1", "L", "LA", "I", "I;16", "F")


def read_images(
    folder: Folder,
    shape: tuple[int, int, int],
    source: Path,
    *,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> NDArray[np.uint8]:
    """All images as pixels ``[images, height, width, channels]``, from 0 to 255."""
    # The pixels, and three times as many as floats of four bytes while they are prepared.
    refuse_beyond_memory(len(folder.files) * float(np.prod(shape)) * 13, source)
    pixels = np.empty((len(folder.files), *shape), dtype=np.uint8)
    for number, (_, path) in enumerate(folder.files):
        if number % 50 == 0:
            progress(number / len(folder.files))
            if cancelled():
                raise DataError(f"{source}: reading was cancelled")
        pixels[number] = pixels_of(path, shape)
    return pixels


def pixels_of(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """One image in this size, turned as its camera was held."""
    from PIL import ImageOps

    height, width, channels = shape
    with _opened(path) as image:
        try:
            turned = ImageOps.exif_transpose(image)
            fitted = turned.convert("L" if channels == 1 else "RGB").resize((width, height))
        except (OSError, ValueError, SyntaxError) as error:
            raise DataError(f"{path}: the image is damaged ({error})") from error
        return np.asarray(fitted, dtype=np.uint8).reshape(shape)


def _opened(path: Path) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path)
    except UnidentifiedImageError:
        raise DataError(f"{path}: not an image, whatever its name says; take it out of the folder") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as an image ({error})") from error
    width, height = image.size
    if width * height > _MOST_PIXELS:
        image.close()
        raise DataError(f"{path}: {width:,} × {height:,} pixels are more than {_MOST_PIXELS:,}; make it smaller")
    return image
