"""One trial of a file that trains by itself with a tuner: ``run_trial``, or build and ``fit``. No TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.own_file import OwnFile, OwnFileError
from tuner_gui.training.own_shapes import input_shape, loss_name
from tuner_gui.training.tuners import Given, Hears, Tuner, TunerTrial, accepts

if TYPE_CHECKING:
    from tuner_gui.training.data import Split

_OF_DATA = ("x", "y", "validation_data", "validation_split", "validation_steps", "validation_freq", "steps_per_epoch")
_ROWS = 8
_WIDTH = 4

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def run(
    file: OwnFile, hp: HyperParameters, hears: Hears, *, number: int, epochs: int, split: Split | None = None
) -> object:
    """What the file's own ``run_trial``, or build and ``fit``, returns. On ``split`` where that is given, otherwise on
    what the file's search was passed, or where it begins none, on zeros: enough to see what it asks for."""
    tuner = _tuner(file)
    trial = TunerTrial(number, tuner.prepare(hp), hears)
    hp.heard = hears.suggested
    args, kwargs = _arguments(file, tuner, split)
    if _takes_epochs(file, tuner):
        kwargs["epochs"] = epochs
    if split is not None or (file.given is None and not tuner.runs_trials):
        trial.fitted = _fitted if split is not None else _zeros
    tuner.oracle.trial = trial
    try:
        return tuner.run_trial(trial, *args, **kwargs)
    finally:
        tuner.oracle.trial = None


def epochs_of(file: OwnFile) -> int:
    """How many epochs the file's own search trains; 0 where it does not say."""
    if file.tuner is None:
        return 0
    told = file.given.kwargs.get("epochs", 0) if file.given is not None else 0
    known = told if isinstance(told, int) and not isinstance(told, bool) else 0
    is_told = file.given is not None and not file.tuner.trains_itself
    return max(0, file.tuner.max_epochs or known or int(is_told))  # Keras trains one where nothing is said


def figures(file: OwnFile, result: object, objective: str, *, grows: bool) -> dict[str, float]:
    """The metrics that a trial returned, as KerasTuner takes them: a number, the numbers by name, the best epoch of a
    History, or the mean of several. OwnFileError for anything else, and where the objective is not among them."""
    what = "run_trial" if _tuner(file).runs_trials else "fit"
    found = _by_name(result, objective, grows=grows)
    if found is None:
        kind = "nothing (None)" if result is None else f"a {type(result).__name__}"
        raise OwnFileError(f"{file.path}: {what} returned {kind}: expected a number, numbers by name, or a History")
    if objective not in found:
        known = ", ".join(sorted(found)) or "nothing"
        raise OwnFileError(f"{file.path}: {what} gave no {objective}, which is searched by: it gave {known}")
    return found


def numbers_in(logs: Mapping[str, Any]) -> dict[str, float]:
    """What of a file's metrics is a single number."""
    found: dict[str, float] = {}
    for name, value in logs.items():
        number = np.asarray(value)
        if number.ndim == 0 and number.dtype.kind in "fiub":
            found[str(name)] = float(number)
    return found


def _by_name(result: Any, objective: str, *, grows: bool) -> dict[str, float] | None:
    if isinstance(result, (list, tuple)) and result:
        several = [_by_name(one, objective, grows=grows) for one in result]
        return None if None in several else _mean([one for one in several if one is not None])
    if isinstance(getattr(result, "history", None), dict):
        return _best_epoch(result.history, objective, grows=grows)
    if isinstance(result, Mapping):
        return numbers_in(result)
    if isinstance(result, (bool, str)) or result is None:
        return None
    return numbers_in({objective: result}) or None


def _mean(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = [name for name in several[0] if all(name in one for one in several)]
    return {name: float(np.mean([one[name] for one in several])) for name in names}


def _best_epoch(history: Mapping[str, Sequence[Any]], objective: str, *, grows: bool) -> dict[str, float]:
    values = np.asarray(history.get(objective, ()), dtype=np.float64)
    known = {name: list(told) for name, told in history.items() if len(told)}
    if not len(values) or np.isnan(values).all():
        return numbers_in({name: told[-1] for name, told in known.items()})
    best = int(np.nanargmax(values) if grows else np.nanargmin(values))
    return numbers_in({name: told[best] for name, told in known.items() if best < len(told)})


# --- what run_trial and fit are passed ---


def _tuner(file: OwnFile) -> Tuner:
    if file.tuner is None:
        raise OwnFileError(f"{file.path}: it makes no tuner and has no HyperModel")
    return file.tuner


def _arguments(file: OwnFile, tuner: Tuner, split: Split | None) -> Arguments:
    given = file.given or Given()
    if split is None:
        needs_some = file.given is None and not tuner.runs_trials
        return ((None, None), {"validation_data": (None, None)}) if needs_some else (given.args, dict(given.kwargs))
    kwargs = {name: value for name, value in given.kwargs.items() if name not in _OF_DATA}
    train, validation = split.train, split.validation
    kwargs["validation_data"] = validation.inputs, validation.targets
    if "x" in given.kwargs:
        return (), {**kwargs, "x": train.inputs, "y": train.targets}
    return (train.inputs, train.targets, *given.args[2:]), kwargs


def _takes_epochs(file: OwnFile, tuner: Tuner) -> bool:
    """Whether the file would be passed epochs by its own search; of one that begins none, whether it takes them."""
    if file.given is not None:
        return "epochs" in file.given.kwargs or bool(tuner.max_epochs) or not tuner.trains_itself
    return accepts(tuner.run_trial if tuner.runs_trials else tuner.hypermodel.fit, "epochs")


def _zeros(model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """A few rows of zeros in place of data that are not known yet."""
    shape = input_shape(model) or (_WIDTH,)
    outputs = tuple(getattr(model, "output_shape", None) or (None, 1))[-1] or 1
    inputs = np.zeros((_ROWS, *(size or _WIDTH for size in shape)), dtype=np.float32)
    x, y = inputs, _targets(model, np.zeros(_ROWS, dtype=np.int32), outputs)
    return (x, y, *args[2:]), {**kwargs, "validation_data": (x, y)}


def _fitted(model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """Rows in the shape that the model takes, and class numbers as columns where its loss needs those."""

    def both(x: Any, y: Any) -> tuple[Any, Any]:
        return _rows(model, x), _targets(model, y, _outputs(model, x))

    if len(args) >= 2:
        args = (*both(args[0], args[1]), *args[2:])
    elif "x" in kwargs and "y" in kwargs:
        kwargs["x"], kwargs["y"] = both(kwargs["x"], kwargs["y"])
    validation = kwargs.get("validation_data")
    if isinstance(validation, tuple) and len(validation) >= 2:
        kwargs["validation_data"] = (*both(validation[0], validation[1]), *validation[2:])
    return args, kwargs


def _rows(model: Any, x: Any) -> Any:
    shape = input_shape(model)
    if shape is None or None in shape or not isinstance(x, np.ndarray) or x.shape[1:] == shape:
        return x
    wanted = [int(size or 0) for size in shape]
    return x.reshape(-1, *wanted) if math.prod(wanted) == math.prod(x.shape[1:]) else x


def _targets(model: Any, y: Any, outputs: int) -> Any:
    name = loss_name(model)
    is_numbers = isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "iu"
    if not is_numbers or outputs < 2 or "sparse" in name or "categorical_crossentropy" not in name:
        return y
    return np.eye(outputs, dtype=np.float32)[y]


def _outputs(model: Any, x: Any) -> int:
    shape = getattr(model, "output_shape", None) if getattr(model, "built", False) else None
    if shape is None:
        shape = model(_rows(model, x)[:2], training=False).shape
    return int(shape[-1] or 1)
