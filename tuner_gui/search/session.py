"""The session: one loop in one thread that runs the search of one study and owns its file.

Commands come in through a mailbox, reports from the engine through its connections, and everything that happens goes
out as events: first into the history, then into the file, then to whoever listens. The loop sleeps until one of them
has something, so a new region is drawn from at once. It takes the region that holds *when it draws*, and nothing else
writes what it reads, so there are no locks.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import wait

from tuner_gui.engines.interface import Engine
from tuner_gui.search.commands import (
    AddNote,
    AskFinalFigure,
    Close,
    Command,
    Pause,
    Protect,
    Prune,
    Resume,
    Run,
    SetLog,
    Stop,
    Try,
    WarmUp,
)
from tuner_gui.search.confirming import is_by_search
from tuner_gui.search.drawing import Drawing
from tuner_gui.search.mailbox import Mailbox
from tuner_gui.search.run_state import RunState
from tuner_gui.study.edits import EditLog
from tuner_gui.study.errors import StudyWriteError
from tuner_gui.study.events import (
    NOT_KEPT,
    EpochEnded,
    Event,
    NoteAdded,
    Notice,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    Saved,
    SavingFailed,
    TrainerFailed,
    TrialDropped,
    TrialEnded,
    TrialProtected,
    TrialQueued,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.file import StudyFile
from tuner_gui.study.history import History

# What happened is on disk within this time; a trial's end is committed before anyone hears of it.
SAVE_WITHIN = 0.25
RETRY_SAVING_AFTER = 5.0
# A stop is cooperative for this long; then the process is ended, so that three seconds are kept.
STOP_PATIENCE = 2.0
FAILURES_IN_A_ROW = 5


class Session:
    """Serves one open study until it is told to close. Everything but ``mailbox.post`` is for one thread."""

    def __init__(
        self,
        *,
        file: StudyFile,
        engine: Engine,
        emit: Callable[[Event], None],
        mailbox: Mailbox | None = None,
    ) -> None:
        self.mailbox = mailbox or Mailbox()
        self._file = file
        self._engine = engine
        self._emit = emit
        self._log: EditLog = file.log
        self._history: History = file.history
        self._search: RunState | None = None
        self._drawing = Drawing(file.history)
        self._save_at: float | None = None
        self._closing = False

    def post(self, command: Command) -> None:
        """Tell the session something, from any thread."""
        self.mailbox.post(command)

    def serve(self) -> None:
        """Work until Close. Whatever happens, a run that began ends with one RunEnded and nothing keeps training."""
        problem = ""
        try:
            while not self._closing:
                self._step()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise
        finally:
            status = RunStatus.FAILED if problem else RunStatus.STOPPED
            self._end_search(status, problem)
            self._engine.close()
            self._save()
            self.mailbox.close()

    def _step(self) -> None:
        wait([self.mailbox.waitable, *self._engine.waitables()], timeout=self._patience())
        for command in self.mailbox.take():
            self._obey(command)
        self._take(self._engine.events())
        if self._save_at is not None and time.monotonic() >= self._save_at:
            self._save()
        self._advance()

    def _patience(self) -> float | None:
        """How long nothing needs to happen; None for ever."""
        search = self._search
        moments = [self._save_at, self._engine.next_deadline()]
        if search is not None:
            moments += [search.stop_at, None if search.paused else search.deadline]
        due = [moment for moment in moments if moment is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    # --- commands ---

    def _obey(self, command: Command) -> None:  # noqa: C901
        if self._file.read_only_reason is not None and not isinstance(command, Close):
            self._publish(Notice(f"this study is open as a viewer: {self._file.read_only_reason}"))
            return
        match command:
            case Run():
                self._begin_search(command)
            case Try():
                self._try(command)
            case Pause():
                self._pause(None)
            case Resume():
                self._resume()
            case Stop():
                self._stop()
            case WarmUp():
                self._engine.start(self._log.plan.definition)
                self._drawing.warm_up(self._log.plan)
            case SetLog():
                self._set_log(command.log)
            case Prune():
                self._prune(command.trial, "by hand")
            case Protect() if self._history.is_running(command.trial):
                self._publish(TrialProtected(command.trial, command.on))
            case AskFinalFigure():
                self._ask_final_figure(command.trial)
            case AddNote():
                self._publish(NoteAdded(command.trial, command.text, _now()))
            case Close():
                self._closing = True

    def _begin_search(self, command: Run) -> None:
        if self._search is not None:
            return
        deadline = None if command.seconds is None else time.monotonic() + command.seconds
        self._search = RunState(command.trials, deadline, command.seconds)
        self._publish(RunStarted(command.trials, command.seconds))
        if not len(self._log.plan.space):
            self._end_search(RunStatus.FAILED, "there is nothing to search: switch at least one parameter on")
            return
        self._engine.resume()
        self._engine.start(self._log.plan.definition)

    def _try(self, command: Try) -> None:
        """Put a person's own values first. A queued trial that was drawn waits for the next number."""
        if any(set(point) != set(self._log.plan.space.names) for point in command.points):
            self._publish(Notice("those values do not fit the parameters that are searched now"))
            return
        self._drawing.ask(command.points, command.lineage)
        if self._search is None:
            self._begin_search(Run(trials=len(command.points)))
        else:
            self._search.grow(len(command.points))
        self._drop_queued()

    def _pause(self, reason: str | None) -> None:
        if self._search is not None and not self._search.paused:
            self._search.paused = True
            self._engine.pause()
            self._publish(RunPaused(reason))

    def _resume(self) -> None:
        if self._search is not None and self._search.paused:
            self._search.paused = False
            self._search.failed.clear()
            self._engine.resume()
            self._publish(RunResumed())

    def _stop(self) -> None:
        if self._search is None or self._search.stop_at is not None:
            return
        self._search.stop_at = time.monotonic() + STOP_PATIENCE
        self._search.deadline = None
        self._drop_queued()
        self._drawing.forget_asked()
        for trial in sorted(self._search.training):
            self._engine.cancel(trial)

    def _set_log(self, log: EditLog) -> None:
        meant = self._drawing.still_meant(self._log.plan, log.plan)
        self._log = log
        self._drop_queued(keep=meant)
        if self._search is not None:
            self._search.begin_anew()
            # What is pinned, the epochs and the objective hold for the next trial that is handed over.
            self._engine.start(log.plan.definition)
        # Drawing comes before saving: a disk can take a third of a second, and the person has let go of the mouse.
        self._advance()
        # A log that cannot be saved now is kept by the file and saved with the next commit.
        with contextlib.suppress(StudyWriteError):
            self._file.save_log(log)
        self._save()

    def _prune(self, trial: int, reason: str) -> None:
        """Give up a trial in training, which ends with what it has reached so far."""
        if self._search is not None and trial in self._search.training:
            self._search.pruned.setdefault(trial, reason)
            self._engine.cancel(trial, pruned=True)

    def _ask_final_figure(self, trial: int) -> None:
        npz = self._file.weights(trial)
        if npz is None:
            self._publish(Notice(f"the weights of #{trial} were not kept: only the best finished trials keep theirs"))
            return
        self._engine.start(self._log.plan.definition)
        self._engine.find_final_figure(trial=trial, values=self._history.trial(trial).values, npz=npz)

    # --- the search ---

    def _advance(self) -> None:
        """Draw, hand over, and see whether the run is over."""
        search = self._search
        if search is None:
            return
        if search.stop_at is not None:
            self._finish_stop(search)
            return
        if self._is_over(search):
            self._end_search(RunStatus.DONE, search.exhausted)
            return
        if search.paused:
            return
        self._draw_ahead(search)
        while self._search is search and len(self._drawing) and self._engine.room > 0:
            self._start(search, self._drawing.take())
            self._draw_ahead(search)
        if search.exhausted and self._search is search and self._is_over(search):
            self._end_search(RunStatus.DONE, search.exhausted)

    def _is_over(self, search: RunState) -> bool:
        if search.deadline is not None and time.monotonic() >= search.deadline and not search.paused:
            # What trains may finish: it has cost its time already.
            self._drop_queued()
            search.trials, search.deadline = search.started, None
        return not search.training and not self._drawing.has_asked and not search.wants_more(queued=0)

    def _draw_ahead(self, search: RunState) -> None:
        try:
            queued = self._drawing.next(self._log.plan, search)
        except (ValueError, ImportError) as error:
            self._end_search(RunStatus.FAILED, str(error))
            return
        if queued is not None:
            self._publish(queued)

    def _drop_queued(self, *, keep: int = 0) -> None:
        """Give up all but the first ``keep`` queued trials; their numbers go to the next draws."""
        for number in self._drawing.drop(keep=keep):
            self._publish(TrialDropped(number))

    def _start(self, search: RunState, queued: TrialQueued) -> None:
        search.started += 1
        search.repeats += is_by_search(queued.lineage)
        search.training.add(queued.trial)
        fixed = self._log.plan.definition.fixed_beside(queued.values)
        self._publish(
            TrialStarted(queued.trial, queued.stage, queued.values, queued.seed, _now(), fixed, queued.lineage)
        )
        self._engine.submit(trial=queued.trial, values=queued.values, seed=queued.seed)

    def _finish_stop(self, search: RunState) -> None:
        if search.training and search.stop_at is not None and time.monotonic() >= search.stop_at:
            self._engine.close()
            self._publish(*search.given_up("stopped"))
        if not search.training:
            self._end_search(RunStatus.STOPPED)

    def _end_search(self, status: RunStatus, message: str = "") -> None:
        search = self._search
        if search is None:
            return
        self._drop_queued()
        for trial in sorted(search.training):
            self._engine.cancel(trial)
        self._drawing.forget_asked()
        self._publish(*search.given_up("the study was closed"))
        self._search = None
        self._save()
        self._publish(RunEnded(status, message))

    # --- reports ---

    def _take(self, reports: Sequence[Event]) -> None:
        """Pass on what the engine reported at once, and see what follows from it."""
        taken = [self._with_reason(event) for event in reports if self._is_meant(event)]
        self._publish(*taken)
        for event in taken:
            if isinstance(event, EpochEnded):
                self._judge(event)
            elif isinstance(event, TrialEnded):
                self._count_failures(event)
            elif isinstance(event, TrainerFailed) and not self._engine.waitables():
                self._end_search(RunStatus.FAILED, event.reason)

    def _is_meant(self, event: Event) -> bool:
        """A trial that was given up already has its last word."""
        if not isinstance(event, TrialEnded):
            return True
        return self._search is not None and self._search.end(event.trial)

    def _with_reason(self, event: Event) -> Event:
        """The engine knows that a trial was pruned, the session why."""
        if self._search is None or not isinstance(event, TrialEnded):
            return event
        reason = self._search.pruned.pop(event.trial, None)
        return replace(event, reason=reason or event.reason) if event.state is TrialState.PRUNED else event

    def _judge(self, event: EpochEnded) -> None:
        """Whether the trial is worth going on with."""
        if (search := self._search) is None or event.trial not in search.training:
            return
        reason = search.judge.verdict(self._log.plan.definition, self._history, event)
        is_repeat = is_by_search(self._history.trial(event.trial).lineage)  # it is run for its value at the end
        if reason and not is_repeat and event.trial not in self._history.protected:
            self._prune(event.trial, reason)

    def _count_failures(self, event: TrialEnded) -> None:
        if self._search is None or event.state is not TrialState.FAILED:
            return
        row = self._search.failures_in_a_row(event.trial)
        if row >= FAILURES_IN_A_ROW:
            self._pause(f"{row} trials in a row failed, the last one because {event.reason}")

    # --- events out ---

    def _publish(self, *events: Event) -> None:
        """Record the events and show them, in order. Trials that ended are committed first, all at once."""
        for event in events:
            self._history.apply(event)
        has_ends = any(isinstance(event, TrialEnded) for event in events)
        kept = [event for event in events if not isinstance(event, NOT_KEPT)]
        if kept:
            self._file.record(kept)
            self._save_at = self._save_at or time.monotonic() + SAVE_WITHIN
        if has_ends:
            # Shown as finished means saved.
            self._save(quiet=True)
        for event in events:
            self._emit(event)
        if has_ends and self._save_at is None:
            self._emit(Saved(_now()))

    def _save(self, *, quiet: bool = False) -> None:
        if self._file.read_only_reason is not None:
            self._save_at = None
            return
        try:
            self._file.commit()
        except StudyWriteError as error:
            self._save_at = time.monotonic() + RETRY_SAVING_AFTER
            self._emit(SavingFailed(str(error)))
            if self._search is not None and not self._search.paused:
                self._search.paused_by_saving = True
                self._pause(f"the study cannot be saved: {error}")
            return
        self._save_at = None
        if self._search is not None and self._search.paused_by_saving:
            self._search.paused_by_saving = False
            self._resume()
        if not quiet:
            self._emit(Saved(_now()))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
