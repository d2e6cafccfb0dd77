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
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tuner_gui.data.errors import DataError
from tuner_gui.study.events import Event, FinalFigure, Notice, TrainerFailed, TrainerReady, TrialEnded, TrialState
from tuner_gui.training.messages import Cancel, ChangeRates, FindFinalFigure, Job, Message, Pause, Quit, Resume, Setup

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
    """Import TensorFlow for programs that train in this many threads, each operation within its own.

    Only the first call in a process has an effect.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # With a single thread its kernels are the fastest on small matrices, too; with several they wait for each other.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[variable] = "1"
    os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    with _quiet_stderr():
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        # It would turn divisions into products with an approximate reciprocal, whose last digits depend on where in a
        # vector a number stands: a trial would no longer be the same to the last bit among other lanes.
        tf.config.optimizer.set_experimental_options({"constant_folding": False})
        tf.get_logger().setLevel("ERROR")
        # The first operation makes the devices, which TensorFlow also writes about.
        tf.constant(0)


class _Service:
    """Passes on what it is told to the trainer, whose threads do the work, and what they report to the pipe."""

    def __init__(self, connection: Connection, inbox: SimpleQueue[Message]) -> None:
        self._connection = connection
        self._inbox = inbox
        self._sending = threading.Lock()
        self._trainer: Trainer | None = None
        self._paused = False

    def run(self) -> None:
        while True:
            self._handle(self._inbox.get())

    def _handle(self, message: Message) -> None:
        match message:
            case Setup():
                self._set_up(message)
            case Job():
                self._submit(message)
            case Cancel():
                if self._trainer is not None:
                    self._trainer.give_up(message.trial, TrialState.PRUNED if message.pruned else TrialState.CANCELLED)
            case ChangeRates():
                self._change(message)
            case Pause() | Resume():
                self._hold(paused=isinstance(message, Pause))
            case FindFinalFigure():
                self._find_final_figure(message)
            case Quit():
                pass  # the reader has ended the process

    def _set_up(self, setup: Setup) -> None:
        if self._trainer is not None:
            self._trainer.close()
            self._trainer = None
        try:
            load_tensorflow(setup.threads)
            from tuner_gui.training.data import load
            from tuner_gui.training.trainer import Trainer

            split = load(setup.data)
            threads = 1 if has_gpu() else setup.threads
            self._trainer = Trainer(split, report=self._send, threads=threads, fused=setup.fused)
        except DataError as error:
            self._send([TrainerFailed(str(error))])
            return
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is to read it)
            self._send([TrainerFailed(f"the training process cannot start: {type(error).__name__}: {error}")])
            return
        self._hold(paused=self._paused)
        for number in range(threads):
            threading.Thread(target=self._trainer.serve, name=f"training {number + 1}", daemon=True).start()
        self._send([TrainerReady(split.description)])
        self._trainer.tell_load()

    def _submit(self, job: Job) -> None:
        if self._trainer is None:
            reason = "the training process has no data to train on"
            self._send([TrialEnded(job.trial, TrialState.FAILED, 0.0, reason=reason)])
        else:
            self._trainer.submit(job)

    def _hold(self, *, paused: bool) -> None:
        self._paused = paused
        if self._trainer is not None:
            self._trainer.pause() if paused else self._trainer.resume()

    def _change(self, asked: ChangeRates) -> None:
        try:
            if self._trainer is not None:
                self._trainer.change(asked.trial, asked.rates)
        except ValueError as error:
            self._send([Notice(f"trial {asked.trial} trains on as it was: {error}")])

    def _find_final_figure(self, asked: FindFinalFigure) -> None:
        try:
            if self._trainer is None:
                raise ValueError("there is no data")
            metrics = self._trainer.final_figure(asked.hyperparameters, asked.npz)
        except Exception as error:  # noqa: BLE001
            self._send([Notice(f"no final figure for trial {asked.trial}: {error}")])
        else:
            self._send([FinalFigure(asked.trial, metrics, datetime.now(UTC).isoformat(timespec="seconds"))])

    def _send(self, events: Sequence[Event]) -> None:
        """Together, what happened at the same moment; from any thread."""
        if not events:
            return
        try:
            with self._sending:
                self._connection.send(tuple(events))
        except OSError:
            _end()


def has_gpu() -> bool:
    """Whether TensorFlow sees a GPU: one program at a time fills it."""
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


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
