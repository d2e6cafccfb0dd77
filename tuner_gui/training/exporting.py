"""Makes the file of a Keras model, in a process of its own.

Imported by a process that must never load TensorFlow, so that is imported inside functions.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import DataSettings


@dataclass(frozen=True)
class KerasFile:
    """The model to make at ``path``: a trial's hyperparameters, its kept weights, and the data it was trained on."""

    path: str
    data: DataSettings
    hyperparameters: Mapping[str, Value]
    npz: bytes


@dataclass(frozen=True)
class Made:
    """``document`` is that of the preparation; where nothing was made, ``problem`` says why in words."""

    document: Mapping[str, Any] | None = None
    problem: str = ""


def main(connection: Connection, wanted: KerasFile) -> None:
    """Answer with :class:`Made`. Ctrl+C is for the parent, which then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        made = Made(_made(wanted))
    except Exception as error:  # noqa: BLE001  (whatever it is, the person is to read it)
        made = Made(problem=str(error) or type(error).__name__)
    with contextlib.suppress(OSError):
        connection.send(made)
    connection.close()


def _made(wanted: KerasFile) -> dict[str, Any]:
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)
    from tuner_gui.training.data import load
    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.lane_state import weights_from_npz
    from tuner_gui.training.prepared_model import prepared_model
    from tuner_gui.training.settings import trial_settings

    split = load(wanted.data)
    settings = trial_settings(wanted.hyperparameters, seed=0)
    weights = weights_from_npz(wanted.npz, settings, inputs=split.inputs, outputs=split.outputs)
    model = keras_model(settings, weights, split.inputs, split.outputs)
    prepared_model(model, split.preparation).save(wanted.path)
    return split.preparation.document()
