"""The engine on this machine: one training process, spawned, niced, watched and replaced when it dies or hangs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from tuner_gui.engines.interface import Waitable
from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    Event,
    TrainerFailed,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialState,
)
from tuner_gui.training import process
from tuner_gui.training.messages import Cancel, FindFinalFigure, Job, Message, Pause, Quit, Resume, Setup

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

HANG_SECONDS = 60.0
# A process that cannot even start will not start the third time either.
STARTS_IN_A_ROW = 2


@dataclass
class _Running:
    job: Job
    since: float


class LocalEngine:
    """Trains on this machine, one trial at a time. See :class:`tuner_gui.engines.interface.Engine`."""

    def __init__(
        self, *, target: Callable[[Connection], None] = process.main, hang_seconds: float = HANG_SECONDS
    ) -> None:
        self._target = target
        self._hang_seconds = hang_seconds
        self._definition: Definition | None = None
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._ready = False
        self._paused = False
        self._cannot_start = False
        self._failed_starts = 0
        self._running: dict[int, _Running] = {}
        self._last_sign = 0.0
        self._pending: list[Event] = []

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def room(self) -> int:
        return 1 if self._ready and not self._running else 0

    def start(self, definition: Definition) -> None:
        same_data = self._definition is not None and self._definition.data == definition.data
        self._definition = definition
        if self._process is not None and same_data:
            return
        self._end_process(patience=0.5)
        self._end_running(TrialState.CANCELLED, "the data of the study changed")
        self._failed_starts = 0
        self._spawn()

    def submit(self, *, trial: int, values: Mapping[str, Value], seed: int) -> None:
        definition = self._started()
        job = Job(
            trial=trial,
            seed=seed,
            hyperparameters=definition.hyperparameters(values),
            epochs=definition.model.epochs,
            objective=definition.objective.metric,
        )
        self._running[trial] = _Running(job, time.monotonic())
        self._last_sign = time.monotonic()
        self._send(job)

    def cancel(self, trial: int) -> None:
        if trial in self._running:
            self._send(Cancel(trial))

    def pause(self) -> None:
        self._paused = True
        self._send(Pause())

    def resume(self) -> None:
        self._paused = False
        self._last_sign = time.monotonic()
        self._send(Resume())

    def find_final_figure(self, *, trial: int, values: Mapping[str, Value], npz: bytes) -> None:
        self._send(FindFinalFigure(trial, self._started().hyperparameters(values), npz))

    def waitables(self) -> list[Waitable]:
        if self._process is None or self._connection is None:
            return []
        return [self._connection, self._process.sentinel]

    def next_deadline(self) -> float | None:
        return self._last_sign + self._hang_seconds if self._running and not self._paused else None

    def events(self) -> list[Event]:
        self._receive()
        if self._process is not None:
            # The exit code is read only after the pipe was emptied: what a process said before it died counts.
            if self._process.exitcode is not None:
                self._receive()
                self._replace(_how_it_ended(self._process.exitcode))
            elif self._hangs():
                self._process.kill()
                self._replace(f"the training process gave no sign for {self._hang_seconds:.0f} s and was ended")
        if self._cannot_start:
            self._end_process(patience=0.0)
        events, self._pending = self._pending, []
        return events

    def close(self) -> None:
        self._end_process(patience=1.0)
        self._running.clear()
        self._pending.clear()

    # --- the process ---

    def _started(self) -> Definition:
        if self._definition is None:
            raise RuntimeError("the engine has not been started")
        return self._definition

    def _spawn(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=self._target, args=(theirs,), name="tuner-training", daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        self._ready = self._cannot_start = False
        self._send(Setup(self._started().data, threads=max(1, (os.cpu_count() or 2) - 1)))
        if self._paused:
            self._send(Pause())
        self._pending.append(TrainerStarting())

    def _send(self, message: Message) -> None:
        if self._connection is None:
            return
        try:
            self._connection.send(message)
        except OSError:
            # It died a moment ago; events() will see that and say so.
            return

    def _receive(self) -> None:
        connection = self._connection
        try:
            while connection is not None and connection.poll():
                self._note(connection.recv())
        except (EOFError, OSError):
            return

    def _note(self, event: Event) -> None:
        self._last_sign = time.monotonic()
        if isinstance(event, TrainerReady):
            self._ready, self._failed_starts = True, 0
        elif isinstance(event, TrainerFailed) and not self._ready:
            # It lives and says why it cannot: a new one would say the same.
            self._cannot_start = True
        elif isinstance(event, TrialEnded):
            self._running.pop(event.trial, None)
        self._pending.append(event)

    def _hangs(self) -> bool:
        deadline = self.next_deadline()
        return deadline is not None and time.monotonic() > deadline

    def _replace(self, reason: str) -> None:
        """Fail what was in training, say why, and spawn a new process unless it never gets to the start."""
        was_ready = self._ready
        self._end_process(patience=0.0)
        self._end_running(TrialState.FAILED, reason)
        self._pending.append(TrainerFailed(reason))
        self._failed_starts = 0 if was_ready else self._failed_starts + 1
        if self._failed_starts < STARTS_IN_A_ROW:
            self._spawn()

    def _end_running(self, state: TrialState, reason: str) -> None:
        for trial, running in self._running.items():
            self._pending.append(TrialEnded(trial, state, time.monotonic() - running.since, reason=reason))
        self._running.clear()

    def _end_process(self, *, patience: float) -> None:
        if self._process is None:
            return
        if patience:
            self._send(Quit())
            self._process.join(patience)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()
        self._process = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._ready = False


def _how_it_ended(code: int) -> str:
    if code == -signal.SIGKILL:
        return "the training process was killed (signal 9); the system may have run out of memory"
    if code < 0:
        return f"the training process crashed ({signal.strsignal(-code) or 'unknown'}, signal {-code})"
    return f"the training process ended by itself (exit code {code})"
