"""Definitions as documents and back: one shape for the TOML that people write and the JSON inside a study file.

What a document leaves out of a parameter comes from the textbook; what is written out is complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter, Value
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.checks import LIMITS, Kind, check_parameter, check_value
from tuner_gui.study.definition import (
    BUILT_IN_DATA,
    METRICS,
    DataSettings,
    Definition,
    Direction,
    ModelSettings,
    Objective,
    Task,
    direction_of,
)
from tuner_gui.study.errors import DefinitionError, one_of
from tuner_gui.study.tables import Table

SECTIONS = ("study", "data", "model", "space")
LARGEST_SEED = 2**32 - 1
MOST_EPOCHS = 100_000
# Less than this and a class of the smallest built-in data set has no row in the part.
SMALLEST_SHARE, LARGEST_SHARE = 0.02, 0.8
SMALLEST_TRAINING_SHARE = 0.1

_NUMBER_FIELDS = ("scale", "low", "high", "step")


def definition_from(document: object, *, file: str, name: str = "study") -> Definition:
    """The definition that a document describes. ``name`` is the study's where the document gives none.

    Raises DefinitionError. Whether the parts go together is for :func:`tuner_gui.study.checks.check_definition`.
    """
    top = Table(document, path="", file=file)
    top.allow_only(SECTIONS, what="section")
    data = _data(top.table("data"))
    study = top.table("study")
    study.allow_only(("name", "objective", "direction", "seed"))
    searched, shelf = _parameters(top.table("space"))
    return Definition(
        name=study.text("name", name),
        data=data,
        model=_model(top.table("model")),
        objective=_objective(study, data.task),
        space=Space(searched),
        seed=study.whole_number("seed", 0, low=0, high=LARGEST_SEED),
        shelf=shelf,
    )


def document_of(definition: Definition) -> dict[str, Any]:
    """The whole definition in plain dicts, lists and values; :func:`definition_from` gives the same one back."""
    data, model = definition.data, definition.model
    return {
        "study": {
            "name": definition.name,
            "objective": definition.objective.metric,
            "direction": str(definition.objective.direction),
            "seed": definition.seed,
        },
        "data": {"source": data.source, "validation": data.validation, "test": data.test, "seed": data.seed},
        "model": {"kind": model.kind, "epochs": model.epochs, **model.fixed},
        "space": {
            **{parameter.name: _table_of(parameter) for parameter in definition.space},
            **{parameter.name: {**_table_of(parameter), "use": False} for parameter in definition.shelf},
        },
    }


def _data(table: Table) -> DataSettings:
    table.allow_only(("source", "validation", "test", "seed"))
    source = table.entries.get("source")
    if source not in list(BUILT_IN_DATA):
        names = f"the name of a built-in data set, {one_of(BUILT_IN_DATA, source)}"
        is_path = isinstance(source, str) and ("." in source or "/" in source or "\\" in source)
        table.wrong("source", f"{names}; this version reads no files" if is_path else names)
    validation = table.share("validation", 0.2, low=SMALLEST_SHARE, high=LARGEST_SHARE)
    test = table.share("test", 0.2, low=SMALLEST_SHARE, high=LARGEST_SHARE)
    if validation + test > 1 - SMALLEST_TRAINING_SHARE + 1e-9:
        field = "test" if "test" in table else "validation"
        table.wrong(field, "shares that leave at least a tenth of the rows for training")
    return DataSettings(str(source), validation, test, table.whole_number("seed", 0, low=0, high=LARGEST_SEED))


def _model(table: Table) -> ModelSettings:
    if "python" in table:
        table.wrong("python", 'no such key: this version trains its own networks, kind = "mlp"')
    kind = table.entries.get("kind", "mlp")
    if kind != "mlp":
        table.wrong("kind", '"mlp", the one kind of network that this version trains')
    table.allow_only(("kind", "epochs", *LIMITS))
    epochs = table.whole_number("epochs", 20, low=1, high=MOST_EPOCHS)
    fixed = {name: _fixed_value(table, name) for name in table.entries if name in LIMITS}
    return ModelSettings(str(kind), epochs, fixed)


def _fixed_value(table: Table, name: str) -> Value:
    table.refuse_giants(name)
    try:
        return check_value(name, table.entries[name])
    except SpaceError as error:
        raise DefinitionError(table.file, table.key(name), error.value, error.expected) from None


def _objective(study: Table, task: Task) -> Objective:
    usual = "val_accuracy" if task is Task.CLASSIFICATION else "val_loss"
    metric = study.option("objective", METRICS[task], usual)
    direction = study.option("direction", [str(d) for d in Direction], str(direction_of(metric)))
    return Objective(metric, Direction(direction))


def _parameters(space: Table) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """The parameters that are searched, and those on the shelf."""
    space.allow_only(TEXTBOOK, what="hyperparameter")
    searched: list[Parameter] = []
    shelf: list[Parameter] = []
    for name in space.entries:
        table = space.table(name)
        used = table.switch("use", default=True)
        (searched if used else shelf).append(_parameter(name, table))
    return tuple(searched), tuple(shelf)


def _parameter(name: str, table: Table) -> Parameter:
    for field in ("choices", *_NUMBER_FIELDS):
        table.refuse_giants(field)
    try:
        parameter = _choices(name, table) if _kind(name, table) == "choice" else _number(name, table)
        check_parameter(parameter)
    except SpaceError as error:
        raise _with_whole_key(error, table) from None
    return parameter


def _kind(name: str, table: Table) -> str:
    """As given, or as the other keys imply, or as the textbook has it."""
    kinds = ("float", "int", "choice")
    kind = table.option("kind", kinds, "")
    table.allow_only(("kind", *_NUMBER_FIELDS, "choices", "use"))
    if not kind:
        kind = _implied_kind(name, table)
    if kind == "choice":
        for field in _NUMBER_FIELDS:
            if field in table:
                table.wrong(field, "no such key beside choices")
    elif "choices" in table:
        table.wrong("choices", f"no choices, because the kind is {kind}")
    return kind


def _implied_kind(name: str, table: Table) -> str:
    textbook = TEXTBOOK[name].parameter
    if "choices" in table:
        return "choice"
    if isinstance(textbook, ChoiceParameter) and any(field in table for field in _NUMBER_FIELDS):
        return "int" if LIMITS[name].kind is Kind.INT else "float"
    return textbook.kind


def _choices(name: str, table: Table) -> ChoiceParameter:
    textbook = TEXTBOOK[name].parameter
    choices = table.entries.get("choices")
    if choices is None and isinstance(textbook, ChoiceParameter):
        return textbook
    if choices is None:
        table.wrong("choices", "a list of values")
    if not isinstance(choices, (list, tuple)):
        table.wrong("choices", "a list of values")
    # The check gives 1 as 1.0 where a float is meant, so that 1 and 1.0 cannot stand side by side.
    return ChoiceParameter(name=name, choices=tuple(_choice(name, table, choice) for choice in choices))


def _choice(name: str, table: Table, choice: object) -> Value:
    try:
        return check_value(name, choice)
    except SpaceError as error:
        raise DefinitionError(table.file, table.key("choices"), choice, f"each choice to be {error.expected}") from None


def _number(name: str, table: Table) -> NumberParameter:
    textbook = TEXTBOOK[name].parameter
    kind = table.entries.get("kind") or ("int" if LIMITS[name].kind is Kind.INT else "float")
    fields: dict[str, Any] = {}
    if not isinstance(textbook, ChoiceParameter):
        fields = {"low": textbook.low, "high": textbook.high, "scale": textbook.scale}
    fields |= {field: table.entries[field] for field in _NUMBER_FIELDS if field in table}
    for field in ("low", "high"):
        if field not in fields:
            table.wrong(field, "a number")
    return IntParameter(name=name, **fields) if kind == "int" else FloatParameter(name=name, **fields)


def _with_whole_key(error: SpaceError, table: Table) -> DefinitionError:
    """The error under its key in the document, with the value as it was written there."""
    field = error.field if error.key != error.field else ""
    key = table.key(field) if field else table.path
    if field in table:
        return DefinitionError(table.file, key, table.entries[field], error.expected)
    note = " (the textbook's value, as none is given)" if field in ("low", "high", "scale") else ""
    return DefinitionError(table.file, key, error.value, error.expected + note)


def _table_of(parameter: Parameter) -> Mapping[str, Any]:
    if isinstance(parameter, ChoiceParameter):
        return {"choices": list(parameter.choices)}
    table: dict[str, Any] = {
        "kind": parameter.kind,
        "scale": str(parameter.scale),
        "low": parameter.low,
        "high": parameter.high,
    }
    if parameter.step is not None and (isinstance(parameter, FloatParameter) or parameter.step != 1):
        table["step"] = parameter.step
    return table
