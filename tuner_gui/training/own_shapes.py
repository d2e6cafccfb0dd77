"""What a Keras model of a person's own says of itself: the rows it takes, its loss. Loads no TensorFlow."""

from __future__ import annotations

from typing import Any


def input_shape(model: Any) -> tuple[int | None, ...] | None:
    """The shape of one row; None where the model does not say, or takes several inputs."""
    try:
        shape = model.input_shape
    except (AttributeError, ValueError):  # not built yet: it takes what it gets
        return None
    if not isinstance(shape, tuple) or any(isinstance(size, (list, tuple)) for size in shape):
        return None
    return tuple(shape[1:])


def loss_name(model: Any) -> str:
    """Of what it was compiled with, in small letters."""
    loss = getattr(model, "loss", None)
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", None) or loss).lower()
