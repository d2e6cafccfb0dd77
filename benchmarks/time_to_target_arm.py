"""One process of an arm of the time-to-target benchmark: it gets ready, waits for the word to go, searches without an
end, and tells of every trial that has ended."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.throughput_arm import Setting, Signals, prepare_tensorflow
from benchmarks.throughput_works import SEVEN
from tuner_gui.study.definition import STRATEGIES, Definition, SearchSettings
from tuner_gui.study.events import Event, TrialEnded
from tuner_gui.training.process import NICENESS

OURS, OPTUNA, HYPERBAND = "this program", "Optuna TPE, median pruner", "KerasTuner Hyperband"
PEERS = (OPTUNA, HYPERBAND)
ARMS = (OURS, *PEERS)
RANDOM = "random search"
"""This program with its random strategy: it sets the target."""


class Ended(NamedTuple):
    """A trial has ended: so many seconds after the word to go, with this objective after its last epoch."""

    seconds: float
    value: float | None


@dataclass(frozen=True)
class Order:
    """What one process is to do. All below ``seed`` is for peers.

    The processes of a search share ``folder`` and ``port``, ``worker`` counts them; None is the one that trains nothing
    and tells KerasTuner's workers what to try. ``niced`` gives it the lower priority that this program's training has.
    """

    arm: str
    seed: int
    setting: Setting = field(default_factory=Setting)
    folder: str = ""
    port: int = 0
    worker: int | None = 0
    niced: bool = False


class StoppedError(Exception):
    """The benchmark has seen enough."""


def serve_arm(connection: Connection, order: Order, output: Path) -> None:
    """The main function of the process. All that it writes to its output and errors goes into that file."""
    with output.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    if order.arm in PEERS:
        _search_with_peer(order, connection)
    else:
        _search(order, connection)


def definition_of(arm: str, seed: int) -> Definition:
    """The study that this program searches: as a new one is, or at random."""
    strategy = "random" if arm == RANDOM else STRATEGIES[0]
    return replace(SEVEN.definition(seed), search=SearchSettings(strategy, confirm=0.0))


# --- this program ---


def _search(order: Order, connection: Connection) -> None:
    """Until the benchmark has seen enough, which it says with one more word."""
    from benchmarks.throughput_session import search

    with search(definition_of(order.arm, order.seed), fused=True) as running:
        running.warm_up()
        Signals(connection).wait_to_go()
        began = time.perf_counter()

        def take(event: Event) -> None:
            if isinstance(event, TrialEnded):
                connection.send(Ended(time.perf_counter() - began, event.value))
            if connection.poll():
                raise StoppedError

        try:
            running.run(None, take)
        except StoppedError:
            return


# --- peers ---


def _search_with_peer(order: Order, connection: Connection) -> None:
    """Until the process is ended from outside."""
    if order.niced:
        os.nice(NICENESS)
    prepare_tensorflow(order.setting)
    from benchmarks.peers.training import Training

    training = Training(
        SEVEN, _seed(order), order.setting, lambda seconds, value: connection.send(Ended(seconds, value))
    )
    search = (_optuna if order.arm == OPTUNA else _hyperband)(training, order)
    if order.worker is None:
        # The others get ready only when it answers.
        threading.Thread(target=search, daemon=True).start()
    Signals(connection).wait_to_go()
    training.begin()
    if order.worker is None:
        # Until the benchmark closes its end, also when that was ended from outside.
        connection.poll(None)
        return
    search()


def _seed(order: Order) -> int:
    """Each process draws for itself, and starts its networks, in a way of its own."""
    return order.setting.processes * order.seed + (order.worker or 0)


def _optuna(training: object, order: Order) -> Callable[[], None]:
    from benchmarks.peers.optuna_search import prepare_tpe

    return prepare_tpe(training, _seed(order), Path(order.folder) if order.setting.processes > 1 else None)


def _hyperband(training: object, order: Order) -> Callable[[], None]:
    from benchmarks.peers.keras_tuner_search import prepare_hyperband, share

    if order.setting.processes > 1:
        share(order.port, order.worker)
    return prepare_hyperband(training, order.seed, Path(order.folder))
