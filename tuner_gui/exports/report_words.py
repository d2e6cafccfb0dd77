"""What was done, in sentences that fit the methods section of a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from tuner_gui import __version__
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import Definition, Task
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.stages import Plan
from tuner_gui.study.standing import Standing

_EVENLY = {Scale.LINEAR: "uniformly", Scale.LOG: "log-uniformly", Scale.LOG1M: "log-uniformly in 1 − value"}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def methods(plan: Plan, history: History) -> list[str]:
    """One paragraph each on data and model, on the search, and on its result."""
    definition = plan.definition
    paragraphs = [_data_words(definition) + " " + _model_words(definition), _search_words(plan, history)]
    best = history.best_standing(definition.objective)
    if best is not None:
        paragraphs.append(_result_words(definition, history, best))
    return paragraphs


def _data_words(definition: Definition) -> str:
    data, classes = definition.data, definition.data.kind_of_task is Task.CLASSIFICATION
    train = 1 - data.validation - data.test
    stratified = " with the same shares of every class" if classes else ""
    scaled = "Inputs were" if classes else "Inputs and targets were"
    return (
        f"The rows of {data_name(definition)} were split at random (seed {data.seed}){stratified}: "
        f"{_percent(train)} to train on, {_percent(data.validation)} for validation and {_percent(data.test)} for a "
        f"test. {scaled} standardised with the means and standard deviations of the training part."
    )


def data_name(definition: Definition) -> str:
    """The data by name: of a path its last part, because a report is sent to others."""
    return PurePath(definition.data.source).name


def _model_words(definition: Definition) -> str:
    model = definition.model
    kind = {"mlp": "A multilayer perceptron", "cnn": "A convolutional network"}.get(
        model.kind, f"A model ({model.kind})"
    )
    fixed = {name: value for name, value in model.fixed.items() if name not in definition.space}
    words = f"{kind} was trained for {model.epochs} epochs"
    return f"{words}, with {_values(fixed)} fixed." if fixed else f"{words}."


def _search_words(plan: Plan, history: History) -> str:
    definition = plan.definition
    counts = {state: count for state, count in history.counts().items() if count}
    ends = ", ".join(f"{count:,} {state}" for state, count in counts.items() if state is not TrialState.FINISHED)
    finished = counts.get(TrialState.FINISHED, 0)
    stages = len(history.stages)
    drawn = f" in {counted(stages, 'stage')}, each with a region of its own" if stages > 1 else ""
    verb = "maximised" if definition.objective.sign > 0 else "minimised"
    return (
        f"{_of(len(definition.space))} hyperparameter{'' if len(definition.space) == 1 else 's'} "
        f"({_joined([parameter_words(parameter) for parameter in definition.space])}) were searched with "
        f"Tuner {__version__} (strategy {definition.search.strategy}, seed {definition.seed}), which {verb} "
        f"{definition.objective.metric} after the last epoch. {len(history):,} trials were drawn{drawn}; "
        f"{finished:,} finished{f', {ends}' if ends else ''}."
    )


def parameter_words(parameter: Parameter) -> str:
    """Over what a parameter was drawn, and how: "learning_rate log-uniformly from 1e-4 to 1"."""
    if isinstance(parameter, ChoiceParameter):
        return f"{parameter.name} among {', '.join(format_value(choice) for choice in parameter.choices)}"
    low, high = (format_in(parameter, end) for end in (parameter.low, parameter.high))
    step = f" in steps of {format_value(parameter.step)}" if _has_step(parameter) else ""
    return f"{parameter.name} {_EVENLY[parameter.scale]} from {low} to {high}{step}"


def _has_step(parameter: FloatParameter | IntParameter) -> bool:
    return parameter.step is not None and not (isinstance(parameter, IntParameter) and parameter.step == 1)


def _result_words(definition: Definition, history: History, best: Standing) -> str:
    trial = history.trial(best.trial)
    over = f"the mean of {best.runs} seeds ± their standard deviation" if best.runs > 1 else "a single run"
    words = (
        f"The best trial (#{best.trial}: {_values(trial.values, definition)}) reached a {definition.objective.metric} "
        f"of {best.value_words} ({over})."
    )
    if best.like:
        words += f" It {best.like_words}."
    return f"{words} {_test_words(history, trial)}"


def _test_words(history: History, trial: Trial) -> str:
    figure = history.final_figures.get(trial.number)
    if figure is None:
        return "The value of the best of many trials flatters it; the test part was not used."
    measured = ", ".join(f"{name} {format_value(value)}" for name, value in figure.metrics.items())
    return f"On the test part, which nothing was decided by, it was measured once: {measured}."


def _values(values: Mapping[str, Value], definition: Definition | None = None) -> str:
    space = definition.space if definition is not None else ()
    known = {parameter.name: parameter for parameter in space}
    return _joined(
        [
            f"{name} {format_in(known[name], value) if name in known else format_value(value)}"
            for name, value in values.items()
        ]
    )  # fmt: skip


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def counted(count: int, word: str) -> str:
    return f"{_of(count).lower()} {word}{'' if count == 1 else 's'}"


def _of(count: int) -> str:
    return (_COUNTS[count] if count < len(_COUNTS) else f"{count:,}").capitalize()


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def total_seconds(trials: Iterable[Trial]) -> float:
    return sum(trial.seconds or 0.0 for trial in trials)
