"""A region and the places in it in Optuna's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tuner_gui.search.strategies.frame import Floats, Frame

MOST_STEPS = 32
"""So many different values or fewer are told as what they are, more as a continuum."""

Distributions = Mapping[str, Any]


def distributions(frame: Frame) -> dict[str, Any]:
    """The region in Optuna's words: names for what has no order, whole numbers for few steps, else 0 to 1."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    made: dict[str, Any] = {}
    for column, name in enumerate(frame.space.names):
        size = int(frame.sizes[column])
        if frame.unordered[column]:
            made[name] = CategoricalDistribution([str(index) for index in range(size)])
        elif 0 < size <= MOST_STEPS and frame.is_even(column):
            made[name] = IntDistribution(0, size - 1)
        else:
            made[name] = FloatDistribution(0.0, 1.0)
    return made


def place_of(frame: Frame, region: Distributions, params: Mapping[str, Any]) -> Floats:
    """The place in the region's cube of what Optuna names; what is not named is in the middle."""
    place = np.full(len(frame), 0.5)
    for column, (name, distribution) in enumerate(region.items()):
        if name in params:
            is_float = distribution.__class__.__name__ == "FloatDistribution"
            place[column] = params[name] if is_float else (int(params[name]) + 0.5) / frame.sizes[column]
    return place


def params_at(frame: Frame, region: Distributions, place: Floats) -> dict[str, Any]:
    """A place in the region's cube in Optuna's words."""
    params: dict[str, Any] = {}
    for column, (name, distribution) in enumerate(region.items()):
        if distribution.__class__.__name__ == "FloatDistribution":
            params[name] = float(place[column])
            continue
        size = int(frame.sizes[column])
        index = min(int(place[column] * size), size - 1)
        params[name] = str(index) if frame.unordered[column] else index
    return params
