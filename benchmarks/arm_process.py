"""The processes of one arm of a benchmark: started afresh, spoken to through pipes, none of them left."""

from __future__ import annotations

import contextlib
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Protocol, TypeVar

_LINES_SHOWN = 30
# Ending takes TensorFlow a moment.
_PATIENCE = 20.0


class _HasArm(Protocol):
    @property
    def arm(self) -> str: ...


_Order = TypeVar("_Order", bound=_HasArm)
Serve = Callable[[Connection, _Order, Path], None]
"""The main function of an arm's process: its end of the pipe, what it is to do, the file for all that it writes."""


class ArmFailedError(RuntimeError):
    """A process ended without an answer; the message has the last lines that it wrote."""


@dataclass(frozen=True)
class ArmProcess:
    process: SpawnProcess
    connection: Connection
    output: Path

    def receive(self) -> Any:
        """What it says next. ArmFailedError if it ended before."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            raise ArmFailedError(
                f"the process ended without an answer (exit code {self.process.exitcode}); the last that it wrote:\n"
                + "\n".join(self.output.read_text(errors="replace").splitlines()[-_LINES_SHOWN:])
            ) from None


@contextlib.contextmanager
def started(orders: Sequence[_Order], serve: Serve[_Order]) -> Iterator[list[ArmProcess]]:
    """The processes of an arm, one for each order; those that end by themselves get a moment to do so."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ending:
        arms = []
        for index, order in enumerate(orders):
            arm = _start(order, serve, Path(folder) / f"{index}.txt")
            ending.callback(_end, arm)
            arms.append(arm)
        yield arms
        for arm in arms:
            arm.process.join(_PATIENCE)


def set_going(arms: Sequence[ArmProcess]) -> None:
    """Wait until each has said that it is ready, then give all of them the word to go."""
    for arm in arms:
        arm.receive()
    for arm in arms:
        arm.connection.send(None)


def _start(order: _Order, serve: Serve[_Order], output: Path) -> ArmProcess:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, order, output), name=order.arm)
    process.start()
    theirs.close()
    return ArmProcess(process, ours, output)


def _end(arm: ArmProcess) -> None:
    if arm.process.is_alive():
        arm.process.kill()
    arm.process.join()
    arm.connection.close()
