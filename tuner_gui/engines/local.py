"""The engine on this machine: one training process, spawned, niced, watched and replaced when it dies or hangs."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from tuner_gui.engines.in_flight import InFlight
from tuner_gui.engines.interface import Waitable
from tuner_gui.engines.trust import NotTrustedError, TrustStore
from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    Event,
    TrainerFailed,
    TrainerLoad,
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

_NOTHING_WANTED = TrainerLoad(room=0, taken=0)


class LocalEngine:
    """Trains on this machine, as many trials at once as the process wants. See :class:`.interface.Engine`.

    ``fused`` trains several trials as one program; ``threads`` programs may train at the same time, as many as there
    are processors unless something else is given. A person's own model file is run only where ``trust`` holds it,
    and on the GPU named ``device``, if any.
    """

    def __init__(
        self,
        *,
        fused: bool = True,
        threads: int | None = None,
        target: Callable[[Connection], None] = process.main,
        hang_seconds: float = HANG_SECONDS,
        trust: TrustStore | None = None,
        device: str = "",
    ) -> None:
        self._fused = fused
        self._threads = threads or os.cpu_count() or 1
        self._target = target
        self._hang_seconds = hang_seconds
        self._trust = trust
        self._device = device
        self._definition: Definition | None = None
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._ready = False
        self._paused = False
        self._cannot_start = False
        self._failed_starts = 0
        self._load = _NOTHING_WANTED
        self._jobs_sent = 0
        self._in_flight = InFlight(hang_seconds=hang_seconds)
        self._pending: list[Event] = []

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def room(self) -> int:
        if not self._ready or self._in_flight.suspects:
            return 0
        return max(0, self._load.room - (self._jobs_sent - self._load.taken))

    def start(self, definition: Definition) -> None:
        before = self._definition
        same_data = before is not None and before.data == definition.data
        same_model = before is not None and _model_of(before) == _model_of(definition)
        self._definition = definition
        if self._process is not None and same_data and same_model:
            return
        self._end_process(patience=0.5)
        what = "data" if not same_data else "model"
        self._end_trials(self._in_flight.numbers, TrialState.CANCELLED, f"the {what} of the study changed")
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
            searched=frozenset(definition.space.names),
            grows=definition.objective.sign > 0,
        )
        self._in_flight.add(job)
        self._send_jobs()

    def cancel(self, trial: int, *, pruned: bool = False) -> None:
        if trial in self._in_flight:
            self._in_flight.cancel(trial)
            self._send(Cancel(trial, pruned))
            self._end_given_up()

    def pause(self) -> None:
        self._paused = True
        self._send(Pause())

    def resume(self) -> None:
        self._paused = False
        self._in_flight.resume()
        self._send(Resume())

    def find_final_figure(self, *, trial: int, values: Mapping[str, Value], npz: bytes) -> None:
        self._send(FindFinalFigure(trial, self._started().hyperparameters(values), npz))

    def waitables(self) -> list[Waitable]:
        if self._process is None or self._connection is None:
            return []
        return [self._connection, self._process.sentinel]

    def next_deadline(self) -> float | None:
        return None if self._paused else self._in_flight.deadline()

    def events(self) -> list[Event]:
        self._receive()
        if self._process is not None:
            # The exit code is read only after the pipe was emptied: what a process said before it died counts. And it
            # is read once: a process that ends between two looks would seem to have ended for another reason.
            code = self._process.exitcode
            if code == process.RECYCLED:
                self._receive()
                self._recycle()
            elif code is not None:
                self._receive()
                self._replace(_how_it_ended(code), self._in_flight.sent)
            elif silent := self._silent():
                self._process.kill()
                self._replace(f"the training process gave no sign for {self._hang_seconds:.0f} s and was ended", silent)
        if self._cannot_start:
            self._end_process(patience=0.0)
        self._send_jobs()
        events, self._pending = self._pending, []
        return events

    def close(self) -> None:
        self._end_process(patience=1.0)
        self._in_flight = InFlight(hang_seconds=self._hang_seconds)
        self._pending.clear()

    # --- the process ---

    def _started(self) -> Definition:
        if self._definition is None:
            raise RuntimeError("the engine has not been started")
        return self._definition

    def _setup(self) -> Setup:
        """NotTrustedError for a model file that nobody has agreed to run as it is now."""
        definition = self._started()
        if not definition.model.python:
            kind = definition.model.kind
            return Setup(definition.data, self._threads, self._fused, device=self._device, kind=kind)
        file = (self._trust or TrustStore()).checked(Path(definition.model.python))
        own = str(file.path), file.sha256, self._device
        return Setup(definition.data, self._threads, self._fused, *own, search=definition.model.search)

    def _spawn(self) -> None:
        try:
            setup = self._setup()
        except NotTrustedError as error:
            self._end_trials(self._in_flight.numbers, TrialState.FAILED, str(error))
            self._pending.append(TrainerFailed(str(error)))
            return
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=self._target, args=(theirs,), name="tuner-training", daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        self._ready = self._cannot_start = False
        self._load, self._jobs_sent = _NOTHING_WANTED, 0
        self._send(setup)
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

    def _send_jobs(self) -> None:
        if self._ready:
            for job in self._in_flight.to_send():
                self._send(job)
                self._jobs_sent += 1

    def _receive(self) -> None:
        connection = self._connection
        try:
            while connection is not None and connection.poll():
                for event in connection.recv():
                    self._note(event)
        except (EOFError, OSError):
            return

    def _note(self, event: Event) -> None:
        match event:
            case TrainerReady():
                self._ready, self._failed_starts = True, 0
            case TrainerLoad():
                self._load = event
            case TrainerFailed() if not self._ready:
                # It lives and says why it cannot: a new one would say the same.
                self._cannot_start = True
                self._end_trials(self._in_flight.numbers, TrialState.FAILED, event.reason)
        if self._in_flight.is_new(event):
            self._pending.append(event)

    def _recycle(self) -> None:
        """The process ended because it had trained enough; what it was handed meanwhile goes to the next one."""
        self._end_process(patience=0.0)
        self._in_flight.process_ended([])
        self._end_given_up()
        self._spawn()

    def _silent(self) -> list[int]:
        return [] if self._paused else self._in_flight.silent()

    def _replace(self, reason: str, suspects: list[int]) -> None:
        """Spawn a new process unless it never gets to the start, say why, and fail the trial whose fault it was.

        With several suspects nobody knows: they are trained again. See :mod:`tuner_gui.engines.in_flight`.
        """
        self._failed_starts = 0 if self._ready else self._failed_starts + 1
        self._end_process(patience=0.0)
        self._in_flight.process_ended(suspects)
        is_last = self._failed_starts >= STARTS_IN_A_ROW
        at_fault = self._in_flight.numbers if is_last else suspects if len(suspects) == 1 else []
        self._end_trials(at_fault, TrialState.FAILED, reason)
        self._end_given_up()
        if suspects and self._in_flight.suspects:
            reason += "; what was in training is trained again, one at a time, to find out which trial did it"
        self._pending.append(TrainerFailed(reason))
        if not is_last:
            self._spawn()

    def _end_given_up(self) -> None:
        self._end_trials(self._in_flight.given_up, TrialState.CANCELLED, None)

    def _end_trials(self, trials: Iterable[int], state: TrialState, reason: str | None) -> None:
        for trial in trials:
            self._pending.append(TrialEnded(trial, state, self._in_flight.remove(trial), reason=reason))

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


def _model_of(definition: Definition) -> tuple[str, str]:
    """What a process has to be started for anew when it changes."""
    return definition.model.python, definition.model.kind


def _how_it_ended(code: int) -> str:
    if code == -signal.SIGKILL:
        return "the training process was killed (signal 9); the system may have run out of memory"
    if code < 0:
        return f"the training process crashed ({signal.strsignal(-code) or 'unknown'}, signal {-code})"
    return f"the training process ended by itself (exit code {code})"
