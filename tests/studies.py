"""Studies with plausible trials, made in milliseconds: for tests of the window, its panels and its plots.

The accuracy is a smooth function of the values, with noise. Its peak lies at a learning rate of about 0.03 and is
narrow in the step that momentum amplifies, lr / (1 - momentum); steps that are far too large diverge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.region import Extent, Interval, unit_bounds
from tuner_gui.space.unit import values_at
from tuner_gui.study.definition import new_definition
from tuner_gui.study.edits import EditLog, first_log
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.stages import Plan, first_plan

EPOCHS = 20
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
STARTED_AT = "2025-01-01T12:00:00+00:00"


def make_plan() -> Plan:
    return first_plan(new_definition("digits"))


def make_store(trials: int, *, seed: int = 0, running: int = 0) -> Store:
    """A store of the digits study: ``trials`` that are over, then ``running`` ones, some epochs into their training."""
    log = first_log(make_plan())
    return store_of(log, make_history(log.plan, trials, seed=seed, running=running))


def store_of(log: EditLog, history: History) -> Store:
    return Store(path=Path("digits.tuner"), log=log, history=history)


def make_history(plan: Plan, trials: int, *, seed: int = 0, running: int = 0) -> History:
    """Trials drawn from the plan's current region."""
    history = History()
    history.metric_names = list(METRICS)
    if trials:
        history.stages[plan.stage.number] = plan.stage
        made = _made(plan, range(1, trials + 1), seed)
        history.load([trial for trial, _ in made], [curves for _, curves in made])
    for number in range(trials + 1, trials + running + 1):
        epochs = 3 + 4 * (number - trials) % (EPOCHS - 4)
        for event in trial_events(plan, number, seed=seed)[: epochs + 1]:
            history.apply(event)
    return history


def trial_events(plan: Plan, number: int, *, seed: int = 0) -> list[Event]:
    """What a store hears of one trial, from its start to its end: TrialStarted, EpochEnded …, TrialEnded."""
    ((trial, curves),) = _made(plan, [number], seed)
    start = TrialStarted(number, plan.stage, trial.values, trial.seed, STARTED_AT, trial.fixed)
    epochs = [
        EpochEnded(number, epoch, dict(zip(METRICS, map(float, row), strict=True)))
        for epoch, row in enumerate(curves, start=1)
    ]
    return [start, *epochs, TrialEnded(number, trial.state, 1.25, trial.value, trial.reason)]


def events_of(plan: Plan, numbers: Iterable[int], *, seed: int = 0) -> list[Event]:
    """Whole trials one after the other."""
    return [event for number in numbers for event in trial_events(plan, number, seed=seed)]


def accuracy_of(values: Mapping[str, Value]) -> float:
    """The accuracy without noise, in [0.1, 0.99]; what a study does not search has a middling value."""
    rate, momentum = _number(values, "learning_rate", 0.01), _number(values, "momentum", 0.9)
    step = math.log10(rate / (1 - momentum) * math.sqrt(64 / _number(values, "batch_size", 64)))
    miss = (step + 0.4) / (2.1 if step < -0.4 else 1.9)
    width = 0.012 * math.log2(_number(values, "units", 64) / 128)
    depth = {1: -0.012, 2: 0.0, 3: -0.004}.get(int(_number(values, "layers", 2)), -0.01)
    decay = -0.02 * (math.log10(max(_number(values, "learning_rate_decay", 0.01), 1e-4)) + 1.7) ** 2 / 3
    quality = math.exp(-0.5 * abs(miss) ** 2.6)
    return 0.1 + 0.89 * max(0.0, quality) * (1 + width + depth + decay)


def _drawn(plan: Plan, uniform: np.ndarray) -> list[dict[str, Value]]:
    """Values at points of the unit cube, ``[n, parameters]``, laid over the current region; a column at a time."""
    columns = [_column(p, plan.region[p.name], uniform[:, index]) for index, p in enumerate(plan.space)]
    return [dict(zip(plan.space.names, row, strict=True)) for row in zip(*columns, strict=True)]


def _column(parameter: Parameter, extent: Extent, uniform: np.ndarray) -> list[Value]:
    if isinstance(extent, Interval) and not isinstance(parameter, ChoiceParameter):
        low, high = unit_bounds(parameter, extent)
        return [
            min(max(v, extent.low), extent.high)
            for v in values_at(parameter, low + uniform * (high - low))  # type: ignore[type-var]
        ]
    return [extent[int(u * len(extent))] for u in uniform]


def _made(plan: Plan, numbers: Sequence[int], seed: int) -> list[tuple[Trial, np.ndarray]]:
    """Trials that are over, each with its curves ``[epochs, metrics]``; one number always gives the same trial."""
    randoms = [np.random.default_rng([seed, number]) for number in numbers]
    values = _drawn(plan, np.array([random.random(len(plan.space)) for random in randoms]))
    return [_trained(plan, *made, seed) for made in zip(numbers, values, randoms, strict=True)]


def _trained(
    plan: Plan, number: int, values: Mapping[str, Value], random: np.random.Generator, seed: int
) -> tuple[Trial, np.ndarray]:
    accuracy = min(max(accuracy_of(values) + random.normal(0, 0.006), 0.08), 0.994)
    state, reason, epochs = TrialState.FINISHED, None, EPOCHS
    step = _number(values, "learning_rate", 0.01) / (1 - _number(values, "momentum", 0.9))
    if step > 60 and random.random() < 0.35:
        state, epochs = TrialState.DIVERGED, int(random.integers(1, 6))
        reason = f"the loss was not finite in epoch {epochs}"
    elif random.random() < 0.008:
        state, reason, epochs = TrialState.FAILED, "the training process ended: killed by signal 9", 2
    curves = _curves(accuracy, step, random)[:epochs]
    if state is TrialState.DIVERGED:
        curves[-1] = (math.nan, 0.1, math.nan, 0.1)
    value = float(curves[-1, METRICS.index("val_accuracy")]) if state is TrialState.FINISHED else None
    trial = Trial(
        number=number, stage=plan.stage.number, state=state, values=values, seed=seed * 100_003 + number,
        started_at=STARTED_AT, value=value, seconds=1.25, reason=reason,
        fixed=plan.definition.fixed_beside(values),
    )  # fmt: skip
    return trial, curves


def _curves(accuracy: float, step: float, random: np.random.Generator) -> np.ndarray:
    """Metrics after each epoch, ``[epochs, metrics]``: slow for small steps, uneasy for large ones."""
    epochs = np.arange(1, EPOCHS + 1)
    pace = np.clip(4 / (step / 0.25) ** 0.5, 0.7, 12)
    rise = (1 - np.exp(-epochs / pace)) / (1 - math.exp(-EPOCHS / pace))
    unrest = random.normal(0, 0.004 + 0.01 * min(step, 10) ** 0.5 * (1 - accuracy), EPOCHS) * (1 - 0.6 * rise)
    val_accuracy = np.clip(0.1 + (accuracy - 0.1) * rise + unrest, 0.02, 0.997)
    train_accuracy = np.clip(val_accuracy + 0.012 * rise, 0, 1)
    val_loss = 0.04 + 2.6 * (1 - val_accuracy) ** 1.1 + np.abs(unrest)
    loss = np.maximum(0.8 * val_loss - 0.02 * rise, 0.004)
    return np.column_stack([loss, train_accuracy, val_loss, val_accuracy])


def _number(values: Mapping[str, Value], name: str, default: float) -> float:
    value = values.get(name, default)
    return default if isinstance(value, str) else float(value)
