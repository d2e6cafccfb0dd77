"""A search as the program does it: a study file in a temporary folder, a session in its thread, the local engine."""

from __future__ import annotations

import contextlib
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.throughput_works import serve_training
from tuner_gui.engines.local import LocalEngine
from tuner_gui.search.commands import Close, Run, WarmUp
from tuner_gui.search.session import Session
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    Event,
    RunEnded,
    RunPaused,
    RunStatus,
    SavingFailed,
    TrainerFailed,
    TrainerReady,
    TrialEnded,
    TrialState,
)
from tuner_gui.study.file import create

Take = Callable[[Event], None]
_Last = TypeVar("_Last", TrainerReady, RunEnded)


class SearchFailedError(RuntimeError):
    """Something went wrong in a search that is measured; the message says what."""


class Search:
    """A session that is being served. Whatever goes wrong in it raises SearchFailedError."""

    def __init__(self, session: Session, engine: LocalEngine, events: queue.SimpleQueue[Event | None]) -> None:
        self._session = session
        self._engine = engine
        self._events = events

    @property
    def training_process(self) -> psutil.Process:
        process_id = self._engine.process_id
        if process_id is None:
            raise SearchFailedError("there is no training process")
        return psutil.Process(process_id)

    def warm_up(self) -> None:
        """Return when TensorFlow and the data are loaded in the training process."""
        self._session.post(WarmUp())
        self._follow(TrainerReady, lambda _: None)

    def run(self, trials: int | None, take: Take) -> None:
        """Search until the run has ended, None: for ever; ``take`` gets its events, in this thread, RunEnded included.

        What ``take`` raises ends it, and the search when its context is left."""
        self._session.post(Run(trials=trials))
        ended = self._follow(RunEnded, take)
        if ended.status is not RunStatus.DONE:
            raise SearchFailedError(f"the run ended as {ended.status}: {ended.message}")

    def _follow(self, last: type[_Last], take: Take) -> _Last:
        while True:
            event = self._events.get()
            if event is None:
                raise SearchFailedError("the session ended by itself")
            _check(event)
            take(event)
            if isinstance(event, last):
                return event


def _check(event: Event) -> None:
    match event:
        case TrialEnded(state=TrialState.FAILED | TrialState.CANCELLED):
            raise SearchFailedError(f"trial {event.trial} ended as {event.state}: {event.reason}")
        case TrainerFailed() | SavingFailed() | RunPaused():
            raise SearchFailedError(f"{type(event).__name__}: {event.reason}")


@contextlib.contextmanager
def search(definition: Definition, *, fused: bool) -> Iterator[Search]:
    """Serve a new study of this definition; afterwards nothing trains and the file is gone."""
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory() as folder, create(Path(folder) / "study.tuner", definition) as file:
        engine = LocalEngine(target=serve_training, fused=fused)
        session = Session(file=file, engine=engine, emit=events.put)
        thread = threading.Thread(target=_serve, args=(session, events), name="session")
        thread.start()
        try:
            yield Search(session, engine, events)
        finally:
            session.post(Close())
            thread.join()


def _serve(session: Session, events: queue.SimpleQueue[Event | None]) -> None:
    try:
        session.serve()
    finally:
        events.put(None)
