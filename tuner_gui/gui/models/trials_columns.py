"""The columns of the trials table: how each reads, shows and orders a trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tuner_gui.gui.models.trials_filter import Reader
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value, choice_key
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.history import History, Trial


@dataclass(frozen=True)
class TrialsColumn:
    """``name`` is what a filter calls the column; ``order`` gives what it is sorted by."""

    name: str
    title: str
    words: str
    text: Callable[[Trial], str]
    order: Callable[[Trial], float | str | None]
    read: Reader
    numeric: bool = True
    widest: str = ""


STATE_COLUMN = 2
VALUE_COLUMN = 3


def trials_columns(store: Store) -> list[TrialsColumn]:
    """Number, stage, state, value, the searched parameters, epochs, seconds, reason."""
    history, definition = store.history, store.plan.definition
    metric = definition.objective.metric
    return [
        TrialsColumn("trial", "#", "The trial's number", _number_text, _number, _number, widest="10000"),
        TrialsColumn("stage", "Stage", "From which stage it was drawn", _stage_text, _stage, _stage, widest="Stage"),
        TrialsColumn("state", "State", "How it ended, or how far it is", _state, _state, _state, numeric=False),
        TrialsColumn("value", metric, "The objective after the last epoch", _value_text, _value, _value),
        *(_parameter_column(parameter) for parameter in definition.space),
        _epochs_column(history),
        TrialsColumn("seconds", "Time", "Seconds of training", _seconds_text, _seconds, _seconds, widest="1000.0 s"),
        TrialsColumn("reason", "    Reason", "Why it failed", _reason, _reason_order, _reason_order, numeric=False),
    ]


def filter_columns(columns: list[TrialsColumn], metric: str) -> dict[str, Reader]:
    """What a filter can compare, by name; the objective also under its metric's name."""
    readers = {column.name: column.read for column in columns if column.name not in ("state", "reason")}
    return {**readers, metric: _value}


def _parameter_column(parameter: Parameter) -> TrialsColumn:
    name = parameter.name

    def read(trial: Trial) -> Value | None:
        return trial.values.get(name)

    def text(trial: Trial) -> str:
        return format_in(parameter, trial.values.get(name))

    order = _choice_order(parameter, read) if isinstance(parameter, ChoiceParameter) else _number_order(read)
    return TrialsColumn(name, name, f"The trial's {name}", text, order, read, widest="0.12345")


def _number_order(read: Reader) -> Callable[[Trial], float | None]:
    def order(trial: Trial) -> float | None:
        value = read(trial)
        # The parameter may have been a choice of words when the trial was drawn.
        return None if value is None or isinstance(value, str) else float(value)

    return order


def _choice_order(parameter: ChoiceParameter, read: Reader) -> Callable[[Trial], float | None]:
    """In the order of the choices; values that are no longer among them come after."""
    places = {choice_key(choice): float(index) for index, choice in enumerate(parameter.choices)}

    def order(trial: Trial) -> float | None:
        value = read(trial)
        return None if value is None else places.get(choice_key(value), float(len(places)))

    return order


def _epochs_column(history: History) -> TrialsColumn:
    def epochs(trial: Trial) -> int:
        return history.epochs(trial.number)

    def text(trial: Trial) -> str:
        return str(epochs(trial))

    return TrialsColumn("epochs", "Epochs", "Passes over the training part so far", text, epochs, epochs)


def _number(trial: Trial) -> int:
    return trial.number


def _number_text(trial: Trial) -> str:
    return str(trial.number)


def _stage(trial: Trial) -> int:
    return trial.stage


def _stage_text(trial: Trial) -> str:
    return str(trial.stage)


def _state(trial: Trial) -> str:
    return str(trial.state)


def _value(trial: Trial) -> float | None:
    return trial.value


def _value_text(trial: Trial) -> str:
    return format_value(trial.value)


def _seconds(trial: Trial) -> float | None:
    return trial.seconds


def _seconds_text(trial: Trial) -> str:
    return "–" if trial.seconds is None else f"{trial.seconds:.1f} s"


def _reason(trial: Trial) -> str:
    return trial.reason or ""


def _reason_order(trial: Trial) -> str | None:
    return trial.reason
