"""One arm of the throughput benchmark, in a process of its own: what it is told, what it does, what it answers.

The process gets ready (imports, data, for this program also a training process that is ready), says so, waits for the
word to go, trains, and answers with its figures.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from benchmarks.throughput_works import WORKS, Work, flop_per_epoch, register_data
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import EpochEnded, Event, RunEnded, TrainerLoad, TrialEnded, TrialStarted

FUSED, ALONE = "fused", "one by one"
OPTUNA, KERAS_TUNER, NO_CHECKPOINTS = "Keras under Optuna", "KerasTuner as shipped", "KerasTuner, no checkpoints"
OURS, PEERS = (FUSED, ALONE), (OPTUNA, KERAS_TUNER, NO_CHECKPOINTS)
MATRIX_PRODUCT = "matrix product"

READY = "ready"
_MATRIX_SIZE, _MATRIX_SECONDS = 1024, 3.0


@dataclass(frozen=True)
class Setting:
    """How a peer trains: ``processes`` share out the trials, and the machine's processors among them."""

    jit_compile: bool = False
    whole_epochs: bool = False
    processes: int = 1
    onednn: bool = True

    @property
    def threads(self) -> int:
        return max(1, (os.cpu_count() or 1) // self.processes)

    def __str__(self) -> str:
        return (
            f"jit_compile {'on' if self.jit_compile else 'off'}, "
            f"{'an epoch' if self.whole_epochs else 'a step'} per execution, "
            f"{self.processes} process{'' if self.processes == 1 else 'es'} × {self.threads} "
            f"thread{'' if self.threads == 1 else 's'}, oneDNN {'on' if self.onednn else 'off'}"
        )


@dataclass(frozen=True)
class Order:
    """What one process is to do. ``setting`` is for peers only."""

    arm: str
    work: str
    trials: int
    seed: int
    setting: Setting = Setting()


@dataclass(kw_only=True)
class Figures:
    """What one process did from the word to go to the end of its last trial.

    ``first`` and ``seconds``: when the first trial and when all of them had ended; ``flop``: what the trained epochs
    needed, padding not counted; ``waste``: the share of the arithmetic that was padding, None where there can be none;
    ``values``: the objective of every trial that has one.
    """

    trials: int = 0
    first: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    flop: float = 0.0
    epochs: int = 0
    traces: int = 0
    waste: float | None = None
    values: list[float] = field(default_factory=list)

    def count(self, seconds: float) -> None:
        """One more trial has ended, so long after the word to go."""
        self.trials += 1
        self.seconds = seconds
        if self.trials == 1:
            self.first = seconds


class Signals:
    """The arm's end of the pipe to the benchmark."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wait_to_go(self) -> None:
        self._connection.send(READY)
        self._connection.recv()

    def answer(self, result: Figures | float) -> None:
        self._connection.send(result)


def serve_arm(connection: Connection, order: Order, output: Path) -> None:
    """The main function of an arm's process. All that it writes to its output and errors goes into that file."""
    with output.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    register_data()
    signals = Signals(connection)
    if order.arm == MATRIX_PRODUCT:
        _multiply(signals)
    elif order.arm in OURS:
        _search(order, signals)
    else:
        _search_with_peer(order, signals)


# --- this program ---


def _search(order: Order, signals: Signals) -> None:
    from benchmarks.throughput_session import search

    work = WORKS[order.work]
    definition = work.definition(order.seed)
    with search(definition, fused=order.arm == FUSED) as running:
        running.warm_up()
        processes = (psutil.Process(), running.training_process)
        signals.wait_to_go()
        used = _cpu_seconds(processes)
        watch = _Watch(work, definition)
        running.run(order.trials, watch.take)
        watch.figures.cpu_seconds = _cpu_seconds(processes) - used
        signals.answer(watch.figures)


class _Watch:
    """Makes figures of a run's events."""

    def __init__(self, work: Work, definition: Definition) -> None:
        self.figures = Figures(waste=0.0)
        self._work = work
        self._definition = definition
        self._flop: dict[int, float] = {}
        self._began = time.perf_counter()

    def take(self, event: Event) -> None:
        figures = self.figures
        match event:
            case TrialStarted():
                values = self._definition.hyperparameters(event.values)
                self._flop[event.trial] = flop_per_epoch(values, self._work.rows)
            case EpochEnded():
                figures.epochs += 1
                figures.flop += self._flop[event.trial]
            case TrialEnded():
                figures.count(self._seconds)
                figures.values += [event.value] if event.value is not None else []
            case TrainerLoad():
                figures.traces, figures.waste = event.traces, event.waste
            case RunEnded():
                figures.seconds = self._seconds

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self._began


def _cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


# --- peers ---


def _search_with_peer(order: Order, signals: Signals) -> None:
    prepare_tensorflow(order.setting)
    from benchmarks.peers.training import Training

    training = Training(WORKS[order.work], order.seed, order.setting)
    search = _peer(order.arm)(training, order.trials, order.seed)
    signals.wait_to_go()
    used = time.process_time()
    training.begin()
    search()
    figures = training.figures
    figures.cpu_seconds = time.process_time() - used
    assert figures.trials == order.trials, f"{figures.trials} of {order.trials} trials were trained"
    signals.answer(figures)


def _peer(arm: str) -> Callable[[Any, int, int], Callable[[], None]]:
    """What prepares the search, given the training, the number of trials and the seed; it gives what runs it."""
    if arm == OPTUNA:
        from benchmarks.peers.optuna_search import prepare

        return prepare
    from benchmarks.peers import keras_tuner_search

    return partial(keras_tuner_search.prepare, checkpoints=arm == KERAS_TUNER)


def prepare_tensorflow(setting: Setting) -> None:
    """Import TensorFlow; one process alone gets the threads that TensorFlow takes by itself."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = str(int(setting.onednn))
    import tensorflow as tf

    if setting.processes > 1:
        tf.config.threading.set_intra_op_parallelism_threads(setting.threads)
        tf.config.threading.set_inter_op_parallelism_threads(setting.threads)
    tf.constant(0)


# --- the machine ---


def _multiply(signals: Signals) -> None:
    """Answers with the floating-point operations per second of a large float32 matrix product."""
    prepare_tensorflow(Setting())
    import tensorflow as tf

    size = _MATRIX_SIZE
    left, right = tf.random.normal([size, size]), tf.random.normal([size, size])
    signals.wait_to_go()
    taken = []
    began = time.perf_counter()
    while time.perf_counter() - began < _MATRIX_SECONDS:
        before = time.perf_counter()
        tf.matmul(left, right).numpy()
        taken.append(time.perf_counter() - before)
    signals.answer(2 * size**3 / statistics.median(taken))
