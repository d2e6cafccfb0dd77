"""What happens during a search, one small frozen record each. They cross threads and processes, so: plain data only.

The training process sends Trainer*, TrialProgress, EpochEnded, TrialEnded, WeightsKept and FinalFigure;
the session adds the rest and passes all of them on, in order, to the history, the file and the window.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from tuner_gui.space.parameters import Value
from tuner_gui.study.stages import Stage


class TrialState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    PRUNED = "pruned"
    DIVERGED = "diverged"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self not in (TrialState.QUEUED, TrialState.RUNNING)


class RunStatus(enum.StrEnum):
    """How a run ended."""

    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


# --- trials ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrialQueued:
    """Values have been drawn; the trial trains when the engine has room. ``drawn_at`` is time.monotonic().

    ``lineage`` says where values come from that no strategy drew: {"by": "hand"}, {"repeats": 17}, {"from": 17}.
    """

    trial: int
    stage: Stage
    values: Mapping[str, Value]
    seed: int
    drawn_at: float
    lineage: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class TrialDropped:
    """A queued trial was given up before it started; its number goes to the next one that is drawn."""

    trial: int


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """The engine took the trial over. ``at`` is UTC in ISO format.

    ``fixed`` holds the hyperparameters that were not drawn, as the trial has them.
    """

    trial: int
    stage: Stage
    values: Mapping[str, Value]
    seed: int
    at: str
    fixed: Mapping[str, Value] = field(default_factory=dict)
    lineage: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class TrialProgress:
    """The sign of life of a trial in training: ``fraction`` of all its epochs done, in [0, 1]."""

    trial: int
    fraction: float


@dataclass(frozen=True, slots=True)
class TrialProtected:
    """A person keeps a trial in training from being pruned by the search; where ``on`` is false, no longer."""

    trial: int
    on: bool


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """One pass over the training part is over. ``epoch`` counts from 1; metrics may hold NaN, never a missing key."""

    trial: int
    epoch: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """The last word on a trial. ``value`` is the objective after its last epoch, None unless finished or pruned."""

    trial: int
    state: TrialState
    seconds: float
    value: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WeightsKept:
    """The weights of a finished trial, as the bytes of an ``npz`` without objects."""

    trial: int
    npz: bytes


@dataclass(frozen=True, slots=True)
class FinalFigure:
    """The metrics of a trial on the test part, which nothing else looks at. ``at`` is UTC in ISO format."""

    trial: int
    metrics: Mapping[str, float]
    at: str


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """A person's words on a trial; the latest note is the one that is shown. ``at`` is UTC in ISO format."""

    trial: int
    text: str
    at: str


# --- the process that trains ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrainerStarting:
    """A training process was spawned and loads TensorFlow."""


@dataclass(frozen=True, slots=True)
class TrainerReady:
    """TensorFlow and the data are loaded. ``description`` tells what: "1,077 / 360 / 360 rows, 64 inputs"."""

    description: str


@dataclass(frozen=True, slots=True)
class TrainerFailed:
    """The process died, hung or could not load the data; ``reason`` says which, in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class TrainerLoad:
    """What the training process is busy with, sent whenever it changes.

    ``room`` is how many trials it wants beyond the ``taken`` that had reached it by then. ``programs`` are in training
    with ``lanes`` lanes between them; ``traces`` and ``waste`` count since the process began: how often TensorFlow
    traced a function, and which share of the arithmetic went into masked units, rows and lanes, in [0, 1].
    """

    room: int
    taken: int
    programs: int = 0
    lanes: int = 0
    traces: int = 0
    waste: float = 0.0


# --- the run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A search goes on until ``trials`` more trials are over, or ``seconds`` have passed, or it is stopped."""

    trials: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RunPaused:
    """``reason`` is None when a person paused, otherwise what made it impossible to go on."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RunResumed:
    pass


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Sent exactly once for each RunStarted."""

    status: RunStatus
    message: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person asked for could not be done; ``text`` says why."""

    text: str


@dataclass(frozen=True, slots=True)
class Saved:
    """All that was sent before this is committed. ``at`` is UTC in ISO format."""

    at: str


@dataclass(frozen=True, slots=True)
class SavingFailed:
    """The file could not be written; what was not saved is kept in memory and tried again."""

    reason: str


TrialEvent = (
    TrialQueued
    | TrialDropped
    | TrialStarted
    | TrialProgress
    | TrialProtected
    | EpochEnded
    | TrialEnded
    | WeightsKept
    | FinalFigure
    | NoteAdded
)
TrainerEvent = TrainerStarting | TrainerReady | TrainerFailed | TrainerLoad
RunEvent = RunStarted | RunPaused | RunResumed | RunEnded | Notice | Saved | SavingFailed
Event = TrialEvent | TrainerEvent | RunEvent

# Moments that the file does not keep.
NOT_KEPT = (
    RunStarted,
    RunPaused,
    RunResumed,
    RunEnded,
    Notice,
    Saved,
    SavingFailed,
    TrainerStarting,
    TrainerReady,
    TrainerFailed,
    TrainerLoad,
    TrialQueued,
    TrialDropped,
    TrialProgress,
    TrialProtected,
)
