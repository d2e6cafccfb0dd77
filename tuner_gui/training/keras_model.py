"""A trial as an ordinary Keras model: what leaves this program needs nothing of it."""

from __future__ import annotations

from typing import Any

import keras

from tuner_gui.training.layers import EPSILON
from tuner_gui.training.network import OUTPUT, Weights, layer_names, weight_names
from tuner_gui.training.settings import TrialSettings


def keras_model(trial: TrialSettings, weights: Weights, inputs: int, outputs: int) -> Any:
    """A ``keras.Sequential`` with these weights, from inputs ``[rows, inputs]`` (scaled as in training) to outputs
    ``[rows, outputs]``: logits of the classes, or standardised targets.

    Its predictions are those of the lane to single precision. It can be trained on: dropout and L2 are in it. Layers
    have the names of the weights. KeyError or ValueError for weights of another trial.
    """
    structure, rates = trial.structure, trial.rates
    regulariser = keras.regularizers.L2(rates["l2"]) if rates["l2"] else None
    layers: list[Any] = [keras.Input((inputs,))]
    for name in layer_names(structure)[:-1]:
        layers.append(
            keras.layers.Dense(
                trial.units, use_bias=not trial.batch_norm, kernel_regularizer=regulariser, name=f"{name}_dense"
            )
        )
        if trial.batch_norm:
            momentum = rates["batch_norm_momentum"]
            layers.append(keras.layers.BatchNormalization(momentum=momentum, epsilon=EPSILON, name=f"{name}_norm"))
        layers.append(keras.layers.Activation(structure.activation, name=f"{name}_{structure.activation}"))
        if rates["dropout"]:
            layers.append(keras.layers.Dropout(rates["dropout"], name=f"{name}_dropout"))
    layers.append(keras.layers.Dense(outputs, kernel_regularizer=regulariser, name=OUTPUT))
    model = keras.Sequential(layers, name="trial")
    # Keras lists a layer's weights in the order of our names: kernel, bias; γ, β, moving mean, moving variance. A
    # dropout layer has a state of its random numbers, which is none of them.
    own = [variable for variable in model.weights if "seed" not in variable.name]
    for variable, name in zip(own, weight_names(trial), strict=True):
        variable.assign(weights[name])
    return model
