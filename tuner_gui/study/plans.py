"""Plans and stages as JSON, for the study file. A region says of each extent whether it is a range or choices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tuner_gui.space.parameters import ChoiceParameter, Value
from tuner_gui.space.region import Extent, Interval, Region
from tuner_gui.study.codec import definition_from, document_of
from tuner_gui.study.definition import Definition
from tuner_gui.study.stages import Origin, Plan, Stage


def to_json(document: object) -> str:
    """Compact JSON of plain values; ValueError for a number that is not finite."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def stage_document(stage: Stage) -> dict[str, Any]:
    return {
        "number": stage.number,
        "parent": stage.parent,
        "origin": str(stage.origin),
        "region": {name: _extent_document(extent) for name, extent in stage.region.extents.items()},
        "note": stage.note,
    }


def stage_from(document: object) -> Stage:
    """Raises ValueError, TypeError or KeyError where the document is no stage."""
    entries = _mapping(document)
    parent = entries["parent"]
    return Stage(
        number=_number(entries["number"]),
        parent=None if parent is None else _number(parent),
        origin=Origin(entries["origin"]),
        region=Region({str(name): _extent_from(item) for name, item in _mapping(entries["region"]).items()}),
        note=str(entries["note"]),
    )


def plan_document(plan: Plan) -> dict[str, Any]:
    return {
        "definition": document_of(plan.definition),
        "stages": [stage_document(stage) for stage in plan.stages],
        "current": plan.current,
    }


class PlanReader:
    """Reads the plans of an edit log. Most edits keep the definition and most stages, so those are read once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._definitions: dict[str, Definition] = {}
        self._stages: dict[str, Stage] = {}

    def plan_from(self, document: object) -> Plan:
        """Raises ValueError (DefinitionError with it), TypeError or KeyError where the document is no plan."""
        entries = _mapping(document)
        plan = Plan(
            definition=self._definition(entries["definition"]),
            stages=tuple(self._stage(item) for item in entries["stages"]),
            current=_number(entries["current"]),
        )
        _check(plan)
        return plan

    def _definition(self, document: object) -> Definition:
        key = to_json(document)
        if key not in self._definitions:
            self._definitions[key] = definition_from(document, file=self._file)
        return self._definitions[key]

    def _stage(self, document: object) -> Stage:
        key = to_json(document)
        if key not in self._stages:
            self._stages[key] = stage_from(document)
        return self._stages[key]


def _check(plan: Plan) -> None:
    numbers = [stage.number for stage in plan.stages]
    if sorted(set(numbers)) != numbers or numbers[:1] != [1]:
        raise ValueError(f"the stages {numbers} are not in order")
    for stage in plan.stages:
        if stage.parent is not None and not (stage.parent in numbers and stage.parent < stage.number):
            raise ValueError(f"stage {stage.number} has no parent {stage.parent}")
    region = plan.stage.region
    for parameter in plan.space:
        ranges = isinstance(region[parameter.name], Interval)
        if ranges is isinstance(parameter, ChoiceParameter):
            raise ValueError(f"the region of stage {plan.current} does not fit {parameter.name}")


def _extent_document(extent: Extent) -> dict[str, Any]:
    if isinstance(extent, Interval):
        return {"low": extent.low, "high": extent.high}
    return {"choices": list(extent)}


def _extent_from(document: object) -> Extent:
    entries = _mapping(document)
    if "choices" in entries:
        return tuple(_plain(choice) for choice in entries["choices"])
    low, high = entries["low"], entries["high"]
    if isinstance(low, (str, bool)) or isinstance(high, (str, bool)) or not low <= high:
        raise ValueError(f"{low!r} to {high!r} is no range")
    return Interval(low, high)


def _mapping(document: object) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise TypeError(f"{document!r} is no object")
    return document


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{value!r} is no number of a stage")
    return value


def _plain(value: object) -> Value:
    if not isinstance(value, (bool, int, float, str)):
        raise TypeError(f"{value!r} is no plain value")
    return value
