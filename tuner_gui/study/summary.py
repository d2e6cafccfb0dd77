"""What a study holds, as one plain object: the contract of ``tuner-gui show --json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tuner_gui.space.region import Extent, Interval
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import Floats, History, Trial
from tuner_gui.study.stages import Plan, Stage, with_stages
from tuner_gui.study.standing import Standing

FORMAT = 1


def summary(plan: Plan, history: History) -> dict[str, Any]:
    """The study, its stages, all its trials with their curves, and the best one; None where a number is not finite.

    ``best`` is the entry of the best finished trial, None while there is none. ``standing`` says what that rests on:
    the number of the ``trial``, how many ``runs`` there are with its values, their ``mean``, the ``spread`` between
    seeds (None where it is not known), and ``like``, the numbers of the trials that cannot be told from it (None where
    too little is known to say).
    """
    trials = [_trial(trial, history, plan.definition) for trial in history.trials]
    best = history.best_standing(plan.definition.objective)
    counted = np.bincount(history.stage_column) if len(history) else np.zeros(1, dtype=int)
    stages = with_stages(plan, history.stages.values()).stages
    return {
        "format": FORMAT,
        "study": _study(plan.definition),
        "stages": [_stage(s, int(counted[s.number]) if s.number < len(counted) else 0) for s in stages],
        "trials": trials,
        "best": None if best is None else trials[best.trial - 1],
        "standing": None if best is None else _standing(best),
    }


def _standing(best: Standing) -> dict[str, Any]:
    return {
        "trial": best.trial,
        "runs": best.runs,
        "mean": finite(best.mean),
        "spread": finite(best.spread),
        "like": None if best.like is None else list(best.like),
    }


def finite(value: float | None) -> float | None:
    """The number, or None for what plain JSON cannot say."""
    return value if value is not None and math.isfinite(value) else None


def _study(definition: Definition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "objective": definition.objective.metric,
        "direction": str(definition.objective.direction),
        "seed": definition.seed,
    }


def _stage(stage: Stage, trials: int) -> dict[str, Any]:
    return {
        "number": stage.number,
        "parent": stage.parent,
        "origin": str(stage.origin),
        "region": {name: extent_list(extent) for name, extent in stage.region.extents.items()},
        "trials": trials,
    }


def extent_list(extent: Extent) -> list[Any]:
    """[low, high] of an interval, or the list of choices."""
    return [extent.low, extent.high] if isinstance(extent, Interval) else list(extent)


def _trial(trial: Trial, history: History, definition: Definition) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "number": trial.number,
        "stage": trial.stage,
        "state": str(trial.state),
        "parameters": dict(trial.values),
        "value": finite(trial.value),
        "epochs": history.epochs(trial.number),
        "seconds": finite(trial.seconds),
        "metrics": {metric: _finite_list(curve) for metric, curve in history.curves(trial.number).items()},
    }
    inactive = sorted(trial.values.keys() - definition.active({**trial.fixed, **trial.values}))
    if inactive:
        entry["inactive"] = inactive
    if trial.lineage is not None:
        entry["lineage"] = dict(trial.lineage)
    if trial.reason is not None:
        entry["reason"] = trial.reason
    figure = history.final_figures.get(trial.number)
    if figure is not None:
        entry["final"] = _finite_mapping(figure.metrics)
    return entry


def _finite_list(values: Floats) -> list[float | None]:
    return [finite(value) for value in values.tolist()]


def _finite_mapping(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: finite(value) for name, value in values.items()}


def failure_reasons(history: History) -> list[tuple[str, int]]:
    """Why trials failed or diverged, each reason with its count, the most frequent first."""
    bad = (TrialState.FAILED, TrialState.DIVERGED)
    reasons: dict[str, int] = {}
    for trial in history.trials:
        if trial.state in bad:
            words = trial.reason or str(trial.state)
            reasons[words] = reasons.get(words, 0) + 1
    return sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
