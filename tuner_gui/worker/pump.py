"""Brings events from the session's thread to the window's, about 30 times a second, in batches."""

from __future__ import annotations

import queue
import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from tuner_gui.study.events import Event

INTERVAL_MS = 33


class EventPump(QObject):
    """``put`` is for any thread; ``batch_ready`` is emitted in the thread that this object lives in.

    The first event after a quiet moment is passed on at once; a flood is passed on at screen rate.
    """

    batch_ready = Signal(list)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._last_drain = 0.0
        self._is_woken = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._woken.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def put(self, event: Event) -> None:
        self._events.put(event)
        if not self._is_woken:
            self._is_woken = True
            self._woken.emit()

    @Slot()
    def _schedule(self) -> None:
        if not self._timer.isActive() and not self._events.empty():
            since = (time.monotonic() - self._last_drain) * 1000
            self._timer.start(max(0, int(INTERVAL_MS - since)))

    @Slot()
    def drain(self) -> None:
        """Pass on everything that waits. Events that arrive meanwhile wake the pump again."""
        self._timer.stop()
        self._is_woken = False
        self._last_drain = time.monotonic()
        batch = []
        while not self._events.empty():
            batch.append(self._events.get())
        if batch:
            self.batch_ready.emit(batch)
