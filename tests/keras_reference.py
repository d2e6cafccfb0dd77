"""The same network in plain Keras, to compare with. Import it only where TensorFlow is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner_gui.study.definition import Task
from tuner_gui.training.data import Split
from tuner_gui.training.network import Weights, weight_names
from tuner_gui.training.settings import TrialSettings


@contextlib.contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Keras keeps learning rates and losses in its default precision, whatever the layers compute in."""
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before)


def keras_model(trial: TrialSettings, split: Split, weights: Weights, dtype: str, *, masks: int = 0) -> Any:
    """Dense, BatchNormalization and Activation layers with these weights.

    ``masks`` more inputs, one per hidden layer, are multiplied in where dropout would stand.
    """
    structure, rates = trial.structure, trial.rates
    l2 = keras.regularizers.L2(rates["l2"]) if rates["l2"] else None
    inputs = keras.Input((split.inputs,), dtype=dtype)
    factors = [keras.Input((trial.units,), dtype=dtype) for _ in range(masks)]
    x = inputs
    for layer in range(structure.layers):
        x = keras.layers.Dense(trial.units, use_bias=not trial.batch_norm, kernel_regularizer=l2, dtype=dtype)(x)
        if trial.batch_norm:
            x = keras.layers.BatchNormalization(momentum=rates["batch_norm_momentum"], dtype=dtype)(x)
        x = keras.layers.Activation(structure.activation, dtype=dtype)(x)
        if masks:
            x = keras.layers.Multiply(dtype=dtype)([x, factors[layer]])
    x = keras.layers.Dense(split.outputs, kernel_regularizer=l2, dtype=dtype)(x)
    model = keras.Model([inputs, *factors] if masks else inputs, x)
    load(model, trial, weights)
    return model


def loss_of(split: Split) -> Any:
    if split.task is Task.CLASSIFICATION:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return keras.losses.MeanSquaredError()


def step_of(model: Any, trial: TrialSettings, split: Split) -> tuple[Any, Any]:
    """The optimizer, and a function that makes one step on inputs and targets and returns its loss."""
    used, loss = optimizer(trial), loss_of(split)

    @tf.function(reduce_retracing=True)
    def step(inputs: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            total = tf.add_n([loss(targets, model(inputs, training=True)), *model.losses])
        gradients = tape.gradient(total, model.trainable_variables)
        used.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return total

    used.build(model.trainable_variables)
    return used, step


def optimizer(trial: TrialSettings) -> Any:
    rates = trial.rates
    match trial.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rates["learning_rate"], momentum=rates["momentum"])
        case "rmsprop":
            return keras.optimizers.RMSprop(
                rates["learning_rate"], rho=rates["rho"], momentum=rates["momentum"], epsilon=rates["epsilon"]
            )
        case _:
            return keras.optimizers.Adam(
                rates["learning_rate"], beta_1=rates["beta1"], beta_2=rates["beta2"], epsilon=rates["epsilon"]
            )


def load(model: Any, trial: TrialSettings, weights: Weights) -> None:
    """Keras lists a layer's weights in the order of our names: kernel, bias; γ, β, moving mean, moving variance."""
    model.set_weights([weights[name] for name in weight_names(trial)])


def weights_of(model: Any, trial: TrialSettings) -> dict[str, Any]:
    return dict(zip(weight_names(trial), map(np.asarray, model.get_weights()), strict=True))
