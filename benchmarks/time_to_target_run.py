"""Runs one search of the time-to-target benchmark in fresh processes and watches it until enough has been seen."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import wait

import psutil

from benchmarks.arm_process import ArmProcess, set_going, started
from benchmarks.time_to_target_arm import HYPERBAND, OURS, PEERS, RANDOM, Ended, Order, serve_arm


@dataclass(frozen=True)
class Watched:
    """A search: its trials in the order in which they ended, for how many seconds it was watched, and the CPU seconds
    that all of its processes used meanwhile."""

    ended: list[Ended]
    seconds: float
    cpu_seconds: float = 0.0

    def reached(self, right: int, rows: int) -> float | None:
        """When a trial first ended with at least so many of the validation rows right; None if none did."""
        return next((trial.seconds for trial in self.ended if rows_right(trial.value, rows) >= right), None)


def rows_right(value: float | None, rows: int) -> int:
    """An accuracy as the number of rows that it stands for: whole numbers can be compared, sums of float32 cannot."""
    return -1 if value is None else round(value * rows)


def watch(order: Order, *, patience: float, enough: Callable[[list[Ended]], bool]) -> Watched:
    """Search until what has ended is ``enough``, or for so many seconds. ArmFailedError if a process ends before."""
    with _processes(order) as arms:
        set_going(arms)
        began, used = time.perf_counter(), _cpu_seconds(arms)
        ended: list[Ended] = []
        while not enough(ended) and (left := began + patience - time.perf_counter()) > 0:
            ended += _next(arms, left)
        seconds, used = time.perf_counter() - began, _cpu_seconds(arms) - used
        for arm in arms:
            _stop(arm, order.arm)
    # Processes that search together tell of their trials side by side.
    return Watched(sorted(ended), seconds, used)


def _next(arms: list[ArmProcess], patience: float) -> list[Ended]:
    waiting = {arm.connection: arm for arm in arms}
    return [waiting[connection].receive() for connection in wait(list(waiting), timeout=patience)]


def _cpu_seconds(arms: list[ArmProcess]) -> float:
    """So far, of the processes and of all that they started."""
    parents = [psutil.Process(arm.process.pid) for arm in arms]
    processes = [process for parent in parents for process in (parent, *parent.children(recursive=True))]
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def _stop(arm: ArmProcess, name: str) -> None:
    """This program ends its training process and its study, whose time is not counted; a peer has nothing to end."""
    if name in PEERS:
        arm.process.kill()
    else:
        arm.connection.send(None)


@contextlib.contextmanager
def _processes(order: Order) -> Iterator[list[ArmProcess]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        started(orders_of(replace(order, folder=folder)), serve_arm) as arms,
    ):
        yield arms


def orders_of(order: Order) -> list[Order]:
    """What each process of the search is to do."""
    count = order.setting.processes
    if order.arm in (OURS, RANDOM) or count == 1:
        return [order]
    workers: list[int | None] = [*range(count)]
    if order.arm == HYPERBAND:
        order, workers = replace(order, port=_free_port()), [None, *workers]
    return [replace(order, worker=worker) for worker in workers]


def _free_port() -> int:
    with socket.socket() as any_socket:
        any_socket.bind(("127.0.0.1", 0))
        return int(any_socket.getsockname()[1])
