"""Trains one trial after the other on one split of the data, with programs that are traced once and kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.study.definition import METRICS
from tuner_gui.study.errors import one_of
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialProgress, TrialState, WeightsKept
from tuner_gui.training.data import Part, Split
from tuner_gui.training.goals import goal_of
from tuner_gui.training.messages import Job
from tuner_gui.training.network import start_weights
from tuner_gui.training.pace import Pace
from tuner_gui.training.program import BLOCK_ROWS, FINITE_STEPS, LOSS, SCORE, Program
from tuner_gui.training.randomness import row_order
from tuner_gui.training.settings import Structure, TrialSettings, lanes_of, trial_settings
from tuner_gui.training.weights import from_npz, to_npz

Array = NDArray[np.floating[Any]]

SIGN_SECONDS = 0.05
"""Chunks may be shorter than this; signs of life are not sent more often."""


class DivergedError(ArithmeticError):
    """A loss that is not finite; the message says which and where."""


class CancelledError(Exception):
    """The trial was given up between two chunks."""


class Trainer:
    """Holds the data and the programs of a training process. One thread uses it, one trial at a time."""

    def __init__(self, split: Split, dtype: str = "float32") -> None:
        self._split = split
        self._dtype = dtype
        self._programs: dict[Structure, Program] = {}
        # Final figures are asked for while a trial trains, whose program must keep its weights.
        self._testers: dict[Structure, Program] = {}

    @property
    def traces(self) -> int:
        """How often TensorFlow has traced a function for training or evaluation so far."""
        return sum(program.traces for program in self._programs.values())

    def train(self, job: Job, *, report: Callable[[Event], None], go_on: Callable[[], bool]) -> None:
        """Train one trial to its end and report it: signs of life, epochs, then exactly one TrialEnded, last.

        ``go_on`` is asked after every chunk (at most about 0.1 s of work); it may hold the trial as long as it likes,
        which is not counted in its seconds, and gives it up by returning False. A trial that cannot be trained ends
        as failed.
        """
        watch = _Watch(go_on)
        structure: Structure | None = None
        try:
            settings = trial_settings(job.hyperparameters, job.seed)
            structure = settings.structure
            self._check_objective(job.objective)
            run = _Run(job, settings, self._split, self._kept(self._programs, structure), report, watch)
            metrics = run.to_the_end()
            report(WeightsKept(job.trial, to_npz(run.program.network.lane(0))))
            ended = TrialEnded(job.trial, TrialState.FINISHED, watch.seconds, value=metrics[job.objective])
        except CancelledError:
            ended = TrialEnded(job.trial, TrialState.CANCELLED, watch.seconds)
        except DivergedError as diverged:
            ended = TrialEnded(job.trial, TrialState.DIVERGED, watch.seconds, reason=str(diverged))
        except Exception as error:  # noqa: BLE001  (whatever it is, the next trial can still be trained)
            # Its variables may be what filled the memory.
            self._programs.pop(structure, None) if structure else None
            ended = TrialEnded(job.trial, TrialState.FAILED, watch.seconds, reason=in_words(error))
        report(ended)

    def final_figure(self, hyperparameters: Mapping[str, Any], npz: bytes) -> dict[str, float]:
        """The metrics of kept weights on the test part, which nothing else looks at. ValueError for other weights."""
        settings = trial_settings(hyperparameters, seed=0)
        weights = from_npz(npz, settings, inputs=self._split.inputs, outputs=self._split.outputs)
        program = self._kept(self._testers, settings.structure)
        program.start([weights], [settings.seed])
        lanes = lanes_of([settings], [0], self._dtype)
        return Evaluation(program, self._split, self._split.test()).metrics("test_", lanes)

    def _kept(self, programs: dict[Structure, Program], structure: Structure) -> Program:
        if structure not in programs:
            programs[structure] = Program(structure, self._split, self._dtype)
        return programs[structure]

    def _check_objective(self, metric: str) -> None:
        metrics = METRICS[self._split.task]
        if metric not in metrics:
            raise ValueError(f"objective {metric!r}: expected {one_of(metrics, metric)}")


def in_words(error: Exception) -> str:
    """One line that says what went wrong."""
    lines = str(error).strip().splitlines()
    first = lines[0] if lines else "no message"
    kind = type(error).__name__
    if isinstance(error, MemoryError) or kind == "ResourceExhaustedError":
        return f"out of memory: {first}"[:300]
    return f"{kind}: {first}"[:300]


class _Watch:
    """Counts the seconds that a trial trains, and asks between chunks whether it is to go on."""

    def __init__(self, go_on: Callable[[], bool]) -> None:
        self._go_on = go_on
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def between_chunks(self) -> None:
        """Raise CancelledError if the trial is given up. A pause in here does not count."""
        held = time.monotonic()
        goes_on = self._go_on()
        self._began += time.monotonic() - held
        if not goes_on:
            raise CancelledError


@dataclass
class _Run:
    """One trial, from its start weights to the metrics after its last epoch."""

    job: Job
    settings: TrialSettings
    split: Split
    program: Program
    report: Callable[[Event], None]
    watch: _Watch

    def __post_init__(self) -> None:
        self._pace = Pace()
        self._rows = len(self.split.train)
        self._steps = math.ceil(self._rows / self.settings.batch_size)
        self._last_sign = time.monotonic()
        self._evaluation = Evaluation(self.program, self.split, self.split.validation, self.watch)

    def to_the_end(self) -> dict[str, float]:
        weights = start_weights(self.settings, self.split.inputs, self.split.outputs)
        self.program.start([weights], [self.settings.seed])
        metrics: dict[str, float] = {}
        for epoch in range(self.job.epochs):
            lanes = lanes_of([self.settings], [epoch], self.program.dtype)
            trained = self._train(epoch, lanes)
            metrics = {**trained, **self._evaluation.metrics("val_", lanes)}
            metrics = {name: metrics[name] for name in METRICS[self.split.task]}
            self.report(EpochEnded(self.job.trial, epoch + 1, metrics))
            if not math.isfinite(metrics["val_loss"]):
                raise DivergedError(f"validation loss became {_named(metrics['val_loss'])} at epoch {epoch + 1}")
        return metrics

    def _train(self, epoch: int, lanes: Array) -> dict[str, float]:
        """One epoch; its metrics are running averages over its batches, as they were trained, as in Keras."""
        order = row_order(self.settings.seed, epoch, self._rows)[None]
        sums = self.program.no_sums(1)
        for first, stop in _chunks(self._pace, self._steps):
            began, traces = time.monotonic(), self.program.traces
            sums = self.program.train(lanes, order, self.settings.batch_size, first=first, stop=stop, sums=sums)
            if self.program.traces == traces:
                self._pace.note(stop - first, time.monotonic() - began)
            self._check(sums, epoch)
            self._give_sign((epoch + stop / self._steps) / self.job.epochs)
            self.watch.between_chunks()
        loss, score = float(sums[LOSS, 0]) / self._rows, float(sums[SCORE, 0]) / self._rows
        return goal_of(self.split).metrics("", loss=loss, penalty=0.0, score=score, part=self.split.train)

    def _check(self, sums: Array, epoch: int) -> None:
        loss = float(sums[LOSS, 0])
        if not math.isfinite(loss):
            place = f"epoch {epoch + 1}, step {int(sums[FINITE_STEPS, 0]) + 1} of {self._steps}"
            raise DivergedError(f"loss became {_named(loss)} at {place}")

    def _give_sign(self, fraction: float) -> None:
        now = time.monotonic()
        if now - self._last_sign >= SIGN_SECONDS:
            self._last_sign = now
            self.report(TrialProgress(self.job.trial, fraction))


class Evaluation:
    """The metrics of the model in lane 0 on one part of the data."""

    def __init__(self, program: Program, split: Split, part: Part, watch: _Watch | None = None) -> None:
        self._program = program
        self._goal = goal_of(split)
        self._part = part
        self._tensors = program.tensors(part)
        self._watch = watch or _Watch(_always)
        self._pace = Pace()

    def metrics(self, prefix: str, lanes: Array) -> dict[str, float]:
        sums = self._program.no_sums(1)
        for first, stop in _chunks(self._pace, math.ceil(len(self._part) / BLOCK_ROWS)):
            began, traces = time.monotonic(), self._program.traces
            sums = self._program.evaluate(*self._tensors, first=first, stop=stop, sums=sums)
            if self._program.traces == traces:
                self._pace.note(stop - first, time.monotonic() - began)
            self._watch.between_chunks()
        loss, score = float(sums[LOSS, 0]) / len(self._part), float(sums[SCORE, 0]) / len(self._part)
        penalty = float(self._program.penalties(lanes)[0])
        return self._goal.metrics(prefix, loss=loss, penalty=penalty, score=score, part=self._part)


def _chunks(pace: Pace, steps: int) -> Iterator[tuple[int, int]]:
    """Cut an epoch's steps into chunks, each as long as the pace allows by then."""
    first = 0
    while first < steps:
        stop = min(first + pace.steps, steps)
        yield first, stop
        first = stop


def _named(loss: float) -> str:
    return "NaN" if math.isnan(loss) else "infinite"


def _always() -> bool:
    return True
