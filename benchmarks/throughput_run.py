"""Runs an arm in fresh processes: all get ready, start at one word, and are watched until they have answered."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait

import psutil

from benchmarks.arm_process import ArmProcess, set_going, started
from benchmarks.throughput_arm import MATRIX_PRODUCT, Figures, Order, serve_arm

_LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Measured:
    """What the processes of an arm did, side by side; ``memory`` is their peak in bytes.

    That is the largest sum of the resident memory of all processes of the arm, those that they started included,
    looked at ten times a second. Pages that several of them share count several times.
    """

    processes: list[Figures]
    memory: int

    @property
    def trials(self) -> int:
        return sum(figures.trials for figures in self.processes)

    def rate(self, trials: int) -> float:
        """Trials per minute for a search of ``trials``, scaled up if fewer were trained.

        A process's first trial counts once, the mean of its others for all the rest; that is in the peers' favour,
        for the first one takes longest. Processes do not wait for each other: their rates are added.
        """
        share = trials / len(self.processes)
        return sum(60 * share / _seconds(figures, share) for figures in self.processes)


def _seconds(figures: Figures, trials: float) -> float:
    if figures.trials == 1:
        return figures.first * trials
    others = (figures.seconds - figures.first) / (figures.trials - 1)
    return figures.first + others * (trials - 1)


def measure(order: Order) -> Measured:
    """Train ``order.trials`` trials, shared out among as many processes as the setting says."""
    count = min(order.setting.processes, order.trials)
    orders = [
        replace(order, trials=len(range(index, order.trials, count)), seed=count * order.seed + index)
        for index in range(count)
    ]
    with started(orders, serve_arm) as arms:
        answers, memory = _follow(arms)
    return Measured([answer for answer in answers if isinstance(answer, Figures)], memory)


def matrix_product_speed() -> float:
    """Floating-point operations per second of a large matrix product, TensorFlow with all threads."""
    with started([Order(MATRIX_PRODUCT, "", 0, 0)], serve_arm) as arms:
        (speed,), _ = _follow(arms)
    assert isinstance(speed, float)
    return speed


def _follow(arms: Sequence[ArmProcess]) -> tuple[list[Figures | float], int]:
    """The answers of all, and the peak of their memory from the word to go on."""
    set_going(arms)
    answers: dict[Connection, Figures | float] = {}
    waiting = {arm.connection: arm for arm in arms}
    memory = 0
    while waiting:
        for connection in wait(list(waiting), timeout=_LOOK_EVERY):
            arm = waiting.pop(connection)
            answers[arm.connection] = arm.receive()
        memory = max(memory, sum(_resident(arm.process.pid) for arm in arms))
    return [answers[arm.connection] for arm in arms], memory


def _resident(process_id: int | None) -> int:
    """Bytes in memory of a process and of all that it started."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process_id)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total
