"""What was done, in sentences that fit the methods section of a paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import numpy as np

from tuner_gui import __version__
from tuner_gui.exports.report_known import Known
from tuner_gui.search.progress import format_duration
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import MISSING_CHOICES, PRUNINGS, Definition, Task
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.stages import Plan
from tuner_gui.study.standing import Standing

_EVENLY = {
    Scale.LINEAR: "uniformly",
    Scale.LOG: "log-uniformly",
    Scale.LOG1M: "log-uniformly in 1\N{NO-BREAK SPACE}−\N{NO-BREAK SPACE}value",
}
ROWS = {"digits": 1_797, "breast_cancer": 569, "wine": 178, "two_spirals": 1_200, "diabetes": 442}
"""How many the built-in data has."""

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def methods(plan: Plan, history: History, known: Known = Known()) -> list[str]:  # noqa: B008 - frozen
    """One paragraph each on data and model, on the search, and on its result."""
    definition = plan.definition
    paragraphs = [_data_words(definition, known) + " " + _model_words(definition, known)]
    paragraphs.append(" ".join(filter(None, (_search_words(plan, history), _effort_words(plan, history)))))
    best = history.best_standing(definition.objective)
    if best is not None:
        paragraphs.append(_result_words(definition, history, best))
    return paragraphs


def _data_words(definition: Definition, known: Known) -> str:
    data = definition.data
    if not data.source:
        return "The data came from the model's own file."
    classes = data.kind_of_task is Task.CLASSIFICATION
    train = 1 - data.validation - data.test
    stratified = " with the same shares of every class" if classes else ""
    count = f"{ROWS[data.source]:,} " if data.source in ROWS else ""
    aim = f", with {data.target} to predict," if data.target else ""
    return (
        f"The {count}rows of {data_name(definition)}{_hash_words(known)}{aim} were split at random (seed {data.seed})"
        f"{stratified}: {_percent(train)} to train on, {_percent(data.validation)} for validation and "
        f"{_percent(data.test)} for a test. {_preparation_words(definition)}"
    )


def _hash_words(known: Known) -> str:
    return f" (SHA-256 {known.data.sha256[:16]}…)" if known.data is not None else ""


def _preparation_words(definition: Definition) -> str:
    """How rows became numbers; all of it is fitted on the training part."""
    data = definition.data
    both = "" if data.kind_of_task is Task.CLASSIFICATION else " and targets"
    words = f"Inputs{both} were standardised with the means and standard deviations of the training part."
    if data.built_in or not data.target:
        return words  # images have neither categories nor gaps
    missing = "were filled with the median" if data.missing == MISSING_CHOICES[0] else "led to the row being left out"
    return f"{words} Categories, where there are any, were one-hot encoded; missing values {missing}."


def data_name(definition: Definition) -> str:
    """The data by name: of a path its last part, because a report is sent to others."""
    return PurePath(definition.data.source).name or "the model's own data"


def _model_words(definition: Definition, known: Known) -> str:
    model = definition.model
    if model.python:
        return _own_words(definition, known)
    kind = {"mlp": "A multilayer perceptron", "cnn": "A convolutional network"}.get(
        model.kind, f"A model ({model.kind})"
    )
    fixed = {name: value for name, value in model.fixed.items() if name not in definition.space}
    words = f"{kind} was trained for {model.epochs} epochs"
    return f"{words}, with {_values(fixed)} fixed." if fixed else f"{words}."


def _own_words(definition: Definition, known: Known) -> str:
    name = known.model or PurePath(definition.model.python).name
    content = f" (SHA-256 {known.model_sha256[:16]}…)" if known.model_sha256 else ""
    return f"The model is that of the file {name}{content}, trained for {definition.model.epochs} epochs at most."


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


def _effort_words(plan: Plan, history: History) -> str:
    """Seeds, repeats, pruning, and how long it took."""
    search = plan.definition.search
    repeats = int((history.root_column != np.arange(len(history))).sum())
    parts = ["Every trial has a seed of its own for its start weights and the order of its rows."]
    if repeats:
        parts.append(f"{repeats:,} of the trials repeat earlier ones with other seeds.")
    if search.pruning != PRUNINGS[0]:
        rule = {"median": "the median rule", "halving": "successive halving"}.get(search.pruning, search.pruning)
        parts.append(f"Trials that promised less than others were given up early by {rule}.")
    seconds = total_seconds(history.trials)
    if seconds:
        parts.append(f"Training took {format_duration(seconds)}, added up over the trials.")
    return " ".join(parts)


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
    return f"{100 * share:.3g}\N{NO-BREAK SPACE}%"


def total_seconds(trials: Iterable[Trial]) -> float:
    return sum(trial.seconds or 0.0 for trial in trials)
