"""A trial's Keras model with the preparation of its data inside: what a person has goes in, what they want comes out.

It is made of Keras' own layers alone, so that it opens wherever Keras is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tuner_gui.data.preparation import CategoryColumn, Classes, NumberColumn, Preparation

Column = NumberColumn | CategoryColumn

PRECISE = "float64"
"""A column with a mean of a million and a spread of one would lose all its digits in single precision."""


def prepared_model(model: Any, preparation: Preparation) -> Any:
    """A functional model around ``model``, which takes prepared rows and gives logits or standardised targets.

    Inputs are one float tensor ``[rows, columns]`` in the order of the preparation where all columns are numbers
    (NaN where one is missing); a dict of tensors ``[rows, 1]`` by :func:`input_names` where some are categories, texts
    of which the unknown ones count as none; or images ``[rows, height, width, channels]`` with pixels from 0 to 255.
    Outputs ``[rows, outputs]`` are the probabilities of the classes, or targets in their own units.
    """
    inputs, prepared = _inputs(preparation, model.input_shape)
    return keras.Model(inputs, _outputs(model(prepared), preparation), name="prepared")


def prepared_own_model(network: Any, preparation: Preparation) -> Any:
    """The same around a person's own model, an :class:`.own_network.OwnNetwork` that is built.

    Where that gives logits they become probabilities, and a single output for two classes becomes a column for each.
    What the model was compiled with stays behind: optimizer and loss are of no use for predictions.
    """
    model = network.model
    inputs, rows = _inputs(preparation, (None, preparation.inputs))
    shape = network.input_shape
    if shape is not None and shape != (preparation.inputs,):
        rows = keras.layers.Reshape(shape, name="shape")(rows)
    logits = network.gives_logits
    model.compiled, model.optimizer, model.loss = False, None, None
    found = model(rows)
    if len(found.shape) == 1:
        found = keras.ops.expand_dims(found, -1)
    if not isinstance(preparation.target, Classes):
        return keras.Model(inputs, _outputs(found, preparation), name="prepared")
    return keras.Model(inputs, _probabilities(found, logits=logits), name="prepared")


def _probabilities(found: Any, *, logits: bool) -> Any:
    if found.shape[-1] > 1:
        return keras.layers.Softmax(name="probabilities")(found) if logits else found
    second = keras.ops.sigmoid(found) if logits else found
    return keras.ops.concatenate([1 - second, second], axis=-1)


def input_names(columns: Sequence[Column]) -> list[str]:
    """The name of each column's input, each once: Keras allows no slash and no empty name."""
    names: list[str] = []
    for column in columns:
        plain = column.name.replace("/", "_") or "column"
        number, name = 2, plain
        while name in names:
            name, number = f"{plain} ({number})", number + 1
        names.append(name)
    return names


def names_of_inputs(preparation: Preparation) -> tuple[str, ...]:
    """In the order of the columns, where each of them has an input of its own; empty where there is a single one."""
    mixed = any(isinstance(column, CategoryColumn) for column in preparation.columns)
    return tuple(input_names(preparation.columns)) if mixed else ()


def _inputs(preparation: Preparation, shape: Sequence[int | None]) -> tuple[Any, Any]:
    if preparation.image is not None:
        return _image(preparation, shape)
    columns = preparation.columns
    if names_of_inputs(preparation):
        return _mixed(columns)
    numbers = [column for column in columns if isinstance(column, NumberColumn)]
    rows = keras.Input((len(numbers),), dtype=PRECISE, name="inputs")
    prepared = _single(_standardised(rows, numbers, "preparation"))
    # A network that goes over images takes the numbers of each in its shape.
    return rows, keras.layers.Reshape(shape[1:], name="image")(prepared) if len(shape) > 2 else prepared


def _mixed(columns: Sequence[Column]) -> tuple[dict[str, Any], Any]:
    inputs, parts = {}, []
    # Layers have numbers and not the columns' names: TensorFlow knows few letters in the names of its scopes.
    for place, (name, column) in enumerate(zip(input_names(columns), columns, strict=True)):
        if isinstance(column, CategoryColumn):
            inputs[name] = keras.Input((1,), dtype="string", name=name)
            parts.append(_one_hot(inputs[name], column, f"one_hot_{place}"))
        else:
            inputs[name] = keras.Input((1,), dtype=PRECISE, name=name)
            parts.append(_single(_standardised(inputs[name], [column], f"standardised_{place}")))
    return inputs, keras.layers.Concatenate(name="preparation")(parts) if len(parts) > 1 else parts[0]


def _standardised(rows: Any, columns: Sequence[NumberColumn], name: str) -> Any:
    """(x − mean) / scale, and for NaN what the filled value would give."""
    means, scales = [column.mean for column in columns], [column.scale for column in columns]
    variances = [scale**2 for scale in scales]
    scaled = keras.layers.Normalization(mean=means, variance=variances, dtype=PRECISE, name=name)(rows)
    filled = np.array([(column.fill - column.mean) / column.scale for column in columns], PRECISE)
    return keras.ops.where(keras.ops.isnan(scaled), filled, scaled)


def _one_hot(texts: Any, column: CategoryColumn, name: str) -> Any:
    found = keras.layers.StringLookup(
        vocabulary=list(column.values), mask_token=None, num_oov_indices=1, output_mode="one_hot", name=name
    )(texts)
    return _single(found[:, 1:])  # the first is for what is not known, which counts as none of them


def _image(preparation: Preparation, shape: Sequence[int | None]) -> tuple[Any, Any]:
    (column,) = preparation.columns
    if not isinstance(column, NumberColumn):
        raise TypeError("pixels are numbers")
    pixels = keras.Input(preparation.image, name="pixels")
    scaled = keras.layers.Rescaling(1 / (255 * column.scale), -column.mean / column.scale, name="preparation")(pixels)
    return pixels, keras.layers.Flatten(name="flat")(scaled) if len(shape) == 2 else scaled


def _single(rows: Any) -> Any:
    return keras.ops.cast(rows, "float32")


def _outputs(found: Any, preparation: Preparation) -> Any:
    target = preparation.target
    if isinstance(target, Classes):
        return keras.layers.Softmax(name="probabilities")(found)
    variances = [scale**2 for scale in target.scales]
    return keras.layers.Normalization(mean=list(target.means), variance=variances, invert=True, name="targets")(found)
