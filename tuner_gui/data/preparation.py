"""How rows become the numbers that a network sees: fitted on the training part, kept with the model."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data.columns import MOST_CATEGORIES
from tuner_gui.data.errors import DataError
from tuner_gui.data.reading import Table
from tuner_gui.study.definition import Task


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers: ``fill`` where it is missing, minus ``mean``, divided by ``scale``."""

    name: str
    fill: float
    mean: float
    scale: float


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories, one input for each of ``values``. What is not among them gives all zeros; the empty text
    is the category of what is missing, where the training part had such rows."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Classes:
    """The name of each class, by its number."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """Targets of a regression, each standardised by its mean and scale."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]


@dataclass(frozen=True)
class Preparation:
    """``image`` is (height, width, channels) where the inputs are the pixels of images; ``columns`` then has a single
    entry for all of them, whose ``mean`` and ``scale`` are those of a pixel in [0, 1]."""

    columns: tuple[NumberColumn | CategoryColumn, ...]
    target: Classes | Numbers
    image: tuple[int, int, int] | None = None

    @property
    def inputs(self) -> int:
        """How many numbers a prepared row has."""
        if self.image is not None:
            height, width, channels = self.image
            return height * width * channels
        return sum(len(column.values) if isinstance(column, CategoryColumn) else 1 for column in self.columns)

    def document(self) -> dict[str, Any]:
        """In plain dicts, lists and values; :func:`preparation_from` gives the same one back."""
        target: dict[str, Any]
        if isinstance(self.target, Classes):
            target = {"classes": list(self.target.names)}
        else:
            rows = zip(self.target.names, self.target.means, self.target.scales, strict=True)
            target = {"numbers": [{"name": name, "mean": mean, "scale": scale} for name, mean, scale in rows]}
        return {
            "columns": [_column_document(column) for column in self.columns],
            "target": target,
            "image": None if self.image is None else list(self.image),
        }


def preparation_from(document: Mapping[str, Any]) -> Preparation:
    """KeyError, TypeError or ValueError for what :meth:`Preparation.document` cannot have written."""
    wanted = document["target"]
    target: Classes | Numbers
    if "classes" in wanted:
        target = Classes(tuple(str(name) for name in wanted["classes"]))
    else:
        entries = wanted["numbers"]
        target = Numbers(
            tuple(str(entry["name"]) for entry in entries),
            tuple(float(entry["mean"]) for entry in entries),
            tuple(float(entry["scale"]) for entry in entries),
        )
    image = document.get("image")
    size = None if image is None else (int(image[0]), int(image[1]), int(image[2]))
    return Preparation(tuple(_column_from(entry) for entry in document["columns"]), target, size)


def _column_document(column: NumberColumn | CategoryColumn) -> dict[str, Any]:
    if isinstance(column, CategoryColumn):
        return {"name": column.name, "values": list(column.values)}
    return {"name": column.name, "fill": column.fill, "mean": column.mean, "scale": column.scale}


def _column_from(entry: Mapping[str, Any]) -> NumberColumn | CategoryColumn:
    if "values" in entry:
        return CategoryColumn(str(entry["name"]), tuple(str(value) for value in entry["values"]))
    return NumberColumn(str(entry["name"]), float(entry["fill"]), float(entry["mean"]), float(entry["scale"]))


# --- fitting and applying ---


def fitted(table: Table, task: Task, rows: NDArray[Any], *, images: bool = False) -> Preparation:
    """The preparation that these rows (the training part's numbers) give; no other row has a say in it.

    ``images`` keeps every number of a row that is an image, and scales all of a channel alike: each by its own spread,
    and a corner that is hardly ever dark would be as loud as the middle.
    """
    target: Classes | Numbers = Classes(table.target_names)
    if task is Task.REGRESSION:
        means, scales = _moments(table.targets[rows])
        target = Numbers(table.target_names, means, scales)
    if table.pixels is not None:
        height, width, channels = table.pixels.shape[1:]
        return Preparation((_pixels(table.pixels, rows),), target, (height, width, channels))
    if images and table.image is not None:
        return Preparation(_channels(table, rows, table.image[2]), target)
    columns: tuple[NumberColumn | CategoryColumn, ...] = (
        *_number_columns(table, rows),
        *_category_columns(table, rows),
    )
    if not columns:
        raise DataError("no column is left to predict from: all are constant or empty in the training rows")
    return Preparation(columns, target)


def prepared(table: Table, preparation: Preparation, rows: NDArray[Any]) -> NDArray[np.float32]:
    """The inputs of some rows, float32 ``[rows, preparation.inputs]``."""
    if table.pixels is not None:
        column = preparation.columns[0]
        assert isinstance(column, NumberColumn)  # noqa: S101  (what makes images makes it so)
        flat: NDArray[np.float32] = table.pixels[rows].reshape(len(rows), -1).astype(np.float32)
        flat /= np.float32(255)
        flat -= np.float32(column.mean)
        flat /= np.float32(column.scale)
        return flat
    places = {name: place for place, name in enumerate(table.number_names)}
    numeric = [column for column in preparation.columns if isinstance(column, NumberColumn)]
    chosen = np.array([places[column.name] for column in numeric], dtype=np.int64)
    parts = [_standardised(table.numbers[rows][:, chosen] if len(chosen) else np.empty((len(rows), 0)), numeric)]
    for column in preparation.columns:
        if isinstance(column, CategoryColumn):
            words = table.categories[column.name][rows]
            parts.append(np.equal(words[:, None], np.array(column.values, dtype=object)).astype(np.float32))
    return np.concatenate(parts, axis=1)


def prepared_targets(table: Table, preparation: Preparation, rows: NDArray[Any]) -> NDArray[Any]:
    """Class numbers, int32 ``[rows]``, or standardised values, float32 ``[rows, outputs]``."""
    wanted: NDArray[Any] = table.targets[rows]
    if isinstance(preparation.target, Classes):
        return np.asarray(wanted, dtype=np.int32)
    means, scales = np.array(preparation.target.means), np.array(preparation.target.scales)
    return np.asarray((wanted - means) / scales, dtype=np.float32)


def _standardised(values: NDArray[np.float64], columns: list[NumberColumn]) -> NDArray[np.float32]:
    fills = np.array([column.fill for column in columns])
    filled = np.where(np.isnan(values), fills, values)
    filled -= np.array([column.mean for column in columns])
    filled /= np.array([column.scale for column in columns])
    return filled.astype(np.float32)


def _moments(values: NDArray[np.float64]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each column; 1 for the deviation of one that never changes."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(values)
    return tuple(map(float, scaler.mean_)), tuple(map(float, scaler.scale_))


def _number_columns(table: Table, rows: NDArray[Any]) -> list[NumberColumn]:
    values = table.numbers[rows] if table.number_names else np.empty((len(rows), 0))
    kept = [place for place in range(len(table.number_names)) if table.all_columns or _varies(values[:, place])]
    if not table.all_columns:
        kept = _first_of_each(values, kept)
    if not kept:
        return []
    values = values[:, kept]
    fills = np.nanmedian(values, axis=0)
    means, scales = _moments(np.where(np.isnan(values), fills, values))
    names = [table.number_names[place] for place in kept]
    return [NumberColumn(*entry) for entry in zip(names, map(float, fills), means, scales, strict=True)]


def _varies(values: NDArray[np.float64]) -> bool:
    there = values[~np.isnan(values)]
    return len(there) > 0 and bool((there != there[0]).any())


def _first_of_each(values: NDArray[np.float64], places: list[int]) -> list[int]:
    """Without columns that repeat an earlier one value for value."""
    first: dict[bytes, int] = {}
    for place in places:
        first.setdefault(hashlib.sha256((values[:, place] + 0.0).tobytes()).digest(), place)
    return list(first.values())


def _category_columns(table: Table, rows: NDArray[Any]) -> list[CategoryColumn]:
    found: list[CategoryColumn] = []
    for name, words in table.categories.items():
        counts = Counter(words[rows])
        if len(counts) > 1:
            common = sorted(counts, key=lambda value: (-counts[value], value))[:MOST_CATEGORIES]
            found.append(CategoryColumn(name, tuple(sorted(common))))
    return found


def _pixels(pixels: NDArray[np.uint8], rows: NDArray[Any]) -> NumberColumn:
    """Mean and deviation of all pixels in [0, 1], from how often each of the 256 values occurs."""
    counts = np.zeros(256)
    for start in range(0, len(rows), 256):
        counts += np.bincount(pixels[rows[start : start + 256]].ravel(), minlength=256)
    values = np.arange(256) / 255
    mean = float(counts @ values / counts.sum())
    scale = float(np.sqrt(counts @ (values - mean) ** 2 / counts.sum()))
    return NumberColumn("pixels", 0.0, mean, scale or 1.0)


def _channels(table: Table, rows: NDArray[Any], channels: int) -> tuple[NumberColumn, ...]:
    """One column for each number of an image, all of a channel with the same mean and deviation."""
    values = table.numbers[rows].reshape(-1, channels)
    if not np.isfinite(values).any(axis=0).all():
        raise DataError("a channel of the images holds no numbers in the training rows")
    means, scales = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    by_channel = [(float(mean), float(mean), float(scale) or 1.0) for mean, scale in zip(means, scales, strict=True)]
    return tuple(NumberColumn(name, *by_channel[place % channels]) for place, name in enumerate(table.number_names))
