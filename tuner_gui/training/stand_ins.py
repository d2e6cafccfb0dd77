"""What a person's file finds under the names ``keras_tuner`` and, for the calls that start a search, ``optuna``.

Published examples make a tuner and search at once when they are run. Here the search is ours: a file is loaded up to
where it would begin its own, and what it would have searched is what is trained. Nothing of KerasTuner is in here.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tuner_gui.study.own_model import BUILD_MODEL, OBJECTIVE
from tuner_gui.training.hyperparameters import HyperParameters

_TUNERS = ("Tuner", "RandomSearch", "GridSearch", "BayesianOptimization", "Hyperband", "SklearnTuner")


class EnoughLoadedError(BaseException):
    """A file would begin its own search now. No Exception, so that the file does not catch it.

    ``entry`` says how ``model``, what it would search, is called: as build_model or as objective.
    """

    def __init__(self, entry: str, model: object, direction: str) -> None:
        super().__init__("the file begins a search of its own")
        self.entry = entry
        self.model = model
        self.direction = direction


class HyperModel:
    """What a person derives from, with a ``build(hp)``. ``fit`` is not called: training is ours."""

    def __init__(self, name: str | None = None, tunable: bool = True) -> None:
        self.name = name
        self.tunable = tunable

    def build(self, hp: HyperParameters) -> Any:
        raise NotImplementedError("a HyperModel needs a build(hp) that returns a model")


class Objective:
    def __init__(self, name: str, direction: str) -> None:
        self.name = name
        self.direction = direction


class FailedTrialError(Exception):
    """What a file may raise where a set of values makes no sense."""


class _Tuner:
    def __init__(self, hypermodel: object = None, *_more: object, objective: object = None, **_named: object) -> None:
        direction = {"max": "maximize", "min": "minimize"}.get(str(getattr(objective, "direction", "")), "")
        raise EnoughLoadedError(BUILD_MODEL, hypermodel, direction)


class _Study:
    """Stands for an Optuna study: everything may be called, and optimize is where the file's own search would begin."""

    def __init__(self, direction: object) -> None:
        self._direction = str(getattr(direction, "name", direction) or "").lower()

    def optimize(self, func: object = None, *_more: object, **_named: object) -> None:
        raise EnoughLoadedError(OBJECTIVE, func, self._direction)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing


def put_in_place(text: str) -> None:
    """Let a file with this text find the stand-ins. For a process that trains and does nothing else."""
    for name in ("keras_tuner", "kerastuner"):
        for module in _keras_tuner(name):
            sys.modules[module.__name__] = module
    if "optuna" in text:
        try:
            import optuna
        except ImportError:  # the file will say so itself
            return
        optuna.create_study = optuna.load_study = _study
        optuna.logging.set_verbosity(optuna.logging.ERROR)


def _study(*_args: object, direction: object = None, directions: object = None, **_named: object) -> _Study:
    if isinstance(directions, (list, tuple)) and len(directions) > 1:
        raise ValueError("several objectives at once are not searched here: return a single number")
    return _Study(direction or (directions[0] if isinstance(directions, (list, tuple)) and directions else ""))


def _nothing(*_args: object, **_named: object) -> None:
    return None


def _keras_tuner(name: str) -> list[ModuleType]:
    top, tuners = ModuleType(name), ModuleType(f"{name}.tuners")
    engine, values = ModuleType(f"{name}.engine"), ModuleType(f"{name}.engine.hyperparameters")
    hypermodel = ModuleType(f"{name}.engine.hypermodel")
    classes = {tuner: type(tuner, (_Tuner,), {"__module__": name}) for tuner in _TUNERS}
    top.__dict__.update(
        classes,
        HyperModel=HyperModel,
        HyperParameters=HyperParameters,
        Objective=Objective,
        tuners=tuners,
        engine=engine,
        errors=engine,
        __path__=[],
    )
    tuners.__dict__.update(classes)
    values.__dict__.update(HyperParameters=HyperParameters)
    hypermodel.__dict__.update(HyperModel=HyperModel)
    engine.__dict__.update(
        hyperparameters=values, hypermodel=hypermodel, FailedTrialError=FailedTrialError, __path__=[]
    )
    top.__dict__.update(FailedTrialError=FailedTrialError)
    return [top, tuners, engine, values, hypermodel]
