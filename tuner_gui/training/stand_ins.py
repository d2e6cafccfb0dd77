"""What a person's file finds under the names ``keras_tuner`` and, for the calls that start a search, ``optuna``.

Published examples make a tuner and search at once when they are run. Here the search is ours: a file is loaded up to
where it would begin its own, and what it would have searched is what is trained. Nothing of KerasTuner is in here.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tuner_gui.training import tuners
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.tuners import (
    FailedTrialError,
    HyperModel,
    Objective,
    Oracle,
    RefusedError,
    SearchBeginsError,
    Tuner,
    nothing,
)

NAMES = ("keras_tuner", "kerastuner")
_ERRORS = ("FailedTrialError", "FatalError", "FatalValueError", "FatalTypeError", "FatalRuntimeError")
_TUNERS = ("RandomSearch", "GridSearch", "BayesianOptimization", "Hyperband")
_APPLICATIONS = ("HyperResNet", "HyperXception", "HyperEfficientNet", "HyperImageAugment")


class OptimizeBeginsError(SearchBeginsError):
    """An Optuna file would optimize ``objective`` now."""

    def __init__(self, objective: object, direction: str) -> None:
        super().__init__("the file begins a search of its own")
        self.objective = objective
        self.direction = direction


class _Study:
    """Stands for an Optuna study: everything may be called, and optimize is where the file's own search would begin."""

    def __init__(self, direction: object) -> None:
        self._direction = str(getattr(direction, "name", direction) or "").lower()

    def optimize(self, func: object = None, *_more: object, **_named: object) -> None:
        raise OptimizeBeginsError(func, self._direction)

    def ask(self, *_given: object, **_named: object) -> None:
        raise RefusedError("ask and tell are not run here: write a function objective(trial)")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing


def put_in_place(text: str, *, search: int = 1) -> None:
    """Let a file with this text find the stand-ins. For a process that trains and does nothing else.

    ``search`` counts the file's own searches: at which of them its loading ends.
    """
    tuners.searches.begin(search)
    for name in NAMES:
        for module in _keras_tuner(name):
            sys.modules[module.__name__] = module
    if "optuna" in text:
        try:
            import optuna
        except ImportError:  # the file will say so itself
            return
        for place in (optuna, optuna.study):
            place.create_study = place.load_study = _study
        optuna.logging.set_verbosity(optuna.logging.ERROR)


def _study(*_args: object, direction: object = None, directions: object = None, **_named: object) -> _Study:
    if isinstance(directions, (list, tuple)) and len(directions) > 1:
        raise RefusedError("several objectives at once are not searched here: return a single number")
    return _Study(direction or (directions[0] if isinstance(directions, (list, tuple)) and directions else ""))


def _keras_tuner(name: str) -> list[ModuleType]:
    """All modules from which files are known to import."""
    kinds = {kind: type(kind, (Tuner,), {"__module__": name}) for kind in _TUNERS}
    tuned = {**kinds, "Tuner": Tuner, "SklearnTuner": _no_sklearn, "Sklearn": _no_sklearn}
    oracles = {kind: type(kind, (Oracle,), {"__module__": name}) for kind in _TUNERS}
    oracles |= {f"{kind}Oracle": oracle for kind, oracle in oracles.items()}
    errors = dict.fromkeys(_ERRORS, FailedTrialError)
    hypers = {"HyperModel": HyperModel, "HyperParameters": HyperParameters}
    engine: dict[str, dict[str, Any]] = {
        "base_tuner": {"BaseTuner": Tuner},
        "tuner": {"Tuner": Tuner},
        "multi_execution_tuner": {"MultiExecutionTuner": Tuner},
        "hypermodel": hypers,
        "hyperparameters": hypers,
        "objective": {"Objective": Objective},
        "oracle": {"Oracle": Oracle, "Objective": Objective},
        "trial": {"Trial": tuners.TunerTrial},
    }
    found = [_module(f"{name}.engine.{part}", content) for part, content in engine.items()]
    parts: dict[str, dict[str, Any]] = {"tuners": tuned, "oracles": oracles, "errors": errors}
    parts |= {"engine": {}, "applications": {}}
    found += [_module(f"{name}.{part}", content) for part, content in parts.items()]
    top = _module(name, {**tuned, **errors, **hypers, "Objective": Objective, "Oracle": Oracle})
    by_name = {module.__name__: module for module in [top, *found]}
    for whole, module in by_name.items():
        parent, _, part = whole.rpartition(".")
        if parent:
            setattr(by_name[parent], part, module)
    for whole in (f"{name}.applications", name):
        by_name[whole].__getattr__ = _application  # type: ignore[method-assign]
    return list(by_name.values())


def _module(name: str, content: dict[str, Any]) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(content, __path__=[])
    return module


def _no_sklearn(*_given: object, **_named: object) -> None:
    raise RefusedError("tuners of scikit-learn models are not run here: write a function objective(trial)")


def _application(name: str) -> Any:
    """A ready-made model of KerasTuner, where that is installed: it is loaded beside the stand-ins."""
    if name not in _APPLICATIONS:
        raise AttributeError(name)
    return _from_the_real_one(lambda: getattr(importlib.import_module("keras_tuner.applications"), name), name)


def _from_the_real_one(take: Callable[[], Any], name: str) -> Any:
    ours = {whole: module for whole, module in sys.modules.items() if whole.split(".")[0] in NAMES}
    for whole in ours:
        del sys.modules[whole]
    try:
        return take()
    except ImportError as error:
        raise ImportError(
            f"{name} is a model of KerasTuner's own, which is not here ({error}): "
            "install keras-tuner and tensorboard, or write a build_model(hp)"
        ) from None
    finally:
        for whole in [whole for whole in sys.modules if whole.split(".")[0] in NAMES]:
            del sys.modules[whole]
        sys.modules.update(ours)
