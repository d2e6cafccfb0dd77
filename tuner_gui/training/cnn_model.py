"""The built-in network for images, in plain Keras. Nothing of this program is named in here, so that the text of this
file can stand in a script that trains such a network without it."""

from __future__ import annotations

import math
from typing import Any

import keras

MOST_FILTERS = 512
"""Blocks have twice as many filters as the one before, up to here."""

LARGEST_MAP = 8
"""Height and width of what the dense layer sees, at most: large images would make nearly all weights its own."""


def build_cnn(image: tuple[int, int, int], outputs: int, values: dict[str, Any]) -> Any:
    """Blocks of convolution and pooling, a dense layer, and a linear one for ``outputs`` classes or targets.

    Takes ``[rows, height, width, channels]`` as ``image`` says. Block b has ``filters · 2^b`` filters; each pooling
    halves height and width. A normalised layer has no bias: the shift of the normalisation takes its place.
    """
    penalty = keras.regularizers.L2(values["l2"]) if values["l2"] else None
    common = {"use_bias": not values["batch_norm"], "kernel_regularizer": penalty}
    model = keras.Sequential([keras.Input(image)], name="cnn")
    sides = list(image[:2])
    for block in range(values["layers"]):
        filters = max(values["filters"], min(values["filters"] * 2**block, MOST_FILTERS))
        add_hidden(model, keras.layers.Conv2D(filters, values["kernel"], padding="same", **common), values)
        model.add(keras.layers.MaxPooling2D(2, padding="same"))
        add_dropout(model, values)
        sides = [math.ceil(side / 2) for side in sides]
    if max(sides) > LARGEST_MAP:
        shrink = [math.ceil(side / LARGEST_MAP) for side in sides]
        model.add(keras.layers.AveragePooling2D(shrink, padding="same"))
    model.add(keras.layers.Flatten())
    add_hidden(model, keras.layers.Dense(values["units"], **common), values)
    add_dropout(model, values)
    model.add(keras.layers.Dense(outputs, kernel_regularizer=penalty))
    return model


def add_hidden(model: Any, layer: Any, values: dict[str, Any]) -> None:
    """The layer, normalised where that is wanted, and the activation."""
    model.add(layer)
    if values["batch_norm"]:
        model.add(keras.layers.BatchNormalization(momentum=values["batch_norm_momentum"]))
    model.add(keras.layers.Activation(values["activation"]))


def add_dropout(model: Any, values: dict[str, Any]) -> None:
    if values["dropout"]:
        model.add(keras.layers.Dropout(values["dropout"]))


def make_optimizer(values: dict[str, Any], steps_per_epoch: int) -> Any:
    """In epoch e, from 0, the learning rate is α / (1 + decay · e)."""
    rate = values["learning_rate"]
    if values["learning_rate_decay"]:
        decay = values["learning_rate_decay"]
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, steps_per_epoch, decay, staircase=True)
    if values["optimizer"] == "sgd":
        return keras.optimizers.SGD(rate, momentum=values["momentum"])
    if values["optimizer"] == "rmsprop":
        rho, momentum = values["rho"], values["momentum"]
        return keras.optimizers.RMSprop(rate, rho=rho, momentum=momentum, epsilon=values["epsilon"])
    return keras.optimizers.Adam(rate, beta_1=values["beta1"], beta_2=values["beta2"], epsilon=values["epsilon"])


def make_loss(*, classes: bool) -> Any:
    """Of the linear outputs: cross-entropy of class numbers, or squared error of standardised targets."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True) if classes else keras.losses.MeanSquaredError()
