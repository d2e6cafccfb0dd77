"""Random numbers of a trial. Each is a function of the trial's seed and of what it is for, and of nothing else, so a
trial is the same whatever was trained before it or beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_WEIGHTS, _ORDER, _DROPOUT = 1, 2, 3


def glorot_uniform(seed: int, layer: int, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Start weights ``[in, out]`` of a layer (from 0): uniform within ±sqrt(6 / (in + out)), as Keras begins."""
    limit = np.sqrt(6.0 / sum(shape))
    return np.random.default_rng((seed, _WEIGHTS, layer)).uniform(-limit, limit, shape)


def row_order(seed: int, epoch: int, rows: int) -> NDArray[np.int32]:
    """The order ``[rows]`` in which an epoch (from 0) goes through the training part."""
    return np.random.default_rng((seed, _ORDER, epoch)).permutation(rows).astype(np.int32)


def dropout_seed(seed: int) -> int:
    """32 bits from which the masks of all steps and layers of a trial follow."""
    sequence: Any = np.random.SeedSequence((seed, _DROPOUT))
    return int(sequence.generate_state(1, np.uint32)[0])
