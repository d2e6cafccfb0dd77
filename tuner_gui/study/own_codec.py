"""The parts of a document that describe a person's own model file, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.study.definition import Direction, ModelSettings, Objective, direction_of
from tuner_gui.study.own_model import BUILD_MODEL, ENTRIES, OBJECTIVE, OWN_SEARCH, OWN_VALUE, FoundSpace, OwnParameter
from tuner_gui.study.tables import Table

LONGEST_PATIENCE = 86_400.0
PATIENCE_WITH_SILENCE = 3_600.0
"""Seconds, where the document gives none, for a file that trains by itself: it may have nothing to report for long."""

MOST_SEARCHES = 1000

ReadParameter = Callable[[str, Table, Parameter | None], Parameter]


def own_model(table: Table, found: FoundSpace | None, *, has_data: bool) -> ModelSettings:
    """``[model]`` with a file. What a dry run found is not written by a person, and stands in a study's document.

    ``has_data``: the document names data, which take the place of those that the file's own search would use."""
    table.allow_only(("python", "epochs", "patience", "fixed", "entry", "parameters", "search"))
    usual = ModelSettings()
    entry = _entry(table, found, has_data=has_data)
    patience = table.number("patience", usual.patience if entry == BUILD_MODEL else PATIENCE_WITH_SILENCE)
    if not 1 <= patience <= LONGEST_PATIENCE:
        table.wrong(
            "patience", f"seconds without a sign after which a trial is ended, from 1 to {LONGEST_PATIENCE:.0f}"
        )
    own = found.own if found is not None else _own(table.table("parameters"))
    fixed = table.table("fixed")
    fixed.allow_only([parameter.name for parameter in own], what="parameter that the file asks for")
    return ModelSettings(
        kind="own",
        epochs=table.whole_number("epochs", (found.epochs if found is not None else 0) or usual.epochs),
        fixed={name: _plain(fixed, name) for name in fixed.entries},
        python=table.text("python", ""),
        entry=entry,
        own=own,
        patience=patience,
        search=number_of_search(table),
    )


def number_of_search(table: Table) -> int:
    """Which of the searches that a file begins itself is meant, counted from 1."""
    number = table.whole_number("search", 1)
    if not 1 <= number <= MOST_SEARCHES:
        table.wrong("search", f"which of the file's own searches is meant, from 1 to {MOST_SEARCHES}")
    return number


def _entry(table: Table, found: FoundSpace | None, *, has_data: bool) -> str:
    if found is None:
        return table.option("entry", ENTRIES, BUILD_MODEL)
    return OWN_SEARCH if found.own_data and not has_data else found.entry


def own_document(model: ModelSettings) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for own in model.own:
        parameters[own.name] = {"default": own.default}
        if own.parent:
            parameters[own.name] |= {"parent": own.parent, "values": list(own.values)}
    return {
        "python": model.python,
        "entry": model.entry,
        "epochs": model.epochs,
        "patience": model.patience,
        **({"search": model.search} if model.search > 1 else {}),
        "fixed": dict(model.fixed),
        "parameters": parameters,
    }


def own_objective(study: Table, entry: str, found: FoundSpace | None) -> Objective:
    """What ``objective(trial)`` returns; as for Optuna less is better unless the file or the document says else.

    Of a file with a tuner, the metric that it names, or another one that it measures."""
    usual = (found.direction if found is not None else "") or str(Direction.MINIMIZE)
    if entry == OBJECTIVE:
        metric = study.option("objective", (OWN_VALUE,), OWN_VALUE)
    else:
        named = (found.objective if found is not None else "") or "val_loss"
        metric = study.text("objective", named)
        usual = usual if metric == named else str(direction_of(metric))
    return Objective(metric, Direction(study.option("direction", [str(d) for d in Direction], usual)))


def own_parameters(
    space: Table, model: ModelSettings, found: FoundSpace | None, read: ReadParameter
) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """The parameters that are searched, and those on the shelf.

    All that was found is searched, over the file's range where the document gives none, unless the document fixes it.
    """
    usual = {parameter.name: parameter for parameter in found.parameters} if found is not None else {}
    space.allow_only([own.name for own in model.own], what="parameter that the file asks for")
    searched: list[Parameter] = []
    shelf: list[Parameter] = []
    for name in dict.fromkeys((*usual, *space.entries)):
        table = space.table(name)
        is_used = table.switch("use", default=name in space.entries or name not in model.fixed)
        parameter = read(name, _without_stale(table, usual.get(name)), usual.get(name))
        (searched if is_used else shelf).append(parameter)
    return tuple(searched), tuple(shelf)


def _without_stale(table: Table, usual: Parameter | None) -> Table:
    """A step of the file's range holds on in a narrower one."""
    if usual is None or isinstance(usual, ChoiceParameter) or "choices" in table or "step" in table:
        return table
    if (
        usual.step is None
        or (usual.kind == "int" and usual.step == 1)
        or table.entries.get("kind", usual.kind) != usual.kind
    ):
        return table
    return Table({**table.entries, "step": usual.step}, path=table.path, file=table.file)


def _own(table: Table) -> tuple[OwnParameter, ...]:
    return tuple(_own_parameter(name, table.table(name)) for name in table.entries)


def _own_parameter(name: str, table: Table) -> OwnParameter:
    table.allow_only(("default", "parent", "values"))
    values = table.entries.get("values", [])
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, (bool, int, float, str)) for value in values):
        table.wrong("values", "a list of values")
    return OwnParameter(name, _plain(table, "default"), table.text("parent", ""), tuple(values))


def _plain(table: Table, name: str) -> Value:
    table.refuse_giants(name)
    value = table.entries.get(name)
    if not isinstance(value, (bool, int, float, str)):
        table.wrong(name, "a number, a word, or true or false")
    return value
