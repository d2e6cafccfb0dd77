"""A study file as large as they get: many finished trials with all their epochs, written through the real writer."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tuner_gui.search.strategies import trial_seed
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.file import create
from tuner_gui.study.stages import Plan

EPOCHS = 20


def write_big_study(path: Path, *, trials: int) -> None:
    definition = new_definition("digits")
    with create(path, definition) as file:
        for number in range(1, trials + 1):
            file.record(events_of_trial(file.log.plan, number))
            if number % 500 == 0:
                file.commit()


def events_of_trial(plan: Plan, number: int) -> list[Event]:
    """Start, epochs and end of a made-up trial whose accuracy depends on its learning rate."""
    seed = plan.definition.seed
    values = random_values(plan.space, plan.region, seed=seed, trial=number)
    quality = 0.95 * np.exp(-((np.log10(float(values["learning_rate"])) + 1.5) ** 2) / 4)
    noise = np.random.default_rng(number).normal(0, 0.01, (EPOCHS, 4))
    rise = 1 - np.exp(-np.arange(1, EPOCHS + 1) / 5)
    curves = (
        np.column_stack([2.3 - 2 * quality * rise, quality * rise, 2.4 - 2 * quality * rise, quality * rise]) + noise
    )
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    epochs = [
        EpochEnded(number, epoch + 1, dict(zip(names, row.tolist(), strict=True))) for epoch, row in enumerate(curves)
    ]
    start = TrialStarted(number, plan.stage, values, trial_seed(seed, number), "2026-01-01T00:00:00+00:00")
    end = TrialEnded(number, TrialState.FINISHED, seconds=1.0, value=float(curves[-1, 3]))
    return [start, *epochs, end]


if __name__ == "__main__":
    write_big_study(Path(sys.argv[1]), trials=int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
