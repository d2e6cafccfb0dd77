"""Looking into a study file that may be damaged: what is whole, what is lost, and what can still be read."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuner_gui.study.connection import check_whole, connect, reading_failed, recognise
from tuner_gui.study.errors import StudyDamagedError, StudyFileError
from tuner_gui.study.plans import PlanReader, stage_from
from tuner_gui.study.reader import DECODING_ERRORS, curve_rows, read_history, read_log, trial_from


@dataclass(frozen=True)
class Finding:
    """``readable`` of ``total`` things of one sort; ``total`` is None where damage hides how many there were."""

    what: str
    readable: int
    total: int | None


@dataclass(frozen=True)
class Report:
    """What was found. ``problems`` is empty for a file that is whole; ``remarks`` say what is worth knowing."""

    findings: tuple[Finding, ...]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.problems


# A damaged header may claim any length.
_LARGEST_LENGTHENED = 4 * 2**30


@dataclass
class _Rows:
    """The rows of one table that SQLite could still hand out, in order, and whether it could reach all of them."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    complete: bool = True


# The first column of each is the key of the table.
_QUERIES = {
    "edits": "SELECT id, text, plan FROM edits ORDER BY id",
    "stages": "SELECT number, stage FROM stages ORDER BY number",
    "trials": "SELECT number, stage, parameters, seed, started_at FROM trials ORDER BY number",
    "endings": "SELECT trial, state, value, seconds, reason FROM endings ORDER BY trial",
    "metric_names": "SELECT place, name FROM metric_names ORDER BY place",
    "curves": "SELECT id, trial, epochs, data FROM curves ORDER BY id",
    "weights": "SELECT trial, npz FROM weights ORDER BY trial",
    "final_figures": "SELECT id, trial, metrics FROM final_figures ORDER BY id",
    "notes": "SELECT id, trial, text FROM notes ORDER BY id",
}


def examine(path: Path) -> Report:
    """Read all that can be read. Writes nothing, but for what SQLite does to undo a write that a crash cut off.

    Raises StudyFileError where there is no study to look into.
    """
    try:
        recognise(path)
    except StudyDamagedError:
        # SQLite reads nothing of a file that is shorter than its first page says: lend it the missing length.
        with tempfile.TemporaryDirectory() as folder:
            copy = _lengthened(path, Path(folder))
            try:
                return _examine(copy, path)
            except StudyDamagedError as error:
                raise StudyDamagedError(f"{path}: {_bare(str(error), copy)}; nothing in the file can be read") from None
    return _examine(path.resolve(), path)


def _lengthened(path: Path, folder: Path) -> Path:
    """A copy with zeros in place of what was cut off; StudyDamagedError again where that is not what is wrong."""
    data = path.read_bytes()
    page_size, pages = int.from_bytes(data[16:18], "big") or 1, int.from_bytes(data[28:32], "big")
    copy = folder / path.name
    copy.write_bytes(data)
    if len(data) < page_size * pages <= _LARGEST_LENGTHENED:
        os.truncate(copy, page_size * pages)
    try:
        recognise(copy)
    except StudyDamagedError as error:
        raise StudyDamagedError(f"{path}: {_bare(str(error), copy)}; nothing in the file can be read") from None
    return copy


def _examine(source: Path, path: Path) -> Report:
    """Look into ``source``, which is the file itself or stands for it."""
    connection = _open(source)
    try:
        problems = _problems(connection, source)
        tables = {table: _rows(connection, table) for table in _QUERIES}
    finally:
        connection.close()
    if source.stat().st_size != path.stat().st_size:
        cut = f"its end is cut off: {path.stat().st_size:,} of {source.stat().st_size:,} bytes are left"
        problems = (cut, *problems)
    findings = _findings(tables)
    if not problems:
        return Report(findings, remarks=_remarks(tables))
    if not any(finding.readable for finding in findings):
        raise StudyDamagedError(f"{path}: {problems[0]}; nothing in the file can be read")
    return Report(findings, problems, _remarks(tables))


def _open(path: Path) -> sqlite3.Connection:
    """A connection in a reading transaction, after a cut-off write was rolled back where that can be done."""
    error: sqlite3.Error | None = None
    for mode in ("ro", "rw"):
        connection = connect(path, mode)
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as refused:
            error = refused
            connection.close()
        else:
            return connection
    assert error is not None  # noqa: S101 - the loop ended without a connection
    raise reading_failed(path, error) from error


def _problems(connection: sqlite3.Connection, path: Path) -> tuple[str, ...]:
    """Every way in which the file is not whole, in words without the file's name."""
    problems = [*_integrity(connection)]
    for look in (check_whole, read_log, _read_history):
        try:
            look(connection, path)
        except StudyFileError as error:
            problems.append(_bare(str(error), path))
        except sqlite3.Error as error:
            problems.append(str(error))
    return tuple(dict.fromkeys(problems))


def _read_history(connection: sqlite3.Connection, path: Path) -> None:
    read_history(connection, path, running=True)


def _integrity(connection: sqlite3.Connection) -> Iterable[str]:
    try:
        rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
    except sqlite3.Error as error:
        return [str(error)]
    return [line for row in rows for line in row.splitlines() if line not in ("ok", "*** in database main ***")]


def _bare(message: str, path: Path) -> str:
    text = message.removeprefix(f"{path}: ")
    if text.startswith("the file is damaged ("):
        text = text.removeprefix("the file is damaged (").rpartition("); ")[0]
    return text


def _rows(connection: sqlite3.Connection, table: str) -> _Rows:
    """All rows from the front, and where damage ends that, from the back as well."""
    found: dict[Any, tuple[Any, ...]] = {}
    complete = True
    for query in (_QUERIES[table], _QUERIES[table] + " DESC"):
        try:
            for row in connection.execute(query):
                found[row[0]] = row
        except sqlite3.Error:
            complete = False
        else:
            break
    return _Rows([found[number] for number in sorted(found)], complete)


def _findings(tables: dict[str, _Rows]) -> tuple[Finding, ...]:
    plans = PlanReader("")
    endings = {row[0]: row[1:] for row in tables["endings"].rows}
    metrics = len(tables["metric_names"].rows)

    def trial(row: Sequence[Any]) -> object:
        return trial_from((*row, *endings.get(row[0], (None, None, None, None))))

    decoders: tuple[tuple[str, str, Callable[[Sequence[Any]], object]], ...] = (
        ("trials", "trials", trial),
        ("curves", "pieces of learning curves", lambda row: curve_rows(row[3], row[2], metrics)),
        ("weights", "sets of weights", lambda row: memoryview(row[1])),
        ("edits", "edits", lambda row: plans.plan_from(json.loads(row[2]))),
        ("stages", "stages", lambda row: stage_from(json.loads(row[1]))),
        ("final_figures", "final figures", lambda row: dict(json.loads(row[2]))),
        ("notes", "notes", lambda row: row[2].strip()),
    )
    return tuple(_finding(what, tables[table], decode) for table, what, decode in decoders)


def _finding(what: str, table: _Rows, decode: Callable[[Sequence[Any]], object]) -> Finding:
    readable = 0
    for row in table.rows:
        try:
            decode(row)
        except DECODING_ERRORS:
            continue
        readable += 1
    return Finding(what, readable, len(table.rows) if table.complete else None)


def _remarks(tables: dict[str, _Rows]) -> tuple[str, ...]:
    unended = {row[0] for row in tables["trials"].rows} - {row[0] for row in tables["endings"].rows}
    if not unended:
        return ()
    who = "1 trial has" if len(unended) == 1 else f"{len(unended)} trials have"
    return (f"{who} no ending: still training, or the program ended meanwhile",)
