"""The numbers of the coverage preview: what grid, random search and Sobol points would try. Arrays and words only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.coverage import Coverage, coverage, levels_within
from tuner_gui.search.strategies.grid import MOST_POINTS, grid_count
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.region import Extent, Region, as_interval, unit_bounds
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import tier
from tuner_gui.space.unit import grid_size
from tuner_gui.study.stages import Plan

Floats = NDArray[np.float64]

MOST_SHOWN = 2_000
"""More trials are neither drawn nor counted: a picture would be solid, and the window would wait."""

UNTIL_STOPPED = 100
"""So many trials are shown of a run that goes on until it is stopped."""

NAMES = {"grid": "a grid", "random": "random search", "sobol": "Sobol points"}
_NO_TIER = 99


@dataclass(frozen=True)
class Preview:
    """What is asked: ``budget`` is how many trials a run takes, None until it is stopped."""

    space: Space
    region: Region
    budget: int | None
    levels: int
    seed: int

    @property
    def trials(self) -> int:
        """How many trials of each strategy are looked at."""
        return min(self.budget or UNTIL_STOPPED, MOST_SHOWN)


class Figures(NamedTuple):
    """The answer: ``found`` in the order of the strategies, ``grid`` how many trials the full grid takes, ``fitting``
    the most levels of each number with which it would keep to the budget."""

    asked: Preview
    found: tuple[Coverage, ...]
    grid: int
    fitting: int


class Dots(NamedTuple):
    """Trials in a plane: ``x``, ``y`` and ``trials`` ``[m]`` for places that differ, and how many trials lie on each;
    ``x_values`` and ``y_values`` are the distinct coordinates along either axis, in order."""

    x: Floats
    y: Floats
    trials: NDArray[np.intp]
    x_values: Floats
    y_values: Floats


def asked_of(plan: Plan, budget: int | None, region: Region | None = None) -> Preview:
    """The question for a plan: its own region, or a pending one."""
    search, seed = plan.definition.search, plan.definition.seed
    return Preview(plan.space, region or plan.region, budget, search.levels, seed)


def figures(asked: Preview) -> Figures:
    """All that the preview shows. With 2,000 trials this takes some tenths of a second: not in the window's thread."""
    space, region = asked.space, asked.region
    found = coverage(space, region, asked.trials, seed=asked.seed, levels=asked.levels)
    full = grid_count(space, region, asked.levels)
    return Figures(asked, tuple(found), full, levels_within(space, region, asked.budget or UNTIL_STOPPED))


def dots(space: Space, found: Coverage, x: str, y: str | None) -> Dots:
    """The trials of one strategy in the plane of two parameters; with one alone they lie on a line in the middle."""
    xs = _column(space, found, x)
    ys = np.full(len(xs), 0.5) if y is None else _column(space, found, y)
    places, count = np.unique(np.column_stack([xs, ys]), axis=0, return_counts=True)
    return Dots(places[:, 0], places[:, 1], count, np.unique(xs), np.unique(ys) if y is not None else np.empty(0))


def view_of(parameter: Parameter, extent: Extent) -> tuple[float, float]:
    """The part of the axis that a picture shows, in unit coordinates: the region, or all choices."""
    if isinstance(parameter, ChoiceParameter):
        return 0.0, 1.0
    return unit_bounds(parameter, as_interval(extent))


def default_pair(space: Space) -> tuple[str, ...]:
    """The two parameters of the highest tiers, in the order of the space where they have the same; fewer if so."""
    return tuple(sorted(space.names, key=_rank)[:2])


def kept_pair(space: Space, x: str, y: str) -> tuple[str, ...]:
    """The pair that was shown, where it still is one; what is missing or the same twice gets a default."""
    pair = [name for name in dict.fromkeys((x, y)) if name in space]
    pair += [name for name in default_pair(space) if name not in pair]
    return tuple(pair[:2])


# --- words ---


def takes(shown: Figures, strategy: str) -> str:
    """How many trials a strategy takes, and what they are."""
    many = trials_words(shown.asked.trials)
    if strategy == "random":
        return f"{many}, each drawn without regard to the others"
    if strategy == "sobol":
        return f"{many}, each where there is most room between the others"
    return _grid_takes(shown)


def _grid_takes(shown: Figures) -> str:
    asked, full = shown.asked, shown.grid
    grid, budget = f"a full grid of {values_words(asked.levels)} each", asked.budget or UNTIL_STOPPED
    if full > MOST_POINTS:
        return f"{grid} needs {full:,} trials; grid search goes up to {MOST_POINTS:,}"
    if full > budget:
        return f"{trials_words(asked.trials)}, spread over {grid}, which needs {full:,} trials"
    words = f"{trials_words(full)}: {grid}"
    if full == budget:
        return words
    more = f"; {shown.fitting} values each would fit the budget" if shown.fitting > asked.levels else ""
    return f"{words}, and then the run ends{more}"


def lesson(shown: Figures, name: str) -> str:
    """What the three make of one parameter, in a sentence that holds for these numbers."""
    by = {found.strategy: found for found in shown.found}
    column = shown.asked.space.names.index(name)
    grid, random, sobol = (by[strategy].distinct[column] for strategy in NAMES)
    start = f"With {trials_words(shown.asked.trials)}"
    if not grid:
        return f"{start} random search tries {values_words(random)} of {name} and Sobol points {sobol:,}; no grid does."
    if grid == random == sobol:
        return f"{start} all three try {values_words(grid)} of {name}: of so few values none is missed."
    same = f"random search and Sobol points {random:,} each" if random == sobol else ""
    rest = same or f"random search {random:,} and Sobol points {sobol:,}"
    # A sentence breaks between words, and not before a per cent sign.
    gaps = [share_words(by[strategy].largest_gap[column]).replace(" ", "\u00a0") for strategy in NAMES]
    words = f"{start} a grid tries {values_words(grid)} of {name}, {rest}"
    if isinstance(shown.asked.space[name], ChoiceParameter):
        return f"{words}."
    return f"{words}; the longest part of its range left untried is {gaps[0]}, {gaps[1]} and {gaps[2]}."


def headings() -> list[str]:
    return ["Parameter", *(f"{strategy}: values, largest gap" for strategy in NAMES)]


def rows(shown: Figures) -> list[list[str]]:
    """The table: for each parameter its name, and for each strategy the distinct values and the largest gap."""
    space = shown.asked.space
    return [
        [p.name, *(_cell(shown, found, column, p) for found in shown.found)]
        for column, p in enumerate(space.parameters)
    ]


def _cell(shown: Figures, found: Coverage, column: int, parameter: Parameter) -> str:
    if not found.trials:
        return "–"
    distinct, size = found.distinct[column], _size(parameter, shown.asked.region[parameter.name])
    many = f"{distinct:,} of {size:,}" if size else f"{distinct:,}"
    if isinstance(parameter, ChoiceParameter):
        return many
    return f"{many}, {share_words(found.largest_gap[column])}"


def remarks(shown: Figures, strategy: str, *, pending: bool) -> list[str]:
    """What one has to know to read the numbers: what is not shown, whose region it is, what the study does instead."""
    asked, said = shown.asked, []
    if asked.budget is None:
        said.append(f"Run goes on until stopped: these are the first {UNTIL_STOPPED} trials.")
    elif asked.budget > asked.trials:
        said.append(f"Of the {trials_words(asked.budget)} the first {asked.trials:,} are drawn and counted.")
    if pending:
        said.append("The pending region is shown, as if it were applied.")
    if strategy == "coarse-to-fine":
        said.append(
            "This study searches by coarse-to-fine: it begins with the Sobol points, and goes where the first results "
            "are best, which nothing can show before."
        )
    elif strategy not in NAMES:
        said.append(f"This study searches by {strategy}, which follows the results: nothing can show it before.")
    return said


def trials_words(count: int) -> str:
    return f"{count:,} trial{'' if count == 1 else 's'}"


def values_words(count: int) -> str:
    return f"{count:,} value{'' if count == 1 else 's'}"


def share_words(share: float) -> str:
    """Two digits: 50 %, 8.1 %, 0.2 %."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.2g} %"


def _column(space: Space, found: Coverage, name: str) -> Floats:
    return np.round(found.points[:, space.names.index(name)], 9)


def _size(parameter: Parameter, extent: Extent) -> int | None:
    """How many values the region holds of a parameter; None where they are not on a grid."""
    if isinstance(parameter, ChoiceParameter):
        return len(extent)
    if parameter.step is None:
        return None
    low, high = as_interval(extent)
    return min(round((high - low) / parameter.step) + 1, grid_size(parameter) or 1)


def _rank(name: str) -> int:
    found = tier(name)
    return _NO_TIER if found is None else found
