"""What may differ from lane to lane and from step to step: one number each, worked out before the steps run.

One formula serves every optimizer (see :mod:`tuner_gui.training.optimizers`), so a lane's kind is a matter of its
numbers; and a step in which a lane rests is one whose numbers change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner_gui.training.settings import TrialSettings

Array = NDArray[Any]


class Rates(NamedTuple):
    """The numbers of one step, each ``[K, 1, 1]``. The first nine are the optimizer's."""

    keep: Any
    gain: Any
    square_gain: Any
    inside: Any
    outside: Any
    scaled_gradient: Any
    plain_gradient: Any
    adaptive_step: Any
    plain_step: Any
    rows: Any
    normed: Any
    statistic_gain: Any
    dropout: Any
    l2: Any


STEP_BY_STEP = ("keep", "gain", "square_gain", "adaptive_step", "plain_step", "rows", "statistic_gain")
_COLUMN = {name: column for column, name in enumerate(Rates._fields)}
_AT_REST = {"keep": 1.0}


def steps_per_epoch(rows: int, batch_size: int) -> int:
    return math.ceil(rows / batch_size)


def schedule_of(trials: Sequence[TrialSettings], epochs: Sequence[int], rows: int, dtype: str) -> Array:
    """The :class:`Rates` of an epoch's steps, ``[steps, fields, K, 1, 1]``, for trials that are each in an epoch of
    their own (from 0) over ``rows`` training rows.

    The trial with the smallest mini-batches has the most steps; the others rest when they are through, with 0 rows.
    """
    steps = max(steps_per_epoch(rows, trial.batch_size) for trial in trials)
    schedule = np.empty((steps, len(Rates._fields), len(trials), 1, 1), dtype)
    for lane, (trial, epoch) in enumerate(zip(trials, epochs, strict=True)):
        schedule[:, :, lane, 0, 0] = _lane(trial, epoch, rows, steps)
    return schedule


def mini_batches(orders: Sequence[Array], trials: Sequence[TrialSettings], padded_rows: int) -> Array:
    """The training rows of every step, ``[steps, K, padded_rows]``, for each trial's order ``[rows]`` of them.

    The last step of an epoch takes what is left. Padding names row 0, which its step's number of rows leaves out.
    """
    sizes = [
        (trial.batch_size, steps_per_epoch(len(order), trial.batch_size))
        for trial, order in zip(trials, orders, strict=True)
    ]
    batches = np.zeros((max(steps for _, steps in sizes), len(trials), padded_rows), np.int32)
    for lane, ((size, steps), order) in enumerate(zip(sizes, orders, strict=True)):
        full = np.zeros(steps * size, np.int32)
        full[: len(order)] = order
        batches[:steps, lane, :size] = full.reshape(steps, size)
    return batches


def _lane(trial: TrialSettings, epoch: int, rows: int, steps: int) -> Array:
    """``[steps, fields]``. In epoch e the learning rate is α / (1 + decay · e)."""
    own = steps_per_epoch(rows, trial.batch_size)
    rates, alpha = trial.rates, trial.rates["learning_rate"] / (1 + trial.rates["learning_rate_decay"] * epoch)
    numbers = _OPTIMIZERS[trial.optimizer](rates, alpha)
    numbers = numbers._replace(
        rows=trial.batch_size,
        normed=float(trial.batch_norm),
        statistic_gain=1 - rates["batch_norm_momentum"],
        dropout=rates["dropout"],
        l2=rates["l2"],
    )
    lane = np.tile(np.array(numbers, np.float64), (steps, 1))
    lane[own - 1, _COLUMN["rows"]] = rows - (own - 1) * trial.batch_size
    if trial.optimizer == "adam":
        first = epoch * own
        lane[:own, _COLUMN["adaptive_step"]] *= _bias_correction(rates, np.arange(first + 1, first + own + 1))
    for name in STEP_BY_STEP:
        lane[own:, _COLUMN[name]] = _AT_REST.get(name, 0.0)
    return lane


def _bias_correction(rates: Any, t: Array) -> Array:
    """sqrt(1 − β2^t) / (1 − β1^t), which makes up for averages that started at 0."""
    return np.sqrt(_one_minus_power(1 - rates["beta2"], t)) / _one_minus_power(1 - rates["beta1"], t)


def _one_minus_power(one_minus_beta: float, t: Array) -> Array:
    """1 − β^t without cancellation."""
    return -np.expm1(t * np.log1p(-one_minus_beta))


_NOTHING = Rates(*[0.0] * len(Rates._fields))


def _sgd(rates: Any, alpha: float) -> Rates:
    return _NOTHING._replace(keep=rates["momentum"], gain=-alpha, outside=1.0, plain_gradient=1.0, plain_step=-1.0)


def _rmsprop(rates: Any, alpha: float) -> Rates:
    return _NOTHING._replace(
        keep=rates["momentum"], gain=alpha, square_gain=1 - rates["rho"], inside=rates["epsilon"],
        scaled_gradient=1.0, plain_step=1.0,
    )  # fmt: skip


def _adam(rates: Any, alpha: float) -> Rates:
    return _NOTHING._replace(
        keep=rates["beta1"], gain=1 - rates["beta1"], square_gain=1 - rates["beta2"], outside=rates["epsilon"],
        plain_gradient=1.0, adaptive_step=alpha,
    )  # fmt: skip


_OPTIMIZERS = {"sgd": _sgd, "rmsprop": _rmsprop, "adam": _adam}
