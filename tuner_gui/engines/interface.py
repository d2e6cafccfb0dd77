"""What the session asks of an engine, whatever trains behind it."""

from __future__ import annotations

from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Protocol

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import Event

Waitable = Connection | int


class Engine(Protocol):
    """Trains trials somewhere. All calls come from the one thread that runs the session, and none of them blocks."""

    @property
    def room(self) -> int:
        """How many more trials can be handed over now: as many as it takes to keep the engine busy."""

    def start(self, definition: Definition) -> None:
        """Get ready for this definition in the background; again after its data changed. Safe to call twice."""

    def submit(self, *, trial: int, values: Mapping[str, Value], seed: int) -> None:
        """Train one trial. It ends with exactly one TrialEnded, whatever happens to the engine."""

    def cancel(self, trial: int, *, pruned: bool = False) -> None:
        """Give the trial up soon. Where ``pruned``, it ends as that, with the value that it had reached."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def find_final_figure(self, *, trial: int, values: Mapping[str, Value], npz: bytes) -> None:
        """Answered by a FinalFigure, or a Notice that says why not."""

    def waitables(self) -> list[Waitable]:
        """What ``multiprocessing.connection.wait`` can wait on; ready when :meth:`events` may have something new."""

    def next_deadline(self) -> float | None:
        """When, on time.monotonic(), :meth:`events` should be asked again even if nothing became ready."""

    def events(self) -> list[Event]:
        """Everything that was reported since the last call, in order, deaths and hangs noticed on the way included.

        No epoch of a trial comes twice, even if the trial has to be trained again.
        """

    def close(self) -> None:
        """End all training; nothing is left running. Bounded: at most about two seconds."""
