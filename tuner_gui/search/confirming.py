"""Repeating the best few with other seeds, before one of them is called the best.

The best of many noisy runs owes much of its value to its seed: on the noisiest tables of ``benchmarks/confirm.py`` the
best single run of 100 is worse than 9 % of all settings, the best mean, with a fifth of the trials spent on repeats,
than 2 %; where there is little noise nothing is lost. The repeats come last, when what trains has ended: that was as
good as any way of spreading them, and better than fewer repeats of more trials.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np

from tuner_gui.search.run_state import RunState
from tuner_gui.search.strategies import Values
from tuner_gui.space.parameters import Value
from tuner_gui.space.region import contains
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.stages import Plan

RUNS = 5
"""So many runs in all make a mean; more seeds than the tables have could not be tried."""

FEWEST_REPEATS = RUNS - 1
"""A run too short for so many repeats has none."""

BEST_FEW = 3
"""So many are repeated when a person asks for it."""

FEWEST_FINISHED = 20
"""Without a budget the best is repeated as the search goes on, from so many finished trials on."""

BY_SEARCH = "search"


def is_by_search(lineage: Mapping[str, Value] | None) -> bool:
    """Whether the search itself repeats a trial, rather than a person."""
    return lineage is not None and "repeats" in lineage and lineage.get("by") == BY_SEARCH


def repeats_planned(search: RunState, share: float) -> int:
    """How many of a run with a budget of trials are repeats."""
    planned = int(share * (search.trials or 0))
    return planned if planned >= FEWEST_REPEATS else 0


def repeats_left(search: RunState, share: float, history: History, *, queued: int) -> int:
    """How many repeats are due now, by the share of the run that they have: before its end, or as it goes on where it
    has none. Once the strategy has nothing more to try, all of them are."""
    if share <= 0:
        return 0
    drawn = search.started - search.repeats
    if search.trials is not None:
        left = search.trials - search.started - queued
        planned = repeats_planned(search, share)
        return min(left, planned - search.repeats) if left <= planned or search.drawn_out else 0
    fitting = round(share / (1 - share) * drawn) - search.repeats - queued
    if search.deadline is not None and not search.drawn_out:
        return max(fitting, 1) if time.monotonic() >= search.deadline - share * (search.seconds or 0.0) else 0
    enough = search.drawn_out or history.counts()[TrialState.FINISHED] >= FEWEST_FINISHED
    return max(fitting, 0) if enough else 0


def repeat_of(trial: Trial) -> dict[str, Value]:
    """The lineage of a repeat that the search makes."""
    return {"repeats": trial.number, "by": BY_SEARCH}


def next_to_repeat(plan: Plan, history: History) -> Trial | None:
    """The best of the region by its mean that has not been run often enough, what trains or waits counted; None where
    none is left.

    Only what the plan would train in the same way: with the same pinned values, for as many epochs.
    """
    inside = (trial for trial, _ in _lacking(plan, history) if _is_inside(plan, trial))
    return next(inside, None)


def missing_repeats(plan: Plan, history: History, most: int = BEST_FEW) -> list[tuple[Trial, int]]:
    """The best few of all by their means, with how many runs each of them lacks."""
    return list(islice(_lacking(plan, history), most))


def _lacking(plan: Plan, history: History) -> Iterator[tuple[Trial, int]]:
    objective = plan.definition.objective
    standings = history.standings(objective)
    coming = Counter(int(history.root_column[number - 1]) for number in history.progress)
    for event in history.queued.values():
        of = (event.lineage or {}).get("repeats")
        coming[int(of) - 1 if isinstance(of, int) else -1] += 1
    by_mean = standings.order[np.argsort(-objective.sign * standings.means[standings.order], kind="stable")]
    for row in by_mean:
        trial: Trial = history.trials[row]
        lacks = RUNS - standings.runs(row) - coming[int(row)]
        if lacks > 0 and _is_repeatable(plan, history, trial):
            yield trial, lacks


def _is_inside(plan: Plan, trial: Trial) -> bool:
    return contains(plan.space, plan.region, values_to_repeat(plan, trial))


def values_to_repeat(plan: Plan, trial: Trial) -> Values:
    """What the trial had of the parameters that are searched now."""
    return {name: value for name in plan.space.names if (value := trial.value_of(name)) is not None}


def _is_repeatable(plan: Plan, history: History, trial: Trial) -> bool:
    definition, values = plan.definition, values_to_repeat(plan, trial)
    if len(values) < len(plan.space) or history.epochs(trial.number) != definition.model.epochs:
        return False
    return {**definition.fixed_beside(values), **values} == {**trial.fixed, **trial.values}
