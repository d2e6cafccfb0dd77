"""Optuna: random search over the same space, its study in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import keras
import optuna

from benchmarks.peers.training import Training
from benchmarks.throughput_works import OBJECTIVE
from tuner_gui.space.parameters import ChoiceParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale


def prepare(training: Training, trials: int, seed: int) -> Callable[[], None]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=seed))
    return partial(study.optimize, partial(_objective, training), n_trials=trials)


def _objective(training: Training, trial: optuna.Trial) -> float:
    keras.backend.clear_session()
    values = {parameter.name: _suggest(trial, parameter) for parameter in training.space}
    history = training.fit(training.build(values), values)
    return float(history.history[OBJECTIVE.metric][-1])


def _suggest(trial: optuna.Trial, parameter: Parameter) -> Value:
    name = parameter.name
    if isinstance(parameter, ChoiceParameter):
        return trial.suggest_categorical(name, parameter.choices)
    log = parameter.scale is Scale.LOG
    if isinstance(parameter, IntParameter):
        return trial.suggest_int(name, parameter.low, parameter.high, log=log)
    if parameter.scale is Scale.LOG1M:
        return 1 - trial.suggest_float(f"1 - {name}", 1 - parameter.high, 1 - parameter.low, log=True)
    return trial.suggest_float(name, parameter.low, parameter.high, log=log)
