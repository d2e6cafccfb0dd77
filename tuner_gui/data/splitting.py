"""Which rows train, validate and test. An exported script splits in the same way, to the row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data.errors import DataError
from tuner_gui.study.definition import DataSettings, Task

Array = NDArray[Any]


def split_rows(targets: Array, settings: DataSettings) -> tuple[Array, Array, Array]:
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
    except ValueError as error:  # a part with fewer rows than there are classes, or a class with too few rows
        words = str(error)
        if "least populated" in words:
            words = "a class has too few rows for parts of these sizes, which each need one"
        raise DataError(f"{settings.source} cannot be split: {words}") from error
    return train, validation, test


def _count(total: int, share: float, name: str) -> int:
    """How many of all rows a share is, rounded up."""
    if not 0 < share < 1:
        raise DataError(f"{name} = {share!r}: expected a share between 0 and 1")
    return math.ceil(total * share - 1e-9)
