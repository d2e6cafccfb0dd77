"""The hyperparameters of a trial as training needs them: what shapes the program, and what is a number in a lane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import pinned_values
from tuner_gui.study.checks import check_value

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Structure:
    """What makes a program of its own. Everything else about a trial is a tensor or the shape of one.

    ``dropout`` and ``l2`` say only whether the program computes them at all: a rate of 0 gives the same numbers.
    """

    layers: int
    activation: str
    batch_norm: bool
    optimizer: str
    dropout: bool
    l2: bool


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """All hyperparameters of one trial, checked, and its seed."""

    structure: Structure
    units: int
    batch_size: int
    rates: Mapping[str, float]
    seed: int


def trial_settings(hyperparameters: Mapping[str, Value], seed: int) -> TrialSettings:
    """What one trial trains with; the textbook's value where one is missing. SpaceError where one cannot be."""
    given = {**pinned_values(), **hyperparameters}
    values: dict[str, Any] = {name: check_value(name, value) for name, value in given.items()}
    structure = Structure(
        layers=values["layers"],
        activation=values["activation"],
        batch_norm=values["batch_norm"],
        optimizer=values["optimizer"],
        dropout=values["dropout"] > 0,
        l2=values["l2"] > 0,
    )
    rates = {name: value for name, value in values.items() if isinstance(value, float)}
    return TrialSettings(structure, values["units"], values["batch_size"], rates, seed)


class Lanes(NamedTuple):
    """What may differ from lane to lane and from epoch to epoch, one entry per lane: each field is ``[K]``.

    Averages are given as 1 − β: single precision keeps three digits of what 0.9999 leaves to 1, and all of 1e-4.
    """

    learning_rate: Any
    momentum: Any
    one_minus_rho: Any
    one_minus_beta1: Any
    one_minus_beta2: Any
    epsilon: Any
    one_minus_batch_norm_momentum: Any
    dropout: Any
    l2: Any


def lanes_of(trials: Sequence[TrialSettings], epochs: Sequence[int], dtype: str) -> Array:
    """The fields of :class:`Lanes` in one array, ``[fields, K]``, for trials that are each in an epoch (from 0).

    In epoch e the learning rate is α / (1 + decay · e). One array, because every argument of a traced function costs
    as much as a training step of a small network.
    """
    return np.array([_lane(trial, epoch) for trial, epoch in zip(trials, epochs, strict=True)], dtype).T


def _lane(trial: TrialSettings, epoch: int) -> Lanes:
    rates = trial.rates
    return Lanes(
        learning_rate=rates["learning_rate"] / (1 + rates["learning_rate_decay"] * epoch),
        momentum=rates["momentum"],
        one_minus_rho=1 - rates["rho"],
        one_minus_beta1=1 - rates["beta1"],
        one_minus_beta2=1 - rates["beta2"],
        epsilon=rates["epsilon"],
        one_minus_batch_norm_momentum=1 - rates["batch_norm_momentum"],
        dropout=rates["dropout"],
        l2=rates["l2"],
    )
