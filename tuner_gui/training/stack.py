"""The variables of K trials of one shape: lanes are put in, moved together and lifted out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.training.lane_state import LaneState, slot_names
from tuner_gui.training.network import OUTPUT, is_trained, variable_names, variable_of, weight_names, weight_shapes
from tuner_gui.training.randomness import dropout_seed
from tuner_gui.training.settings import Structure, TrialSettings

Array = NDArray[Any]


class Stack:
    """Weights ``variables[name]`` and averages ``slots[name][slot]``, each ``[K, in, out]`` or ``[K, 1, out]``, and
    ``seeds`` ``[K]``.

    Narrower lanes are padded with zeros. No variable has a fixed shape, so that what was traced with one stack serves
    all of the same structure.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, int]], slots: Sequence[str], dtype: str) -> None:
        self.variables = {
            name: _variable((0, *shape), dtype, name=name, trainable=is_trained(name)) for name, shape in shapes.items()
        }
        self.slots = {
            name: {slot: _variable((0, *shape), dtype, name=slot) for slot in slots}
            for name, shape in shapes.items()
            if is_trained(name)
        }
        self.seeds = _variable((0,), "uint32", name="seeds")

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        """What a traced function takes."""
        return self.variables, self.slots, self.seeds


class Stacks:
    """Makes stacks of one structure, for networks between so many inputs and outputs, and moves lanes in them.

    A lane on its way in or out is one vector, so that it takes a single call: its padded variables one after the other,
    then its averages.
    """

    def __init__(self, structure: Structure, slots: Sequence[str], dtype: str, *, inputs: int, outputs: int) -> None:
        self._names = variable_names(structure)
        self._slots = tuple(slots)
        self._dtype = dtype
        self._inputs, self._outputs = inputs, outputs
        self._keys: list[tuple[str, str | None]] = [(name, None) for name in self._names]
        self._keys += [(name, slot) for name in self._names if is_trained(name) for slot in self._slots]

    def new(self, units: int) -> Stack:
        """Without a lane yet, for lanes that are padded to ``units``."""
        return Stack({name: self._shape(name, units) for name in self._names}, self._slots, self._dtype)

    def trace(self) -> None:
        """Trace what has not been traced yet."""
        _ = self._join, self._lift

    def rearrange(
        self, stack: Stack, keep: Sequence[int], new: Sequence[tuple[TrialSettings, LaneState]], *, units: int
    ) -> None:
        """Keep these lanes, in this order, and put new ones behind them; ``units`` is what the stack was made for."""
        shapes = [self._shape(name, units) for name, _ in self._keys]
        flat = np.zeros((len(new), sum(map(math.prod, shapes))), self._dtype)
        for row, (trial, state) in zip(flat, new, strict=True):
            self._pack(row, trial, state, units)
        seeds = np.array([dropout_seed(trial.seed) for trial, _ in new], np.uint32)
        self._join(*stack.arguments, _whole(keep), tf.constant(flat), tf.constant(seeds), _whole(shapes))

    def lift(self, stack: Stack, lane: int, trial: TrialSettings, *, epoch: int) -> LaneState:
        """The state of one lane, without padding."""
        units = trial.shape.units
        flat = np.asarray(self._lift(stack.variables, stack.slots, _whole(lane)))
        arrays, first = {}, 0
        for key in self._keys:
            shape = self._shape(key[0], units)
            arrays[key] = flat[first : first + math.prod(shape)].reshape(shape)
            first += math.prod(shape)
        weights, averages = {}, {}
        for name, own in weight_shapes(trial, self._inputs, self._outputs).items():
            variable = variable_of(name)
            weights[name] = _cut(arrays[variable, None], own)
            for slot in slot_names(trial) if is_trained(name) else ():
                averages[f"{slot}:{name}"] = _cut(arrays[variable, slot], own)
        return LaneState(weights, averages, epoch)

    def _pack(self, row: Array, trial: TrialSettings, state: LaneState, units: int) -> None:
        """Write a lane's arrays into its vector; what it has none of stays 0."""
        weight = {variable_of(name): name for name in weight_names(trial)}
        first = 0
        for variable, slot in self._keys:
            shape = self._shape(variable, units)
            name = weight.get(variable, "")
            array = state.weights.get(name) if slot is None else state.averages.get(f"{slot}:{name}")
            if array is not None:
                array = np.atleast_2d(array)
                row[first : first + math.prod(shape)].reshape(shape)[: array.shape[0], : array.shape[1]] = array
            first += math.prod(shape)

    def _shape(self, variable: str, units: Any) -> tuple[Any, Any]:
        layer, part = variable.split(".")
        last = self._outputs if layer == OUTPUT else units
        if part != "kernel":
            return 1, last
        return (self._inputs if layer == "hidden_1" else units), last

    # --- traced ---

    @cached_property
    def _join(self) -> Any:
        shapes = _spec([len(self._keys), 2])
        signature = (_spec([None]), _spec([None, None], self._dtype), _spec([None], "uint32"), shapes)
        return traced(self._joined, *self.new(1).arguments, *signature)

    @cached_property
    def _lift(self) -> Any:
        return traced(self._lifted, *self.new(1).arguments[:2], _spec([]))

    def _joined(
        self, variables: Any, slots: Any, seeds: Any, keep: Any, flat: Any, new_seeds: Any, shapes: Any
    ) -> None:
        parts = tf.split(flat, tf.reduce_prod(shapes, axis=1), axis=1, num=len(self._keys))
        lanes = tf.repeat(tf.shape(flat)[:1, None], len(self._keys), axis=0)
        sizes = tf.unstack(tf.concat([lanes, shapes], axis=1))
        for (name, slot), part, size in zip(self._keys, parts, sizes, strict=True):
            variable = variables[name] if slot is None else slots[name][slot]
            both = tf.concat([tf.gather(variable, keep), tf.reshape(part, size)], axis=0)
            variable.assign(both, read_value=False)
        seeds.assign(tf.concat([tf.gather(seeds, keep), new_seeds], axis=0), read_value=False)

    def _lifted(self, variables: Any, slots: Any, lane: Any) -> Any:
        parts = [variables[name] if slot is None else slots[name][slot] for name, slot in self._keys]
        return tf.concat([tf.reshape(part[lane], [-1]) for part in parts], axis=0)


def traced(function: Any, *arguments: Any) -> Any:
    """Traced here and now. Calling the one concrete function saves half of what a call costs."""
    return tf.function(function, autograph=False).get_concrete_function(*arguments)


def _variable(shape: tuple[int, ...], dtype: str, *, name: str, trainable: bool = False) -> Any:
    free = tf.TensorShape([None] * len(shape))
    return tf.Variable(np.zeros(shape, dtype), shape=free, trainable=trainable, name=name)


def _spec(shape: list[int | None], dtype: str = "int32") -> Any:
    return tf.TensorSpec(shape, dtype)


def _whole(numbers: Any) -> Any:
    return tf.constant(np.array(numbers, np.int32))


def _cut(array: Array, shape: tuple[int, ...]) -> Array:
    return array[: shape[0], : shape[1]] if len(shape) == 2 else array[0, : shape[0]]
