"""How rows become the numbers that a network sees: fitted on the training part, kept with the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
