"""Writing to a study file: events are gathered as rows and committed together, or kept until they can be."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.study.connection import bring_up_to_date, is_busy, writing_failed
from tuner_gui.study.edits import EditLog
from tuner_gui.study.errors import StudyWriteError
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    FinalFigure,
    NoteAdded,
    TrialEnded,
    TrialStarted,
    TrialState,
    WeightsKept,
)
from tuner_gui.study.plans import plan_document, stage_document, to_json
from tuner_gui.study.stages import Stage

KEPT_WEIGHTS = 12
"""Of how many finished trials, the best by their own values, the weights are kept: of more than the one that is called
the best, because among them repeats may find another one best. Repeats themselves keep none."""


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass
class _Batch:
    """Rows that are not committed yet, and the epochs of which rows will be made."""

    stages: list[tuple[object, ...]] = field(default_factory=list)
    trials: list[tuple[object, ...]] = field(default_factory=list)
    lineages: list[tuple[object, ...]] = field(default_factory=list)
    fixed: list[tuple[object, ...]] = field(default_factory=list)
    endings: list[tuple[object, ...]] = field(default_factory=list)
    final_figures: list[tuple[object, ...]] = field(default_factory=list)
    notes: list[tuple[object, ...]] = field(default_factory=list)
    epochs: dict[int, list[EpochEnded]] = field(default_factory=dict)
    weights: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """What of the file the writer must know: what is in it already."""

    log: EditLog
    stages: Mapping[int, Stage]
    metric_names: tuple[str, ...]
    trials: int
    fixed: Mapping[str, Value]


class Writer:
    """The one that adds to a study file. It holds the write lock from one commit to the next."""

    def __init__(self, connection: sqlite3.Connection, path: Path, written: Written) -> None:
        self._connection = connection
        self._path = path
        self._identity = _identity(path)
        self._log = written.log
        self._saved_log = written.log
        self._stages = dict(written.stages)
        self._metric_names = list(written.metric_names)
        self._saved_metrics = len(written.metric_names)
        self._trials = written.trials
        self._fixed = dict(written.fixed)
        self._epochs_of_running: dict[int, int] = {}
        self._batch = _Batch()
        self._data_version = self._look_for_others()

    @property
    def has_unsaved(self) -> bool:
        return self._batch != _Batch() or self._log is not self._saved_log

    def record(self, events: Iterable[Event]) -> None:
        """Keep the events for the next commit; those that leave nothing in the file are passed over."""
        for event in events:
            self._record(event)

    def set_log(self, log: EditLog) -> None:
        self._log = log

    def commit(self) -> None:
        """Write all that was recorded in one transaction.

        Raises StudyWriteError; nothing of it is in the file then, and the next call tries all of it again.
        """
        if not self.has_unsaved:
            return
        try:
            self._hold_lock()
            self._check_place()
            self._write()
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._start_over()
            raise StudyWriteError(f"{self._path.name}: {writing_failed(error)}") from error
        except BaseException:
            self._start_over()
            raise
        self._batch = _Batch()
        self._saved_log = self._log
        self._saved_metrics = len(self._metric_names)
        self._take_lock_again()

    def close(self) -> None:
        """Give the lock back and leave one file, without a journal beside it."""
        with contextlib.suppress(sqlite3.Error):
            self._let_go()
            self._connection.execute("PRAGMA journal_mode=DELETE")

    # --- taking events over ---

    def _record(self, event: Event) -> None:
        batch = self._batch
        match event:
            case TrialStarted():
                self._start(event)
            case EpochEnded():
                self._end_epoch(event)
            case TrialEnded():
                self._end(event)
            case WeightsKept():
                self._expect_known(event.trial)
                batch.weights[event.trial] = event.npz
            case FinalFigure():
                self._expect_known(event.trial)
                metrics = {name: value if math.isfinite(value) else None for name, value in event.metrics.items()}
                batch.final_figures.append((event.trial, event.at, to_json(metrics)))
            case NoteAdded():
                self._expect_known(event.trial)
                batch.notes.append((event.trial, event.at, event.text))

    def _start(self, event: TrialStarted) -> None:
        stage = event.stage
        if event.trial != self._trials + 1:
            raise ValueError(f"trial {event.trial} started after trial {self._trials}")
        known = self._stages.get(stage.number)
        if known is not None and known != stage:
            raise ValueError(f"stage {stage.number} has trials already and cannot be another one")
        if known is None:
            self._stages[stage.number] = stage
            self._batch.stages.append((stage.number, event.at, to_json(stage_document(stage))))
        self._trials = event.trial
        self._epochs_of_running[event.trial] = 0
        values = to_json(dict(event.values))
        self._batch.trials.append((event.trial, stage.number, values, event.seed, event.at))
        if event.lineage is not None:
            self._batch.lineages.append((event.trial, to_json(dict(event.lineage))))
        if event.fixed != self._fixed:
            self._fixed = dict(event.fixed)
            self._batch.fixed.append((event.trial, to_json(self._fixed)))

    def _end_epoch(self, event: EpochEnded) -> None:
        self._expect_known(event.trial)
        done = self._epochs_of_running.get(event.trial)
        if done is None:
            # The report of an epoch can come after the trial was given up; its ending has been written.
            return
        if event.epoch != done + 1:
            raise ValueError(f"epoch {event.epoch} of trial {event.trial} is out of turn")
        self._epochs_of_running[event.trial] = event.epoch
        self._metric_names += [name for name in event.metrics if name not in self._metric_names]
        self._batch.epochs.setdefault(event.trial, []).append(event)

    def _end(self, event: TrialEnded) -> None:
        if self._epochs_of_running.pop(event.trial, None) is None:
            raise ValueError(f"trial {event.trial} ended without running")
        value = None if event.value is None or math.isnan(event.value) else event.value
        self._batch.endings.append((event.trial, str(event.state), value, event.seconds, event.reason))

    def _expect_known(self, trial: int) -> None:
        if not 1 <= trial <= self._trials:
            raise ValueError(f"there is no trial {trial}")

    # --- writing ---

    def _write(self) -> None:
        run, batch = self._connection.executemany, self._batch
        new_names = list(enumerate(self._metric_names))[self._saved_metrics :]
        run("INSERT INTO metric_names (place, name) VALUES (?, ?)", new_names)
        run("INSERT INTO stages (number, at, stage) VALUES (?, ?, ?)", batch.stages)
        run("INSERT INTO trials (number, stage, parameters, seed, started_at) VALUES (?, ?, ?, ?, ?)", batch.trials)
        if batch.lineages or batch.fixed:
            bring_up_to_date(self._connection)
            run("INSERT INTO lineages (trial, lineage) VALUES (?, ?)", batch.lineages)
            run("INSERT INTO fixed (first_trial, hyperparameters) VALUES (?, ?)", batch.fixed)
        run("INSERT INTO curves (trial, first_epoch, epochs, data) VALUES (?, ?, ?, ?)", self._curve_rows())
        run("INSERT INTO endings (trial, state, value, seconds, reason) VALUES (?, ?, ?, ?, ?)", batch.endings)
        run("INSERT INTO final_figures (trial, at, metrics) VALUES (?, ?, ?)", batch.final_figures)
        run("INSERT INTO notes (trial, at, text) VALUES (?, ?, ?)", batch.notes)
        if batch.weights:
            run("INSERT OR REPLACE INTO weights (trial, npz) VALUES (?, ?)", batch.weights.items())
            self._drop_worse_weights()
        if self._log is not self._saved_log:
            self._write_log()

    def _curve_rows(self) -> Iterable[tuple[object, ...]]:
        for trial, epochs in self._batch.epochs.items():
            table = [[epoch.metrics.get(name, math.nan) for name in self._metric_names] for epoch in epochs]
            data = np.array(table, dtype="<f8").tobytes()
            yield trial, epochs[0].epoch, len(epochs), data

    def _drop_worse_weights(self) -> None:
        """Weights of trials that still train stay: they come before the ending that gives them a value."""
        sign = self._log.plan.definition.objective.sign
        self._connection.execute(
            "DELETE FROM weights WHERE trial IN (SELECT trial FROM endings) AND trial NOT IN ("
            "SELECT trial FROM weights JOIN endings USING (trial) LEFT JOIN lineages USING (trial) "
            "WHERE state = ? AND value IS NOT NULL AND json_extract(lineage, '$.repeats') IS NULL "
            "ORDER BY ? * value DESC, trial LIMIT ?)",
            (str(TrialState.FINISHED), sign, KEPT_WEIGHTS),
        )

    def _write_log(self) -> None:
        """Only what differs from the saved log: most edits add one row, an undo touches one."""
        before, after = self._saved_log.edits, self._log.edits
        same = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a is not b and a != b), None)
        kept = min(len(before), len(after)) if same is None else same
        self._connection.execute("DELETE FROM edits WHERE id > ?", (kept,))
        write_edits(self._connection, self._log, first=kept)

    # --- the lock ---

    def _hold_lock(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        if self._look_for_others() != self._data_version:
            raise StudyWriteError(f"{self._path.name}: another window has changed the study since; open it again")

    def _take_lock_again(self) -> None:
        """Right after a commit let go of it. Should another one be faster, the next commit finds out and says so."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise

    def _start_over(self) -> None:
        """After a failed commit: nothing of it stays, and the role of the writer is kept if that is possible."""
        with contextlib.suppress(sqlite3.Error):
            self._let_go()
            self._connection.execute("BEGIN IMMEDIATE")

    def _let_go(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _look_for_others(self) -> int:
        """A number that changes when another connection has committed."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _check_place(self) -> None:
        """A file that was moved or deleted can be written for ever, and nobody would find it again."""
        if _identity(self._path) != self._identity:
            raise StudyWriteError(f"{self._path.name}: the file was moved, deleted or replaced while it was open")


def write_edits(connection: sqlite3.Connection, log: EditLog, *, first: int = 0) -> None:
    """Add the edits from place ``first`` on, and the position of the log."""
    now = utc_now()
    plans = [None, *(edit.plan for edit in log.edits)]
    rows = [
        (place + 1, now, log.edits[place].text, to_json(plan_document(log.edits[place].plan, plans[place])))
        for place in range(first, len(log.edits))
    ]
    connection.executemany("INSERT INTO edits (id, at, text, plan) VALUES (?, ?, ?, ?)", rows)
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('position', ?)", (str(log.position),))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
