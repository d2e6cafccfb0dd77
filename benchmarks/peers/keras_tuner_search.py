"""KerasTuner's RandomSearch over the same space, as shipped or with its checkpoint callback removed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import keras_tuner
from keras_tuner.src.engine.tuner_utils import SaveBestEpoch

from benchmarks.peers.training import Training
from benchmarks.throughput_works import OBJECTIVE
from tuner_gui.space.parameters import ChoiceParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale


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

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *, callbacks: Sequence[Any], **_: Any) -> Any:
        kept = [callback for callback in callbacks if self._checkpoints or not isinstance(callback, SaveBestEpoch)]
        return self._training.fit(model, self._values(hp), kept)

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
