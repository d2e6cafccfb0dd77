"""A program: K trials of one shape in training together, each in a lane of its own.

It works in passes of one epoch for all lanes, cut into chunks of at most 0.1 s. Between two passes lanes come and go:
those that ended make room, waiting ones take their place, and where nobody waits the others move closer together, so
that no arithmetic is spent on empty lanes. Nothing is traced for that.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.study.definition import METRICS
from tuner_gui.study.events import Event, TrialState, WeightsKept
from tuner_gui.training.arithmetic import Arithmetic
from tuner_gui.training.data import Part, Split
from tuner_gui.training.goals import goal_of
from tuner_gui.training.graph import BLOCK_ROWS, FINITE_STEPS, LOSS, SCORE, Graph, tensors
from tuner_gui.training.lane import Lane, named
from tuner_gui.training.lane_state import LaneState, start_state, weights_to_npz
from tuner_gui.training.pace import Pace
from tuner_gui.training.planner import Planner
from tuner_gui.training.randomness import row_order
from tuner_gui.training.schedule import mini_batches, schedule_of, steps_per_epoch
from tuner_gui.training.settings import Shape, TrialSettings
from tuner_gui.training.stack import Stack

Array = NDArray[Any]
Report = Callable[[Sequence[Event]], None]


class Program:
    """One thread at a time calls :meth:`work`, chunk by chunk.

    ``lanes`` are the trials in its tensors, in order, some of which may have ended. ``waiting`` are to join; any thread
    may add to it. ``members`` is for the owner, who keeps there whom it put in and who has not ended. ``worked_at`` is
    when the last chunk ended, on time.monotonic(), 0 before the first. Without a planner the program has a single lane.
    """

    def __init__(
        self,
        graph: Graph,
        shape: Shape,
        split: Split,
        report: Report,
        *,
        arithmetic: Arithmetic,
        planner: Planner | None,
    ) -> None:
        self.shape = shape
        self.waiting: deque[Lane] = deque()
        self.members: list[Lane] = []
        self.lanes: list[Lane] = []
        self.worked_at = 0.0
        self._between_epochs = False
        self._planner = planner
        self._stacked = 0
        self._graph = graph
        self._split = split
        self._report = report
        self._arithmetic = arithmetic
        self._stack = graph.stacks.new(shape.units)
        self._pace = Pace()
        self._evaluation = Evaluation(graph, split, split.validation)
        self._chunks = self._passes()

    def has_place_for(self, lane: Lane) -> bool:
        if self._planner is None or lane.is_alone:
            return False
        return len(self.members) < (self._planner.lanes(self.shape) or 1)

    def work(self) -> None:
        """Do one chunk, if there is anything to do."""
        next(self._chunks)
        self.worked_at = time.monotonic()

    def close(self) -> None:
        """Let go of everything. The program and its generator hold each other, and the cyclic collector comes so
        rarely in a process full of TensorFlow's objects that hundreds of programs would wait for it."""
        self._chunks.close()
        self.lanes = []

    def lift(self, lane: Lane) -> LaneState:
        """The state of one lane after the epochs that it has ended; only between two chunks that end one and begin
        the next."""
        if not self._between_epochs:
            raise RuntimeError("a lane can be lifted out only between two epochs")
        return self._lift(self.lanes.index(lane))

    def _lift(self, number: int) -> LaneState:
        lane = self.lanes[number]
        return self._graph.stacks.lift(self._stack, number, lane.settings, epoch=lane.epoch)

    # --- passes ---

    def _passes(self) -> Generator[bool, None, None]:
        self._graph.trace()
        if self._planner is not None and self._planner.lanes(self.shape) is None:
            self._planner.measure(self.shape, self._graph)
            yield True  # those who fit beside the first are let in now
        while True:
            if not self._rearrange():
                yield True
                continue
            self._between_epochs = False
            trained = yield from self._train()
            if trained is not None:
                yield from self._end_epoch(trained)
                self._between_epochs = True
                yield True

    def _rearrange(self) -> int:
        """Let go of lanes that ended and take in those that wait; the number of lanes then."""
        keep = [index for index, lane in enumerate(self.lanes) if lane.end is None]
        new = [(lane, state) for lane, state in map(self._prepared, self._take_waiting()) if state is not None]
        if new or len(keep) < len(self.lanes):
            self.lanes = [*(self.lanes[index] for index in keep), *(lane for lane, _ in new)]
            if self.lanes:
                arrived = [(lane.settings, state) for lane, state in new]
                self._graph.stacks.rearrange(self._stack, keep, arrived, units=self.shape.units)
                self._pace.rescale(len(keep) + len(new), self._stacked)
            self._stacked = len(self.lanes)
            self._report([lane.begin() for lane, _ in new])
        return len(self.lanes)

    def _take_waiting(self) -> Iterator[Lane]:
        while self.waiting:
            lane = self.waiting.popleft()
            if lane.given_up is not None and lane.end is None:
                self._report([lane.finish(lane.given_up)])
            if lane.end is None:
                yield lane

    def _prepared(self, lane: Lane) -> tuple[Lane, LaneState | None]:
        """The lane's first state; what goes wrong with it is that trial's alone."""
        try:
            return lane, lane.state or start_state(lane.settings, self._split.inputs, self._split.outputs)
        except Exception as error:  # noqa: BLE001  (whatever it is, the other lanes can still be trained)
            self._report([lane.finish(TrialState.FAILED, reason=in_words(error))])
            return lane, None

    def _train(self) -> Generator[bool, None, Array | None]:
        """One epoch of all lanes; returns the sums, or None where no lane is left that could go on."""
        lanes = self.lanes
        changed, schedule = [lane.settings for lane in lanes], self._schedule()
        steps, order, done = int(schedule.shape[0]), self._order(), self._steps_done()
        sums, first = self._graph.no_sums(len(lanes)), 0
        while first < steps:
            stop = min(first + self._pace.steps, steps)
            began = time.monotonic()
            sums = self._graph.train(self._stack, schedule, order, done, first=first, stop=stop, sums=sums)
            self._pace.note(stop - first, time.monotonic() - began)
            first = stop
            self._settle(sums, stop / steps)
            yield True
            if all(lane.end is not None for lane in lanes):
                return None
            if changed != [lane.settings for lane in lanes]:
                changed, schedule = [lane.settings for lane in lanes], self._schedule()
        self._arithmetic.trained([lane.settings for lane in lanes if lane.end is None], self.shape, len(lanes), steps)
        return sums

    def _schedule(self) -> Any:
        settings, epochs = [lane.settings for lane in self.lanes], [lane.epoch for lane in self.lanes]
        rows = len(self._split.train)
        return tf.constant(schedule_of(settings, epochs, rows, self._graph.dtype))

    def _order(self) -> Any:
        rows = len(self._split.train)
        orders = [row_order(lane.settings.seed, lane.epoch, rows) for lane in self.lanes]
        return tf.constant(mini_batches(orders, [lane.settings for lane in self.lanes], self.shape.batch_rows))

    def _steps_done(self) -> Any:
        rows = len(self._split.train)
        done = [lane.epoch * steps_per_epoch(rows, lane.settings.batch_size) for lane in self.lanes]
        return tf.constant(np.array(done, np.int32))

    def _settle(self, sums: Array, epoch_done: float) -> None:
        """What a chunk showed of each lane: ended, diverged, or alive."""
        said: list[Event] = []
        for number, lane in enumerate(self.lanes):
            if lane.end is not None:
                continue
            loss = float(sums[LOSS, number])
            if lane.given_up is not None:
                said.append(lane.finish(lane.given_up))
            elif not math.isfinite(loss):
                steps = steps_per_epoch(len(self._split.train), lane.settings.batch_size)
                place = f"epoch {lane.epoch + 1}, step {int(sums[FINITE_STEPS, number]) + 1} of {steps}"
                said.append(lane.finish(TrialState.DIVERGED, reason=f"loss became {named(loss)} at {place}"))
            else:
                said += lane.sign(epoch_done)
        self._report(said)

    def _end_epoch(self, trained: Array) -> Iterator[bool]:
        settings = [lane.settings for lane in self.lanes]
        validated = yield from self._evaluation.sums(self._stack, settings)
        penalties = self._graph.penalties(self._stack, settings)
        self._arithmetic.evaluated(settings, self.shape, len(self._split.validation))
        said: list[Event] = []
        for number, lane in enumerate(self.lanes):
            if lane.end is None:
                said += lane.end_epoch(
                    self._metrics(trained[:, number], validated[:, number], float(penalties[number]))
                )
            if lane.given_up is not None and lane.end is None:
                said.append(lane.finish(lane.given_up))
            if lane.is_through:
                said += self._finished(number, lane)
        self._report(said)

    def _metrics(self, trained: Array, validated: Array, penalty: float) -> dict[str, float]:
        """Those of training are running averages over its batches, as they were trained, as in Keras."""
        rows = len(self._split.train)
        goal = goal_of(self._split)
        loss, score = float(trained[LOSS]) / rows, float(trained[SCORE]) / rows
        found = goal.metrics("", loss=loss, penalty=0.0, score=score, part=self._split.train)
        found |= self._evaluation.metrics("val_", validated, penalty)
        return {name: found[name] for name in METRICS[self._split.task]}

    def _finished(self, number: int, lane: Lane) -> list[Event]:
        kept = weights_to_npz(self._lift(number).weights)
        return [WeightsKept(lane.job.trial, kept), lane.finish(TrialState.FINISHED)]


class Evaluation:
    """The metrics of a stack of models on one part of the data."""

    def __init__(self, graph: Graph, split: Split, part: Part) -> None:
        self._graph = graph
        self._goal = goal_of(split)
        self._part = part
        self._tensors = tensors(part, graph.dtype)
        self._pace = Pace()

    def at_once(self, stack: Stack, trials: Sequence[TrialSettings]) -> Array:
        """The sums over the rows, ``[3, K]``."""
        chunks = self.sums(stack, trials)
        while True:
            try:
                next(chunks)
            except StopIteration as last:
                return last.value

    def sums(self, stack: Stack, trials: Sequence[TrialSettings]) -> Generator[bool, None, Array]:
        """The same chunk by chunk."""
        flags = tf.constant(np.array([trial.batch_norm for trial in trials], self._graph.dtype)[:, None, None])
        sums, first, blocks = self._graph.no_sums(len(trials)), 0, math.ceil(len(self._part) / BLOCK_ROWS)
        while first < blocks:
            stop = min(first + self._pace.steps, blocks)
            began = time.monotonic()
            sums = self._graph.evaluate(stack, flags, *self._tensors, first=first, stop=stop, sums=sums)
            self._pace.note(stop - first, time.monotonic() - began)
            first = stop
            if first < blocks:
                yield True
        return sums

    def metrics(self, prefix: str, sums: Array, penalty: float) -> dict[str, float]:
        """From one lane's sums, ``[3]``."""
        loss, score = float(sums[LOSS]) / len(self._part), float(sums[SCORE]) / len(self._part)
        return self._goal.metrics(prefix, loss=loss, penalty=penalty, score=score, part=self._part)


def in_words(error: Exception) -> str:
    """One line that says what went wrong."""
    lines = str(error).strip().splitlines()
    first = lines[0] if lines else "no message"
    kind = type(error).__name__
    if isinstance(error, MemoryError) or kind == "ResourceExhaustedError":
        return f"out of memory: {first}"[:300]
    return f"{kind}: {first}"[:300]
