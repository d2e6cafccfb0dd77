"""Looks into a person's own model file, in a process that is ended whatever the file does."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from tuner_gui.engines.trust import ModelFile
from tuner_gui.study.definition import DataSettings
from tuner_gui.study.own_model import CheckedCorner, FoundSpace
from tuner_gui.training import inspection
from tuner_gui.training.inspection import Request

ANSWER_SECONDS = 120.0
"""How long a file may take to give the next answer."""


class OwnModelError(Exception):
    """A person's file cannot be used; the message names the file, its line where there is one, and why."""


def find_space(
    file: ModelFile, *, search: int = 1, seconds: float = ANSWER_SECONDS, quiet_seconds: float = 5.0
) -> FoundSpace:
    """What the file asks for, by a dry run; ``search`` tells which of the searches that it begins itself is meant.
    Only for a file that is trusted. OwnModelError where it cannot be used."""
    request = Request(str(file.path), file.sha256, seconds=seconds / 3, quiet_seconds=quiet_seconds, search=search)
    found: list[FoundSpace | CheckedCorner] = []
    _ask(request, file.path, seconds, found.append)
    return _space(found, file.path)


def check_model(
    file: ModelFile,
    data: DataSettings | None,
    *,
    take: Callable[[FoundSpace | CheckedCorner], None],
    search: int = 1,
    seconds: float = ANSWER_SECONDS,
) -> None:
    """Find the space, then try the corners of it; ``take`` gets each as it comes. OwnModelError where there is none."""
    request = Request(str(file.path), file.sha256, check=True, data=data, seconds=seconds / 3, search=search)
    _ask(request, file.path, seconds, take)


def _space(found: list[FoundSpace | CheckedCorner], path: Path) -> FoundSpace:
    for answer in found:
        if isinstance(answer, FoundSpace):
            return answer
    raise OwnModelError(f"{path}: the dry run found nothing")


def _ask(request: Request, path: Path, seconds: float, take: Callable[[FoundSpace | CheckedCorner], None]) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=inspection.main, args=(theirs,), name="tuner-inspection", daemon=True)
    child.start()
    theirs.close()
    try:
        ours.send(request)
        while True:
            answer = _next(ours, path, seconds)
            if answer is None:
                return
            if isinstance(answer, str):
                raise OwnModelError(answer)
            take(answer)
    finally:
        ours.close()
        child.kill()
        child.join()
        child.close()


def _next(connection: Connection, path: Path, seconds: float) -> FoundSpace | CheckedCorner | str | None:
    began = time.monotonic()
    try:
        if connection.poll(seconds):
            answer: FoundSpace | CheckedCorner | str | None = connection.recv()
            return answer
    except (EOFError, OSError):
        raise OwnModelError(
            f"{path}: the process that ran it ended by itself after {time.monotonic() - began:.0f} s, "
            "because the file ended it or took all memory"
        ) from None
    raise OwnModelError(f"{path}: it gave no answer within {seconds:.0f} s and was ended; perhaps it never ends")
