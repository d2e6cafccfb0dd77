"""One open study in the window: its thread, its store, and the verbs that act on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tuner_gui.engines.interface import Engine
from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Store
from tuner_gui.search.commands import WarmUp
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import Event, Notice
from tuner_gui.worker.background import Background
from tuner_gui.worker.thread import Opened, StudyThread


class Document(QObject):
    """Opens a study in its own thread. ``store`` and ``actions`` exist once ``opened`` was emitted.

    ``received`` carries the events that the store has just taken over.
    """

    opened = Signal()
    refused = Signal(str)
    noticed = Signal(str)
    received = Signal(list)

    def __init__(
        self,
        path: Path,
        *,
        engine: Callable[[], Engine],
        definition: Definition | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self._store: Store | None = None
        self._actions: Actions | None = None
        self._thread = StudyThread(path, engine=engine, definition=definition, parent=self)
        self._thread.opened.connect(self._on_opened)
        self._thread.refused.connect(self.refused)
        self._thread.crashed.connect(self._on_crashed)
        self._background = Background(self)
        self._background.done.connect(self._on_worked_out)
        self._take: Callable[[object], None] | None = None

    @property
    def store(self) -> Store:
        if self._store is None:
            raise RuntimeError("the study is not open yet")
        return self._store

    @property
    def actions(self) -> Actions:
        if self._actions is None:
            raise RuntimeError("the study is not open yet")
        return self._actions

    @property
    def is_open(self) -> bool:
        return self._store is not None

    def open(self) -> None:
        self._thread.start()

    def warm_up(self) -> None:
        """Load TensorFlow in the background, so that Run starts at once."""
        if self._store is not None and self._store.status.read_only is None:
            self._thread.post(WarmUp())

    def close(self) -> bool:
        """End the session; False if it did not end in time."""
        self._take = None
        self._background.close()
        return self._thread.close()

    def _work_out(self, work: Callable[[], object], take: Callable[[object], None]) -> None:
        self._take = take
        self._background.ask(work)

    @Slot(object)
    def _on_worked_out(self, found: object) -> None:
        if self._take is not None:
            self._take(found)

    @Slot(Opened)
    def _on_opened(self, opened: Opened) -> None:
        self._store = Store(path=opened.path, log=opened.log, history=opened.history, read_only=opened.read_only)
        self._store.setParent(self)
        self._actions = Actions(self._store, self._thread.post, self._work_out)
        self._thread.pump.batch_ready.connect(self._on_batch)
        self.opened.emit()

    @Slot(list)
    def _on_batch(self, events: list[Event]) -> None:
        self.store.apply(events)
        self.received.emit(events)
        for event in events:
            if isinstance(event, Notice):
                self.noticed.emit(event.text)

    @Slot(str)
    def _on_crashed(self, message: str) -> None:
        self.noticed.emit(f"The search ended because of a mistake in this program: {message}")
