"""The study file: made once, opened by one writer and any number of viewers, and never without its latest commit."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tuner_gui import __version__
from tuner_gui.study.connection import (
    cannot_write,
    check_whole,
    connect,
    is_busy,
    make_durable,
    reading_failed,
    recognise,
    take_writer_role,
    why_read_only,
    writing_failed,
)
from tuner_gui.study.definition import Definition
from tuner_gui.study.edits import EditLog, first_log
from tuner_gui.study.errors import StudyFileError, StudyWriteError
from tuner_gui.study.events import Event, TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.reader import interrupted, read_history, read_log
from tuner_gui.study.schema import APPLICATION_ID, TABLES, USER_VERSION
from tuner_gui.study.stages import first_plan
from tuner_gui.study.writer import Writer, Written, utc_now, write_edits

ANOTHER_WINDOW = "another window has it open"
ASKED_FOR = "it was opened for reading only"


class StudyFile:
    """An open study. Made by :func:`create` and :func:`open_study`.

    ``log`` holds the edits, ``history`` what was in the file when it was opened: who records events applies them to
    a history of its own. ``read_only_reason`` says in words why nothing can be written; None for the one writer.
    One thread at a time may use it.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        log: EditLog,
        history: History,
        read_only_reason: str | None = None,
    ) -> None:
        self.path = path
        # The writer compares with what is on the disk, which may not know every stage that has trials.
        self.log = log.knowing(history.stages.values())
        self.history = history
        self.read_only_reason = read_only_reason
        self._connection = connection
        self._writer: Writer | None = None
        if read_only_reason is None:
            self._writer = Writer(connection, path, _written(log, history))

    @property
    def has_unsaved(self) -> bool:
        """Whether something was recorded that no commit has written yet."""
        return self._writer is not None and self._writer.has_unsaved

    def record(self, events: Iterable[Event]) -> None:
        """Keep what the events say for the next commit. StudyWriteError for a viewer."""
        self._for_writing().record(events)

    def commit(self) -> str:
        """Write all that was recorded in one transaction; when this returns, it is on the disk.

        Returns the time, UTC in ISO format. Raises StudyWriteError with the reason in words; what was recorded is
        kept, and the next call tries again.
        """
        self._for_writing().commit()
        return utc_now()

    def save_log(self, log: EditLog) -> str:
        """Make this the log and commit, with all that was recorded. See :meth:`commit`."""
        self._for_writing().set_log(log)
        self.log = log
        return self.commit()

    def weights(self, trial: int) -> bytes | None:
        """The kept weights of a trial as ``npz``; only the best finished trials have any."""
        try:
            row = self._connection.execute("SELECT npz FROM weights WHERE trial = ?", (trial,)).fetchone()
        except sqlite3.Error as error:
            raise reading_failed(self.path, error) from error
        return bytes(row[0]) if row else None

    def trials_with_weights(self) -> tuple[int, ...]:
        try:
            rows = self._connection.execute("SELECT trial FROM weights ORDER BY trial").fetchall()
        except sqlite3.Error as error:
            raise reading_failed(self.path, error) from error
        return tuple(trial for (trial,) in rows)

    def fact(self, key: str) -> str | None:
        """What was noted under this key when the study was made (see :func:`create`); None where nothing was."""
        try:
            row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise reading_failed(self.path, error) from error
        return str(row[0]) if row else None

    def close(self) -> None:
        """Commit what is unsaved and let go of the file. StudyWriteError if that failed; it is closed all the same."""
        try:
            if self._writer is not None:
                self._writer.commit()
        finally:
            if self._writer is not None:
                self._writer.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _for_writing(self) -> Writer:
        if self._writer is None:
            raise StudyWriteError(f"{self.path.name}: cannot be changed, because {self.read_only_reason}")
        return self._writer


def create(path: Path, definition: Definition, *, facts: Mapping[str, str] | None = None) -> StudyFile:
    """Make a new study file with a first stage that covers the full space, and open it for writing.

    ``facts`` are noted in it for good, such as the fingerprint of the data under "data".
    Raises StudyFileError where there is something already, or nothing can be written.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        raise StudyFileError(f"{path}: there is a file already; it was left as it is") from None
    except OSError as error:
        raise StudyFileError(f"{path}: cannot be made ({error.strerror})") from error
    path = path.resolve()
    log = first_log(first_plan(definition))
    with contextlib.ExitStack() as undoing:
        undoing.callback(path.with_name(f"{path.name}-journal").unlink, missing_ok=True)
        undoing.callback(path.unlink, missing_ok=True)
        try:
            connection = undoing.enter_context(contextlib.closing(connect(path, "rw")))
            make_durable(connection)
            _fill(connection, log, facts or {})
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise StudyFileError(f"{path}: cannot be made ({writing_failed(error)})") from error
        undoing.pop_all()
        return StudyFile(path, connection, log=log, history=History())


def open_study(path: Path, *, read_only: bool = False) -> StudyFile:
    """Open a study: for writing where that is possible, else as a viewer that says why.

    A trial that was still training when the program ended is ended as cancelled. Raises StudyFileError where the
    file is no study, is damaged or comes from a newer version; nothing is changed then.
    """
    recognise(path)
    path = path.resolve()
    found = why_read_only(path) or _open_where_writable(path, read_only=read_only)
    return _open_viewer(path, found) if isinstance(found, str) else found


def _open_where_writable(path: Path, *, read_only: bool) -> StudyFile | str:
    """The study for its one writer, or why it can only be a viewer."""
    with contextlib.ExitStack() as closing:
        try:
            connection = closing.enter_context(contextlib.closing(connect(path, "rw")))
            make_durable(connection)
            if not take_writer_role(connection):
                return ANOTHER_WINDOW
            if read_only:
                return ASKED_FOR
            file = _open_writer(path, connection)
        except sqlite3.Error as error:
            return _viewer_reason(path, error)
        except StudyWriteError as error:
            return str(error)
        closing.pop_all()
        return file


def _open_writer(path: Path, connection: sqlite3.Connection) -> StudyFile:
    check_whole(connection, path)
    log = read_log(connection, path)
    history = read_history(connection, path, running=True)
    lost = [interrupted(trial) for trial in history.trials if trial.state is TrialState.RUNNING]
    if lost:
        _write_endings(connection, lost)
        history = read_history(connection, path, running=False)
    return StudyFile(path, connection, log=log, history=history)


def _open_viewer(path: Path, reason: str) -> StudyFile:
    with contextlib.ExitStack() as closing:
        try:
            connection = closing.enter_context(contextlib.closing(connect(path, "ro")))
            # One transaction, so that a commit of the writer cannot fall between two of the reads.
            connection.execute("BEGIN")
            check_whole(connection, path)
            log = read_log(connection, path)
            history = read_history(connection, path, running=reason == ANOTHER_WINDOW)
            connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise reading_failed(path, error) from error
        closing.pop_all()
        return StudyFile(path, connection, log=log, history=history, read_only_reason=reason)


def _viewer_reason(path: Path, error: sqlite3.Error) -> str:
    """Why only a viewer can be opened after SQLite refused a writer; raises where not even that can work."""
    if is_busy(error):
        return ANOTHER_WINDOW
    if cannot_write(error):
        return "the file or its folder cannot be written"
    raise reading_failed(path, error) from error


def _write_endings(connection: sqlite3.Connection, trials: Iterable[Trial]) -> None:
    rows = [(t.number, str(t.state), t.seconds, t.reason) for t in trials]
    try:
        connection.executemany("INSERT INTO endings (trial, state, seconds, reason) VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise StudyWriteError(writing_failed(error)) from error


def _fill(connection: sqlite3.Connection, log: EditLog, noted: Mapping[str, str]) -> None:
    now = utc_now()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={USER_VERSION}")
    for statement in TABLES.values():
        connection.execute(statement)
    facts = [("created_at", now), ("program", f"tuner-gui {__version__}")]
    connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", [*facts, *noted.items()])
    write_edits(connection, log)
    connection.execute("COMMIT")


def _written(log: EditLog, history: History) -> Written:
    fixed = history.trials[-1].fixed if len(history) else {}
    return Written(log, dict(history.stages), tuple(history.metric_names), len(history), fixed)
