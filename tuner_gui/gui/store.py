"""What the window knows: the one place that panels read, and the signals that tell them what changed.

A panel never talks to another panel: it reads the store and asks through :class:`tuner_gui.gui.actions.Actions`.
All of it lives in the window's thread.
"""

from __future__ import annotations

import enum
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tuner_gui.search.importance import Importances
from tuner_gui.space.region import Extent, Region
from tuner_gui.study.edits import EditLog
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    FinalFigure,
    NoteAdded,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    Saved,
    SavingFailed,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialStarted,
)
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan
from tuner_gui.study.writer import KEPT_WEIGHTS

# How often words and tables hear of a flood of batches: faster than anybody reads, and a third of what it would cost.
PACE_SECONDS = 0.1


class RunState(enum.StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"


@dataclass(frozen=True)
class Status:
    """How things stand with the run, the training process and the file; all in words that can be shown."""

    run: RunState = RunState.IDLE
    budget: RunStarted | None = None
    over_at_start: int = 0
    pause_reason: str | None = None
    last_end: RunEnded | None = None
    trainer: str = "not started"
    trainer_ready: bool = False
    saved_at: str | None = None
    saving_failed: str | None = None
    read_only: str | None = None


@dataclass(frozen=True)
class Batch:
    """What one drain of the events changed. ``trials`` are the numbers of trials that started, ended or got an
    epoch; ``started`` and ``ended`` those subsets, in order."""

    trials: frozenset[int] = field(default_factory=frozenset)
    started: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()

    def __add__(self, later: Batch) -> Batch:
        return Batch(self.trials | later.trials, self.started + later.started, self.ended + later.ended)


class Store(QObject):
    """The state of one open study.

    Signals carry no data but a batch of history changes: who is told reads what it needs. ``history_changed`` tells of
    every batch, some 30 times a second; ``history_paced`` of the same changes, but of several batches together while
    they come fast. It is for all that shows words and rows.
    """

    plan_changed = Signal()
    history_changed = Signal(Batch)
    history_paced = Signal(Batch)
    selection_changed = Signal()
    pending_changed = Signal()
    status_changed = Signal()
    load_changed = Signal()
    importances_changed = Signal()
    shown_parameter_changed = Signal()

    def __init__(self, *, path: Path, log: EditLog, history: History, read_only: str | None = None) -> None:
        super().__init__()
        self.path = path
        self.history = history
        self._log = log
        self._selection: tuple[int, ...] = ()
        self._pending: Region | None = None
        self._pending_note = ""
        self._shown_parameter: str | None = None
        self._status = Status(read_only=read_only)
        self._load: TrainerLoad | None = None
        self._importances: Importances | None = None
        self._untold: Batch | None = None
        self._told_at = -math.inf
        self._beat_is_set = False

    # --- what a person decided ---

    @property
    def log(self) -> EditLog:
        return self._log

    @property
    def plan(self) -> Plan:
        return self._log.plan

    def set_log(self, log: EditLog) -> None:
        """Take over a new log. The pending region is dropped: it belonged to the old plan."""
        if log is self._log:
            return
        self.settle()
        changed_space = log.plan.space != self.plan.space
        self._log = log
        if self._pending is not None:
            self.set_pending(None)
        if changed_space and self._shown_parameter is not None and self._shown_parameter not in self._known_names():
            self.show_parameter(None)
        self.plan_changed.emit()

    # --- the pending region ---

    @property
    def pending(self) -> Region | None:
        """The region that a person is about to apply; None if there is none."""
        return self._pending

    @property
    def pending_note(self) -> str:
        """Why a pending region was proposed; empty if a person dragged it."""
        return self._pending_note

    def set_pending(self, region: Region | None, note: str = "") -> None:
        """A region equal to the current one is no change, and so is none."""
        if region == self.plan.region:
            region = None
        if region == self._pending:
            return
        self._pending, self._pending_note = region, note if region is not None else ""
        self.pending_changed.emit()

    def set_pending_extents(self, extents: dict[str, Extent]) -> None:
        """Change some parameters of the pending region, which starts as the current one."""
        region = self._pending or self.plan.region
        for name, extent in extents.items():
            region = region.replace(name, extent)
        self.set_pending(region)

    # --- trials ---

    def trials_with_weights(self) -> list[int]:
        """The trials whose final figure can be found: the file keeps the weights of the best ones only."""
        return self.history.best_runs(self.plan.definition.objective, KEPT_WEIGHTS)

    def share_done(self, trial: int) -> float:
        """The share of its epochs that a trial in training has done; between two signs of life the epochs say more."""
        epochs = self.history.epochs(trial) / self.plan.definition.model.epochs
        return min(1.0, max(self.history.progress.get(trial, 0.0), epochs))

    # --- selection ---

    @property
    def selection(self) -> tuple[int, ...]:
        """The numbers of the selected trials, the one in focus first."""
        return self._selection

    def select(self, trials: Sequence[int]) -> None:
        known = tuple(number for number in trials if 1 <= number <= len(self.history))
        if known != self._selection:
            # A trial that is selected on a plot must have its row by then.
            self.settle()
            self._selection = known
            self.selection_changed.emit()

    @property
    def shown_parameter(self) -> str | None:
        """The parameter whose editor and scale preview are shown; it may be one that is not searched."""
        return self._shown_parameter

    def show_parameter(self, name: str | None) -> None:
        if name != self._shown_parameter:
            self._shown_parameter = name
            self.shown_parameter_changed.emit()

    # --- what was measured ---

    @property
    def importances(self) -> Importances | None:
        """What was last measured of the parameters; None before that."""
        return self._importances

    def set_importances(self, importances: object) -> None:
        if isinstance(importances, Importances):
            self._importances = importances
            self.importances_changed.emit()

    # --- events ---

    @property
    def status(self) -> Status:
        return self._status

    def set_status(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self.status_changed.emit()

    @property
    def load(self) -> TrainerLoad | None:
        """How busy the training process is; None where it has not said so yet."""
        return self._load

    def apply(self, events: Sequence[Event]) -> None:
        """Take over a batch of events: history first, then one signal for all of them."""
        status, load = self._status, self._load
        trials: set[int] = set()
        started: list[int] = []
        ended: list[int] = []
        version = self.history.version
        for event in events:
            self.history.apply(event)
            status, load = _status_after(status, event, self.history), _load_after(load, event)
            if isinstance(event, (TrialStarted, EpochEnded, TrialEnded, FinalFigure, NoteAdded)):
                trials.add(event.trial)
            if isinstance(event, TrialStarted):
                started.append(event.trial)
            elif isinstance(event, TrialEnded):
                ended.append(event.trial)
        if self.history.version != version:
            batch = Batch(frozenset(trials), tuple(started), tuple(ended))
            self._untold = batch if self._untold is None else self._untold + batch
            self.history_changed.emit(batch)
        is_turn = status.run is not self._status.run
        self.set_status(status)
        if load != self._load:
            self._load = load
            self.load_changed.emit()
        if is_turn:
            self.settle()
        self._tell_in_time()

    def _tell_in_time(self) -> None:
        if self._untold is None:
            return
        left = self._told_at + PACE_SECONDS - time.monotonic()
        if left <= 0:
            self.settle()
        elif not self._beat_is_set:
            self._beat_is_set = True
            QTimer.singleShot(math.ceil(1000 * left), self._on_beat)

    @Slot()
    def _on_beat(self) -> None:
        self._beat_is_set = False
        self.settle()

    def settle(self) -> None:
        """Tell of what has not been told yet, now."""
        if self._untold is not None:
            batch, self._untold = self._untold, None
            self._told_at = time.monotonic()
            self.history_paced.emit(batch)

    def _known_names(self) -> set[str]:
        return {*self.plan.space.names, *(p.name for p in self.plan.definition.shelved())}


def _status_after(status: Status, event: Event, history: History) -> Status:
    match event:
        case RunStarted():
            return replace(
                status, run=RunState.RUNNING, budget=event, pause_reason=None, last_end=None,
                over_at_start=sum(n for state, n in history.counts().items() if state.is_over),
            )  # fmt: skip
        case RunPaused():
            return replace(status, run=RunState.PAUSED, pause_reason=event.reason)
        case RunResumed():
            return replace(status, run=RunState.RUNNING, pause_reason=None)
        case RunEnded():
            return replace(status, run=RunState.IDLE, pause_reason=None, last_end=event)
        case TrainerStarting():
            return replace(status, trainer="starting TensorFlow", trainer_ready=False)
        case TrainerReady():
            return replace(status, trainer=event.description, trainer_ready=True)
        case TrainerFailed():
            return replace(status, trainer=event.reason, trainer_ready=False)
        case Saved():
            # What is shown in minutes is no news fifty times a second.
            known = status.saved_at if _minute(status.saved_at) == _minute(event.at) else event.at
            return replace(status, saved_at=known, saving_failed=None)
        case SavingFailed():
            return replace(status, saving_failed=event.reason)
    return status


def _load_after(load: TrainerLoad | None, event: Event) -> TrainerLoad | None:
    match event:
        case TrainerLoad():
            # What it has room for is the session's business.
            return replace(event, room=0, taken=0)
        case TrainerStarting() | TrainerFailed():
            return None
    return load


def _minute(at: str | None) -> str | None:
    """A moment in ISO format without its seconds."""
    return at and at[:16]
