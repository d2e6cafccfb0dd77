"""A multilayer perceptron for K models of the same structure at once.

Its variables have the lane axis first (see :mod:`tuner_gui.training.layers`) and no fixed shape: trials of any width,
and any number of lanes, train in the same traced program. A hidden layer is

    z = x · W + b              or, normalised,   z = x · W,  then  γ · (z − mean) / sqrt(variance + ε) + β
    x = activation(z), then dropout

A normalised layer has no b: subtracting the mean would cancel it, and β takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.training.layers import (
    ACTIVATIONS,
    dropout_factors,
    normalise,
    normalise_with,
    product,
    scale,
    shift,
)
from tuner_gui.training.randomness import dropout_seed, glorot_uniform
from tuner_gui.training.settings import Lanes, Structure, TrialSettings

Weights = Mapping[str, NDArray[Any]]
"""All of one model by name, without a lane axis: ``hidden_1.kernel`` [in, out], ``hidden_1.gamma`` [out], …"""

OUTPUT = "output"


def layer_names(structure: Structure) -> tuple[str, ...]:
    return (*(f"hidden_{number}" for number in range(1, structure.layers + 1)), OUTPUT)


def weight_names(structure: Structure) -> tuple[str, ...]:
    """The names in a model's weights, in order."""
    hidden = ("kernel", "gamma", "beta", "moving_mean", "moving_variance") if structure.batch_norm else _PLAIN
    return tuple(
        f"{layer}.{part}" for layer in layer_names(structure) for part in (_PLAIN if layer == OUTPUT else hidden)
    )


_PLAIN = ("kernel", "bias")
_NOT_TRAINED = ("moving_mean", "moving_variance")
_START = {"bias": 0.0, "gamma": 1.0, "beta": 0.0, "moving_mean": 0.0, "moving_variance": 1.0}


def start_weights(trial: TrialSettings, inputs: int, outputs: int) -> dict[str, NDArray[np.float64]]:
    """What a trial starts from, as Keras would: Glorot's uniform kernels, biases at 0, γ at 1, β at 0."""
    widths = (inputs, *[trial.units] * trial.structure.layers, outputs)
    weights = {}
    for name in weight_names(trial.structure):
        layer, part = name.split(".")
        number = layer_names(trial.structure).index(layer)
        if part == "kernel":
            weights[name] = glorot_uniform(trial.seed, number, (widths[number], widths[number + 1]))
        else:
            weights[name] = np.full(widths[number + 1], _START[part])
    return weights


class Network:
    """The variables of K models and what they compute."""

    def __init__(self, structure: Structure, dtype: str) -> None:
        self._structure = structure
        self._layers = layer_names(structure)
        self._activation = ACTIVATIONS[structure.activation]
        self._seeds = lane_variable("uint32", axes=1)
        self._variables = {
            name: lane_variable(dtype, axes=3, trainable=not name.endswith(_NOT_TRAINED), name=name)
            for name in weight_names(structure)
        }

    @property
    def trained(self) -> list[Any]:
        """The variables that a gradient changes, in order."""
        return [variable for variable in self._variables.values() if variable.trainable]

    def load(self, lanes: Sequence[Weights], seeds: Sequence[int]) -> None:
        """Take over the weights of one model per lane, all of the same shapes, and the seeds of the trials."""
        self._seeds.assign(np.array([dropout_seed(seed) for seed in seeds], np.uint32), read_value=False)
        for name, variable in self._variables.items():
            stacked = np.stack([lane[name] for lane in lanes]).astype(variable.dtype.as_numpy_dtype)
            variable.assign(stacked if stacked.ndim == 3 else stacked[:, None, :], read_value=False)

    def lane(self, number: int) -> dict[str, NDArray[Any]]:
        """The weights of the model in one lane."""
        arrays = {name: variable.numpy()[number] for name, variable in self._variables.items()}
        return {name: array if name.endswith("kernel") else array[0] for name, array in arrays.items()}

    def train(self, x: Any, lanes: Lanes, step: Any) -> Any:
        """Outputs ``[K, rows, outputs]`` for rows ``[K, rows, inputs]`` in training; moving statistics move along."""
        for number, layer in enumerate(self._layers[:-1]):
            x = self._activation(self._train_z(x, layer, lanes))
            if self._structure.dropout:
                x = scale(x, dropout_factors(self._seeds, step, number, tf.shape(x), lanes.dropout))
        return self._affine(x, OUTPUT)

    def evaluate(self, x: Any) -> Any:
        """Outputs ``[K, rows, outputs]`` for rows ``[rows, inputs]``, the same for all, with moving statistics."""
        x = x[None]
        for layer in self._layers[:-1]:
            x = self._activation(self._evaluate_z(x, layer))
        return tf.matmul(x, self._part(OUTPUT, "kernel")) + self._part(OUTPUT, "bias")

    def penalty(self, lanes: Lanes) -> Any:
        """l2 · Σ w², ``[K]``, over all kernels, the output's too: Keras' ``L2`` as kernel regulariser everywhere."""
        squares = [tf.reduce_sum(tf.square(self._part(layer, "kernel")), axis=[1, 2]) for layer in self._layers]
        return lanes.l2 * tf.add_n(squares)

    def _part(self, layer: str, part: str) -> Any:
        return self._variables[f"{layer}.{part}"]

    def _affine(self, x: Any, layer: str) -> Any:
        return shift(product(x, self._part(layer, "kernel")), self._part(layer, "bias"))

    def _train_z(self, x: Any, layer: str, lanes: Lanes) -> Any:
        if not self._structure.batch_norm:
            return self._affine(x, layer)
        z = product(x, self._part(layer, "kernel"))
        z, *statistics = normalise(z, self._part(layer, "gamma"), self._part(layer, "beta"))
        new_share = lanes.one_minus_batch_norm_momentum[:, None, None]
        for part, statistic in zip(_NOT_TRAINED, statistics, strict=True):
            moving = self._part(layer, part)
            moving.assign_add(new_share * (statistic - moving), read_value=False)
        return z

    def _evaluate_z(self, x: Any, layer: str) -> Any:
        z = tf.matmul(x, self._part(layer, "kernel"))
        if not self._structure.batch_norm:
            return z + self._part(layer, "bias")
        return normalise_with(
            z, *(self._part(layer, part) for part in ("gamma", "beta", "moving_mean", "moving_variance"))
        )


def lane_variable(dtype: str, *, axes: int, trainable: bool = False, name: str | None = None) -> Any:
    """A variable whose sizes, the number of lanes included, may change from trial to trial."""
    empty = np.zeros([0] * axes, dtype)
    return tf.Variable(empty, shape=tf.TensorShape([None] * axes), trainable=trainable, name=name)
