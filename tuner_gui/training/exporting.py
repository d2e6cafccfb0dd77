"""Makes the file of a Keras model, in a process of its own.

Imported by a process that must never load TensorFlow, so that is imported inside functions.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import CNN, MLP
from tuner_gui.study.definition import DataSettings
from tuner_gui.study.own_model import KeptModel

if TYPE_CHECKING:
    from tuner_gui.training.data import Split


@dataclass(frozen=True)
class Again:
    """How a trial is trained again whose weights were not kept."""

    seed: int
    epochs: int
    objective: str


@dataclass(frozen=True)
class KerasFile:
    """The model to make at ``path``: a trial's hyperparameters, its kept weights, and the data it was trained on.

    Without weights it is trained ``again``. ``model`` is a person's own file, which is trusted, with its text as it is
    to be run; None for a network of this program, of which ``kind`` says which one.
    """

    path: str
    data: DataSettings
    hyperparameters: Mapping[str, Value]
    npz: bytes | None
    again: Again | None = None
    model: KeptModel | None = None
    kind: str = MLP


@dataclass(frozen=True)
class Made:
    """``document`` is that of the preparation; where nothing was made, ``problem`` says why in words.

    ``names`` are those of the inputs in the order of the columns, where each column has one of its own. ``value`` is
    the objective of a trial that was trained again. ``needed`` are the names of what Keras finds only in the person's
    file; ``unsafe`` is whether it opens the model only with ``safe_mode=False``.
    """

    document: Mapping[str, Any] | None = None
    problem: str = ""
    names: tuple[str, ...] = ()
    value: float | None = None
    needed: tuple[str, ...] = ()
    unsafe: bool = False


def main(connection: Connection, wanted: KerasFile) -> None:
    """Answer with :class:`Made`. Ctrl+C is for the parent, which then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        from tuner_gui.training.process import step_back

        step_back()
        made = _made(wanted)
    except BaseException as error:  # noqa: BLE001  (SystemExit of a person's file among them: they are to read it)
        made = Made(problem=str(error) or type(error).__name__)
    with contextlib.suppress(OSError):
        connection.send(made)
    connection.close()


def _made(wanted: KerasFile) -> Made:
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)
    from tuner_gui.training.data import load
    from tuner_gui.training.prepared_model import names_of_inputs, prepared_model

    split = load(wanted.data, images=wanted.kind == CNN)
    if wanted.model is not None:
        from tuner_gui.training.own_export import made_own

        made = made_own(wanted, wanted.model, split)
    else:
        model, value = (_cnn if wanted.kind == CNN else _mlp)(wanted, split)
        prepared_model(model, split.preparation).save(wanted.path)
        made = Made(split.preparation.document(), value=value)
    return replace(made, names=names_of_inputs(split.preparation))


def _cnn(wanted: KerasFile, split: Split) -> tuple[Any, float | None]:
    from tuner_gui.training.cnn import cnn_file, trained_cnn
    from tuner_gui.training.lane_state import arrays_from_npz
    from tuner_gui.training.own_export import trained_network

    network, value = trained_network(cnn_file(split), wanted, split)
    return trained_cnn(split, wanted.hyperparameters, arrays_from_npz(network.weights())), value


def _mlp(wanted: KerasFile, split: Split) -> tuple[Any, float | None]:
    from tuner_gui.training.keras_model import keras_model
    from tuner_gui.training.lane_state import weights_from_npz
    from tuner_gui.training.settings import trial_settings

    npz, value = (wanted.npz, None) if wanted.npz is not None else _trained_again(wanted, split)
    settings = trial_settings(wanted.hyperparameters, seed=0)
    weights = weights_from_npz(npz, settings, inputs=split.inputs, outputs=split.outputs)
    return keras_model(settings, weights, split.inputs, split.outputs), value


def _trained_again(wanted: KerasFile, split: Split) -> tuple[bytes, float | None]:
    """The weights and the objective. ValueError, in words, where the trial does not finish any more."""
    from tuner_gui.study.events import Event, TrialEnded, WeightsKept
    from tuner_gui.training.messages import Job
    from tuner_gui.training.trainer import Trainer

    if wanted.again is None:
        raise ValueError("the weights were not kept")
    events: list[Event] = []
    again = wanted.again
    trainer = Trainer(split, report=events.extend)
    trainer.submit(Job(1, again.seed, wanted.hyperparameters, again.epochs, again.objective))
    trainer.run_until_idle()
    end = next(event for event in events if isinstance(event, TrialEnded))
    for event in events:
        if isinstance(event, WeightsKept):
            return event.npz, end.value
    raise ValueError(f"trained again, the trial ended as {end.state} ({end.reason or 'without weights'})")
