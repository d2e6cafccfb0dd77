"""Small data and trials to train in a moment. Imports no TensorFlow by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Task
from tuner_gui.study.events import EpochEnded, Event, TrainerLoad, TrialEnded, TrialProgress, WeightsKept
from tuner_gui.training.data import Part, Split
from tuner_gui.training.messages import Job

if TYPE_CHECKING:
    from tuner_gui.training.graph import Graph
    from tuner_gui.training.lane_state import LaneState
    from tuner_gui.training.settings import TrialSettings
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


_GRAPHS: dict[Any, Any] = {}


class Lab:
    """A trainer that works when it is told to, in this thread, and what it reported.

    On the small classification data, labs share what was traced, which takes longer than the training; ``fresh`` ones
    do not.
    """

    def __init__(self, split: Split | None = None, *, fresh: bool = False, **options: Any) -> None:
        from tuner_gui.training.trainer import Trainer

        self.events: list[Event] = []
        self.trainer: Trainer = Trainer(split or small_split(), report=self.events.extend, **options)
        if split is None and not fresh:
            self.trainer._graphs = _GRAPHS

    def submit(self, *jobs: Job) -> None:
        for job in jobs:
            self.trainer.submit(job)

    def train(self, *jobs: Job) -> list[list[Event]]:
        """The events of each job, all trained side by side."""
        first = len(self.events)
        self.submit(*jobs)
        self.trainer.run_until_idle()
        return [self.of(job.trial, first) for job in jobs]

    def train_in_turn(self, *jobs: Job) -> list[list[Event]]:
        """The events of each job, trained one after the other."""
        return [self.train(job)[0] for job in jobs]

    def train_one(self, job: Job) -> list[Event]:
        return self.train(job)[0]

    def of(self, trial: int, first: int = 0) -> list[Event]:
        """What was reported of a trial since then, but for signs of life."""
        return [
            event
            for event in self.events[first:]
            if getattr(event, "trial", None) == trial and not isinstance(event, TrialProgress)
        ]

    def loads(self) -> list[TrainerLoad]:
        return [event for event in self.events if isinstance(event, TrainerLoad)]


def end_of(events: list[Event]) -> TrialEnded:
    """The end of the trial, which must be the last event and the only one of its kind."""
    ends = [event for event in events if isinstance(event, TrialEnded)]
    assert ends == events[-1:]
    return ends[0]


def curves_of(events: list[Event]) -> list[dict[str, float]]:
    return [dict(event.metrics) for event in events if isinstance(event, EpochEnded)]


def weights_kept(events: list[Event]) -> bytes:
    return next(event.npz for event in events if isinstance(event, WeightsKept))


def train_steps(
    graph: Graph, trials: Sequence[TrialSettings], epochs: int, order_of: Callable[[TrialSettings, int], Any]
) -> tuple[Any, list[LaneState]]:
    """The mean loss of every single step, ``[steps, K]``, NaN where a lane rested, and the states after the last one.

    The trials are lanes of one program, each from its own start weights.
    """
    from tuner_gui.training.lane_state import start_state
    from tuner_gui.training.schedule import Rates, mini_batches, schedule_of, steps_per_epoch

    units = max(trial.shape.units for trial in trials)
    stack, losses = graph.stacks.new(units), []
    outputs = graph.stacks._outputs
    begun = [(trial, start_state(trial, INPUTS, outputs)) for trial in trials]
    graph.stacks.rearrange(stack, [], begun, units=units)
    for epoch in range(epochs):
        orders = [order_of(trial, epoch) for trial in trials]
        schedule = schedule_of(trials, [epoch] * len(trials), ROWS, graph.dtype)
        batches = mini_batches(orders, trials, max(trial.shape.batch_rows for trial in trials))
        done = np.array([epoch * steps_per_epoch(ROWS, trial.batch_size) for trial in trials], np.int32)
        for step in range(len(schedule)):
            sums = graph.train(
                stack, schedule, batches, done, first=step, stop=step + 1, sums=graph.no_sums(len(trials))
            )
            rows = schedule[step, Rates._fields.index("rows"), :, 0, 0]
            losses.append(np.where(rows > 0, sums[0] / np.maximum(rows, 1), np.nan))
    states = [graph.stacks.lift(stack, lane, trial, epoch=epochs) for lane, trial in enumerate(trials)]
    return np.array(losses), states
