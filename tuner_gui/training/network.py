"""A multilayer perceptron for K models of the same structure at once.

Its variables have the lane axis first (see :mod:`tuner_gui.training.layers`) and no fixed shape: trials of any width,
and any number of lanes, train in the same traced graph. A hidden layer is

    z = x · W + b              or, normalised,   z = x · W,  then  γ · (z − mean) / sqrt(variance + ε) + β
    x = activation(z), then dropout

A normalised layer has no b: subtracting the mean would cancel it, and β takes its place. Both are ``shift`` here,
so that lanes with and without normalisation can stand side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.training.layers import (
    ACTIVATIONS,
    Rows,
    affine,
    dropout_factors,
    normalise_with,
    normalised_layer,
    plain_layer,
    scale,
)
from tuner_gui.training.randomness import glorot_uniform
from tuner_gui.training.schedule import Rates
from tuner_gui.training.settings import Structure, TrialSettings

Weights = Mapping[str, NDArray[Any]]
"""All of one model by name, without a lane axis: ``hidden_1.kernel`` [in, out], ``hidden_1.gamma`` [out], …"""

Variables = Mapping[str, Any]
"""The same of K models: ``hidden_1.kernel`` [K, in, out], ``hidden_1.shift`` [K, 1, out], …"""

OUTPUT = "output"
_PLAIN = ("kernel", "bias")
_NORMALISED = ("kernel", "gamma", "beta", "moving_mean", "moving_variance")
_NOT_TRAINED = ("moving_mean", "moving_variance")
_FOR_EVALUATION = ("gamma", "shift", *_NOT_TRAINED)
_START = {"bias": 0.0, "gamma": 1.0, "beta": 0.0, "moving_mean": 0.0, "moving_variance": 1.0}


def layer_names(structure: Structure) -> tuple[str, ...]:
    return (*(f"hidden_{number}" for number in range(1, structure.layers + 1)), OUTPUT)


def weight_names(trial: TrialSettings) -> tuple[str, ...]:
    """The names in a model's weights, in order."""
    hidden = _NORMALISED if trial.batch_norm else _PLAIN
    return tuple(
        f"{layer}.{part}" for layer in layer_names(trial.structure) for part in (_PLAIN if layer == OUTPUT else hidden)
    )


def weight_shapes(trial: TrialSettings, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    widths, layers = trial.widths(inputs, outputs), layer_names(trial.structure)
    shapes: dict[str, tuple[int, ...]] = {}
    for name in weight_names(trial):
        layer, part = name.split(".")
        number = layers.index(layer)
        shapes[name] = widths[number : number + 2] if part == "kernel" else (widths[number + 1],)
    return shapes


def start_weights(trial: TrialSettings, inputs: int, outputs: int) -> dict[str, NDArray[np.float64]]:
    """What a trial starts from, as Keras would: Glorot's uniform kernels, biases at 0, γ at 1, β at 0."""
    layers = layer_names(trial.structure)
    weights = {}
    for name, shape in weight_shapes(trial, inputs, outputs).items():
        layer, part = name.split(".")
        if part == "kernel":
            weights[name] = glorot_uniform(trial.seed, layers.index(layer), (shape[0], shape[1]))
        else:
            weights[name] = np.full(shape, _START[part])
    return weights


def variable_names(structure: Structure) -> tuple[str, ...]:
    """The names of K models' variables, in order."""
    parts = ("kernel", "gamma", "shift", *_NOT_TRAINED) if structure.batch_norm else ("kernel", "shift")
    return tuple(
        f"{layer}.{part}"
        for layer in layer_names(structure)
        for part in (("kernel", "shift") if layer == OUTPUT else parts)
    )


def variable_of(weight: str) -> str:
    """The variable in which a weight of one model is kept."""
    layer, part = weight.split(".")
    return f"{layer}.{'shift' if part in ('bias', 'beta') else part}"


def is_trained(name: str) -> bool:
    """Whether a gradient changes it."""
    return not name.endswith(_NOT_TRAINED)


class Network:
    """What K models of a structure compute from their variables."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._hidden = layer_names(structure)[:-1]
        self._activation = ACTIVATIONS[structure.activation][0]
        self._plain = plain_layer(structure.activation)
        self._normalised = normalised_layer(structure.activation)

    def train(
        self, variables: Variables, x: Any, rows: Rows, rates: Rates, chance: tuple[Any, Any]
    ) -> tuple[Any, Mapping[str, Any]]:
        """Outputs ``[K, rows, outputs]`` for ``x`` ``[K, rows, inputs]``, and the statistics of the rows by name.

        ``chance`` is what dropout depends on: the lanes' seeds and steps, both ``[K]``.
        """
        statistics: dict[str, Any] = {}
        for number, layer in enumerate(self._hidden):
            x, *found = self._train_layer(variables, layer, x, rows, rates)
            statistics.update(zip((f"{layer}.{part}" for part in _NOT_TRAINED), found, strict=False))
            if self._structure.dropout:
                x = scale(x, dropout_factors(*chance, number, tf.shape(x), rates.dropout))
        return affine(x, variables[f"{OUTPUT}.kernel"], variables[f"{OUTPUT}.shift"], rows.real), statistics

    def move_statistics(self, variables: Variables, statistics: Mapping[str, Any], rates: Rates) -> None:
        """Let the moving averages for evaluation follow what the rows showed."""
        for name, found in statistics.items():
            moving = variables[name]
            moving.assign_add(rates.statistic_gain * (found - moving), read_value=False)

    def evaluate(self, variables: Variables, x: Any, normed: Any) -> Any:
        """Outputs ``[K, rows, outputs]`` for rows ``[rows, inputs]``, the same for all, with moving statistics."""
        x = x[None]
        for layer in self._hidden:
            z = tf.matmul(x, variables[f"{layer}.kernel"])
            if self._structure.batch_norm:
                gamma, shift, mean, variance = (variables[f"{layer}.{part}"] for part in _FOR_EVALUATION)
                z = normalise_with(z, gamma, shift, mean, variance, normed)
            else:
                z += variables[f"{layer}.shift"]
            x = self._activation(z)
        return tf.matmul(x, variables[f"{OUTPUT}.kernel"]) + variables[f"{OUTPUT}.shift"]

    def penalty(self, variables: Variables, l2: Any) -> Any:
        """l2 · Σ w², ``[K]``, over all kernels, the output's too: Keras' ``L2`` as kernel regulariser everywhere."""
        kernels = [variable for name, variable in variables.items() if name.endswith("kernel")]
        return tf.reshape(l2, [-1]) * tf.add_n([tf.reduce_sum(tf.square(kernel), axis=[1, 2]) for kernel in kernels])

    def _train_layer(self, variables: Variables, layer: str, x: Any, rows: Rows, rates: Rates) -> tuple[Any, ...]:
        kernel, shift = variables[f"{layer}.kernel"], variables[f"{layer}.shift"]
        if not self._structure.batch_norm:
            return (self._plain(x, kernel, shift, rows.real),)
        return self._normalised(x, kernel, variables[f"{layer}.gamma"], shift, rates.normed, *rows)
