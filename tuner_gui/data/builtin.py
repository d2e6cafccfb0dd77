"""The built-in data, offline. All of it comes with scikit-learn, but for the two spirals, which are made here.

The rows are always the same: inputs ``[rows, inputs]`` as float64 and targets, neither split nor scaled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Array = NDArray[Any]

_SPIRAL_SEED = 20_240
_SPIRAL_ROWS = 1_200
_SPIRAL_TURNS = 1.75
_SPIRAL_NOISE = 0.05


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


LOADERS: Mapping[str, Callable[[], tuple[Floats, Array]]] = {
    "digits": _digits,
    "breast_cancer": _breast_cancer,
    "wine": _wine,
    "two_spirals": _two_spirals,
    "diabetes": _diabetes,
}


def names_of(source: str, inputs: int, classes: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the inputs and of the classes: scikit-learn's where it has such, else x0, x1, … and 0, 1, …"""
    from sklearn import datasets

    load = getattr(datasets, f"load_{source}", None)
    bunch: Any = load() if load is not None else None
    columns = tuple(str(name) for name in getattr(bunch, "feature_names", ()))
    names = tuple(str(name) for name in getattr(bunch, "target_names", ()))
    if len(columns) != inputs:
        columns = tuple(f"x{number}" for number in range(inputs))
    if len(names) != classes:
        names = tuple(str(number) for number in range(classes))
    return columns, names
