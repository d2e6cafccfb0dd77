"""Makes the file of a Keras model, in a process of its own.

Imported by a process that must never load TensorFlow, so that is imported inside functions.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import CNN, MLP
from tuner_gui.study.definition import DataSettings

if TYPE_CHECKING:
    from tuner_gui.training.data import Split


@dataclass(frozen=True)
class KerasFile:
    """The model to make at ``path``: a trial's hyperparameters, its kept weights, the data it was trained on, and the
    kind of network."""

    path: str
    data: DataSettings
    hyperparameters: Mapping[str, Value]
    npz: bytes
    kind: str = MLP


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
    from tuner_gui.training.prepared_model import prepared_model

    split = load(wanted.data, images=wanted.kind == CNN)
    model = _cnn(wanted, split) if wanted.kind == CNN else _mlp(wanted, split)
    prepared_model(model, split.preparation).save(wanted.path)
    return split.preparation.document()


def _cnn(wanted: KerasFile, split: Split) -> Any:
    from tuner_gui.training.cnn import trained_cnn
    from tuner_gui.training.lane_state import arrays_from_npz

    return trained_cnn(split, wanted.hyperparameters, arrays_from_npz(wanted.npz))


def _mlp(wanted: KerasFile, split: Split) -> Any:
    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.lane_state import weights_from_npz
    from tuner_gui.training.settings import trial_settings

    settings = trial_settings(wanted.hyperparameters, seed=0)
    weights = weights_from_npz(wanted.npz, settings, inputs=split.inputs, outputs=split.outputs)
    return keras_model(settings, weights, split.inputs, split.outputs)
