"""A question that may take long or hang (a file on a far disk), and that a person may stop waiting for."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

log = logging.getLogger(__name__)

INTERVAL_MS = 20

Cancelled = Callable[[], bool]
Question = Callable[[Cancelled], object]


class Inquiry(QObject):
    """``answered`` carries what the latest question returned, or the exception that it raised.

    The thread knows nothing of Qt and is never waited for: one that hangs in a read holds up neither a dialog that
    closes nor the end of the program. It puts its answer into a queue that only this object reads.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_busy(self) -> bool:
        return self._timer.isActive()

    def ask(self, question: Question) -> None:
        """Answer this one; what was asked before is cancelled, and its answer never heard of."""
        self.cancel()
        self._stop, self._answers = threading.Event(), queue.SimpleQueue()
        arguments = (question, self._stop.is_set, self._answers)
        threading.Thread(target=_answer, args=arguments, name="inquiry", daemon=True).start()
        self._timer.start()

    def cancel(self) -> None:
        """No answer comes any more; the question is told so by its argument."""
        self._stop.set()
        self._timer.stop()

    @Slot()
    def _look(self) -> None:
        if not self._answers.empty():
            self._timer.stop()
            self.answered.emit(self._answers.get())


def _answer(question: Question, cancelled: Cancelled, answers: queue.SimpleQueue[object]) -> None:
    try:
        answers.put(question(cancelled))
    except Exception as error:
        # Whoever asked says it in words; what was not foreseen must be found in the log too.
        log.debug("a question failed", exc_info=True)
        answers.put(error)
