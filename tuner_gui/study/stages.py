"""Stages: periods of a search with one region each, and the plan that says which one holds."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tuner_gui.space.region import Extent, Interval, Region, adapted, extent_share, full_region
from tuner_gui.space.space import Space
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import Definition


class Origin(enum.StrEnum):
    """How a stage came about."""

    START = "start"
    NARROW = "narrow"
    WIDEN = "widen"
    BACK = "back"
    SPACE = "space"


@dataclass(frozen=True)
class Stage:
    """One region, from when it was applied until the next one was. ``note`` says in words what changed."""

    number: int
    parent: int | None
    origin: Origin
    region: Region
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """All that a person decides: the definition of the study, its stages, and the one that holds now.

    A plan is replaced whole by each edit. Stages are only ever added, except that a change of the space takes the
    place of a current stage from which no trial has been drawn yet.
    """

    definition: Definition
    stages: tuple[Stage, ...]
    current: int

    @property
    def space(self) -> Space:
        return self.definition.space

    @property
    def stage(self) -> Stage:
        return self.numbered(self.current)

    @property
    def region(self) -> Region:
        return self.stage.region

    def numbered(self, number: int) -> Stage:
        """The stage of that number; KeyError if there is none."""
        for stage in self.stages:
            if stage.number == number:
                return stage
        raise KeyError(number)


def first_plan(definition: Definition) -> Plan:
    start = Stage(number=1, parent=None, origin=Origin.START, region=full_region(definition.space), note="full space")
    return Plan(definition, (start,), current=1)


def refined(plan: Plan, region: Region) -> Plan:
    """The plan with a new current stage that has this region; the same plan if nothing would change."""
    if region == plan.region:
        return plan
    wider = any(
        extent_share(parameter, region[parameter.name]) > extent_share(parameter, plan.region[parameter.name]) + 1e-12
        for parameter in plan.space
    )
    origin = Origin.WIDEN if wider else Origin.NARROW
    return _with_stage(plan, plan.definition, plan.current, origin, region)


def gone_back(plan: Plan, number: int) -> Plan:
    """A new stage with the region of an earlier one, branching off from it; the same plan if that one holds already."""
    if number == plan.current:
        return plan
    region = adapted(plan.space, plan.space, plan.numbered(number).region)
    return _with_stage(plan, plan.definition, number, Origin.BACK, region, note=f"back to stage {number}")


def redefined(plan: Plan, definition: Definition, *, drawn_from: Iterable[int]) -> Plan:
    """The plan under another definition. ``drawn_from`` are the numbers of the stages that have trials."""
    if definition.space == plan.space:
        return replace(plan, definition=definition)
    region = adapted(plan.space, definition.space, plan.region)
    if plan.current in set(drawn_from):
        note = ", ".join(_edited(plan.space, definition.space))
        return _with_stage(plan, definition, plan.current, Origin.SPACE, region, note=note)
    stage = replace(plan.stage, region=region, note=_note_of_empty_stage(plan, definition.space, region))
    return Plan(definition, tuple(stage if s.number == stage.number else s for s in plan.stages), plan.current)


def _note_of_empty_stage(plan: Plan, space: Space, region: Region) -> str:
    """The words on what the current stage changes, after the space has moved its region."""
    stage = plan.stage
    if stage.parent is None or stage.origin not in (Origin.NARROW, Origin.WIDEN):
        return stage.note
    return describe_change(space, plan.numbered(stage.parent).region, region)


def _edited(before: Space, after: Space) -> list[str]:
    """The names of the parameters that two spaces do not share as they are."""
    names = dict.fromkeys((*before.names, *after.names))
    return [n for n in names if n not in before or n not in after or before[n] != after[n]]


def with_stages(plan: Plan, stages: Iterable[Stage]) -> Plan:
    """The plan with stages that it must not lose, because trials were drawn from them."""
    known = {stage.number: stage for stage in plan.stages}
    known.update({stage.number: stage for stage in stages})
    return replace(plan, stages=tuple(known[number] for number in sorted(known)))


def lineage(plan: Plan, number: int | None = None) -> tuple[int, ...]:
    """The numbers of the stage (the current one by default) and its ancestors, newest first."""
    chain: list[int] = []
    at: int | None = plan.current if number is None else number
    while at is not None and at not in chain:
        chain.append(at)
        at = plan.numbered(at).parent
    return tuple(chain)


def describe_change(space: Space, before: Region, after: Region) -> str:
    """What a refinement changes, in words: "learning_rate 1e-4–1 → 1e-3–0.1"."""
    changes = []
    for name in space.names:
        if before.extents.get(name) != after[name]:
            parts = [describe_extent(space, name, region[name]) for region in (before, after) if name in region.extents]
            changes.append(f"{name} {' → '.join(parts)}")
    return ", ".join(changes)


def describe_extent(space: Space, name: str, extent: Extent) -> str:
    if isinstance(extent, Interval):
        return "–".join(dict.fromkeys(format_in(space[name], end, 3) for end in extent))
    return ", ".join(format_value(choice) for choice in extent)


def _with_stage(
    plan: Plan, definition: Definition, parent: int, origin: Origin, region: Region, note: str | None = None
) -> Plan:
    number = max(stage.number for stage in plan.stages) + 1
    words = describe_change(plan.space, plan.region, region) if note is None else note
    stage = Stage(number, parent, origin, region, words)
    return Plan(definition, (*plan.stages, stage), number)
