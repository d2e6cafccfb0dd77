"""Study files for tests: made through the real writer, with the events that a session would send."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tuner_gui.space.region import draw
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.file import StudyFile, create
from tuner_gui.study.stages import Stage

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
STARTED_AT = "2026-01-02T03:04:05.678+00:00"


def start(number: int, stage: Stage) -> TrialStarted:
    random = np.random.default_rng(number)
    space = new_definition("digits").space
    values = draw(space, stage.region, random.random(len(space)).tolist())
    return TrialStarted(number, stage, values, 1000 + number, STARTED_AT)


def epochs(number: int, count: int, *, first: int = 1) -> list[Event]:
    table = np.random.default_rng((number, 7)).random((count + first, len(METRICS)))
    return [
        EpochEnded(number, epoch, dict(zip(METRICS, map(float, table[epoch]), strict=True)))
        for epoch in range(first, first + count)
    ]


def value_of(number: int) -> float:
    """Different for each trial, in an order that is not that of the numbers."""
    return (number * 37 % 101) / 101


def whole_trial(number: int, stage: Stage, *, count: int = 3) -> list[Event]:
    end = TrialEnded(number, TrialState.FINISHED, 1.5, value_of(number))
    return [start(number, stage), *epochs(number, count), end]


def add_trials(file: StudyFile, numbers: range, *, count: int = 3) -> None:
    """Whole trials from the current stage, each committed by itself."""
    for number in numbers:
        file.record(whole_trial(number, file.log.plan.stage, count=count))
        file.commit()


def make_study(path: Path, trials: int = 0, *, count: int = 3) -> Path:
    """A closed study file of the digits data with finished trials."""
    with create(path, new_definition("digits")) as file:
        add_trials(file, range(1, trials + 1), count=count)
    return path
