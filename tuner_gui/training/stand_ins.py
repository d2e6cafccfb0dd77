"""What a person's file finds under the names ``keras_tuner`` and, for the calls that start a search, ``optuna``.

Published examples make a tuner and search at once when they are run. Here the search is ours: a file is loaded up to
where it would begin its own, and what it would have searched is what is trained. Nothing of KerasTuner is in here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from tuner_gui.study.own_model import BUILD_MODEL, OBJECTIVE
from tuner_gui.training.asked import Asked
from tuner_gui.training.hyperparameters import HyperParameters

_ERRORS = ("FailedTrialError", "FatalError", "FatalValueError", "FatalTypeError", "FatalRuntimeError")
_TUNERS = ("Tuner", "RandomSearch", "GridSearch", "BayesianOptimization", "Hyperband", "SklearnTuner")


class EnoughLoadedError(BaseException):
    """A file would begin its own search now. No Exception, so that the file does not catch it.

    ``entry`` says how ``model``, what it would search, is called: as build_model or as objective. ``instead`` and
    ``only`` are what a tuner is told to search of it; see :class:`.hyperparameters.HyperParameters`.
    """

    def __init__(
        self,
        entry: str,
        model: object,
        direction: str,
        *,
        instead: Mapping[str, Asked] | None = None,
        only: bool = False,
    ) -> None:
        super().__init__("the file begins a search of its own")
        self.entry = entry
        self.model = model
        self.direction = direction
        self.instead = dict(instead or {})
        self.only = only


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
    """What a file may raise where a set of values makes no sense. All such errors are one here: the trial fails."""


class _Oracle:
    def __init__(self, *_args: object, **named: object) -> None:
        self.named = named


class _Tuner:
    """Made, it ends the loading of the file. What a derived tuner's ``run_trial`` does is not done."""

    def __init__(self, *given: object, **named: Any) -> None:
        for oracle in [value for value in (*given, *named.values()) if isinstance(value, _Oracle)]:
            named = {**oracle.named, **named}
        models = [named.get("hypermodel"), *(value for value in given if not isinstance(value, _Oracle))]
        hypermodel = next((model for model in models if model is not None), None)
        objective = named.get("objective")
        direction = {"max": "maximize", "min": "minimize"}.get(str(getattr(objective, "direction", "")), "")
        told = named.get("hyperparameters")
        instead = told.known if isinstance(told, HyperParameters) else {}
        only = bool(instead) and not named.get("tune_new_entries", True)
        raise EnoughLoadedError(BUILD_MODEL, hypermodel, direction, instead=instead, only=only)


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
    errors, oracles = ModuleType(f"{name}.errors"), ModuleType(f"{name}.oracles")
    errors.__dict__.update(dict.fromkeys(_ERRORS, FailedTrialError))
    classes = {tuner: type(tuner, (_Tuner,), {"__module__": name}) for tuner in _TUNERS}
    oracles.__dict__.update({tuner: type(tuner, (_Oracle,), {"__module__": name}) for tuner in _TUNERS})
    top.__dict__.update(
        classes,
        HyperModel=HyperModel,
        HyperParameters=HyperParameters,
        Objective=Objective,
        tuners=tuners,
        engine=engine,
        errors=errors,
        oracles=oracles,
        __path__=[],
    )
    tuners.__dict__.update(classes)
    values.__dict__.update(HyperParameters=HyperParameters)
    hypermodel.__dict__.update(HyperModel=HyperModel)
    engine.__dict__.update(hyperparameters=values, hypermodel=hypermodel, __path__=[])
    top.__dict__.update(dict.fromkeys(_ERRORS, FailedTrialError))
    return [top, tuners, engine, values, hypermodel, errors, oracles]
