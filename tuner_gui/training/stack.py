"""The variables of K trials of one shape: lanes are put in, moved together and lifted out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.training.lane_state import LaneState, slot_names
from tuner_gui.training.network import is_trained, variable_names, variable_of, weight_names, weight_shapes
from tuner_gui.training.randomness import dropout_seed
from tuner_gui.training.settings import Structure, TrialSettings

Array = NDArray[Any]


class Stack:
    """Weights ``variables[name]`` and averages ``slots[name][slot]``, each ``[K, in, out]`` or ``[K, 1, out]``, and
    ``seeds`` ``[K]``.

    Narrower lanes are padded with zeros to ``units``. No variable has a fixed shape, so that a graph traced with one
    stack serves all of the same structure.
    """

    def __init__(self, structure: Structure, slots: Sequence[str], dtype: str) -> None:
        self._dtype = np.dtype(dtype)
        names = variable_names(structure)
        self.variables = {name: _variable(dtype, axes=3, name=name, trainable=is_trained(name)) for name in names}
        self.slots: Mapping[str, Mapping[str, Any]] = {
            name: {slot: _variable(dtype, axes=3, name=slot) for slot in slots} for name in names if is_trained(name)
        }
        self.seeds = _variable("uint32", axes=1, name="seeds")

    def __len__(self) -> int:
        return int(self.seeds.shape[0] or 0) if self.seeds.shape.rank else 0

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        """What a traced function takes."""
        return self.variables, self.slots, self.seeds

    def rearrange(
        self,
        keep: Sequence[int],
        new: Sequence[tuple[TrialSettings, LaneState]],
        *,
        units: int,
        inputs: int,
        outputs: int,
    ) -> None:
        """Keep these lanes, in this order, and put new ones behind them, padded to ``units``."""
        for name, variable in self.variables.items():
            shape = _padded_shape(name, units, inputs, outputs)
            arrays = [_padded(state.weights[weight_of(name, trial)], shape)
                      if weight_of(name, trial) in state.weights else np.zeros(shape)
                      for trial, state in new]  # fmt: skip
            self._join(variable, keep, arrays)
            for slot, average in self.slots.get(name, {}).items():
                self._join(average, keep, [_slot(state, slot, weight_of(name, trial), shape) for trial, state in new])
        self._join(self.seeds, keep, [np.array(dropout_seed(trial.seed), np.uint32) for trial, _ in new])

    def lift(self, lane: int, trial: TrialSettings, *, inputs: int, outputs: int, epoch: int) -> LaneState:
        """The state of one lane, without padding."""
        weights, averages = {}, {}
        for name, shape in weight_shapes(trial, inputs, outputs).items():
            variable = variable_of(name)
            weights[name] = _cut(self.variables[variable][lane].numpy(), shape)
            if is_trained(name):
                for slot in slot_names(trial):
                    averages[f"{slot}:{name}"] = _cut(self.slots[variable][slot][lane].numpy(), shape)
        return LaneState(weights, averages, epoch)

    def weights(self, lane: int, trial: TrialSettings, *, inputs: int, outputs: int) -> dict[str, Array]:
        """The weights of one lane alone, without padding."""
        return {
            name: _cut(self.variables[variable_of(name)][lane].numpy(), shape)
            for name, shape in weight_shapes(trial, inputs, outputs).items()
        }

    def _join(self, variable: Any, keep: Sequence[int], arrays: Sequence[Array]) -> None:
        parts = [tf.gather(variable, list(keep))] if keep else []
        if arrays:
            parts.append(tf.constant(np.stack(arrays).astype(variable.dtype.as_numpy_dtype)))
        variable.assign(parts[0] if len(parts) == 1 else tf.concat(parts, axis=0), read_value=False)


def weight_of(variable: str, trial: TrialSettings) -> str:
    """The weight of one model that a variable holds for this trial; it may have no such weight."""
    layer, part = variable.split(".")
    if part != "shift":
        return variable
    return f"{layer}.{'beta' if f'{layer}.beta' in weight_names(trial) else 'bias'}"


def _variable(dtype: str, *, axes: int, name: str, trainable: bool = False) -> Any:
    return tf.Variable(np.zeros([0] * axes, dtype), shape=tf.TensorShape([None] * axes), trainable=trainable, name=name)


def _padded_shape(variable: str, units: int, inputs: int, outputs: int) -> tuple[int, int]:
    layer, part = variable.split(".")
    last = outputs if layer == "output" else units
    if part != "kernel":
        return 1, last
    return (inputs if layer == "hidden_1" else units), last


def _padded(array: Array, shape: tuple[int, int]) -> Array:
    array = array if array.ndim == 2 else array[None]
    padded = np.zeros(shape, array.dtype)
    padded[: array.shape[0], : array.shape[1]] = array
    return padded


def _slot(state: LaneState, slot: str, weight: str, shape: tuple[int, int]) -> Array:
    average = state.averages.get(f"{slot}:{weight}")
    return np.zeros(shape) if average is None else _padded(average, shape)


def _cut(array: Array, shape: tuple[int, ...]) -> Array:
    return array[: shape[0], : shape[1]] if len(shape) == 2 else array[0, : shape[0]]
