"""The built-in network for images, put where the trainer of a person's own models expects their file: it trains in the
same way, a trial at a time, and nobody has to trust anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import CNN, pinned_values
from tuner_gui.study.checks import check_value
from tuner_gui.study.definition import Task
from tuner_gui.study.own_model import BUILD_MODEL
from tuner_gui.training.cnn_model import build_cnn, make_loss, make_optimizer
from tuner_gui.training.data import Split
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.own_file import OwnFile
from tuner_gui.training.schedule import steps_per_epoch

NAME = Path("the built-in CNN")
"""How reasons of failures call it, in the place of a file."""


def cnn_file(split: Split) -> OwnFile:
    """What builds a network for these images from ``hp``, ready to train; ``split`` has been loaded as images."""

    def build(hp: HyperParameters) -> Any:
        return compiled_cnn(split, hp.given)

    return OwnFile(NAME, BUILD_MODEL, build)


def compiled_cnn(split: Split, hyperparameters: Mapping[str, Value]) -> Any:
    """The Keras model with its optimizer and loss; the textbook's value where one is missing. SpaceError where one
    cannot be."""
    values = cnn_values(hyperparameters)
    model = build_cnn(_image(split), split.outputs, values)
    steps = steps_per_epoch(len(split.train), values["batch_size"])
    model.compile(make_optimizer(values, steps), make_loss(classes=split.task is Task.CLASSIFICATION))
    return model


def trained_cnn(split: Split, hyperparameters: Mapping[str, Value], weights: Mapping[str, NDArray[Any]]) -> Any:
    """The Keras model with the weights that a trial kept, from images as they were prepared to logits of the classes
    or standardised targets; it is not compiled. ValueError for weights of another trial."""
    model = build_cnn(_image(split), split.outputs, cnn_values(hyperparameters))
    model.set_weights([weights[str(number)] for number in range(len(weights))])
    return model


def cnn_values(hyperparameters: Mapping[str, Value]) -> dict[str, Any]:
    """All hyperparameters of a trial, each as the network takes it."""
    pinned = pinned_values(CNN)
    given = {**pinned, **hyperparameters}
    return {name: check_value(name, given[name]) for name in pinned}


def _image(split: Split) -> tuple[int, int, int]:
    if split.image is None:
        raise ValueError("the data are no images")
    return split.image
