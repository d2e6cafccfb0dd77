"""One run of a session for a command: it serves in a thread of its own, so that Ctrl+C reaches it as a command."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass

from tuner_gui.commands.progress import Display
from tuner_gui.engines.interface import Engine
from tuner_gui.search.commands import Close, Run, SetLog, Stop
from tuner_gui.search.session import Session
from tuner_gui.search.staging import Stager
from tuner_gui.study.edits import EditLog
from tuner_gui.study.events import Event, Notice, RunEnded, RunPaused, RunStatus, Saved, SavingFailed, TrialEnded
from tuner_gui.study.file import StudyFile
from tuner_gui.study.history import History

# How often waiting looks up, for systems on which Ctrl+C does not interrupt a wait.
LOOK_UP_EVERY = 0.2


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``first`` is the number of trials that the study had before it."""

    first: int
    status: RunStatus
    message: str = ""
    interrupted: bool = False


class _Served(threading.Thread):
    """Serves the session; afterwards ``error`` is what ended it, None if it was told to close."""

    def __init__(self, session: Session, events: queue.SimpleQueue[Event | None]) -> None:
        super().__init__(name="session")
        self.error: Exception | None = None
        self._session = session
        self._events = events

    def run(self) -> None:
        try:
            self._session.serve()
        except Exception as error:  # noqa: BLE001 - shown by the main thread
            self.error = error
        finally:
            self._events.put(None)


class _Watch:
    """Follows one run: shows its events, stops it on Ctrl+C or when nobody could resume it, and knows how it ended."""

    def __init__(self, session: Session, display: Display, log: EditLog, history: History) -> None:
        self._session = session
        self._display = display
        self._log = log
        self._history = history
        self._stager = Stager()
        self._saving_failed = False
        self._stopped_because = ""
        self._interrupted = False
        self._first = len(history)
        self._ended: RunEnded | None = None

    def interrupt(self) -> None:
        """The first Ctrl+C stops the run, which keeps what is finished; the second does not wait for it."""
        self._session.post(Close() if self._interrupted else Stop())
        self._interrupted = True

    def refresh(self) -> None:
        self._display.refresh()

    def take(self, event: Event) -> None:
        self._display.take(event)
        match event:
            case SavingFailed():
                self._saving_failed = True
            case Saved():
                self._saving_failed = False
            case TrialEnded():
                self._go_on_by_stages()
            case RunPaused(reason=str(reason)) if not self._saving_failed:
                # A full disk may get room again, and the session goes on by itself. All else needs a person.
                self._stopped_because = reason
                self._session.post(Stop())
            case RunEnded():
                self._ended = event
                self._session.post(Close())

    def _go_on_by_stages(self) -> None:
        """Coarse to fine makes its stages where the definition lets it; nobody is here who could be asked."""
        if self._log.plan.definition.search.stages != "by itself":
            return
        proposal = self._stager.due(self._log.plan, self._history)
        if proposal is not None and proposal.plan is not None:
            self._log = self._log.done(proposal.title, proposal.plan)
            self._session.post(SetLog(self._log))
            stage = proposal.plan.stage
            self._display.take(Notice(f"stage {stage.number}: {stage.note} ({proposal.reason})"))

    def outcome(self, error: Exception | None) -> Outcome:
        ended = self._ended or RunEnded(RunStatus.FAILED, "it ended by itself")
        status = RunStatus.FAILED if self._stopped_because or error is not None else ended.status
        message = self._stopped_because or ended.message or (str(error) if error else "")
        return Outcome(self._first, status, message, self._interrupted)


def search(
    *,
    file: StudyFile,
    engine: Engine,
    trials: int | None,
    seconds: float | None,
    display: Display,
    history: History,
) -> Outcome:
    """Search until the budget is used up or Ctrl+C; when this returns, nothing trains and all is saved.

    ``history`` is a copy of the file's that the display keeps up to date.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    session = Session(file=file, engine=engine, emit=events.put)
    watch = _Watch(session, display, file.log, history)
    session.post(Run(trials, seconds))
    thread = _Served(session, events)
    thread.start()
    try:
        _follow(events, watch)
    finally:
        session.post(Close())
        thread.join()
        display.close()
    return watch.outcome(thread.error)


def _follow(events: queue.SimpleQueue[Event | None], watch: _Watch) -> None:
    """Until the session has ended; a Ctrl+C at any moment is one more thing to take in."""
    while True:
        try:
            event = events.get(timeout=LOOK_UP_EVERY)
            if event is None:
                return
            watch.take(event)
        except queue.Empty:
            watch.refresh()
        except KeyboardInterrupt:
            watch.interrupt()
