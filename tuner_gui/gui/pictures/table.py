"""The numbers behind a plot: named columns of equal length, as texts for a spreadsheet, or as a file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuner_gui.exports.trial_table import cell_text, write_csv
from tuner_gui.space.parameters import Value

Cell = Value | None


@dataclass(frozen=True)
class PlotTable:
    """``columns`` has an entry for every row under each of the ``headers``; None where there is none."""

    name: str
    headers: tuple[str, ...]
    columns: tuple[Sequence[Cell], ...]

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def text(self, rows: Iterable[int] | None = None, columns: Iterable[int] | None = None) -> str:
        """With tabs between cells and a heading, as spreadsheets take it; formulas are made harmless as in a file."""
        shown = [self.columns[index] for index in (range(len(self.headers)) if columns is None else columns)]
        names = [self.headers[index] for index in (range(len(self.headers)) if columns is None else columns)]
        at = range(self.rows) if rows is None else rows
        lines = ["\t".join(_flat(cell_text(name)) for name in names)]
        lines += ["\t".join(_flat(cell_text(column[row])) for column in shown) for row in at]
        return "\n".join(lines) + "\n"

    def save(self, path: Path) -> None:
        """Write a CSV file; ExportError in words where that cannot be."""
        write_csv(path, {name: list(column) for name, column in zip(self.headers, self.columns, strict=True)})


def table_of(name: str, columns: Iterable[tuple[str, Sequence[Cell]]]) -> PlotTable:
    """A table of columns with their headers, which have to differ."""
    headers, kept = zip(*columns, strict=True)
    return PlotTable(name, headers, kept)


def finite(values: Iterable[float]) -> list[Cell]:
    """Plain numbers; None for what is none."""
    return [value if math.isfinite(value) else None for value in values]


def _flat(text: str) -> str:
    """On one line and in one cell."""
    return " ".join(text.split()) if any(sign in text for sign in "\t\r\n") else text
