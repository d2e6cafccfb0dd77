"""One traced TensorFlow program: the mini-batch loop of K models of the same structure.

Everything that differs between trials of one structure comes in as a tensor, so a new trial traces nothing, whatever
its widths, batch size and rates. Lanes never meet: the loss is the sum of the lanes' means, so the gradient of each
lane is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.training.data import Part, Split
from tuner_gui.training.goals import goal_of
from tuner_gui.training.network import Network, Weights, lane_variable
from tuner_gui.training.optimizers import OPTIMIZERS
from tuner_gui.training.settings import Lanes, Structure

Array = NDArray[Any]

BLOCK_ROWS = 1_024
"""How many rows are evaluated at once. Fixed, because sums are rounded differently when they are cut elsewhere."""


LOSS, SCORE, FINITE_STEPS = range(3)
"""The rows of the sums that a program returns, ``[3, K]``.

All are added up over the rows of an epoch or a part so far. The loss holds the L2 penalty in training and not in
evaluation; the third row counts the steps (or blocks) before the loss stopped being finite.
"""


class _Sums(NamedTuple):
    loss: Any
    score: Any
    finite_steps: Any


class Program:
    """Trains and evaluates K models. The lanes are set by :meth:`start`; the data stays what it was made with."""

    def __init__(self, structure: Structure, split: Split, dtype: str = "float32") -> None:
        self.dtype = dtype
        self.traces = 0
        self.network = Network(structure, dtype)
        self._structure = structure
        self._goal = goal_of(split)
        self._variables = self.network.trained
        self._optimizer = OPTIMIZERS[structure.optimizer](self._variables)
        # Steps that each lane has made: Adam's average and the dropout masks depend on it.
        self._step = lane_variable("int32", axes=1)
        self._inputs, self._targets = self.tensors(split.train)

    def tensors(self, part: Part) -> tuple[Any, Any]:
        """A part's inputs and targets as this program takes them."""
        whole_numbers = part.targets.dtype.kind == "i"
        targets = tf.constant(part.targets, tf.int32 if whole_numbers else self.dtype)
        return tf.constant(part.inputs, self.dtype), targets

    def start(self, lanes: Sequence[Weights], seeds: Sequence[int]) -> None:
        """Begin with these weights and trial seeds, one per lane; the optimizer starts anew."""
        self.network.load(lanes, seeds)
        self._optimizer.reset()
        self._step.assign(np.zeros(len(lanes), np.int32), read_value=False)

    def no_sums(self, lanes: int) -> Array:
        return np.zeros((3, lanes), self.dtype)

    def train(self, lanes: Array, order: Array, batch_size: int, *, first: int, stop: int, sums: Array) -> Array:
        """Make the steps ``first`` … ``stop`` − 1 of an epoch, and return the sums with these added.

        ``lanes`` is what :func:`lanes_of` gives; ``order`` ``[K, rows]`` each lane's order of the training rows. The
        last step of an epoch takes what is left of the rows. Training ends earlier where no lane's loss is finite.
        """
        numbers = np.array([first, stop, batch_size], np.int32)
        return np.asarray(self._train(*map(tf.constant, (sums, numbers, lanes, order))))

    def evaluate(self, inputs: Any, targets: Any, *, first: int, stop: int, sums: Array) -> Array:
        """Add to the sums the blocks ``first`` … ``stop`` − 1 of rows, ``[rows, inputs]``, in evaluation."""
        numbers = np.array([first, stop, BLOCK_ROWS], np.int32)
        return np.asarray(self._evaluate(tf.constant(sums), tf.constant(numbers), inputs, targets))

    def penalties(self, lanes: Array) -> Array:
        """The L2 penalty of each lane's weights, ``[K]``."""
        if not self._structure.l2:
            return np.zeros(lanes.shape[1], self.dtype)
        return np.asarray(self.network.penalty(Lanes(*lanes)))

    # --- inside the graph ---

    @cached_property
    def _train(self) -> Any:
        return self._traced(self._train_steps, _floats(len(Lanes._fields), self.dtype), _whole([None, None]))

    @cached_property
    def _evaluate(self) -> Any:
        return self._traced(self._evaluate_blocks, _like(self._inputs), _like(self._targets))

    def _traced(self, function: Any, *arguments: Any) -> Any:
        """Traced here and now. Calling the one concrete function saves half of what a call costs."""
        signature = [_floats(3, self.dtype), _whole([3]), *arguments]
        return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()

    def _train_steps(self, sums: Any, numbers: Any, packed: Any, order: Any) -> Any:
        self.traces += 1  # Python runs this only while TensorFlow traces
        first, stop, batch_size = tf.unstack(numbers)
        lanes = Lanes(*tf.unstack(packed))

        def step(index: Any, sums: _Sums) -> tuple[Any, _Sums]:
            batch = order[:, index * batch_size : (index + 1) * batch_size]
            inputs, targets = tf.gather(self._inputs, batch), tf.gather(self._targets, batch)
            losses, scores = self._step_on(inputs, targets, lanes)
            rows = tf.cast(tf.shape(batch)[1], self.dtype)
            return index + 1, _added(sums, losses * rows, scores)

        return _loop(step, first, stop, sums)

    def _step_on(self, inputs: Any, targets: Any, lanes: Lanes) -> tuple[Any, Any]:
        """One step of every lane on its mini-batch: the mean loss ``[K]``, and the scores summed over rows ``[K]``."""
        with tf.GradientTape() as tape:
            outputs = self.network.train(inputs, lanes, self._step)
            losses = tf.reduce_mean(self._goal.losses(outputs, targets), axis=1)
            if self._structure.l2:
                losses += self.network.penalty(lanes)
            total = tf.reduce_sum(losses)
        gradients = tape.gradient(total, self._variables)
        self._optimizer.apply_gradients(zip(gradients, self._variables, strict=True), lanes, self._step)
        self._step.assign_add(tf.ones_like(self._step), read_value=False)
        return losses, tf.reduce_sum(self._goal.scores(outputs, targets), axis=1)

    def _evaluate_blocks(self, sums: Any, numbers: Any, inputs: Any, targets: Any) -> Any:
        self.traces += 1
        first, stop, block_rows = tf.unstack(numbers)

        def block(index: Any, sums: _Sums) -> tuple[Any, _Sums]:
            rows = slice(index * block_rows, (index + 1) * block_rows)
            outputs = self.network.evaluate(inputs[rows])
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


def _floats(rows: int, dtype: str) -> Any:
    return tf.TensorSpec([rows, None], dtype)


def _whole(shape: list[int | None]) -> Any:
    return tf.TensorSpec(shape, tf.int32)


def _like(tensor: Any) -> Any:
    """Any number of such rows."""
    return tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype)
