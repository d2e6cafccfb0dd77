"""Data ready to train on: read, split and prepared.

The rows are always the same; the seed of :class:`DataSettings` only decides which of them train, validate and test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data.errors import DataError
from tuner_gui.data.preparation import Classes, Preparation, fitted, prepared, prepared_targets
from tuner_gui.data.reading import Table, read
from tuner_gui.data.splitting import split_rows
from tuner_gui.study.definition import NAMED_DATA, DataSettings, ImageShape, Task
from tuner_gui.study.errors import one_of

Floats = NDArray[np.float64]
Array = NDArray[Any]


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
    which targets were divided (1 for classes), to give errors in original units. ``image`` is the shape of the image
    whose numbers a row of inputs holds, None where it is none.
    """

    task: Task
    train: Part
    validation: Part
    outputs: int
    target_scale: Floats
    test_rows: int
    _open_test_part: Callable[[], Part] = field(repr=False)
    preparation: Preparation = field(default_factory=lambda: Preparation((), Classes(())), repr=False)
    image: ImageShape | None = None

    @property
    def inputs(self) -> int:
        return self.train.inputs.shape[1]

    @property
    def description(self) -> str:
        """What was loaded, in a line: "1,077 / 360 / 360 rows, 64 inputs, 10 classes", or "images of 8 × 8 × 1"."""
        rows = " / ".join(f"{count:,}" for count in (len(self.train), len(self.validation), self.test_rows))
        kind = "classes" if self.task is Task.CLASSIFICATION else "target" if self.outputs == 1 else "targets"
        inputs = f"{self.inputs} inputs" if self.image is None else f"images of {' × '.join(map(str, self.image))}"
        return f"{rows} rows, {inputs}, {self.outputs} {kind}"

    def test(self) -> Part:
        """The test part. Only for the final figure that a person asks for: nothing may be decided by it."""
        return self._open_test_part()


def load(settings: DataSettings, *, images: bool = False) -> Split:
    """Read, split and prepare; DataError says in words why that is not possible.

    ``images``: for a network that goes over images, which the rows then have to be.
    """
    if not settings.built_in and settings.task is None:
        raise DataError(f"data {settings.source!r}: expected {one_of(NAMED_DATA, settings.source)}")
    table = read(settings)
    if images and table.image_shape is None:
        raise DataError(f"{settings.source}: its rows are no images any more, which this network needs")
    return _prepared(settings.kind_of_task, table, split_rows(table.targets, settings), images=images)


def _prepared(task: Task, table: Table, rows: tuple[Array, Array, Array], *, images: bool) -> Split:
    train, validation, test = rows
    preparation = fitted(table, task, train, images=images)

    def part(rows: Array) -> Part:
        return Part(prepared(table, preparation, rows), prepared_targets(table, preparation, rows))

    def test_part() -> Part:
        return part(test)

    of_target = preparation.target
    outputs = len(of_target.names)
    scale = np.ones(outputs) if isinstance(of_target, Classes) else np.array(of_target.scales, dtype=np.float64)
    image = table.image_shape if images else None
    return Split(task, part(train), part(validation), outputs, scale, len(test), test_part, preparation, image=image)
