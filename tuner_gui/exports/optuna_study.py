"""A study as Optuna keeps one, in a SQLite database or a journal: for its dashboard, its plots and its samplers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tuner_gui import __version__
from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.writing import place_for
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value, choice_key
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.stages import Plan, with_stages
from tuner_gui.study.summary import extent_list, finite

DATABASES = (".db", ".sqlite3")
JOURNALS = (".log", ".jsonl")

# Optuna knows no trial that ended by itself without a value but a failed one; what it was here is among its attributes.
_STATES = {
    TrialState.FINISHED: "COMPLETE",
    TrialState.PRUNED: "PRUNED",
    TrialState.DIVERGED: "FAIL",
    TrialState.FAILED: "FAIL",
    TrialState.CANCELLED: "FAIL",
}


def write_optuna(path: Path, plan: Plan, history: History) -> int:
    """Write the trials that are over, and return how many those are. A database or a journal that is there already
    may hold other studies: it is refused and left as it is."""
    if path.suffix not in (*DATABASES, *JOURNALS):
        endings = f"{' or '.join(DATABASES)} for a SQLite database, {' or '.join(JOURNALS)} for a journal"
        raise ExportUsageError(f"{path}: expected a file that ends in {endings}")
    if path.exists():
        raise ExportError(f"{path}: there is a file already, which may hold other studies; it was left as it was")
    over = [trial for trial in history.trials if trial.state.is_over]
    with place_for(path) as place:
        _write(place, plan, history, over)
    return len(over)


def _write(place: Path, plan: Plan, history: History, trials: list[Trial]) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    definition = plan.definition
    storage = _database(place) if place.suffix in DATABASES else _journal(place)
    study = optuna.create_study(
        storage=storage, study_name=definition.name, direction=str(definition.objective.direction)
    )
    for name, value in _study_attributes(plan, history).items():
        study.set_user_attr(name, value)
    ranges = distributions_of(plan, trials)
    study.add_trials([_frozen(trial, history, definition.objective.metric, ranges) for trial in trials])
    if place.suffix in DATABASES:
        storage.remove_session()
        storage.engine.dispose()


def _database(place: Path) -> Any:
    from optuna.storages import RDBStorage
    from sqlalchemy import event

    storage = RDBStorage(f"sqlite:///{place}")

    # Each trial would wait for the disk. The file is moved to its place once it is whole, so a power cut takes nothing
    # from anyone.
    event.listen(storage.engine, "connect", _do_not_wait)
    storage.engine.dispose()
    return storage


def _do_not_wait(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _journal(place: Path) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(place)))


def _study_attributes(plan: Plan, history: History) -> dict[str, Any]:
    stages = with_stages(plan, history.stages.values()).stages
    data = plan.definition.data
    return {
        "program": f"Tuner {__version__}",
        "objective": plan.definition.objective.metric,
        "data": {"source": data.source, "validation": data.validation, "test": data.test, "seed": data.seed},
        "seed": plan.definition.seed,
        "scales": {p.name: str(p.scale) for p in plan.space if not isinstance(p, ChoiceParameter)},
        "stages": [
            {
                "number": stage.number,
                "parent": stage.parent,
                "origin": str(stage.origin),
                "region": {name: extent_list(extent) for name, extent in stage.region.extents.items()},
            }
            for stage in stages
        ],
    }


def distributions_of(plan: Plan, trials: Iterable[Trial]) -> dict[str, Any]:
    """One distribution for each parameter that was ever drawn: its full range today, made wider by what was drawn of it
    under an earlier one, because Optuna wants the same of all trials. ``log1m`` is plain float to Optuna."""
    drawn: dict[str, list[Value]] = {}
    for trial in trials:
        for name, value in trial.values.items():
            drawn.setdefault(name, []).append(value)
    known = {parameter.name: parameter for parameter in (*plan.definition.shelf, *plan.space)}
    return {name: _distribution(known.get(name) or _textbook(name), values) for name, values in drawn.items()}


def _textbook(name: str) -> Parameter | None:
    return TEXTBOOK[name].parameter if name in TEXTBOOK else None


def _distribution(parameter: Parameter | None, values: list[Value]) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if not isinstance(parameter, (FloatParameter, IntParameter)) or len(numbers) < len(values):
        first = parameter.choices if isinstance(parameter, ChoiceParameter) else ()
        return CategoricalDistribution(list({choice_key(choice): choice for choice in (*first, *values)}.values()))
    low, high = min(parameter.low, *numbers), max(parameter.high, *numbers)
    log = parameter.scale is Scale.LOG and low > 0
    if isinstance(parameter, IntParameter) and all(isinstance(number, int) for number in numbers):
        return IntDistribution(
            int(low), int(high), log=log, step=1 if log else _step(parameter, low, high, numbers) or 1
        )
    step = None if log or isinstance(parameter, IntParameter) else _step(parameter, low, high, numbers)
    return FloatDistribution(float(low), float(high), log=log, step=step)


def _step(parameter: FloatParameter | IntParameter, low: float, high: float, numbers: list[Any]) -> Any:
    """The step of the range, if all that was drawn lies on its grid and the grid ends at the high end."""
    step = parameter.step
    if step is None or low != parameter.low:
        return None
    places = [(number - low) / step for number in (*numbers, high)]
    return step if all(abs(place - round(place)) < 1e-6 for place in places) else None


def _frozen(trial: Trial, history: History, metric: str, ranges: Mapping[str, Any]) -> Any:
    from optuna.trial import FrozenTrial
    from optuna.trial import TrialState as OptunaState

    value = finite(trial.value)
    state = "FAIL" if trial.state is TrialState.FINISHED and value is None else _STATES[trial.state]
    curve = history.curve(trial.number, metric)
    began = _local_time(trial.started_at)
    return FrozenTrial(
        number=trial.number - 1,
        trial_id=-1,
        state=OptunaState[state],
        value=value if state == "COMPLETE" else _last(curve) if state == "PRUNED" else None,
        datetime_start=began,
        datetime_complete=began + timedelta(seconds=trial.seconds or 0.0),
        params=dict(trial.values),
        distributions={name: ranges[name] for name in trial.values},
        user_attrs=_attributes(trial, history),
        system_attrs={},
        intermediate_values={step: float(at) for step, at in enumerate(curve, start=1)},
    )


def _last(curve: Any) -> float | None:
    """Where a pruned trial had come, which Optuna ranks pruned trials by."""
    return float(curve[-1]) if len(curve) and math.isfinite(curve[-1]) else None


def _attributes(trial: Trial, history: History) -> dict[str, Any]:
    metrics = {name: finite(float(curve[-1])) for name, curve in history.curves(trial.number).items() if len(curve)}
    found: dict[str, Any] = {
        "trial": trial.number,
        "stage": trial.stage,
        "state": str(trial.state),
        "seed": trial.seed,
        "seconds": trial.seconds,
        "metrics": metrics,
        "fixed": dict(trial.fixed) or None,
        "lineage": dict(trial.lineage) if trial.lineage else None,
        "reason": trial.reason,
        "note": history.notes.get(trial.number),
    }
    return {name: value for name, value in found.items() if value is not None}


def _local_time(text: str) -> datetime:
    """Optuna's times are those of the wall clock, without a zone."""
    return datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
