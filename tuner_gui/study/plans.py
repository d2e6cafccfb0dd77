"""Plans and stages as JSON, for the study file. A region says of each extent whether it is a range or choices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tuner_gui.space.parameters import ChoiceParameter, Value
from tuner_gui.space.region import Extent, Interval, Region
from tuner_gui.study.codec import definition_from, document_of
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


def plan_document(plan: Plan, before: Plan | None = None) -> dict[str, Any]:
    """The plan as what it changes of the one ``before`` it in the log, so that a log grows with its edits alone."""
    known = {} if before is None else {stage.number: stage for stage in before.stages}
    numbers = {stage.number for stage in plan.stages}
    same_definition = before is not None and before.definition == plan.definition
    return {
        "definition": None if same_definition else document_of(plan.definition),
        "stages": [stage_document(stage) for stage in plan.stages if known.get(stage.number) != stage],
        "dropped": [number for number in known if number not in numbers],
        "current": plan.current,
    }


class PlanReader:
    """Reads the plans of an edit log, from the first on."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._before: Plan | None = None

    def plan_from(self, document: object) -> Plan:
        """The next plan. Raises ValueError (DefinitionError with it), TypeError or KeyError where it is none."""
        entries = _mapping(document)
        before, own = self._before, entries["definition"]
        if own is None and before is not None:
            definition = before.definition
        else:
            definition = definition_from(own, file=self._file)
        stages = {} if before is None else {stage.number: stage for stage in before.stages}
        for number in entries.get("dropped", ()):
            del stages[number]
        stages |= {stage.number: stage for stage in map(stage_from, entries["stages"])}
        plan = Plan(definition, tuple(stages[number] for number in sorted(stages)), _number(entries["current"]))
        _check(plan)
        self._before = plan
        return plan


def _check(plan: Plan) -> None:
    numbers = {stage.number for stage in plan.stages}
    if 1 not in numbers:
        raise ValueError("the first stage is missing")
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
