"""What the training process is told. What it answers with are the events of :mod:`tuner_gui.study.events`.

No TensorFlow here: the process that sends these never loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import DataSettings


@dataclass(frozen=True, slots=True)
class Setup:
    """The first message: which data to load and split, and how many threads TensorFlow may use."""

    data: DataSettings
    threads: int


@dataclass(frozen=True, slots=True)
class Job:
    """One trial to train. ``hyperparameters`` is complete: drawn, fixed and pinned values together."""

    trial: int
    seed: int
    hyperparameters: Mapping[str, Value]
    epochs: int
    objective: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Give the trial up after the chunk that is running; it ends as ``cancelled``. Unknown trials are ignored."""

    trial: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold all training after the chunk that is running, and keep what was reached."""


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class FindFinalFigure:
    """Evaluate kept weights on the test part, once, because the person asked."""

    trial: int
    hyperparameters: Mapping[str, Value]
    npz: bytes


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Message = Setup | Job | Cancel | Pause | Resume | FindFinalFigure | Quit
