"""``HyperModel``, ``Tuner`` and what else of KerasTuner a person's file makes or derives from.

Nothing of KerasTuner is in here, and no TensorFlow. A tuner here never searches: at its ``search`` the loading of the
file ends, and ``run_trial`` then trains one trial at a time, with values that were drawn elsewhere.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tuner_gui.study.own_model import OWN_VALUE
from tuner_gui.training.asked import Asked
from tuner_gui.training.hyperparameters import HyperParameters

_GROW = ("acc", "auc", "precision", "recall", "f1", "f_beta", "fbeta", "r2", "iou", "true_positives", "true_negatives")
MOST_EPOCHS_OF_HYPERBAND = 100
_DIRECTIONS = {"max": "maximize", "min": "minimize"}


class FailedTrialError(Exception):
    """What a file may raise where a set of values makes no sense. All such errors are one here: the trial fails."""


class RefusedError(Exception):
    """A file wants what is not done here; the message says what, and what to do instead."""


class SearchBeginsError(BaseException):
    """A file would begin its own search now. No Exception, so that the file does not catch it."""


@dataclass(frozen=True)
class Given:
    """What a file passes to ``search``: its own data, and how they are to be trained on."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


class Hears(Protocol):
    """Whoever runs a trial of a tuner: hears of what it does, and may end it by raising."""

    def suggested(self, wanted: Asked) -> None: ...

    def batch_begins(self, model: Any, fraction: float, steps: int) -> None:
        """``fraction`` of the training is done; an epoch has so many ``steps``, 0 where that is not known."""

    def epoch_ended(self, model: Any, logs: Mapping[str, Any]) -> None: ...


class _Nobody:
    def suggested(self, wanted: Asked) -> None: ...

    def batch_begins(self, model: Any, fraction: float, steps: int) -> None: ...

    def epoch_ended(self, model: Any, logs: Mapping[str, Any]) -> None: ...


class TunerTrial:
    """What ``run_trial`` gets. ``fitted`` brings data that are not the file's own into the form a model takes."""

    def __init__(self, number: int, hp: HyperParameters, hears: Hears) -> None:
        self.hyperparameters = hp
        self.trial_id = f"{number:04d}"
        self.status, self.score, self.message, self.best_step = "RUNNING", None, None, 0
        self.hears = hears
        self.reports = 0
        self.fitted: Callable[[Any, tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]] | None
        self.fitted = None

    def report(self, model: Any, logs: Mapping[str, Any]) -> None:
        self.reports += 1
        self.hears.epoch_ended(model, logs)


class HyperModel:
    """What a person derives from, with a ``build(hp)`` and perhaps a ``fit(hp, model, …)``."""

    def __init__(self, name: str | None = None, tunable: bool = True) -> None:
        self.name = name
        self.tunable = tunable

    def build(self, hp: HyperParameters) -> Any:
        raise NotImplementedError("a HyperModel needs a build(hp) that returns a model")

    def declare_hyperparameters(self, hp: HyperParameters) -> None:
        """Kept for files that call it: what ``build`` asks for is found without it."""

    def fit(self, hp: HyperParameters, model: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return model.fit(*args, **kwargs)


class _Function(HyperModel):
    def __init__(self, build: Callable[[HyperParameters], Any]) -> None:
        super().__init__()
        self.build = build  # type: ignore[assignment,method-assign]


class Objective:
    def __init__(self, name: str, direction: str) -> None:
        self.name = name
        self.direction = direction


class Oracle:
    """Holds what a tuner is told; it draws nothing."""

    def __init__(self, objective: Any = None, *given: Any, **named: Any) -> None:
        self.objective = objective
        self.limit = given[0] if given else named.get("max_epochs")
        self.hyperparameters = named.get("hyperparameters")
        self.only = not (named.get("tune_new_entries", True) and named.get("allow_new_entries", True))
        self.trial: TunerTrial | None = None

    def get_space(self) -> HyperParameters:
        return HyperParameters()

    def update_trial(self, trial_id: str, metrics: Mapping[str, Any], step: int = 0) -> None:  # noqa: ARG002
        if self.trial is not None:
            self.trial.report(None, metrics)

    def get_trial(self, trial_id: str) -> TunerTrial | None:  # noqa: ARG002
        return self.trial

    def get_best_trials(self, num_trials: int = 1) -> list[TunerTrial]:  # noqa: ARG002
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return nothing


class Searches:
    """The searches of the file that is loaded: at the one that is ``wanted``, counted from 1, the loading ends."""

    def __init__(self) -> None:
        self.begin(1)

    def begin(self, wanted: int) -> None:
        self.wanted = wanted
        self.begun = 0
        self.made: Tuner | None = None
        self.found: tuple[Tuner, Given] | None = None

    def next(self, tuner: Tuner, given: Given) -> None:
        self.begun += 1
        if self.begun == self.wanted:
            self.found = tuner, given
            raise SearchBeginsError("the file begins a search of its own")


searches = Searches()


class Tuner:
    """``build`` is what the file's own search would build: with the ranges, and compiled with what, it was given."""

    def __init__(self, *given: Any, **named: Any) -> None:
        oracle, (hypermodel, *told) = _sorted_out(given, named)
        self.oracle = oracle or Oracle(*told, **named)
        self.hypermodel = _as_hypermodel(hypermodel)
        if self.hypermodel is None and not self.runs_trials:
            raise ValueError("a tuner needs a hypermodel: a function build_model(hp), or a HyperModel")
        self.optimizer, self.loss, self.metrics = (named.get(name) for name in ("optimizer", "loss", "metrics"))
        self.max_model_size = named.get("max_model_size")
        self.executions_per_trial = named.get("executions_per_trial", 1)
        self.directory, self.project_name = str(named.get("directory") or "."), str(named.get("project_name") or "")
        self.project_dir = os.path.join(self.directory, self.project_name or "untitled_project")
        self.logger, self.tuner_id, self.remaining_trials = None, "tuner0", None
        self._passed_over: Given | None = None
        searches.made = self

    # --- what it is told ---

    @property
    def runs_trials(self) -> bool:
        return type(self).run_trial is not Tuner.run_trial

    @property
    def trains_itself(self) -> bool:
        """Whether the file says how a trial is trained, by ``run_trial`` or by the ``fit`` of its model."""
        has_fit = isinstance(self.hypermodel, HyperModel) and type(self.hypermodel).fit is not HyperModel.fit
        return self.runs_trials or has_fit

    @property
    def max_epochs(self) -> int:
        """As many as the longest trials of a Hyperband have; 0 for all others."""
        is_hyperband = _is_hyperband(self) or _is_hyperband(self.oracle)
        return int(self.oracle.limit or MOST_EPOCHS_OF_HYPERBAND) if is_hyperband else 0

    @property
    def objective(self) -> tuple[str, str]:
        """The metric to search by and its direction, empty where nobody can tell; a single number means less."""
        told = self.oracle.objective
        if isinstance(told, (list, tuple)):
            raise RefusedError("several objectives at once are not searched here: expected one objective")
        if told is None:
            return OWN_VALUE, "minimize"
        name = str(getattr(told, "name", told))
        known = _DIRECTIONS.get(str(getattr(told, "direction", "")), "")
        return name, known or direction_of(name)

    def prepare(self, hp: HyperParameters) -> HyperParameters:
        told = self.oracle.hyperparameters
        if isinstance(told, HyperParameters) and told.known:
            hp.instead, hp.only = told.known, self.oracle.only
        return hp

    # --- what a file may call before and after its search ---

    def search(self, *args: Any, **kwargs: Any) -> None:
        self._passed_over = Given(args, kwargs)
        searches.next(self, self._passed_over)

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[HyperParameters]:
        """The defaults: after a search that was passed over there is nothing better. What ``run_trial`` asks for only
        a trial can tell."""
        hp = self.prepare(HyperParameters())
        if self.runs_trials and self._passed_over is not None:
            self.run_trial(TunerTrial(0, hp, _Nobody()), *self._passed_over.args, **self._passed_over.kwargs)
        elif self.hypermodel is not None:
            self.hypermodel.build(hp)
        return [hp] * num_trials

    def get_best_models(self, num_models: int = 1) -> list[Any]:
        return [self.build(hp) for hp in self.get_best_hyperparameters(num_models)]

    def get_trial_dir(self, trial_id: str) -> str:
        return os.path.join(self.project_dir, f"trial_{trial_id}")

    def __getattr__(self, name: str) -> Any:
        """search_space_summary, results_summary, reload, save_model, … do nothing here."""
        if name.startswith("__") or name in ("oracle", "hypermodel"):
            raise AttributeError(name)
        if name in _DOES_NOTHING:
            return nothing
        raise AttributeError(f"{type(self).__name__} has no {name}")

    # --- one trial ---

    def build(self, hp: HyperParameters) -> Any:
        if self.hypermodel is None:
            raise ValueError("this tuner has no hypermodel to build")
        model = self.hypermodel.build(self.prepare(hp))
        if hasattr(model, "compile") and (self.optimizer or self.loss or self.metrics):
            self._compile_again(model)
        if self.max_model_size and getattr(model, "built", False) and model.count_params() > self.max_model_size:
            raise FailedTrialError(f"the model has {model.count_params():,} weights, more than {self.max_model_size:,}")
        return model

    def run_trial(self, trial: TunerTrial, *args: Any, **kwargs: Any) -> Any:
        """Build, and fit once: what several executions are for, repeats of the best trials with other seeds do here."""
        from tuner_gui.training.own_callback import reporter

        if self.hypermodel is None:
            raise ValueError("this tuner has no hypermodel to run")
        callbacks = _copied(kwargs.pop("callbacks", None), trial)
        model = self.build(trial.hyperparameters)
        if trial.fitted is not None:
            args, kwargs = trial.fitted(model, args, kwargs)
        if not self.trains_itself:
            kwargs.setdefault("verbose", 0)
        kwargs["callbacks"] = [*callbacks, reporter(self, trial)]
        return self.hypermodel.fit(trial.hyperparameters, model, *args, **kwargs)

    def on_epoch_end(self, trial: TunerTrial, model: Any, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        trial.report(model, logs or {})

    def on_batch_end(self, trial: TunerTrial, model: Any, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        trial.hears.batch_begins(model, 0.0, 0)

    def _compile_again(self, model: Any) -> None:
        optimizer = self.optimizer or model.optimizer
        if self.optimizer is not None and hasattr(optimizer, "get_config"):
            optimizer = type(optimizer).from_config(optimizer.get_config())  # one optimizer serves one model
        kept = getattr(getattr(model, "_compile_metrics", None), "_user_metrics", None)
        model.compile(
            optimizer=optimizer or "rmsprop", loss=self.loss or model.loss, metrics=copy.deepcopy(self.metrics) or kept
        )


_DOES_NOTHING = frozenset(
    (
        *("search_space_summary", "results_summary", "reload", "save", "save_model", "load_model"),
        *("get_state", "set_state", "pre_create_trial", "on_trial_begin", "on_trial_end"),
        *("on_search_begin", "on_search_end", "on_epoch_begin", "on_batch_begin", "_populate_initial_space"),
    )
)


def nothing(*_args: object, **_named: object) -> None:
    return None


def direction_of(metric: str) -> str:
    """By the name of a metric of Keras; empty for one that it does not tell."""
    name = metric.removeprefix("val_").lower()
    if "loss" in name or "error" in name or "entropy" in name or name in ("mse", "mae", "mape", "msle"):
        return "minimize"
    return "maximize" if any(word in name for word in _GROW) else ""


def accepts(call: Callable[..., Any], name: str) -> bool:
    """Whether a function takes an argument of this name."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(given.kind is given.VAR_KEYWORD or given.name == name for given in parameters)


def _sorted_out(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Oracle | None, list[Any]]:
    """The oracle, and the hypermodel with what follows it; ``named`` keeps what is the oracle's."""
    oracle = next((value for value in (*given, *named.values()) if isinstance(value, Oracle)), None)
    told = [value for value in given if not isinstance(value, Oracle)]
    if "hypermodel" in named or not told:
        told.insert(0, named.pop("hypermodel", None))
    return oracle, told


def _is_hyperband(thing: object) -> bool:
    return any(kind.__name__ == "Hyperband" for kind in type(thing).__mro__)


def _as_hypermodel(model: Any) -> Any:
    if isinstance(model, type) and hasattr(model, "build"):
        model = model()
    if model is None or (hasattr(model, "build") and hasattr(model, "fit")):
        return model
    if hasattr(model, "build") or callable(model):
        return _Function(getattr(model, "build", model))
    raise ValueError(f"a tuner cannot search {model!r}: expected a function build_model(hp), or a HyperModel")


def _copied(callbacks: Any, trial: TunerTrial) -> list[Any]:
    """A trial's own callbacks, because they remember what they have seen."""
    listed = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
    with contextlib.suppress(Exception):
        listed = copy.deepcopy(listed)
    for callback in listed:
        if type(callback).__name__ == "TensorBoard" and hasattr(callback, "log_dir"):
            callback.log_dir = os.path.join(str(callback.log_dir), trial.trial_id)
    return listed
