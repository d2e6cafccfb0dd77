"""Work that would hold up the window, in a thread of its own; only the latest question is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal, Slot

log = logging.getLogger(__name__)

Work = Callable[[], object]


class Background(QObject):
    """``done`` carries what the work returned, in the thread of this object. While some work goes on, what is asked
    replaces what waited before."""

    done = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Work | None = None
        self._thread = _Worker(self)
        self._thread.answered.connect(self.done)
        self._thread.finished.connect(self._go_on)

    def ask(self, work: Work) -> None:
        """Work it out soon. It must touch nothing that another thread may change."""
        self._waiting = work
        self._go_on()

    def close(self) -> None:
        """Forget what waits, and let what goes on come to its end."""
        self._waiting = None
        self._thread.wait()

    @Slot()
    def _go_on(self) -> None:
        if self._waiting is not None and not self._thread.isRunning():
            self._thread.work, self._waiting = self._waiting, None
            self._thread.start(QThread.Priority.LowPriority)


class _Worker(QThread):
    answered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.work: Work | None = None

    def run(self) -> None:
        if self.work is None:
            return
        try:
            self.answered.emit(self.work())
        except Exception:
            log.exception("work in the background failed")
