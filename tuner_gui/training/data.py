"""The built-in data, offline: loaded, split and scaled.

All of it comes with scikit-learn, but for the two spirals, which are made here. The rows are always the same; the
seed of :class:`DataSettings` only decides which of them train, validate and test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings, Task
from tuner_gui.study.errors import one_of

Floats = NDArray[np.float64]
Array = NDArray[Any]

_SPIRAL_SEED = 20_240
_SPIRAL_ROWS = 1_200
_SPIRAL_TURNS = 1.75
_SPIRAL_NOISE = 0.05


class DataError(ValueError):
    """Data that cannot be loaded or split; the message says why in words."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows. ``inputs`` is float32 ``[rows, inputs]``; ``targets`` are class numbers, int32 ``[rows]``, or
    standardised values, float32 ``[rows, outputs]``."""

    inputs: NDArray[np.float32]
    targets: Array

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, eq=False)
class Split:
    """Data ready to train on. Inputs and regression targets are standardised with the training part's statistics.

    ``outputs`` is the number of classes, or of targets; ``target_scale``, ``[outputs]``, is the standard deviation by
    which targets were divided (1 for classes), to give errors in original units.
    """

    task: Task
    train: Part
    validation: Part
    outputs: int
    target_scale: Floats
    test_rows: int
    _open_test_part: Callable[[], Part] = field(repr=False)

    @property
    def inputs(self) -> int:
        return self.train.inputs.shape[1]

    @property
    def description(self) -> str:
        """What was loaded, in a line: "1,077 / 360 / 360 rows, 64 inputs, 10 classes"."""
        rows = " / ".join(f"{count:,}" for count in (len(self.train), len(self.validation), self.test_rows))
        kind = "classes" if self.task is Task.CLASSIFICATION else "target" if self.outputs == 1 else "targets"
        return f"{rows} rows, {self.inputs} inputs, {self.outputs} {kind}"

    def test(self) -> Part:
        """The test part. Only for the final figure that a person asks for: nothing may be decided by it."""
        return self._open_test_part()


def load(settings: DataSettings) -> Split:
    """Load, split and scale; DataError says in words why that is not possible."""
    if settings.source not in BUILT_IN_DATA:
        raise DataError(f"data {settings.source!r}: expected {one_of(BUILT_IN_DATA, settings.source)}")
    inputs, targets = _LOADERS[settings.source]()
    train, validation, test = _split_rows(targets, settings)
    return _scaled(settings.kind_of_task, inputs, targets, (train, validation, test))


# --- splitting and scaling ---


def _split_rows(targets: Array, settings: DataSettings) -> tuple[Array, Array, Array]:
    """Row numbers of the three parts. The test rows depend on the seed and the test share alone."""
    from sklearn.model_selection import train_test_split

    total = len(targets)
    tested, validated = _count(total, settings.test, "test"), _count(total, settings.validation, "validation")
    if tested + validated >= total:
        raise DataError(f"no rows are left to train on: validation {settings.validation} and test {settings.test}")
    stratified = settings.kind_of_task is Task.CLASSIFICATION
    rows = np.arange(total)
    try:
        rest, test = train_test_split(
            rows, test_size=tested, random_state=settings.seed, stratify=targets if stratified else None
        )
        train, validation = train_test_split(
            rest, test_size=validated, random_state=settings.seed, stratify=targets[rest] if stratified else None
        )
    except ValueError as error:  # a part with fewer rows than there are classes
        raise DataError(f"{settings.source} cannot be split: {error}") from error
    return train, validation, test


def _count(total: int, share: float, name: str) -> int:
    """How many of all rows a share is, rounded up."""
    if not 0 < share < 1:
        raise DataError(f"{name} = {share!r}: expected a share between 0 and 1")
    return math.ceil(total * share - 1e-9)


def _scaled(task: Task, inputs: Floats, targets: Array, rows: tuple[Array, Array, Array]) -> Split:
    from sklearn.preprocessing import StandardScaler

    train, validation, test = rows
    of_inputs = StandardScaler().fit(inputs[train])
    of_targets = StandardScaler().fit(targets[train]) if task is Task.REGRESSION else None

    def part(rows: Array) -> Part:
        wanted = targets[rows]
        ready = wanted.astype(np.int32) if of_targets is None else of_targets.transform(wanted).astype(np.float32)
        return Part(of_inputs.transform(inputs[rows]).astype(np.float32), ready)

    def test_part() -> Part:
        return part(test)

    outputs = int(targets.max()) + 1 if of_targets is None else targets.shape[1]
    scale = np.ones(outputs) if of_targets is None else np.asarray(of_targets.scale_, dtype=np.float64)
    return Split(task, part(train), part(validation), outputs, scale, len(test), test_part)


# --- the sources: inputs [rows, inputs] as float64 and targets, neither split nor scaled ---


def _digits() -> tuple[Floats, Array]:
    from sklearn.datasets import load_digits

    return _plain(load_digits())


def _breast_cancer() -> tuple[Floats, Array]:
    from sklearn.datasets import load_breast_cancer

    return _plain(load_breast_cancer())


def _wine() -> tuple[Floats, Array]:
    from sklearn.datasets import load_wine

    return _plain(load_wine())


def _diabetes() -> tuple[Floats, Array]:
    from sklearn.datasets import load_diabetes

    # Unscaled: what scikit-learn gives otherwise was scaled with the statistics of all rows, the test part included.
    inputs, targets = _plain(load_diabetes(scaled=False))
    return inputs, targets.astype(np.float64)[:, None]


def _plain(bunch: Any) -> tuple[Floats, Array]:
    return np.asarray(bunch.data, dtype=np.float64), np.asarray(bunch.target)


def _two_spirals() -> tuple[Floats, Array]:
    """Two arms that wind around each other: two inputs, two classes, no straight line between them."""
    random = np.random.default_rng(_SPIRAL_SEED)
    arm = np.arange(_SPIRAL_ROWS) % 2
    # The square root spreads the points evenly along the arm, which gets longer with each turn.
    along = np.sqrt(random.uniform(0.02, 1.0, _SPIRAL_ROWS))
    angle = 2 * np.pi * _SPIRAL_TURNS * along + np.pi * arm
    places = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return places + random.normal(0.0, _SPIRAL_NOISE, places.shape), arm


_LOADERS: Mapping[str, Callable[[], tuple[Floats, Array]]] = {
    "digits": _digits,
    "breast_cancer": _breast_cancer,
    "wine": _wine,
    "two_spirals": _two_spirals,
    "diabetes": _diabetes,
}
