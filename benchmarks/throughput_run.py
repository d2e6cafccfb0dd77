"""Runs an arm in fresh processes: all get ready, start at one word, and are watched until they have answered."""

from __future__ import annotations

import contextlib
import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil

from benchmarks.throughput_arm import MATRIX_PRODUCT, Figures, Order, serve_arm

_LOOK_EVERY = 0.1
_LINES_SHOWN = 30
# Ending takes TensorFlow a moment.
_PATIENCE = 20.0


class ArmFailedError(RuntimeError):
    """A process ended without an answer; the message has the last lines that it wrote."""


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
    with _started(orders) as arms:
        answers, memory = _follow(arms)
    return Measured([answer for answer in answers if isinstance(answer, Figures)], memory)


def matrix_product_speed() -> float:
    """Floating-point operations per second of a large matrix product, TensorFlow with all threads."""
    with _started([Order(MATRIX_PRODUCT, "", 0, 0)]) as arms:
        (speed,), _ = _follow(arms)
    assert isinstance(speed, float)
    return speed


@dataclass(frozen=True)
class _Arm:
    process: SpawnProcess
    connection: Connection
    output: Path

    def receive(self) -> Figures | float | str:
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            raise ArmFailedError(
                f"the process ended without an answer (exit code {self.process.exitcode}); the last that it wrote:\n"
                + "\n".join(self.output.read_text(errors="replace").splitlines()[-_LINES_SHOWN:])
            ) from None


@contextlib.contextmanager
def _started(orders: Sequence[Order]) -> Iterator[list[_Arm]]:
    """The processes of an arm; none of them is left afterwards."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ending:
        arms = []
        for index, order in enumerate(orders):
            arm = _start(order, Path(folder) / f"{index}.txt")
            ending.callback(_end, arm)
            arms.append(arm)
        yield arms
        for arm in arms:
            arm.process.join(_PATIENCE)


def _start(order: Order, output: Path) -> _Arm:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_arm, args=(theirs, order, output), name=order.arm)
    process.start()
    theirs.close()
    return _Arm(process, ours, output)


def _end(arm: _Arm) -> None:
    if arm.process.is_alive():
        arm.process.kill()
    arm.process.join()
    arm.connection.close()


def _follow(arms: Sequence[_Arm]) -> tuple[list[Figures | float | str], int]:
    """The answers of all, and the peak of their memory from the word to go on."""
    for arm in arms:
        arm.receive()  # that it is ready
    for arm in arms:
        arm.connection.send(None)
    answers: dict[Connection, Figures | float | str] = {}
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
