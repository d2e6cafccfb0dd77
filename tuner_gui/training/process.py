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
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tuner_gui.data.errors import DataError
from tuner_gui.space.textbook import CNN
from tuner_gui.study.events import Event, FinalFigure, Notice, TrainerFailed, TrainerReady, TrialEnded, TrialState
from tuner_gui.training.messages import Cancel, ChangeRates, FindFinalFigure, Job, Message, Pause, Quit, Resume, Setup

if TYPE_CHECKING:
    from tuner_gui.training.own_file import OwnFile
    from tuner_gui.training.own_model import OwnTrainer
    from tuner_gui.training.trainer import Trainer

NICENESS = 10

RECYCLED = 75
"""The exit code of a process that has trained enough models of a person's own: a new one gets its memory."""

MOST_OWN_TRIALS = 200
MOST_GROWTH = 1_000_000_000
"""Bytes by which the process may grow after its first trial."""


def main(connection: Connection) -> None:
    """Serve until told to quit or until the other end of the pipe closes. Never returns: the process ends."""
    step_back()
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
        self._trainer: Trainer | OwnTrainer | None = None
        self._paused = False
        self._own_trials = 0
        self._first_size = 0

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
            trainer, description, threads = self._made(setup)
        except DataError as error:
            self._send([TrainerFailed(str(error))])
            return
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is to read it)
            self._send([TrainerFailed(f"the training process cannot start: {type(error).__name__}: {error}")])
            return
        self._trainer = trainer
        self._hold(paused=self._paused)
        for number in range(threads):
            threading.Thread(target=trainer.serve, name=f"training {number + 1}", daemon=True).start()
        self._send([TrainerReady(description)])
        trainer.tell_load()

    def _made(self, setup: Setup) -> tuple[Trainer | OwnTrainer, str, int]:
        """The trainer, what it trains on in words, and in how many threads."""
        if setup.model:
            return self._make_own(setup)
        return self._make_cnn(setup) if setup.kind == CNN else self._make_fused(setup)

    def _make_fused(self, setup: Setup) -> tuple[Trainer | OwnTrainer, str, int]:
        load_tensorflow(setup.threads)
        from tuner_gui.training.data import load
        from tuner_gui.training.trainer import Trainer

        split = load(setup.data)
        threads = 1 if has_gpu() else setup.threads
        trainer = Trainer(split, report=self._send, threads=threads, fused=setup.fused)
        return trainer, split.description, threads

    def _make_own(self, setup: Setup) -> tuple[Trainer | OwnTrainer, str, int]:
        """The trainer of a person's own models. Their file is not loaded before the first trial."""
        _set_apart(setup)
        from tuner_gui.training.data import load
        from tuner_gui.training.own_file import load as load_file
        from tuner_gui.training.own_file import needs_keras
        from tuner_gui.training.own_model import OwnTrainer

        path = Path(setup.model)
        if setup.data.source or needs_keras(path):
            load_tensorflow(setup.threads)
        split = load(setup.data) if setup.data.source else None

        def load_own() -> OwnFile:
            return load_file(path, setup.sha256, search=setup.search)

        trainer = OwnTrainer(load_own, split, report=self._send, trial_ended=self._recycle)
        return trainer, split.description if split is not None else f"{path.name} brings its own data", 1

    def _make_cnn(self, setup: Setup) -> tuple[Trainer | OwnTrainer, str, int]:
        """The trainer of the built-in network for images."""
        _set_apart(setup)
        load_tensorflow(setup.threads)
        from tuner_gui.training.cnn import cnn_file
        from tuner_gui.training.data import load
        from tuner_gui.training.own_model import OwnTrainer

        split = load(setup.data, images=True)
        trainer = OwnTrainer(lambda: cnn_file(split), split, report=self._send, trial_ended=self._recycle)
        return trainer, split.description, 1

    def _recycle(self) -> None:
        """End after many trials or when memory was lost; the engine starts a new process without a word."""
        from tuner_gui.training.memory import resident_bytes

        size = resident_bytes()
        self._own_trials += 1
        self._first_size = self._first_size or size
        if self._own_trials >= MOST_OWN_TRIALS or size - self._first_size > MOST_GROWTH:
            with self._sending:
                os._exit(RECYCLED)

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


def _set_apart(setup: Setup) -> None:
    """Keep a process in which one model trains within its memory and processors, away from the terminal."""
    from tuner_gui.training.memory import limit_memory
    from tuner_gui.training.quiet import close_terminal

    close_terminal()
    limit_memory()
    _keep_to(setup.threads)
    if setup.device:
        os.environ["CUDA_VISIBLE_DEVICES"] = setup.device


def _keep_to(threads: int) -> None:
    """Have the libraries that a file of a person's own may use compute in so many threads: others train beside it."""
    from threadpoolctl import threadpool_limits

    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(threads)
    threadpool_limits(threads)


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


def step_back() -> None:
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
