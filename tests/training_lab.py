"""Small data and trials to train in a moment. Imports no TensorFlow by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Task
from tuner_gui.study.events import EpochEnded, Event, TrialEnded
from tuner_gui.training.data import Part, Split
from tuner_gui.training.messages import Job

if TYPE_CHECKING:
    from tuner_gui.training.program import Program
    from tuner_gui.training.trainer import Trainer

ROWS, INPUTS, CLASSES = 103, 5, 3


def small_split(task: Task = Task.CLASSIFICATION, rows: int = ROWS) -> Split:
    """Three classes, or one number, that depend on five inputs; a test part that must not be opened."""
    return Split(
        task=task,
        train=_part(task, rows, seed=1),
        validation=_part(task, 31, seed=2),
        outputs=CLASSES if task is Task.CLASSIFICATION else 1,
        target_scale=np.ones(CLASSES) if task is Task.CLASSIFICATION else np.array([20.0]),
        test_rows=17,
        _open_test_part=_must_stay_closed,
    )


def opened(split: Split) -> Split:
    """The same data with a test part that may be opened."""
    test = _part(split.task, split.test_rows, seed=3)

    def open_test_part() -> Part:
        return test

    return Split(
        split.task, split.train, split.validation, split.outputs, split.target_scale, split.test_rows, open_test_part
    )


def _part(task: Task, rows: int, seed: int) -> Part:
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(rows, INPUTS)).astype(np.float32)
    signal = inputs[:, 0] + inputs[:, 1] * inputs[:, 2] + random.normal(0, 0.3, rows)
    if task is Task.REGRESSION:
        return Part(inputs, signal.astype(np.float32)[:, None])
    return Part(inputs, np.digitize(signal, [-0.5, 0.5]).astype(np.int32))


def _must_stay_closed() -> Part:
    raise AssertionError("the test part was opened")


def a_job(trial: int = 1, *, seed: int = 7, epochs: int = 3, objective: str = "val_loss", **values: Value) -> Job:
    return Job(trial, seed, {"units": 8, "batch_size": 16, **values}, epochs, objective)


def train_all(trainer: Trainer, *jobs: Job) -> list[list[Event]]:
    """The events of each job, trained one after the other without a break."""
    reports: list[list[Event]] = []
    for job in jobs:
        events: list[Event] = []
        trainer.train(job, report=events.append, go_on=always)
        reports.append(events)
    return reports


def train_one(trainer: Trainer, job: Job) -> list[Event]:
    return train_all(trainer, job)[0]


def always() -> bool:
    return True


def end_of(events: list[Event]) -> TrialEnded:
    """The end of the trial, which must be the last event and the only one of its kind."""
    ends = [event for event in events if isinstance(event, TrialEnded)]
    assert ends == events[-1:]
    return ends[0]


def curves_of(events: list[Event]) -> list[dict[str, float]]:
    return [dict(event.metrics) for event in events if isinstance(event, EpochEnded)]


def step_losses(program: Program, lanes: Any, orders: Any, batch_size: int) -> Any:
    """The mean loss of every single step, ``[steps, K]``, over the epochs for which orders are given."""
    losses = []
    for order in orders:
        rows = order.shape[1]
        for step in range(-(-rows // batch_size)):
            sums = program.train(
                lanes, order, batch_size, first=step, stop=step + 1, sums=program.no_sums(order.shape[0])
            )
            losses.append(sums[0] / min(batch_size, rows - step * batch_size))
    return np.array(losses)
