"""The thread that opens a study file, serves its session, and closes it. The only thread that touches the file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from tuner_gui.data.fingerprint import facts_of
from tuner_gui.engines.interface import Engine
from tuner_gui.search.commands import Close, Command
from tuner_gui.search.mailbox import Mailbox
from tuner_gui.search.session import Session
from tuner_gui.study.definition import Definition
from tuner_gui.study.edits import EditLog
from tuner_gui.study.errors import StudyFileError
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.history import History
from tuner_gui.worker.pump import EventPump

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """What the window gets of an opened study: its own copy of the history, and whether it may write."""

    path: Path
    log: EditLog
    history: History
    read_only: str | None


class StudyThread(QThread):
    """Opens ``path`` (or creates it from ``definition``) and serves it until ``close``.

    Emits exactly one of ``opened`` and ``refused``, then batches of events through ``pump``. ``crashed`` says that the
    session ended because of a mistake in this program.
    """

    opened = Signal(Opened)
    refused = Signal(str)
    crashed = Signal(str)

    def __init__(
        self,
        path: Path,
        *,
        engine: Callable[[], Engine],
        definition: Definition | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.pump = EventPump(self)
        self._path = path
        self._engine = engine
        self._definition = definition
        self._mailbox = Mailbox()

    def post(self, command: Command) -> None:
        self._mailbox.post(command)

    def close(self, *, patience_ms: int = 10_000) -> bool:
        """End the session and wait for it; False if it is still busy after ``patience_ms``."""
        if self.isRunning():
            self.post(Close())
        has_ended = self.wait(patience_ms)
        self.pump.drain()
        return has_ended

    def run(self) -> None:
        try:
            file = self._open()
        except (StudyFileError, OSError) as error:
            self.refused.emit(str(error))
            return
        try:
            self._serve(file)
        except Exception as error:
            log.exception("the session ended because of a mistake in this program")
            self.crashed.emit(f"{type(error).__name__}: {error}")
        finally:
            file.close()

    def _open(self) -> StudyFile:
        if self._definition is not None:
            return create(self._path, self._definition, facts=facts_of(self._definition.data))
        return open_study(self._path)

    def _serve(self, file: StudyFile) -> None:
        session = Session(file=file, engine=self._engine(), emit=self.pump.put, mailbox=self._mailbox)
        self.opened.emit(Opened(self._path, file.log, file.history.copy(), file.read_only_reason))
        session.serve()
