"""What a session can be told, from any thread. It obeys at once; a search reacts within one chunk of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.space.parameters import Value
from tuner_gui.study.edits import EditLog


@dataclass(frozen=True, slots=True)
class Run:
    """Search until so many more trials are over, or so many seconds have passed, or until stopped."""

    trials: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """Train these values next, before anything that a strategy draws, inside the region or not.

    They come on top of the run's budget. Where no search is going on, one begins that trains just these. ``lineage``
    says where they come from.
    """

    points: tuple[Mapping[str, Value], ...]
    lineage: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Pause:
    pass


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Stop:
    """Cancel what trains, keep what finished, end the run."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Get the engine ready before anyone presses Run."""


@dataclass(frozen=True, slots=True)
class SetLog:
    """The person edited, undid or redid something: save it, and draw from its plan from now on."""

    log: EditLog


@dataclass(frozen=True, slots=True)
class Prune:
    """Give up a trial in training; its curve so far stays."""

    trial: int


@dataclass(frozen=True, slots=True)
class Protect:
    """Keep a trial in training from being pruned by the search, or let it be pruned again."""

    trial: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class AskFinalFigure:
    """Evaluate a trial whose weights were kept on the test part."""

    trial: int


@dataclass(frozen=True, slots=True)
class AddNote:
    trial: int
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """End the run, save, and return from serve()."""


Command = Run | Try | Pause | Resume | Stop | WarmUp | SetLog | Prune | Protect | AskFinalFigure | AddNote | Close
