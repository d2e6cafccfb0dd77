"""The definition of a study: what is trained on what, and what is searched. Frozen; an edit replaces it whole."""

from __future__ import annotations

import enum
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import CNN, MLP, TEXTBOOK, applies, pinned_values, recommended
from tuner_gui.study.own_model import OBJECTIVE, OWN_SEARCH, OWN_VALUE, OwnParameter, active


class Direction(enum.StrEnum):
    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


class Task(enum.StrEnum):
    CLASSIFICATION = "classification"
    REGRESSION = "regression"


# The metrics after each epoch, in the order in which files and tables show them.
METRICS: Mapping[Task, tuple[str, ...]] = {
    Task.CLASSIFICATION: ("loss", "accuracy", "val_loss", "val_accuracy"),
    Task.REGRESSION: ("loss", "mae", "val_loss", "val_mae", "val_r2"),
}

BUILT_IN_DATA: Mapping[str, Task] = {
    "digits": Task.CLASSIFICATION,
    "breast_cancer": Task.CLASSIFICATION,
    "wine": Task.CLASSIFICATION,
    "two_spirals": Task.CLASSIFICATION,
    "diabetes": Task.REGRESSION,
}

# What Keras downloads, and keeps in a folder of the person's: the sets of images, and the tables of numbers.
KERAS_DATA: Mapping[str, Task] = {
    "mnist": Task.CLASSIFICATION,
    "fashion_mnist": Task.CLASSIFICATION,
    "cifar10": Task.CLASSIFICATION,
    "cifar100": Task.CLASSIFICATION,
    "california_housing": Task.REGRESSION,
    "boston_housing": Task.REGRESSION,
}

NAMED_DATA: Mapping[str, Task] = ChainMap(dict(KERAS_DATA), BUILT_IN_DATA)  # type: ignore[arg-type]
"""All data that is known by a name: what comes with the program, and what Keras has."""

ImageShape = tuple[int, int, int]
"""Height, width and channels."""

IMAGE_SHAPES: Mapping[str, ImageShape] = {
    "digits": (8, 8, 1),
    "mnist": (28, 28, 1),
    "fashion_mnist": (28, 28, 1),
    "cifar10": (32, 32, 3),
    "cifar100": (32, 32, 3),
}
"""Of the data with a name whose rows are images."""

# What becomes of rows with missing values: filled (by the median, or as a category of their own), or left out.
MISSING_CHOICES = ("fill", "drop")

_GROWS = ("accuracy", "r2")


def direction_of(metric: str) -> Direction:
    return Direction.MAXIMIZE if metric.removeprefix("val_") in _GROWS else Direction.MINIMIZE


@dataclass(frozen=True)
class Objective:
    """The metric after a trial's last epoch that the search improves."""

    metric: str
    direction: Direction

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is: ``sign * value`` always wants to grow."""
        return 1 if self.direction is Direction.MAXIMIZE else -1


@dataclass(frozen=True)
class DataSettings:
    """Where the rows come from and how they are split; the shares are of all rows.

    ``source`` is one of :data:`NAMED_DATA`, or the absolute path of a table or of a folder with one folder of images
    for each class. ``target`` is a column of a table, or an array of an NPZ file. ``task`` is None for data with a
    name, which has its own; for all other data it was decided when the study was made. ``missing`` is one of
    :data:`MISSING_CHOICES`. ``size`` is the height and width of images; 0: that of the first one, at most 64.
    ``image`` is what each row was seen to be when the study was made, None where it is a row of a table; training goes
    by the data themselves.
    """

    source: str
    validation: float = 0.2
    test: float = 0.2
    seed: int = 0
    target: str = ""
    task: Task | None = None
    missing: str = MISSING_CHOICES[0]
    size: int = 0
    image: ImageShape | None = None

    @property
    def built_in(self) -> bool:
        """Whether it is known by its name; it never changes then."""
        return self.source in NAMED_DATA

    @property
    def image_shape(self) -> ImageShape | None:
        """What a row is as an image; None where it is none."""
        return self.image or IMAGE_SHAPES.get(self.source)

    @property
    def kind_of_task(self) -> Task:
        """Without a source the model's file brings its own data, and only gives numbers back.

        KeyError for data that has no name and whose task nobody has decided.
        """
        if not self.source:
            return Task.REGRESSION
        return self.task or NAMED_DATA[self.source]


@dataclass(frozen=True)
class ModelSettings:
    """The network. ``kind`` is one of :data:`tuner_gui.space.textbook.KINDS`, or ``own``. ``fixed`` holds
    hyperparameters that the person set; what is neither fixed nor searched is pinned at the textbook's value.

    ``python`` is the path of a person's own model file, absolute in a study, or empty; ``entry`` how it is called, and
    ``own`` what it says of its parameters. ``search`` tells which of the searches that it begins itself is meant.
    A trial of it that gives no sign for ``patience`` seconds is ended.
    """

    kind: str = MLP
    epochs: int = 20
    fixed: Mapping[str, Value] = field(default_factory=dict)
    python: str = ""
    entry: str = ""
    own: tuple[OwnParameter, ...] = ()
    patience: float = 300.0
    search: int = 1

    @property
    def trains_alone(self) -> bool:
        """Whether each trial needs a process for itself: all but a multilayer perceptron, which is fused."""
        return bool(self.python) or self.kind == CNN


# What decides the next values, in the order in which a person is offered them.
STRATEGIES = ("coarse-to-fine", "random", "sobol", "grid", "tpe", "gp", "cma-es")


# What gives up trials that are not worth finishing: nothing, the median rule, or successive halving.
PRUNINGS = ("none", "median", "halving")


STAGES = ("ask", "by itself", "never")


@dataclass(frozen=True)
class SearchSettings:
    """How the next trials are found, and which are given up before their end.

    ``levels`` is how many values of each number a grid has; ``stages`` whether coarse to fine proposes its next stage,
    goes on to it by itself, or never makes any; ``confirm`` is the share of a run that repeats its best trials with
    other seeds.
    """

    strategy: str = STRATEGIES[0]
    levels: int = 3
    pruning: str = PRUNINGS[0]
    stages: str = STAGES[0]
    confirm: float = 0.2


@dataclass(frozen=True)
class Definition:
    """All of a study but its stages and trials.

    ``space`` holds what is searched; ``shelf`` the parameters that are switched off but remember their ranges.
    """

    name: str
    data: DataSettings
    model: ModelSettings
    objective: Objective
    space: Space
    seed: int = 0
    shelf: tuple[Parameter, ...] = ()
    search: SearchSettings = SearchSettings()

    def hyperparameters(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Every hyperparameter of the network for one trial: drawn, else fixed, else the textbook's or the file's."""
        if self.model.python:
            resting = {own.name: own.default for own in self.model.own}
            return {**resting, **self.model.fixed, **values}
        return {**pinned_values(self.model.kind), **self.model.fixed, **values}

    def active(self, values: Mapping[str, Value]) -> frozenset[str]:
        """Which of these values the model reads: all but those under a parent that has another value."""
        if not self.model.own:
            return frozenset(values)
        return active(self.model.own, self.hyperparameters(values)) & values.keys()

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is measured after each epoch; of a file that trains by itself, what is known of that beforehand."""
        if self.model.entry == OBJECTIVE:
            return (OWN_VALUE,)
        if self.model.entry == OWN_SEARCH:
            usual = [names for names in METRICS.values() if self.objective.metric in names]
            return usual[0] if usual else (self.objective.metric,)
        return METRICS[self.data.kind_of_task]

    def fixed_beside(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The hyperparameters that a trial with these values has besides."""
        return {name: value for name, value in self.hyperparameters({}).items() if name not in values}

    @property
    def optimizers(self) -> frozenset[str]:
        """The optimizers that trials of this study can use; none that is known where the model is a person's own."""
        if self.model.python:
            return frozenset()
        if "optimizer" in self.space:
            parameter = self.space["optimizer"]
            if isinstance(parameter, ChoiceParameter):
                return frozenset(str(choice) for choice in parameter.choices)
        return frozenset({str(self.hyperparameters({})["optimizer"])})

    def shelved(self) -> tuple[Parameter, ...]:
        """Every parameter that could be searched and is not, in the textbook's order, with its remembered range."""
        if self.model.python:
            return self.shelf
        remembered = {parameter.name: parameter for parameter in self.shelf}
        return tuple(
            remembered.get(name, advice.parameter)
            for name, advice in TEXTBOOK.items()
            if name not in self.space and applies(name, self.optimizers, self.model.kind)
        )


def switched_on(definition: Definition, name: str) -> Definition:
    """The definition that also searches this parameter, over the range it had last; KeyError if it is not shelved."""
    parameter = {p.name: p for p in definition.shelved()}[name]
    fixed = {key: value for key, value in definition.model.fixed.items() if key != name}
    return replace(
        definition,
        space=definition.space.with_parameter(parameter),
        shelf=tuple(p for p in definition.shelf if p.name != name),
        model=replace(definition.model, fixed=fixed),
    )


def switched_off(definition: Definition, name: str, value: Value | None = None) -> Definition:
    """The definition that pins this parameter, at ``value`` or where the textbook or the model's file has it."""
    pinned = definition.hyperparameters({})[name] if value is None else value
    return replace(
        definition,
        space=definition.space.without(name),
        shelf=(*(p for p in definition.shelf if p.name != name), definition.space[name]),
        model=replace(definition.model, fixed={**definition.model.fixed, name: pinned}),
    )


def pinned_at(definition: Definition, name: str, value: Value) -> Definition:
    """The definition with another value for a hyperparameter that is not searched."""
    return replace(definition, model=replace(definition.model, fixed={**definition.model.fixed, name: value}))


def with_search(definition: Definition, search: SearchSettings) -> Definition:
    """The definition with other settings of the search."""
    return replace(definition, search=search)


def usual_objective(task: Task) -> Objective:
    """What a search improves unless a person says otherwise."""
    metric = "val_accuracy" if task is Task.CLASSIFICATION else "val_loss"
    return Objective(metric, direction_of(metric))


def model_kinds_for(data: DataSettings) -> tuple[str, ...]:
    """The kinds of built-in network that can learn from such data, the usual one first."""
    return (MLP,) if data.image_shape is None else (MLP, CNN)


def refuse_kind(data: DataSettings, kind: str) -> None:
    """SpaceError, with the key ``model.kind``, where a network of this kind cannot learn from such data."""
    if kind == CNN and CNN not in model_kinds_for(data):
        named = ", ".join(IMAGE_SHAPES)
        needed = f"a CNN needs a folder of images, arrays such as [rows, height, width], or one of {named}"
        raise SpaceError("model.kind", kind, f'"{MLP}", because the rows of {data.source} are no images; {needed}')


def new_definition(
    source: str, *, name: str | None = None, optimizer: str = "sgd", seed: int = 0, kind: str = MLP
) -> Definition:
    """A study of data with a name as the textbook begins it: tiers 1 to 3 searched, the rest pinned."""
    return definition_of(DataSettings(source), name=name or source, optimizer=optimizer, seed=seed, kind=kind)


def definition_of(
    data: DataSettings, *, name: str, optimizer: str = "sgd", seed: int = 0, kind: str = MLP
) -> Definition:
    """The same for any data whose task is known. SpaceError as of :func:`refuse_kind`."""
    refuse_kind(data, kind)
    return Definition(
        name=name,
        data=data,
        model=ModelSettings(kind=kind, fixed={"optimizer": optimizer}),
        objective=usual_objective(data.kind_of_task),
        space=Space(recommended(optimizer, kind)),
        seed=seed,
    )
