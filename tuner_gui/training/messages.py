"""What the training process is told. It answers with tuples of the events of :mod:`tuner_gui.study.events`: what
happened at the same moment arrives together.

No TensorFlow here: the process that sends these never loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import MLP
from tuner_gui.study.definition import DataSettings


@dataclass(frozen=True, slots=True)
class Setup:
    """The first message: which data to load and split, and how many programs may train at the same time, each in a
    thread of its own. Where ``fused`` is off, each program has a single lane: the trials are trained one by one.

    ``kind`` is that of a built-in network. ``model`` is the path of a person's own model file, empty for those; only a
    file whose bytes have this ``sha256`` is run. What is not fused, one or the other, trains one trial at a time, on
    the GPU of that name in ``device`` where there are any. ``search`` counts the searches that a file begins itself:
    which of them it is."""

    data: DataSettings
    threads: int
    fused: bool = True
    model: str = ""
    sha256: str = ""
    device: str = ""
    kind: str = MLP
    search: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One trial to train. ``hyperparameters`` is complete: drawn, fixed and pinned values together.

    ``searched`` names the hyperparameters that differ between the trials of the study: programs are made to take them.
    ``grows``: more of the objective is better.
    """

    trial: int
    seed: int
    hyperparameters: Mapping[str, Value]
    epochs: int
    objective: str
    searched: frozenset[str] = frozenset()
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Give the trial up after the chunk that is running; it ends as ``cancelled``, or as ``pruned`` with the value
    that it had reached. Unknown trials are ignored."""

    trial: int
    pruned: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRates:
    """Train a running trial on with other rates (learning_rate, momentum, dropout, …) from the next chunk on."""

    trial: int
    rates: Mapping[str, float]


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


Message = Setup | Job | Cancel | ChangeRates | Pause | Resume | FindFinalFigure | Quit
