"""A traced TensorFlow graph: the mini-batch loop of K models of the same structure.

Everything that differs between trials of one structure comes in as a tensor, the variables included, so a graph is
traced once and serves any number of programs, whatever their widths, batch sizes, rates and numbers of lanes. Lanes
never meet: the loss is the sum of the lanes' means, so the gradient of each lane is its own.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.training.data import Part, Split
from tuner_gui.training.goals import goal_of
from tuner_gui.training.layers import rows_of
from tuner_gui.training.network import Network
from tuner_gui.training.optimizers import optimizer_of
from tuner_gui.training.schedule import Rates
from tuner_gui.training.settings import Structure, TrialSettings
from tuner_gui.training.stack import Stack, Stacks, traced

Array = NDArray[Any]

BLOCK_ROWS = 256
"""How many rows are evaluated at once. Fixed, because sums are rounded differently when they are cut elsewhere."""

LOSS, SCORE, FINITE_STEPS = range(3)
"""The rows of the sums that a graph returns, ``[3, K]``.

All are added up over the rows of an epoch or a part so far. The loss holds the L2 penalty in training and not in
evaluation; the third row counts the steps (or blocks) before the loss stopped being finite.
"""


PREPARING = threading.RLock()
"""Held while something is traced or measured: tracing is long work in Python, which would spoil a measurement."""

_TENSORS: WeakKeyDictionary[Part, dict[str, tuple[Any, Any]]] = WeakKeyDictionary()


def tensors(part: Part, dtype: str) -> tuple[Any, Any]:
    """A part's inputs and targets as graphs take them; one copy for all graphs and programs."""
    made = _TENSORS.setdefault(part, {})
    if dtype not in made:
        whole_numbers = part.targets.dtype.kind == "i"
        targets = tf.constant(part.targets, tf.int32 if whole_numbers else dtype)
        made[dtype] = tf.constant(part.inputs, dtype), targets
    return made[dtype]


class _Sums(NamedTuple):
    loss: Any
    score: Any
    finite_steps: Any


class Graph:
    """Trains and evaluates stacks of models on the data that it was made with. Several threads may use it at once."""

    def __init__(self, structure: Structure, split: Split, dtype: str = "float32") -> None:
        self.dtype = dtype
        self.traces = 0
        self._structure = structure
        self._goal = goal_of(split)
        self._network = Network(structure)
        self._optimizer = optimizer_of(structure)
        self._inputs, self._targets = tensors(split.train, dtype)
        sizes = {"inputs": split.inputs, "outputs": split.outputs}
        self.stacks = Stacks(structure, self._optimizer.slots, dtype, **sizes)

    def no_sums(self, lanes: int) -> Array:
        return np.zeros((3, lanes), self.dtype)

    def trace(self) -> None:
        """Trace what has not been traced yet, so that what follows takes only the time of its arithmetic."""
        with PREPARING:
            self.stacks.trace()
            _ = self._train, self._evaluate

    def train(self, stack: Stack, schedule: Any, order: Any, done: Any, *, first: int, stop: int, sums: Array) -> Array:
        """Make the steps ``first`` … ``stop`` − 1 of an epoch, and return the sums with these added.

        ``schedule`` ``[steps, fields, K, 1, 1]`` is what :func:`schedule_of` gives, ``order`` ``[steps, K, rows]``
        the training rows of each mini-batch, ``done`` ``[K]`` the steps that each lane made in earlier epochs; all of
        them tensors. Training ends earlier where no lane's loss is finite.
        """
        numbers = tf.constant(np.array([first, stop], np.int32))
        return np.asarray(self._train(*stack.arguments, schedule, order, done, numbers, tf.constant(sums)))

    def evaluate(
        self, stack: Stack, normed: Any, inputs: Any, targets: Any, *, first: int, stop: int, sums: Array
    ) -> Array:
        """Add to the sums the blocks ``first`` … ``stop`` − 1 of rows, ``[rows, inputs]``, in evaluation. ``normed``
        ``[K, 1, 1]`` is 1 for the lanes with batch normalisation."""
        numbers = tf.constant(np.array([first, stop], np.int32))
        return np.asarray(self._evaluate(stack.variables, normed, inputs, targets, numbers, tf.constant(sums)))

    def penalties(self, stack: Stack, trials: Sequence[TrialSettings]) -> Array:
        """The L2 penalty of each lane's weights, ``[K]``."""
        if not self._structure.l2:
            return np.zeros(len(trials), self.dtype)
        l2 = np.array([trial.rates["l2"] for trial in trials], self.dtype)
        return np.asarray(self._network.penalty(stack.variables, tf.constant(l2)))

    # --- inside the graph ---

    @cached_property
    def _train(self) -> Any:
        lanes = [None, None, 1, 1]
        stack = self.stacks.new(1)
        return traced(
            self._train_steps, *stack.arguments, _floats([None, len(Rates._fields), *lanes[1:]], self.dtype),
            _whole([None, None, None]), _whole([None]), _whole([2]), _floats([3, None], self.dtype),
        )  # fmt: skip

    @cached_property
    def _evaluate(self) -> Any:
        return traced(
            self._evaluate_blocks, self.stacks.new(1).variables, _floats([None, 1, 1], self.dtype),
            _like(self._inputs), _like(self._targets), _whole([2]), _floats([3, None], self.dtype),
        )  # fmt: skip

    def _train_steps(
        self, variables: Any, slots: Any, seeds: Any, schedule: Any, order: Any, done: Any, numbers: Any, sums: Any
    ) -> Any:
        self.traces += 1  # Python runs this only while TensorFlow traces
        first, stop = tf.unstack(numbers)

        def step(index: Any, sums: _Sums) -> tuple[Any, _Sums]:
            rates, batch = Rates(*tf.unstack(schedule[index])), order[index]
            inputs, targets = tf.gather(self._inputs, batch), tf.gather(self._targets, batch)
            losses, scores = self._step_on(variables, slots, inputs, targets, rates, (seeds, done + index))
            return index + 1, _added(sums, losses * tf.reshape(rates.rows, [-1]), scores)

        return _loop(step, first, stop, sums)

    def _step_on(
        self, variables: Any, slots: Any, inputs: Any, targets: Any, rates: Rates, chance: tuple[Any, Any]
    ) -> tuple[Any, Any]:
        """One step of every lane on its mini-batch: the mean loss ``[K]``, and the scores summed over rows ``[K]``."""
        rows = rows_of(rates.rows, tf.shape(inputs)[1])
        trained = {name: variables[name] for name in slots}
        with tf.GradientTape() as tape:
            outputs, statistics = self._network.train(variables, inputs, rows, rates, chance)
            losses = tf.reduce_sum(rows.weights[:, 0] * self._goal.losses(outputs, targets), axis=1)
            if self._structure.l2:
                losses += self._network.penalty(variables, rates.l2)
            total = tf.reduce_sum(losses)
        gradients = tape.gradient(total, trained)
        changes = ((gradients[name], variable, slots[name]) for name, variable in trained.items())
        self._optimizer.apply_gradients(changes, rates)
        self._network.move_statistics(variables, statistics, rates)
        return losses, tf.reduce_sum(rows.real[:, 0] * self._goal.scores(outputs, targets), axis=1)

    def _evaluate_blocks(self, variables: Any, normed: Any, inputs: Any, targets: Any, numbers: Any, sums: Any) -> Any:
        self.traces += 1
        first, stop = tf.unstack(numbers)

        def block(index: Any, sums: _Sums) -> tuple[Any, _Sums]:
            rows = slice(index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS)
            outputs = self._network.evaluate(variables, inputs[rows], normed)
            # Every lane has the same rows here; the loss wants them once per lane.
            wanted = tf.broadcast_to(targets[rows], tf.concat([tf.shape(outputs)[:1], tf.shape(targets[rows])], axis=0))
            losses = tf.reduce_sum(self._goal.losses(outputs, wanted), axis=1)
            return index + 1, _added(sums, losses, tf.reduce_sum(self._goal.scores(outputs, wanted), axis=1))

        return _loop(block, first, stop, sums)


def _loop(body: Any, first: Any, stop: Any, packed: Any) -> Any:
    def goes_on(index: Any, sums: _Sums) -> Any:
        return (index < stop) & tf.reduce_any(tf.math.is_finite(sums.loss))

    # One step needs the weights of the step before: there is nothing to run side by side.
    _, sums = tf.while_loop(goes_on, body, (first, _Sums(*tf.unstack(packed))), parallel_iterations=1)
    return tf.stack(sums)


def _added(sums: _Sums, losses: Any, scores: Any) -> _Sums:
    loss = sums.loss + losses
    return _Sums(loss, sums.score + scores, sums.finite_steps + tf.cast(tf.math.is_finite(loss), loss.dtype))


def _floats(shape: list[int | None], dtype: str) -> Any:
    return tf.TensorSpec(shape, dtype)


def _whole(shape: list[int | None]) -> Any:
    return tf.TensorSpec(shape, tf.int32)


def _like(tensor: Any) -> Any:
    """Any number of such rows."""
    return tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype)
