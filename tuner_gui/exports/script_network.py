"""The part of a training script that builds one of the built-in networks, and its optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tuner_gui.exports.script_text import WIDTH, indented
from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import CNN
from tuner_gui.study.definition import ImageShape

Values = Mapping[str, Value]


MOST_FILTERS, LARGEST_MAP = 512, 8
"""As for the network that trials train: :mod:`tuner_gui.training.cnn_model` says why."""


@dataclass(frozen=True)
class NetworkPart:
    """Constants with a comment each, the function ``build_model`` and how it is called for some text of ``outputs``."""

    constants: Mapping[str, tuple[object, str]]
    function: str
    call: Callable[[str], str]


def network_part(kind: str, values: Values, image: ImageShape | None) -> NetworkPart:
    """Of a built-in network; ``image`` is what a CNN goes over."""
    names = _used_names(values)
    if kind != CNN or image is None:
        constants: dict[str, tuple[object, str]] = {name.upper(): (values[name], "") for name in names}
        return NetworkPart(constants, _mlp(values), "build_model(train[0].shape[1], {})".format)
    filters, shrink = _filters(values), _shrink(values, image)
    constants = {"FILTERS": (filters, "of each block"), "KERNEL": (values["kernel"], "")}
    constants |= {"SHRINK": (shrink, "by which the last maps are averaged")} if shrink else {}
    constants |= {name.upper(): (values[name], "") for name in names if name != "layers"}
    return NetworkPart(constants, _cnn(values, shrinks=bool(shrink)), "build_model({})".format)


def _used_names(values: Values) -> list[str]:
    """The hyperparameters that make a difference to this trial."""
    optimizer = {"sgd": ["momentum"], "rmsprop": ["rho", "momentum", "epsilon"], "adam": ["beta1", "beta2", "epsilon"]}
    names = ["layers", "units", "activation"]
    names += ["batch_norm_momentum"] if values["batch_norm"] else []
    names += [name for name in ("dropout", "l2") if values[name]]
    names += ["batch_size", "learning_rate"]
    names += ["learning_rate_decay"] if values["learning_rate_decay"] else []
    return names + optimizer[str(values["optimizer"])]


def _filters(values: Values) -> list[int]:
    """Of each block, twice as many as of the one before."""
    first = int(values["filters"])
    return [max(first, min(first * 2**block, MOST_FILTERS)) for block in range(int(values["layers"]))]


def _shrink(values: Values, image: ImageShape) -> tuple[int, ...]:
    """By what the last maps are averaged; empty where they are small enough."""
    sides = [math.ceil(side / 2 ** int(values["layers"])) for side in image[:2]]
    return tuple(math.ceil(side / LARGEST_MAP) for side in sides) if max(sides) > LARGEST_MAP else ()


def _cnn(values: Values, *, shrinks: bool) -> str:
    penalty = ["kernel_regularizer=penalty"] if values["l2"] else []
    no_bias = ["use_bias=False"] if values["batch_norm"] else []
    dropout = ["model.add(keras.layers.Dropout(DROPOUT))"] if values["dropout"] else []
    block = [
        *_added("Conv2D", ["filters", "KERNEL", 'padding="same"', *no_bias, *penalty]),
        *_activated(values),
        'model.add(keras.layers.MaxPooling2D(2, padding="same"))',
        *dropout,
    ]
    body = [
        *(["penalty = keras.regularizers.L2(L2)"] if values["l2"] else []),
        "model = keras.Sequential([keras.Input(IMAGE)])",
        "for filters in FILTERS:",
        *indented(block),
        *(['model.add(keras.layers.AveragePooling2D(SHRINK, padding="same"))'] if shrinks else []),
        "model.add(keras.layers.Flatten())",
        *_added("Dense", ["UNITS", *no_bias, *penalty]),
        *_activated(values),
        *dropout,
        *_added("Dense", ["outputs", *penalty]),
        "return model",
    ]
    about = '    """Blocks of convolution and pooling, a dense layer, and a linear one."""'
    return "\n".join(["def build_model(outputs):", about, *indented(body)])


def _added(layer: str, arguments: list[str]) -> list[str]:
    line = f"model.add(keras.layers.{layer}({', '.join(arguments)}))"
    if len(line) + 8 <= WIDTH:
        return [line]
    return [
        "model.add(",
        f"    keras.layers.{layer}(",
        *(f"        {argument}," for argument in arguments),
        "    )",
        ")",
    ]


def _mlp(values: Values) -> str:
    body = ["penalty = keras.regularizers.L2(L2)"] if values["l2"] else []
    body += ["model = keras.Sequential([keras.Input((inputs,))])", "for _ in range(LAYERS):"]
    body += indented(_hidden(values))
    penalty = ", kernel_regularizer=penalty" if values["l2"] else ""
    body += [f"model.add(keras.layers.Dense(outputs{penalty}))", "return model"]
    normalised = ", each normalised" if values["batch_norm"] else ""
    about = f'    """Hidden layers of equal width{normalised}; the last layer is linear."""'
    return "\n".join(["def build_model(inputs, outputs):", about, *indented(body)])


def _hidden(values: Values) -> list[str]:
    bias = ", use_bias=False" if values["batch_norm"] else ""
    penalty = ", kernel_regularizer=penalty" if values["l2"] else ""
    lines = [f"model.add(keras.layers.Dense(UNITS{bias}{penalty}))"]
    lines += _activated(values)
    if values["dropout"]:
        lines.append("model.add(keras.layers.Dropout(DROPOUT))")
    return lines


def _activated(values: Values) -> list[str]:
    normalised = ["model.add(keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM))"]
    return [*(normalised if values["batch_norm"] else []), "model.add(keras.layers.Activation(ACTIVATION))"]


def optimizer_lines(values: Values) -> list[str]:
    """The argument of ``compile``, in lines."""
    name, arguments = {
        "sgd": ("SGD", ["momentum=MOMENTUM"]),
        "rmsprop": ("RMSprop", ["rho=RHO", "momentum=MOMENTUM", "epsilon=EPSILON"]),
        "adam": ("Adam", ["beta_1=BETA1", "beta_2=BETA2", "epsilon=EPSILON"]),
    }[str(values["optimizer"])]
    if len(arguments) == 1:
        return [f"optimizer=keras.optimizers.{name}(LEARNING_RATE, {arguments[0]}),"]
    lines = [f"{argument}," for argument in ("LEARNING_RATE", *arguments)]
    return [f"optimizer=keras.optimizers.{name}(", *indented(lines), "),"]


def rate_function() -> str:
    return '''\
def learning_rate(epoch, _rate):
    """Large steps first, fine ones at the end; ``epoch`` counts from 0."""
    return LEARNING_RATE / (1 + LEARNING_RATE_DECAY * epoch)'''
