"""Connections to study files: recognising one, hardening, the role of the single writer, and errors in words."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from pathlib import Path
from typing import Literal

from tuner_gui.study.errors import StudyDamagedError, StudyFileError
from tuner_gui.study.schema import APPLICATION_ID, LATER, MAJOR, TABLES, USER_VERSION

# How long a commit waits for someone who reads, and a reader for a commit.
PATIENCE = 5.0
SECOND_TRY_AFTER = 0.05

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_CANNOT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without the detail in its upper bits; -1 for an error that Python found."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else -1


def is_busy(error: sqlite3.Error) -> bool:
    return primary_code(error) in _BUSY


def cannot_write(error: sqlite3.Error) -> bool:
    return primary_code(error) in _CANNOT_WRITE


def connect(path: Path, mode: Literal["ro", "rw"], *, patience: float = PATIENCE) -> sqlite3.Connection:
    """A hardened connection to an existing file. It may be handed to another thread, but never used by two at once."""
    return _connect(path, f"mode={mode}", patience)


def _connect(path: Path, query: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}", uri=True, timeout=patience, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        if hasattr(connection, "setconfig"):  # Python 3.12 and later
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)  # type: ignore[attr-defined,unused-ignore]  # noqa: FBT003
    except BaseException:
        connection.close()
        raise
    return connection


def make_durable(connection: sqlite3.Connection) -> None:
    """Before the first write: a commit that has returned survives a power cut, and a plain copy is whole."""
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    connection.execute("PRAGMA synchronous=EXTRA")


def recognise(path: Path) -> None:
    """Raise StudyFileError unless the file is a study of a version that can be read.

    Reads only the header, takes no lock and writes nothing. It goes through SQLite, because a plain open and close
    of a file would drop the locks that this process holds on it.
    """
    _look_at(path)
    try:
        # immutable: not even a journal that a crash left behind is looked at, let alone rolled back.
        connection = _connect(path, "mode=ro&immutable=1", PATIENCE)
    except (sqlite3.Error, ValueError) as error:
        raise StudyFileError(f"{path}: cannot be opened ({error})") from error
    try:
        application, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _HEADER)
    except sqlite3.Error as error:
        raise _unreadable_header(path, error) from error
    finally:
        connection.close()
    if application != APPLICATION_ID:
        raise StudyFileError(f"{path}: this is a database of another program, not a study")
    if version >> 16 > MAJOR:
        newer = f"{version >> 16}.{version & 0xFFFF}"
        raise StudyFileError(
            f"{path}: this study was written by a newer version of the program (file format {newer}, this version "
            f"reads up to {MAJOR}); it was left untouched"
        )


_HEADER = ("application_id", "user_version")


def _look_at(path: Path) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise StudyFileError(f"{path}: there is no such file") from None
    except OSError as error:
        raise StudyFileError(f"{path}: cannot be opened ({error.strerror})") from error
    if stat.S_ISDIR(status.st_mode):
        raise StudyFileError(f"{path}: this is a folder, not a study")
    if not stat.S_ISREG(status.st_mode):
        raise StudyFileError(f"{path}: this is not a file")
    if status.st_size == 0:
        raise StudyFileError(f"{path}: this file is empty, not a study")
    if not os.access(path, os.R_OK):
        raise StudyFileError(f"{path}: cannot be opened ({os.strerror(errno.EACCES)})")


def _unreadable_header(path: Path, error: sqlite3.Error) -> StudyFileError:
    if primary_code(error) == sqlite3.SQLITE_NOTADB:
        return StudyFileError(f"{path}: this is not a study, or its first bytes are damaged")
    return StudyDamagedError(f"{path}: the file is damaged ({error})")


def why_read_only(path: Path) -> str | None:
    """Why nothing can be written at this place; None if it can. A mark on the file counts, also for root."""
    if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
        return "the file is read-only"
    if not path.parent.stat().st_mode & 0o222 or not os.access(path.parent, os.W_OK):
        return "its folder is read-only"
    return None


def take_writer_role(connection: sqlite3.Connection) -> bool:
    """Begin the transaction that makes this connection the only writer; False if another one is.

    The lock dies with its process, and everyone can read meanwhile.
    """
    connection.execute("PRAGMA busy_timeout=0")
    try:
        for attempt in range(2):
            if attempt:
                # A writer lets go for a moment at each commit; so does someone who only looks who writes.
                time.sleep(SECOND_TRY_AFTER)
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
            else:
                return True
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(1000 * PATIENCE)}")


def check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StudyDamagedError unless SQLite finds the file sound and it holds the tables of a study alone."""
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        raise StudyDamagedError(damaged(path, str(finding).splitlines()[-1]))
    rows = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
    missing = [name for name in TABLES if name not in LATER and ("table", name) not in rows]
    if missing:
        raise StudyDamagedError(damaged(path, f"the table {missing[0]} is missing"))
    if any(kind in ("trigger", "view") for kind, _ in rows):
        raise StudyDamagedError(f"{path}: the file holds SQL programs, which a study never does; it was not opened")


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Give a file of an older minor version the tables that it lacks, with the next commit."""
    known = tables_of(connection)
    for name in LATER:
        if name not in known:
            connection.execute(TABLES[name])
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < USER_VERSION:
        connection.execute(f"PRAGMA user_version={USER_VERSION}")


def tables_of(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def damaged(path: Path, why: str) -> str:
    return f'{path}: the file is damaged ({why}); "tuner-gui check" tells what can still be read'


def reading_failed(path: Path, error: sqlite3.Error) -> StudyFileError:
    """What to say when a file that is a study could not be read."""
    if is_busy(error):
        return StudyFileError(f"{path}: another program keeps the file locked")
    journal = path.with_name(f"{path.name}-journal")
    if cannot_write(error) and journal.exists():
        return StudyFileError(
            f"{path}: the last write was cut off, and {journal.name} beside it can be rolled back only where both can "
            "be written: copy the two files into a folder of yours and open the copy"
        )
    if primary_code(error) == sqlite3.SQLITE_IOERR or cannot_write(error):
        return StudyFileError(f"{path}: the file cannot be read ({error})")
    return StudyDamagedError(damaged(path, str(error)))


def writing_failed(error: sqlite3.Error) -> str:
    """What to say when a commit failed, in one clause."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full"
    if code == sqlite3.SQLITE_IOERR:
        return "the file cannot be written: the disk is full, a limit is reached, or the disk fails"
    if code in _CANNOT_WRITE:
        return "the file can no longer be written: it has become read-only, or was moved or deleted"
    if code in _BUSY:
        return "another program keeps the file locked"
    return f"the file cannot be written ({error})"
