"""What the program would do next, with its evidence: narrow, widen, fix a parameter, change a scale, or stop.

Nothing here is ever applied unasked. Each suggestion holds the plan that accepting it would give, so that accepting,
undoing and looking at it are the same as for an edit of a person.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tuner_gui.search.importance import Importances
from tuner_gui.search.refine import FEWEST_TRIALS, format_share, suggest_region, trials_inside
from tuner_gui.search.stopping import outlook
from tuner_gui.search.strategies.evidence import scores_of
from tuner_gui.search.strategies.frame import Frame
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import FloatParameter, NumberParameter
from tuner_gui.space.region import Interval, Region, as_interval, extent_from_units, full_extent, unit_bounds, volume
from tuner_gui.space.scales import Scale, fits
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.space.unit import positions_of, units_of
from tuner_gui.study.checks import check_parameter
from tuner_gui.study.definition import switched_off
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan, redefined, refined

EDGE = 0.05
"""This near to an end, in the unit interval, the best few have nowhere further to go."""

EDGE_BEST = 3
STRETCH = 0.5
"""By so much of its length a range is stretched beyond the end where the best lie."""

NO_INFLUENCE = 0.03
"""A parameter whose share of the importance stays below this in 9 of 10 resamples can be fixed."""

NARROWER = 0.5
"""A narrower region must leave out at least half of the volume to be worth a stage."""

DECADE = 0.25
"""Where the good trials of a linear range lie in so short a part at its low end, the log scale suits it."""


class Kind(enum.StrEnum):
    NARROW = "narrow"
    WIDEN = "widen"
    FIX = "fix"
    SCALE = "scale"
    STOP = "stop"


@dataclass(frozen=True)
class Proposal:
    """``title`` is what accepting does, ``reason`` the numbers behind it, ``evidence`` the trials that show it, best
    first; ``plan`` is what would hold then; None where there is nothing to apply."""

    kind: Kind
    title: str
    reason: str
    evidence: tuple[int, ...]
    plan: Plan | None


def suggestions(plan: Plan, history: History, importances: Importances | None = None) -> list[Proposal]:
    """All that the trials of the study give reason for; nothing while fewer than ten have finished in the region.

    ``importances`` are those of the current region, where they have been worked out.
    """
    best = _best_inside(plan, history)
    if len(best) < FEWEST_TRIALS:
        return []
    found = [*_widen(plan, history, best), *_narrow(plan, history), *_scale(plan, history, best)]
    if importances is not None:
        found += _fix(plan, history, best, importances)
    return [*found, *_stop(plan, history)]


def region_proposals(plan: Plan, history: History) -> list[Proposal]:
    """Those that change nothing but the region."""
    return [
        proposal
        for proposal in suggestions(plan, history)
        if proposal.plan is not None and proposal.plan.space == plan.space and proposal.plan != plan
    ]


def _best_inside(plan: Plan, history: History) -> list[int]:
    """The trials of the region that say something, the best first."""
    scores, told = scores_of(history, plan.definition.objective)
    rows = np.flatnonzero(told & trials_inside(plan.space, plan.region, history))
    return [int(row) + 1 for row in rows[np.argsort(-scores[rows], kind="stable")]]


def _narrow(plan: Plan, history: History) -> Iterator[Proposal]:
    box = suggest_region(plan, history)
    if box is None:
        return
    region = _cut(plan, box.region)
    left = volume(plan.space, region) / volume(plan.space, plan.region)
    if left > NARROWER:
        return
    inside = int(trials_inside(plan.space, region, history).sum())
    gain = _expected_gain(plan, history, region)
    reason = f"{box.reason}; keeps {inside} of {len(history)} trials and {format_share(left)} of the region{gain}"
    yield Proposal(Kind.NARROW, "Narrow to the box around the best", reason, box.evidence, refined(plan, region))


def _cut(plan: Plan, box: Region) -> Region:
    """The part of the box that lies in the region that holds now."""
    region = plan.region
    for parameter in plan.space:
        wanted, current = box[parameter.name], plan.region[parameter.name]
        if not isinstance(wanted, Interval):
            kept = tuple(value for value in current if value in wanted)
            region = region.replace(parameter.name, kept or current)
            continue
        low, high = max(wanted.low, as_interval(current).low), min(wanted.high, as_interval(current).high)
        if low < high or (low == high and parameter.step is not None):  # type: ignore[union-attr]
            region = region.replace(parameter.name, Interval(low, high))
    return region


def _expected_gain(plan: Plan, history: History, region: Region) -> str:
    """What a trial in the narrower region was worth so far, against one outside of it."""
    scores, told = scores_of(history, plan.definition.objective)
    inside = trials_inside(plan.space, region, history) & told & np.isfinite(scores)
    outside = ~trials_inside(plan.space, region, history) & told & np.isfinite(scores)
    if not inside.any() or not outside.any():
        return ""
    sign = plan.definition.objective.sign
    middle, other = (format_value(float(sign * np.median(scores[part]))) for part in (inside, outside))
    return f"; the middle trial inside has {middle}, outside {other}"


def _widen(plan: Plan, history: History, best: list[int]) -> Iterator[Proposal]:
    """Where the best few sit at an end: of the region, or of the whole range."""
    top = tuple(best[:EDGE_BEST])
    frame = Frame(plan.space, plan.region)
    points, _ = frame.points(history)
    for column, parameter in enumerate(plan.space):
        if frame.is_choice(column):
            continue
        places = points[[number - 1 for number in top], column]
        for at_end in (places <= EDGE, places >= 1 - EDGE):
            if at_end.all():
                upper = bool(places[0] > 0.5)
                yield from _widened(plan, parameter, top, upper=upper)  # type: ignore[arg-type]


def _widened(plan: Plan, parameter: NumberParameter, top: tuple[int, ...], *, upper: bool) -> Iterator[Proposal]:
    name, side = parameter.name, "upper" if upper else "lower"
    extent, full = as_interval(plan.region[name]), as_interval(full_extent(parameter))
    low, high = unit_bounds(parameter, extent)
    shown = ", ".join(f"#{number}" for number in top)
    where = format_in(parameter, extent.high if upper else extent.low)
    reason = f"the best {len(top)}, {shown}, lie at the {side} end, {where}: what is beyond has not been tried"
    reach = (high - low) * STRETCH
    if (extent.high < full.high) if upper else (extent.low > full.low):
        units = (low, high + reach) if upper else (low - reach, high)
        region = plan.region.replace(name, extent_from_units(parameter, *units))
        yield Proposal(Kind.WIDEN, f"Widen {name} at its {side} end", reason, top, refined(plan, region))
        return
    longer = _stretched(parameter, reach, upper=upper)
    if longer is None:
        return
    definition = replace(plan.definition, space=plan.space.replace(longer))
    drawn_from = [stage.number for stage in plan.stages]
    after = redefined(plan, definition, drawn_from=drawn_from)
    end = format_in(longer, longer.high if upper else longer.low)
    yield Proposal(Kind.WIDEN, f"Stretch the range of {name} to {end}", reason, top, after)


def _stretched(parameter: NumberParameter, reach: float, *, upper: bool) -> NumberParameter | None:
    """The parameter with a longer range; None where it can have none."""
    units = [1 + reach] if upper else [-reach]
    end = float(positions_of(parameter, units)[0])
    end = float(f"{end:.1g}") if parameter.scale is Scale.LOG else float(f"{end:.3g}")
    number = end if isinstance(parameter, FloatParameter) else round(end)
    try:
        longer = _with_end(parameter, number, upper=upper)
        check_parameter(longer)
    except SpaceError:
        return None
    return longer if longer != parameter else None


def _with_end(parameter: NumberParameter, number: float, *, upper: bool) -> NumberParameter:
    if isinstance(parameter, FloatParameter):
        return replace(parameter, high=number) if upper else replace(parameter, low=number)
    return replace(parameter, high=int(number)) if upper else replace(parameter, low=int(number))


def _stop(plan: Plan, history: History) -> Iterator[Proposal]:
    """Where what is left to gain drowns in the noise between seeds."""
    seen, best = outlook(plan, history), history.best_standing(plan.definition.objective)
    if seen is None or best is None or not seen.is_little:
        return
    reason = (
        f"the next trial can be expected to gain {format_value(seen.gain, 1)} on the best; from seed to seed, the same "
        f"values differ by {format_value(seen.noise, 2)} (standard deviation)"
    )
    yield Proposal(Kind.STOP, "Stop searching in this region", reason, (best.trial,), None)


def _fix(plan: Plan, history: History, best: list[int], importances: Importances) -> Iterator[Proposal]:
    """Parameters without influence, each at the value that the best trial has."""
    if len(plan.space) < 3:
        return
    for found in importances.parameters:
        if found.name not in plan.space or found.high >= NO_INFLUENCE:
            continue
        value = history.trial(best[0]).values.get(found.name)
        if value is None:
            continue
        after = redefined(
            plan, switched_off(plan.definition, found.name, value), drawn_from=[s.number for s in plan.stages]
        )
        reason = (
            f"{format_share(found.share)} of the importance, at most {format_share(found.high)} in 9 of 10 resamples "
            f"of {importances.trials} trials"
        )
        yield Proposal(Kind.FIX, f"Fix {found.name} at {format_value(value)}", reason, tuple(best[:1]), after)


def _scale(plan: Plan, history: History, best: list[int]) -> Iterator[Proposal]:
    """Linear ranges of positive numbers whose good trials crowd at the low end."""
    top = tuple(best[: max(5, len(best) // 10)])
    for parameter in plan.space:
        if not isinstance(parameter, NumberParameter) or parameter.scale is not Scale.LINEAR:
            continue
        if not fits(Scale.LOG, parameter.low) or parameter.high / parameter.low < 10:
            continue
        values = [history.trial(number).values.get(parameter.name) for number in top]
        units = units_of(parameter, [value for value in values if value is not None])
        if not len(units) or float(np.quantile(units, 0.9)) > DECADE:
            continue
        other = replace(parameter, scale=Scale.LOG)
        share = math.log10(parameter.high / parameter.low)
        definition = replace(plan.definition, space=plan.space.replace(other))
        reason = (
            f"9 of 10 of the best {len(units)} lie in the lowest quarter of the range, which gets a quarter of the "
            f"trials; on log each of its {share:.1f} decades gets the same"
        )
        after = redefined(plan, definition, drawn_from=[stage.number for stage in plan.stages])
        yield Proposal(Kind.SCALE, f"Put {parameter.name} on the log scale", reason, top, after)
