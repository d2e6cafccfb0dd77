"""KerasTuner over the same space: RandomSearch, as shipped or with its checkpoint callback removed, and Hyperband."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import keras_tuner
from keras_tuner.src.engine.tuner_utils import SaveBestEpoch

from benchmarks.peers.training import Training
from benchmarks.throughput_works import OBJECTIVE
from tuner_gui.space.parameters import ChoiceParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale

_FOR_EVER = 1_000


def prepare(training: Training, trials: int, seed: int, *, checkpoints: bool) -> Callable[[], None]:
    folder = tempfile.TemporaryDirectory()
    tuner = keras_tuner.RandomSearch(
        _Hypermodel(training, checkpoints=checkpoints),
        objective=keras_tuner.Objective(OBJECTIVE.metric, "max"),
        max_trials=trials,
        seed=seed,
        directory=folder.name,
    )
    return partial(_search, tuner, folder)


def prepare_hyperband(training: Training, seed: int, folder: Path) -> Callable[[], None]:
    """Hyperband, begun again whenever it is through. Several processes share one search if :func:`share` was called."""
    tuner = keras_tuner.Hyperband(
        _Hypermodel(training, checkpoints=True),
        objective=keras_tuner.Objective(OBJECTIVE.metric, "max"),
        max_epochs=training.epochs,
        factor=3,
        hyperband_iterations=_FOR_EVER,
        seed=seed,
        directory=folder,
    )
    return partial(_search_on, tuner)


def share(port: int, worker: int | None) -> None:
    """Make this process one of several that search together, before its tuner is made; None: the one they all ask.

    The tuner of that one answers the others from when its search is called, and trains nothing.
    """
    os.environ["KERASTUNER_TUNER_ID"] = "chief" if worker is None else f"worker {worker}"
    os.environ["KERASTUNER_ORACLE_IP"] = "127.0.0.1"
    os.environ["KERASTUNER_ORACLE_PORT"] = str(port)
    # What they say to each other stays on this machine, whatever proxy the network has.
    os.environ["no_grpc_proxy"] = "127.0.0.1"  # noqa: SIM112 - the name that gRPC reads


def _search_on(tuner: keras_tuner.Tuner) -> None:
    tuner.search(verbose=0)
    raise RuntimeError("the search ended by itself")


def _search(tuner: keras_tuner.Tuner, folder: tempfile.TemporaryDirectory[str]) -> None:
    with folder:
        tuner.search(verbose=0)
        # The tuner catches what goes wrong in a trial and goes on.
        problems = [trial.message for trial in tuner.oracle.trials.values() if trial.status != "COMPLETED"]
        if problems:
            raise RuntimeError(f"{len(problems)} trials failed; the first one:\n{problems[0]}")


class _Hypermodel(keras_tuner.HyperModel):
    def __init__(self, training: Training, *, checkpoints: bool) -> None:
        super().__init__()
        self._training = training
        self._checkpoints = checkpoints

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        return self._training.build(self._values(hp))

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *, callbacks: Sequence[Any], **told: Any) -> Any:
        kept = [callback for callback in callbacks if self._checkpoints or not isinstance(callback, SaveBestEpoch)]
        epochs = {name: int(told[name]) for name in ("epochs", "initial_epoch") if name in told}
        return self._training.fit(model, self._values(hp), kept, **epochs)

    def _values(self, hp: keras_tuner.HyperParameters) -> dict[str, Value]:
        return {parameter.name: _suggest(hp, parameter) for parameter in self._training.space}


def _suggest(hp: keras_tuner.HyperParameters, parameter: Parameter) -> Value:
    name = parameter.name
    if isinstance(parameter, ChoiceParameter):
        return hp.Choice(name, list(parameter.choices))
    sampling = "log" if parameter.scale is Scale.LOG else "linear"
    if isinstance(parameter, IntParameter):
        return hp.Int(name, parameter.low, parameter.high, sampling=sampling)
    if parameter.scale is Scale.LOG1M:
        return 1 - hp.Float(f"1 - {name}", 1 - parameter.high, 1 - parameter.low, sampling="log")
    return hp.Float(name, parameter.low, parameter.high, sampling=sampling)
