"""The table of each plot: the trials that it draws, with the numbers that say where and how it draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tuner_gui.gui.models.coverage_figures import Dots
from tuner_gui.gui.pictures.shown import Shown
from tuner_gui.gui.pictures.table import Cell, PlotTable, finite, table_of
from tuner_gui.search.importance import Importances
from tuner_gui.space.parameters import Parameter
from tuner_gui.space.unit import value_at
from tuner_gui.study.plotdata import Floats, Indices, Mark
from tuner_gui.study.progressdata import records

Column = tuple[str, Sequence[Cell]]

_TAKEN = {"trial", "trials", "state", "stage", "in region", "dimmed", "mean of seeds", "lowest", "highest"}


def parameters_table(shown: Shown, parameters: Sequence[Parameter], *, name: str, seeds: bool = True) -> PlotTable:
    """Of slices, pairs and parallel coordinates: the values of some parameters and the objective of each trial that
    has a place on all of them. ``seeds``: where the plot draws the spread between seeds, its ends and mean as well."""
    known = np.ones(len(shown.rows), dtype=bool)
    for parameter in parameters if len(parameters) <= 2 else ():
        known &= np.isfinite(shown.history.units(parameter)[shown.rows])
    rows = shown.rows[known]
    columns: list[Column] = [("trial", (rows + 1).tolist()), *_values(shown, rows, parameters)]
    columns += [(shown.scale.metric, _objective(shown, rows)), *_standing(shown, rows)]
    if seeds:
        columns += _seeds(shown, rows)
    return table_of(name, columns)


def progress_table(shown: Shown) -> PlotTable:
    """The objective of each trial in turn, and the best single run up to it."""
    rows, history = shown.rows, shown.history
    at = records(history, shown.scale.sign)
    at = at[at < len(shown.heights)]
    best = np.full(len(history), np.nan)
    best[at] = history.value_column[at]
    last = np.maximum.accumulate(np.where(np.isfinite(best), np.arange(len(best)), -1)) if len(best) else best
    so_far = np.where(last >= 0, best[last.astype(np.intp)], np.nan) if len(best) else best
    columns: list[Column] = [("trial", (rows + 1).tolist()), (shown.scale.metric, _objective(shown, rows))]
    columns += [("best so far", finite(so_far[rows].tolist())), *_standing(shown, rows)]
    return table_of("progress", columns)


def curves_table(shown: Shown, metric: str) -> PlotTable:
    """One metric of each trial that has a curve, a column for each epoch."""
    curves = [shown.history.curve(int(row) + 1, metric) for row in shown.rows]
    rows = shown.rows[[len(curve) > 0 for curve in curves]] if len(shown.rows) else shown.rows
    curves = [curve for curve in curves if len(curve)]
    table = np.full((len(curves), max(map(len, curves), default=0)), np.nan)
    for line, curve in zip(table, curves, strict=True):
        line[: len(curve)] = curve
    columns: list[Column] = [("trial", (rows + 1).tolist()), *_standing(shown, rows)]
    columns += [(f"{metric}, epoch {index + 1}", finite(table[:, index].tolist())) for index in range(table.shape[1])]
    return table_of("curves", columns)


def importance_table(found: Importances) -> PlotTable:
    """Shares between 0 and 1, with the ends of 9 in 10 resamples."""
    entries = found.parameters
    return table_of(
        "importance",
        [
            ("parameter", [entry.name for entry in entries]),
            ("share", [float(entry.share) for entry in entries]),
            ("low", [float(entry.low) for entry in entries]),
            ("high", [float(entry.high) for entry in entries]),
            ("textbook tier", [entry.tier for entry in entries]),
        ],
    )


def coverage_table(name: str, dots: Dots, x: Parameter, y: Parameter | None) -> PlotTable:
    """The places that a strategy would try of one or two parameters, and how many trials fall on each."""
    columns: list[Column] = [(_header(x.name), _at(x, dots.x))]
    if y is not None:
        columns.append((_header(y.name), _at(y, dots.y)))
    return table_of(name, [*columns, ("trials", dots.trials.tolist())])


def _header(name: str, metric: str = "") -> str:
    """The name of a parameter, told from the other columns as in the export of all trials."""
    return f"parameter.{name}" if name in _TAKEN or name == metric else name


def _at(parameter: Parameter, units: Floats) -> list[Cell]:
    return [value_at(parameter, unit) for unit in units.tolist()]


def _values(shown: Shown, rows: Indices, parameters: Sequence[Parameter]) -> Iterator[Column]:
    trials = shown.history.trials
    for parameter in parameters:
        name = _header(parameter.name, shown.scale.metric)
        yield name, [trials[row].value_of(parameter.name) for row in rows.tolist()]


def _objective(shown: Shown, rows: Indices) -> list[Cell]:
    """The value of each trial; of one in training, that of its latest epoch."""
    history = shown.history
    values = history.value_column[rows].copy()
    for number in shown.running:
        latest = history.curve(number, shown.scale.metric)[-1:]
        values[rows == number - 1] = float(latest[0]) if len(latest) else np.nan
    return finite(values.tolist())


def _standing(shown: Shown, rows: Indices) -> Iterator[Column]:
    trials = shown.history.trials
    yield "state", [str(trials[row].state) for row in rows.tolist()]
    yield "stage", shown.history.stage_column[rows].tolist()
    yield "in region", shown.inside[rows].tolist()
    yield "dimmed", (shown.marks[rows] == Mark.OUTSIDE).tolist()


def _seeds(shown: Shown, rows: Indices) -> Iterator[Column]:
    """The spreads that are drawn, in the row of the first run of each."""
    objective = shown.plan.definition.objective
    drawn = set(shown.repeated.rows.tolist())
    if not drawn:
        return
    found = shown.history.standings(objective).repeated
    for name, part in (("mean of seeds", found.means), ("lowest", found.lows), ("highest", found.highs)):
        known = {row: value for row, value in zip(found.rows.tolist(), part.tolist(), strict=True) if row in drawn}
        yield name, [known.get(row) for row in rows.tolist()]
