"""The works of the throughput benchmark: what trains on what, what is searched, and the arithmetic that it takes."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data import builtin
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.definition import (
    BUILT_IN_DATA,
    DataSettings,
    Definition,
    Direction,
    ModelSettings,
    Objective,
    SearchSettings,
    Task,
)
from tuner_gui.training import data, process

OBJECTIVE = Objective("val_accuracy", Direction.MAXIMIZE)
_TEACHER_UNITS = 32
_NOISE = 0.3


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Classified rows, by the sizes of their three parts; ``source`` is their name in a definition."""

    source: str
    train: int
    validation: int
    test: int
    inputs: int
    classes: int = 10

    @property
    def settings(self) -> DataSettings:
        rows = self.train + self.validation + self.test
        return DataSettings(self.source, validation=self.validation / rows, test=self.test / rows)

    def make(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Normal inputs; the class is what a random network with one hidden layer says, with noise on its outputs."""
        random = np.random.default_rng(20_250)
        inputs = random.standard_normal((self.train + self.validation + self.test, self.inputs))
        hidden = np.tanh(inputs @ random.standard_normal((self.inputs, _TEACHER_UNITS)) / np.sqrt(self.inputs))
        outputs = hidden @ random.standard_normal((_TEACHER_UNITS, self.classes))
        return inputs, np.argmax(outputs + random.normal(0.0, _NOISE, outputs.shape), axis=1)

    def load(self) -> data.Split:
        """Split and scaled, as the program does it; for peers, who get the very same arrays."""
        split = data.load(self.settings)
        sizes = (len(split.train), len(split.validation), split.test_rows, split.inputs, split.outputs)
        assert sizes == (self.train, self.validation, self.test, self.inputs, self.classes), sizes
        return split


DIGITS = Rows(source="digits", train=1_077, validation=360, test=360, inputs=64)
MADE_UP_M = Rows(source="throughput_m", train=10_000, validation=2_000, test=2_000, inputs=64)
MADE_UP_L = Rows(source="throughput_l", train=20_000, validation=2_000, test=2_000, inputs=784)


@dataclass(frozen=True, kw_only=True)
class Work:
    """``goal``: how many times the best peer's trials per minute this program is to reach at least.

    What is searched has the textbook's range and scale; what is neither searched nor fixed, the textbook's value.
    """

    name: str
    title: str
    goal: float
    epochs: int
    searched: tuple[str, ...]
    fixed: Mapping[str, Value] = field(default_factory=dict)
    rows: Rows = DIGITS

    def definition(self, seed: int) -> Definition:
        return Definition(
            name=self.name,
            data=self.rows.settings,
            model=ModelSettings(epochs=self.epochs, fixed=self.fixed),
            objective=OBJECTIVE,
            space=Space(tuple(_parameter(name) for name in self.searched)),
            seed=seed,
            search=SearchSettings(strategy="random", confirm=0.0),
        )


def _parameter(name: str) -> Parameter:
    if name == "optimizer":
        return ChoiceParameter(name=name, choices=("sgd", "adam"))
    return TEXTBOOK[name].parameter


def _by_name(*works: Work) -> dict[str, Work]:
    return {work.name: work for work in works}


WORKS = _by_name(
    Work(
        name="S",
        title="digits, widths 16–128, 2 layers, batch 64, 20 epochs",
        goal=20.0,
        epochs=20,
        searched=("learning_rate", "momentum", "units"),
        fixed={"layers": 2, "batch_size": 64, "optimizer": "sgd"},
    ),
    Work(
        name="M",
        title="10,000 rows × 64, 128–128, batch 64, 5 epochs",
        goal=6.0,
        epochs=5,
        searched=("learning_rate", "momentum"),
        fixed={"units": 128, "layers": 2, "batch_size": 64, "optimizer": "sgd"},
        rows=MADE_UP_M,
    ),
    Work(
        name="L",
        title="20,000 rows × 784, 512–512, batch 64, 2 epochs",
        goal=1.0,
        epochs=2,
        searched=("learning_rate", "momentum"),
        fixed={"units": 512, "layers": 2, "batch_size": 64, "optimizer": "sgd"},
        rows=MADE_UP_L,
    ),
    Work(
        name="mixed",
        title="digits, widths 16–128, 1–3 layers, batch 32 / 64 / 128, SGD and Adam, 20 epochs",
        goal=8.0,
        epochs=20,
        searched=("learning_rate", "momentum", "units", "layers", "batch_size", "optimizer"),
    ),
)


SEVEN = Work(
    name="seven",
    title="digits, 20 epochs, 7 parameters: the textbook's six and dropout",
    goal=10.0,
    epochs=20,
    searched=("learning_rate", "momentum", "units", "batch_size", "layers", "learning_rate_decay", "dropout"),
    fixed={"optimizer": "sgd"},
)
"""What :mod:`benchmarks.time_to_target` searches."""


def register_data() -> None:
    """Make the made-up data known in this process, as if it were built in."""
    known = cast("MutableMapping[str, Task]", BUILT_IN_DATA)
    loaders = cast("MutableMapping[str, Any]", builtin.LOADERS)
    for rows in (MADE_UP_M, MADE_UP_L):
        known[rows.source] = Task.CLASSIFICATION
        loaders[rows.source] = rows.make


def serve_training(connection: Connection) -> None:
    """The program's training process, which also knows the made-up data."""
    register_data()
    process.main(connection)


def flop_per_epoch(values: Mapping[str, Any], rows: Rows) -> float:
    """Floating-point operations that one epoch of a trial needs at its own widths, counting matrix products alone.

    A training row takes 2 · in · out for the product of each layer, and as much again for each of its two gradients;
    nobody needs the gradient of the network's inputs. A validation row takes the product alone.
    """
    widths = [rows.inputs, *[int(values["units"])] * int(values["layers"]), rows.classes]
    product = 2.0 * sum(before * after for before, after in pairwise(widths))
    return rows.train * (3 * product - 2.0 * widths[0] * widths[1]) + rows.validation * product
