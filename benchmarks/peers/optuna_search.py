"""Optuna over the same space: random search with its study in memory, and TPE with a pruner, in several processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

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


def prepare_tpe(training: Training, seed: int, folder: Path | None) -> Callable[[], None]:
    """TPE and the median pruner, as shipped, without an end; processes with the same folder work on the same study.

    The folder holds Optuna's journal, the storage that it advises for several processes on one machine.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name="target",
        storage=None if folder is None else JournalStorage(JournalFileBackend(str(folder / "optuna.log"))),
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(),
    )
    return partial(study.optimize, partial(_pruned_objective, training))


def _pruned_objective(training: Training, trial: optuna.Trial) -> float:
    keras.backend.clear_session()
    values = {parameter.name: _suggest(trial, parameter) for parameter in training.space}
    report = _Report(trial)
    history = training.fit(training.build(values), values, [report])
    if report.pruned:
        raise optuna.TrialPruned
    return float(history.history[OBJECTIVE.metric][-1])


class _Report(keras.callbacks.Callback):
    """Tells Optuna the objective after every epoch, and ends the trial when it says so."""

    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self.pruned = False
        self._trial = trial

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._trial.report(float((logs or {})[OBJECTIVE.metric]), epoch)
        if self._trial.should_prune():
            self.pruned = self.model.stop_training = True


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
