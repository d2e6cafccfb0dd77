"""The training process: takes messages from a pipe, trains, and answers with events.

It is spawned and imported by a process that must never load TensorFlow, so TensorFlow, and all that imports it, is
imported inside functions here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tuner_gui.study.events import Event, FinalFigure, Notice, TrainerFailed, TrainerLoad, TrainerReady, TrialEnded, TrialState
from tuner_gui.training.messages import Cancel, FindFinalFigure, Job, Message, Pause, Quit, Resume, Setup

if TYPE_CHECKING:
    from tuner_gui.training.trainer import Trainer

NICENESS = 10


def main(connection: Connection) -> None:
    """Serve until told to quit or until the other end of the pipe closes. Never returns: the process ends."""
    _step_back()
    inbox: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_read, args=(connection, inbox), name="reader", daemon=True).start()
    _Service(connection, inbox).run()


def load_tensorflow(threads: int) -> None:
    """Import TensorFlow with this many threads; only the first call in a process has an effect."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Its kernels for small matrices wait for threads that another program may hold: up to three times slower.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[variable] = str(threads)
    # The steps of a program follow one another, so a second thread that starts operations only gets in the way.
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    with _quiet_stderr():
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.get_logger().setLevel("ERROR")
        # The first operation makes the devices, which TensorFlow also writes about.
        tf.constant(0)


class _Service:
    """One thing at a time: the trial in training, if there is one, and messages between its chunks."""

    def __init__(self, connection: Connection, inbox: SimpleQueue[Message]) -> None:
        self._connection = connection
        self._inbox = inbox
        self._trainer: Trainer | None = None
        self._waiting: deque[Job] = deque()
        self._current: int | None = None
        self._given_up = False
        self._paused = False
        self._taken = 0

    def run(self) -> None:
        while True:
            self._take_messages()
            self._train(self._waiting.popleft())
            self._send(TrainerLoad(room=1, taken=self._taken))

    def _take_messages(self) -> None:
        """Do what has arrived, and wait for more while there is nothing to train."""
        while self._paused or not self._waiting or not self._inbox.empty():
            self._handle(self._inbox.get())

    def _goes_on(self) -> bool:
        """Asked between two chunks: whether the trial in training is to go on, after a pause if there is one."""
        while not self._given_up and (self._paused or not self._inbox.empty()):
            self._handle(self._inbox.get())
        return not self._given_up

    def _handle(self, message: Message) -> None:
        match message:
            case Setup():
                self._set_up(message)
            case Job():
                self._waiting.append(message)
                self._taken += 1
            case Cancel():
                self._give_up(message.trial)
            case Pause():
                self._paused = True
            case Resume():
                self._paused = False
            case FindFinalFigure():
                self._find_final_figure(message)
            case Quit():
                pass  # the reader has ended the process

    def _set_up(self, setup: Setup) -> None:
        self._trainer = None
        try:
            load_tensorflow(setup.threads)
            from tuner_gui.training.data import load
            from tuner_gui.training.trainer import Trainer

            split = load(setup.data)
            self._trainer = Trainer(split)
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is to read it)
            self._send(TrainerFailed(f"the training process cannot start: {type(error).__name__}: {error}"))
        else:
            self._send(TrainerReady(split.description))
            self._send(TrainerLoad(room=1, taken=0))

    def _train(self, job: Job) -> None:
        if self._trainer is None:
            reason = "the training process has no data to train on"
            self._send(TrialEnded(job.trial, TrialState.FAILED, 0.0, reason=reason))
            return
        self._current, self._given_up = job.trial, False
        self._trainer.train(job, report=self._send, go_on=self._goes_on)
        self._current = None

    def _give_up(self, trial: int) -> None:
        if trial == self._current:
            self._given_up = True
        for job in [job for job in self._waiting if job.trial == trial]:
            self._waiting.remove(job)
            self._send(TrialEnded(trial, TrialState.CANCELLED, 0.0))

    def _find_final_figure(self, asked: FindFinalFigure) -> None:
        try:
            if self._trainer is None:
                raise ValueError("there is no data")
            metrics = self._trainer.final_figure(asked.hyperparameters, asked.npz)
        except Exception as error:  # noqa: BLE001
            self._send(Notice(f"no final figure for trial {asked.trial}: {error}"))
        else:
            self._send(FinalFigure(asked.trial, metrics, datetime.now(UTC).isoformat(timespec="seconds")))

    def _send(self, event: Event) -> None:
        try:
            self._connection.send((event,))
        except OSError:
            _end()


def _read(connection: Connection, inbox: SimpleQueue[Message]) -> None:
    """Pass messages on, and end the process when it is told to quit or its parent is gone.

    At once and from this thread, because the other one may be in the middle of a long TensorFlow call.
    """
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            _end()
        if isinstance(message, Quit):
            _end()
        inbox.put(message)


def _end() -> None:
    """End without tidying up: this process owns no files, and TensorFlow takes its time."""
    os._exit(0)


def _step_back() -> None:
    """Leave the processor to the window, and Ctrl+C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)
    else:
        os.nice(NICENESS)


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Silence what native code writes to the error stream, which no setting of TensorFlow prevents while it loads."""
    if sys.stderr is None:  # a program without a console has none
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    silent = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silent, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(silent)
        os.close(kept)
