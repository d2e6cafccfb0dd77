"""Reading a study file: the edit log and the history, each row checked, since nobody knows who wrote a file."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.study.connection import damaged, tables_of
from tuner_gui.study.edits import Edit, EditLog
from tuner_gui.study.errors import StudyDamagedError
from tuner_gui.study.events import FinalFigure, TrialState
from tuner_gui.study.history import Floats, History, Trial
from tuner_gui.study.plans import PlanReader, stage_from

INTERRUPTED = "interrupted: the program ended while it trained"

TRIALS = (
    "SELECT number, stage, parameters, seed, started_at, state, value, seconds, reason "
    "FROM trials LEFT JOIN endings ON endings.trial = trials.number ORDER BY number"
)
CURVES = "SELECT trial, first_epoch, epochs, data FROM curves ORDER BY id"

_STATES = {str(state): state for state in TrialState if state.is_over}

# What decoding a row of a damaged or hostile file can raise.
DECODING_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


def read_log(connection: sqlite3.Connection, path: Path) -> EditLog:
    plans = PlanReader(path.name)
    rows = connection.execute("SELECT id, text, plan FROM edits ORDER BY id").fetchall()
    at = "the list of edits is empty"
    try:
        edits: list[Edit] = []
        for row, text, plan in rows:
            at = f"edit {row}"
            _expect(row == len(edits) + 1 and isinstance(text, str), "out of order")
            edits.append(Edit(text, plans.plan_from(json.loads(plan))))
        _expect(bool(edits), "no edit")
        at = "the position in the list of edits"
        position = connection.execute("SELECT value FROM meta WHERE key = 'position'").fetchone()
        log = EditLog(tuple(edits), int(position[0]))
        _expect(0 <= log.position < len(edits), "no such edit")
    except DECODING_ERRORS as error:
        raise StudyDamagedError(damaged(path, f"{at}: {error}")) from error
    return log


def read_history(connection: sqlite3.Connection, path: Path, *, running: bool) -> History:
    """All trials with their curves. A trial without an ending is ``running``, or else was interrupted."""
    history = History()
    history.metric_names = _metric_names(connection, path)
    trials = list(read_trials(connection, path))
    trials = _with_more(connection, path, trials)
    if not running:
        trials = [interrupted(trial) if trial.state is TrialState.RUNNING else trial for trial in trials]
    history.load(trials, _curves(connection, path, len(trials), len(history.metric_names)))
    history.progress = {trial.number: 0.0 for trial in trials if trial.state is TrialState.RUNNING}
    _read_stages(connection, path, history)
    _read_words(connection, path, history)
    return history


def _with_more(connection: sqlite3.Connection, path: Path, trials: list[Trial]) -> list[Trial]:
    """The trials with what version 1.1 added: their lineage, and what was fixed for them."""
    known, trial = tables_of(connection), 0
    lineages: dict[int, Mapping[str, Value]] = {}
    fixed: dict[int, Mapping[str, Value]] = {}
    try:
        for table, key, column, found in (
            ("lineages", "trial", "lineage", lineages),
            ("fixed", "first_trial", "hyperparameters", fixed),
        ):
            if table in known:
                for trial, words in connection.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}"):  # noqa: S608
                    found[trial] = _plain(json.loads(words))
    except DECODING_ERRORS as error:
        raise StudyDamagedError(damaged(path, f"what is kept beside trial {trial}: {error}")) from error
    if not lineages and not fixed:
        return trials
    completed, holds = [], fixed.get(0, {})
    for one in trials:
        holds = fixed.get(one.number, holds)
        completed.append(replace(one, lineage=lineages.get(one.number), fixed=holds))
    return completed


def interrupted(trial: Trial) -> Trial:
    return replace(trial, state=TrialState.CANCELLED, seconds=0.0, reason=INTERRUPTED)


def read_trials(connection: sqlite3.Connection, path: Path) -> Iterator[Trial]:
    """Raises StudyDamagedError at the first trial that is missing or cannot be decoded."""
    rows = connection.execute(TRIALS).fetchall()
    for expected, (row, values) in enumerate(zip(rows, _all_values(rows), strict=True), start=1):
        try:
            trial = trial_from(row, values)
            _expect(trial.number == expected, f"trial {expected} is missing")
        except DECODING_ERRORS as error:
            raise StudyDamagedError(damaged(path, f"trial {expected}: {error}")) from error
        yield trial


def _all_values(rows: Sequence[Sequence[Any]]) -> Sequence[object]:
    """The decoded values of all trials, at a fifth of the time of one after another; None each if that fails."""
    with contextlib.suppress(*DECODING_ERRORS):
        values = json.loads(f"[{','.join(row[2] for row in rows)}]")
        if len(values) == len(rows):
            return list(values)
    return [None] * len(rows)


def trial_from(row: Sequence[Any], values: object = None) -> Trial:
    """The trial in a row of :data:`TRIALS`; its values are decoded unless they have been already."""
    number, stage, parameters, seed, started_at, state, value, seconds, reason = row
    if values is None:
        values = json.loads(parameters)
    values = _plain(values)
    _expect(isinstance(stage, int) and isinstance(seed, int) and isinstance(started_at, str), "wrong types")
    if state is None:
        return Trial(number, stage, TrialState.RUNNING, values, seed, started_at)
    _expect(reason is None or isinstance(reason, str), "its reason is no text")
    value = None if value is None else float(value)
    return Trial(number, stage, _STATES[state], values, seed, started_at, value, float(seconds), reason)


_PLAIN = {bool, int, float, str}


def _plain(values: object) -> dict[str, Value]:
    if not isinstance(values, dict) or not set(map(type, values.values())) <= _PLAIN:
        raise ValueError("its values are not plain")
    return values


def curve_rows(data: Any, epochs: Any, metrics: int) -> Floats:
    """One row of the table of curves as ``[epochs, metrics]``; metrics that were not yet known then are NaN."""
    rows: Floats = np.frombuffer(data, dtype="<f8").reshape(epochs, -1)
    width = rows.shape[1]
    _expect(epochs > 0 and 0 < width <= metrics, f"{epochs} epochs of {width} metrics where {metrics} are named")
    if width < metrics:
        rows = np.hstack([rows, np.full((epochs, metrics - width), np.nan)])
    return rows


def _metric_names(connection: sqlite3.Connection, path: Path) -> list[str]:
    rows = connection.execute("SELECT place, name FROM metric_names ORDER BY place").fetchall()
    if any(place != index or not isinstance(name, str) for index, (place, name) in enumerate(rows)):
        raise StudyDamagedError(damaged(path, "the names of the metrics are incomplete"))
    return [name for _, name in rows]


def _curves(connection: sqlite3.Connection, path: Path, trials: int, metrics: int) -> list[Floats]:
    empty = np.empty((0, metrics))
    curves: list[Floats] = [empty] * trials
    for trial, first_epoch, epochs, data in connection.execute(CURVES):
        try:
            rows = curve_rows(data, epochs, metrics)
            _expect(trial >= 1, "a curve of no trial")
            before = curves[trial - 1]
            _expect(first_epoch == len(before) + 1, f"epoch {len(before) + 1} is missing")
            curves[trial - 1] = np.concatenate([before, rows]) if len(before) else rows
        except DECODING_ERRORS as error:
            raise StudyDamagedError(damaged(path, f"the curves of trial {trial}: {error}")) from error
    return curves


def _read_stages(connection: sqlite3.Connection, path: Path, history: History) -> None:
    for number, stage in connection.execute("SELECT number, stage FROM stages ORDER BY number"):
        try:
            history.stages[number] = stage_from(json.loads(stage))
            _expect(history.stages[number].number == number, "another number inside")
        except DECODING_ERRORS as error:
            raise StudyDamagedError(damaged(path, f"stage {number}: {error}")) from error
    unknown = {trial.stage for trial in history.trials} - set(history.stages)
    if unknown:
        raise StudyDamagedError(damaged(path, f"stage {min(unknown)} is missing"))


def _read_words(connection: sqlite3.Connection, path: Path, history: History) -> None:
    """Final figures and notes, the latest of each trial."""
    trial = 0
    try:
        for trial, at, metrics in connection.execute("SELECT trial, at, metrics FROM final_figures ORDER BY id"):
            figures = {str(name): float(value) for name, value in json.loads(metrics).items() if value is not None}
            history.trial(trial)
            history.final_figures[trial] = FinalFigure(trial, figures, str(at))
        for trial, text in connection.execute("SELECT trial, text FROM notes ORDER BY id"):
            history.trial(trial)
            history.notes[trial] = str(text)
    except DECODING_ERRORS as error:
        raise StudyDamagedError(damaged(path, f"what is noted on trial {trial}: {error}")) from error


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
