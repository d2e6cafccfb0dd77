"""Builds a model of a person's own file, ready to train. TensorFlow is loaded only for a file that needs it."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.training.data import Part, Split
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.own_file import OwnFile

DEFAULT_BATCH = 64


class GivenUpError(BaseException):
    """A person or the search ended the trial. No Exception, so that a person's file does not catch it."""


def built(file: OwnFile, split: Split, values: Mapping[str, Value], *, seed: int) -> tuple[HyperParameters, Any]:
    """The file's model with these values, ready to train. OwnFileError, with the values, for whatever goes wrong."""
    from tuner_gui.training.own_network import DEFAULT_RATE, ModelError, OwnNetwork

    set_seed(seed)
    hp = HyperParameters(values)
    try:
        model = file.call(hp)
        rate = hp.values.get("learning_rate", values.get("learning_rate", DEFAULT_RATE))
        return hp, OwnNetwork(model, split, rate=float(rate))
    except ModelError as error:
        raise file.refusal(f"{file.entry}: {error}", hp.values or values) from None
    except BaseException as error:
        if isinstance(error, GivenUpError):
            raise
        raise file.error(error, hp.values or values) from None


def batch_size(values: Mapping[str, Value], hp: HyperParameters) -> int:
    size = hp.values.get("batch_size", values.get("batch_size", DEFAULT_BATCH))
    return max(1, int(size))


def figure_on_test_part(file: OwnFile, split: Split, values: Mapping[str, Value], npz: bytes) -> dict[str, float]:
    from tuner_gui.training.lane_state import arrays_from_npz

    _hp, network = built(file, split, values, seed=0)
    network.set_weights(arrays_from_npz(npz))
    test: Part = split.test()
    metrics: dict[str, float] = network.evaluate("test_", test)
    return metrics


def set_seed(seed: int) -> None:
    """Of all that a file may draw from; Keras only where the file uses it."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the file draws from it
    if "keras" in sys.modules:
        import keras

        keras.utils.set_random_seed(seed)


def forget() -> None:
    """Let go of the models of the trial that is over."""
    if "keras" in sys.modules:
        import keras

        keras.backend.clear_session(free_memory=False)
    gc.collect()
