"""One command of ``tuner-gui`` in a process of its own, while the window goes on.

An export reads the study file, and whoever opens and closes that in the process of its one writer would take the
writer's locks away (POSIX knows them by process). A process of its own does it as a person's terminal would.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal, Slot

LONGEST_END_MS = 2_000


class Errand(QObject):
    """``ended`` carries whether it was done, and what the command said. It is emitted once, then the errand is gone.

    It belongs to the application: closing a study does not end it, quitting does.
    """

    ended = Signal(bool, str)

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(QCoreApplication.instance())
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        program = [] if getattr(sys, "frozen", False) else ["-m", "tuner_gui"]
        self._process.setArguments([*program, *arguments])
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.give_up)

    def start(self) -> None:
        self._process.start()

    @Slot()
    def give_up(self) -> None:
        """End the process, which leaves nothing half written. Waits until it has ended."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(LONGEST_END_MS)

    @Slot(int)
    def _on_finished(self, code: int) -> None:
        done = code == 0 and self._process.exitStatus() == QProcess.ExitStatus.NormalExit
        said = self._process.readAllStandardOutput() if done else self._process.readAllStandardError()
        words = bytes(said.data()).decode(errors="replace").strip()
        last = words.splitlines()[-1].removeprefix("tuner-gui: ") if words else "the process was ended"
        self._end(last, done=done)

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # otherwise it also finishes
            self._end(self._process.errorString(), done=False)

    def _end(self, words: str, *, done: bool) -> None:
        self.ended.emit(done, words)
        self.deleteLater()
