"""All trials as one table: CSV for people and spreadsheets, Parquet for programs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tuner_gui.exports.errors import ExportError
from tuner_gui.exports.writing import place_for
from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.history import History, Trial
from tuner_gui.study.stages import Plan

_FIRST = ("number", "stage", "state", "value")
_LAST = ("seconds", "epochs", "seed", "lineage", "reason")
# A spreadsheet takes a text that begins like this for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Columns = Mapping[str, list[Any]]


def columns_of(plan: Plan, history: History) -> dict[str, list[Any]]:
    """The columns by name, each with an entry for every trial, None where there is none.

    First what a trial is and its value; then every hyperparameter, searched or fixed; then how it went; then each
    metric after its last epoch. A hyperparameter or metric that has the name of another column is called
    ``parameter.NAME`` or ``metric.NAME``.
    """
    trials = history.trials
    table: dict[str, list[Any]] = {name: [_FACTS[name](trial) for trial in trials] for name in _FIRST}
    for name in parameter_names(plan, trials):
        key = f"parameter.{name}" if name in (*_FIRST, *_LAST) else name
        table[key] = [trial.value_of(name) for trial in trials]
    for name in _LAST:
        table[name] = [
            history.epochs(trial.number) if name == "epochs" else _FACTS[name](trial) for trial in trials
        ]  # fmt: skip
    for metric in history.metric_names:
        key = f"metric.{metric}" if metric in table else metric
        table[key] = [_last(history.curve(trial.number, metric)) for trial in trials]
    return table


def parameter_names(plan: Plan, trials: Iterable[Trial]) -> list[str]:
    """What any trial has a value of: the space first, then in the textbook's order, then all else."""
    known = {name for trial in trials for name in (*trial.values, *trial.fixed)}
    order = dict.fromkeys((*plan.space.names, *TEXTBOOK, *sorted(known)))
    return [name for name in order if name in known or name in plan.space]


def write_csv(path: Path, table: Columns) -> None:
    """UTF-8, with a heading; empty where there is nothing. A text that a spreadsheet would take for a formula gets a
    leading apostrophe; numbers are never touched."""
    with place_for(path) as place, place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # ends its lines with CR LF, and so quotes a text that holds either of them
        writer.writerow([_harmless(name) for name in table])
        writer.writerows([cell_text(entry) for entry in row] for row in zip(*table.values(), strict=True))


def write_parquet(path: Path, table: Columns) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise ExportError(f"Parquet needs the package pyarrow, which is not installed ({error})") from error
    made = pa.table({name: _arrow_column(pa, name, entries) for name, entries in table.items()})
    with place_for(path) as place:
        parquet.write_table(made, place)


_FACTS: Mapping[str, Callable[[Trial], Any]] = {
    "number": lambda trial: trial.number,
    "stage": lambda trial: trial.stage,
    "state": lambda trial: str(trial.state),
    "value": lambda trial: _finite(trial.value),
    "seconds": lambda trial: trial.seconds,
    "seed": lambda trial: trial.seed,
    "lineage": lambda trial: None if trial.lineage is None else json.dumps(dict(trial.lineage), ensure_ascii=False),
    "reason": lambda trial: trial.reason,
}


def _last(curve: Any) -> float | None:
    return _finite(float(curve[-1])) if len(curve) else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def cell_text(entry: Value | None) -> str:
    """An entry as a CSV file has it: nothing for None, numbers exactly, formulas made harmless."""
    if entry is None:
        return ""
    if isinstance(entry, bool):
        return "true" if entry else "false"
    return _harmless(entry) if isinstance(entry, str) else repr(entry)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _arrow_column(pa: Any, name: str, entries: list[Any]) -> Any:
    """Typed where all entries agree; numbers of both kinds as floats, anything else mixed as text."""
    if name in _TYPES:
        return pa.array(entries, getattr(pa, _TYPES[name])())
    kinds = {type(entry) for entry in entries if entry is not None}
    if not kinds or kinds == {int, float}:
        return pa.array([None if entry is None else float(entry) for entry in entries], pa.float64())
    return pa.array(entries if len(kinds) == 1 else [None if entry is None else _text(entry) for entry in entries])


def _text(entry: Value) -> str:
    return entry if isinstance(entry, str) else json.dumps(entry)


# A column of nothing would have no type, and two exports of a study would differ in their schemas.
_TYPES = {
    "number": "int64", "stage": "int64", "state": "string", "value": "float64", "seconds": "float64",
    "epochs": "int64", "seed": "int64", "lineage": "string", "reason": "string",
}  # fmt: skip
