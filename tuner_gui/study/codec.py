"""Definitions as documents and back: one shape for the TOML that people write and the JSON inside a study file.

What a document leaves out of a parameter comes from the textbook; what is written out is complete. Reading makes sure
that there is a definition; whether a search by it can be meant is for :func:`tuner_gui.study.checks.check_definition`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path, PureWindowsPath
from typing import Any

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter, Value
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import KINDS, MLP, TEXTBOOK
from tuner_gui.study.checks import LIMITS, Kind, as_taken
from tuner_gui.study.definition import (
    METRICS,
    MISSING_CHOICES,
    NAMED_DATA,
    PRUNINGS,
    STAGES,
    STRATEGIES,
    DataSettings,
    Definition,
    Direction,
    ImageShape,
    ModelSettings,
    Objective,
    SearchSettings,
    Task,
    direction_of,
    usual_objective,
)
from tuner_gui.study.errors import MISSING, DefinitionError, one_of
from tuner_gui.study.own_codec import own_document, own_model, own_objective, own_parameters
from tuner_gui.study.own_model import OBJECTIVE, OWN_SEARCH, FoundSpace
from tuner_gui.study.tables import Table

SECTIONS = ("study", "data", "model", "search", "space")

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".npz")
"""How the names of the tables end that can be learned from."""

_DATA_KEYS = ("source", "target", "task", "missing", "size", "validation", "test", "seed")
_NUMBER_FIELDS = ("scale", "low", "high", "step")


def _as_it_is(data: DataSettings) -> DataSettings:
    return data


def definition_from(
    document: object,
    *,
    file: str,
    name: str = "study",
    found: FoundSpace | None = None,
    folder: Path | None = None,
    settle: Callable[[DataSettings], DataSettings] = _as_it_is,
) -> Definition:
    """The definition that a document describes. ``name`` is the study's where the document gives none; ``found`` what
    a dry run of its own model file found, where the document does not say that itself.

    Paths are relative to ``folder``; without one they stay as they are. ``settle`` looks at the data and decides what
    the document leaves open, its target and task; it raises SpaceError with a key of ``data``. Raises DefinitionError.
    """
    top = Table(document, path="", file=file)
    top.allow_only(SECTIONS, what="section")
    has_data = bool(top.table("data").entries.get("source"))
    model = _model(top.table("model"), found, has_data=has_data)
    data = _settled(top.table("data"), folder, settle, brings_own=_brings_data(model, found))
    study = top.table("study")
    study.allow_only(("name", "objective", "direction", "seed"))
    if model.python:
        searched, shelf = own_parameters(top.table("space"), model, found, _parameter)
    else:
        searched, shelf = _parameters(top.table("space"))
    return Definition(
        name=study.text("name", name),
        data=data,
        model=model,
        objective=_objective(study, data.kind_of_task, model, found),
        space=Space(searched),
        seed=study.whole_number("seed", 0),
        shelf=shelf,
        search=_search(top.table("search")),
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
        "data": _data_document(data),
        "model": own_document(model) if model.python else {"kind": model.kind, "epochs": model.epochs, **model.fixed},
        "search": asdict(definition.search),
        "space": {
            **{parameter.name: _table_of(parameter) for parameter in definition.space},
            **{parameter.name: {**_table_of(parameter), "use": False} for parameter in definition.shelf},
        },
    }


def _brings_data(model: ModelSettings, found: FoundSpace | None) -> bool:
    """Whether the model's file has, or may have, data of its own."""
    return model.entry == OBJECTIVE or (model.entry == OWN_SEARCH and (found is None or found.own_data))


def _search(table: Table) -> SearchSettings:
    table.allow_only(("strategy", "levels", "pruning", "stages", "confirm"))
    usual = SearchSettings()
    return SearchSettings(
        strategy=table.option("strategy", STRATEGIES, usual.strategy),
        levels=table.whole_number("levels", usual.levels),
        pruning=table.option("pruning", PRUNINGS, usual.pruning),
        stages=table.option("stages", STAGES, usual.stages),
        confirm=table.number("confirm", usual.confirm),
    )


def _data_document(data: DataSettings) -> dict[str, Any]:
    """What data with a name, or without images, does not need is left out, so that earlier versions read it."""
    document: dict[str, Any] = {
        "source": data.source,
        "validation": data.validation,
        "test": data.test,
        "seed": data.seed,
    }
    if data.task is not None:
        document |= {"target": data.target, "task": str(data.task), "missing": data.missing, "size": data.size}
    if data.image is not None:
        document["image"] = list(data.image)
    return document


def _settled(
    table: Table, folder: Path | None, settle: Callable[[DataSettings], DataSettings], *, brings_own: bool
) -> DataSettings:
    """``brings_own``: the model's file may have data of its own, and then there is no source."""
    if brings_own and not table.entries.get("source"):
        table.allow_only(("source", "validation", "test", "seed"))
        shares = table.number("validation", 0.2), table.number("test", 0.2)
        return DataSettings("", *shares, table.whole_number("seed", 0))
    try:
        data = settle(_data(table, folder))
    except SpaceError as error:
        table.wrong(error.key.removeprefix("data."), error.expected)
    if data.task is None and not data.built_in:
        table.wrong("task", one_of(Task))
    return data


def _data(table: Table, folder: Path | None) -> DataSettings:
    # What a row is as an image is seen in the data, not written by a person.
    table.allow_only(_DATA_KEYS if folder is not None else (*_DATA_KEYS, "image"))
    source = _source(table, folder)
    task = table.option("task", list(Task), "")
    data = DataSettings(
        source,
        table.number("validation", 0.2),
        table.number("test", 0.2),
        table.whole_number("seed", 0),
        table.text("target", ""),
        Task(task) if task else None,
        table.option("missing", MISSING_CHOICES, MISSING_CHOICES[0]),
        table.whole_number("size", 0),
        _image(table),
    )
    if data.built_in:
        _refuse_own_words(table)
        return replace(data, task=None)
    return data


def _image(table: Table) -> ImageShape | None:
    sides = table.entries.get("image")
    if sides is None:
        return None
    whole = isinstance(sides, (list, tuple)) and all(type(side) is int and side > 0 for side in sides)
    if not whole or len(sides) != 3:
        table.wrong("image", "height, width and channels")
    height, width, channels = sides
    return height, width, channels


def _source(table: Table, folder: Path | None) -> str:
    """The name of built-in data, or a path, absolute where the folder is known."""
    source = table.entries.get("source")
    if isinstance(source, str) and source in NAMED_DATA:
        return source
    if not isinstance(source, str) or not _is_path(source, folder):
        endings = ", ".join(TABLE_SUFFIXES)
        names = f"the name of a built-in data set, {one_of(NAMED_DATA, source)}"
        table.wrong("source", f"{names}, or the path of a table ({endings}) or of a folder of images")
    return source if folder is None else str((folder / Path(source).expanduser()).resolve())


def _is_path(source: str, folder: Path | None) -> bool:
    if any(mark in source for mark in "/\\") or PureWindowsPath(source).suffix.lower() in TABLE_SUFFIXES:
        return "\0" not in source
    return bool(source) and folder is not None and (folder / source).is_dir()


def _refuse_own_words(table: Table) -> None:
    for key in ("target", "task", "missing", "size", "image"):
        if key in table:
            table.wrong(key, f"no such key beside built-in data, which has its own {key}")


def _model(table: Table, found: FoundSpace | None, *, has_data: bool) -> ModelSettings:
    if "python" in table:
        return own_model(table, found, has_data=has_data)
    kind = table.option("kind", KINDS, MLP)
    table.allow_only(("kind", "epochs", *LIMITS))
    fixed = {name: _fixed_value(table, name) for name in table.entries if name in LIMITS}
    return ModelSettings(kind, table.whole_number("epochs", 20), fixed)


def _fixed_value(table: Table, name: str) -> Value:
    table.refuse_giants(name)
    value = table.entries[name]
    if not isinstance(value, (bool, int, float, str)):
        table.wrong(name, LIMITS[name].expected)
    return as_taken(name, value)


def _objective(study: Table, task: Task, model: ModelSettings, found: FoundSpace | None) -> Objective:
    if model.entry in (OBJECTIVE, OWN_SEARCH):
        return own_objective(study, model.entry, found)
    named = found.objective if found is not None and found.objective in METRICS[task] else ""
    metric = study.text("objective", named or usual_objective(task).metric)
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


def _parameter(name: str, table: Table, usual: Parameter | None = None) -> Parameter:
    """``usual`` has what the table leaves out, the textbook's where it is None."""
    for field in ("choices", *_NUMBER_FIELDS):
        table.refuse_giants(field)
    try:
        if usual is None and name in TEXTBOOK:
            usual = TEXTBOOK[name].parameter
        return _choices(name, table, usual) if _kind(name, table, usual) == "choice" else _number(name, table, usual)
    except SpaceError as error:
        raise with_whole_key(error, "space", table.file, {"space": {name: table.entries}}) from None


def _kind(name: str, table: Table, usual: Parameter | None) -> str:
    """As given, or as the other keys imply, or as the textbook has it."""
    kinds = ("float", "int", "choice")
    kind = table.option("kind", kinds, "")
    table.allow_only(("kind", *_NUMBER_FIELDS, "choices", "use"))
    if not kind:
        kind = _implied_kind(name, table, usual)
    if kind == "choice":
        for field in _NUMBER_FIELDS:
            if field in table:
                table.wrong(field, "no such key beside choices")
    elif "choices" in table:
        table.wrong("choices", f"no choices, because the kind is {kind}")
    return kind


def _implied_kind(name: str, table: Table, usual: Parameter | None) -> str:
    if "choices" in table:
        return "choice"
    if usual is None:
        table.wrong("kind", "one of float, int, choice")
    if isinstance(usual, ChoiceParameter) and any(field in table for field in _NUMBER_FIELDS):
        return "int" if _is_whole(name, usual) else "float"
    return usual.kind


def _is_whole(name: str, usual: Parameter | None) -> bool:
    """Whether a number of this name is a whole one where nothing else says so."""
    if isinstance(usual, ChoiceParameter) and name not in LIMITS:
        return all(isinstance(choice, int) for choice in usual.choices)
    return isinstance(usual, IntParameter) or (name in LIMITS and LIMITS[name].kind is Kind.INT)


def _choices(name: str, table: Table, usual: Parameter | None) -> ChoiceParameter:
    choices = table.entries.get("choices")
    if choices is None and isinstance(usual, ChoiceParameter):
        return usual
    if choices is None:
        table.wrong("choices", "a list of values")
    if not isinstance(choices, (list, tuple)):
        table.wrong("choices", "a list of values")
    return ChoiceParameter(name=name, choices=tuple(as_taken(name, choice) for choice in choices))


def _number(name: str, table: Table, usual: Parameter | None) -> NumberParameter:
    kind = table.entries.get("kind") or ("int" if _is_whole(name, usual) else "float")
    fields: dict[str, Any] = {}
    if usual is not None and not isinstance(usual, ChoiceParameter):
        fields = {"low": usual.low, "high": usual.high, "scale": usual.scale}
    fields |= {field: table.entries[field] for field in _NUMBER_FIELDS if field in table}
    for field in ("low", "high"):
        if field not in fields:
            table.wrong(field, "a number")
    return IntParameter(name=name, **fields) if kind == "int" else FloatParameter(name=name, **fields)


def with_whole_key(error: SpaceError, section: str, file: str, document: Mapping[str, Any]) -> DefinitionError:
    """The error under its key in the document, with the value as it was written there."""
    *path, field = f"{section}.{error.key}".strip(".").split(".")
    table: Any = document
    for name in path:
        table = table.get(name, {}) if isinstance(table, Mapping) else {}
    written = table.get(field, MISSING) if isinstance(table, Mapping) else MISSING
    key, expected = ".".join((*path, field)), error.expected
    if written is MISSING and path[:1] == ["space"] and field in ("low", "high", "scale"):
        whose = "textbook" if path[-1] in TEXTBOOK else "model file"
        expected += f" (the {whose}'s value, as none is given)"
    # 0 was written and 0.0 was made of it. One choice of a list is named by itself.
    return DefinitionError(file, key, written if written == error.value else error.value, expected)


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
