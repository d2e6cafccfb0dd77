"""How a search went on, as arrays: the best value so far, and where its stages begin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import Floats, Indices

FEWEST_SHOWN = 20


class StageStart(NamedTuple):
    """From which row on trials were drawn from a stage, until the next start."""

    row: int
    stage: int


def records(history: History, sign: int) -> Indices:
    """The rows of the finished trials that were better than all before them, in order; repeats with other seeds are
    left out: with enough of them any trial would become the best once."""
    goodness = np.where(
        history.in_state(TrialState.FINISHED) & (history.root_column == np.arange(len(history))),
        sign * history.value_column,
        np.nan,
    )
    known = np.flatnonzero(np.isfinite(goodness))
    if not len(known):
        return known
    best = np.maximum.accumulate(goodness[known])
    return np.asarray(known[np.concatenate([[True], best[1:] > best[:-1]])], dtype=np.intp)


def stage_starts(history: History) -> list[StageStart]:
    """In order. A stage to which the search came back begins once more."""
    stages = history.stage_column
    if not len(stages):
        return []
    rows = np.concatenate([[0], np.flatnonzero(stages[1:] != stages[:-1]) + 1])
    return [StageStart(int(row), int(stages[row])) for row in rows]


def shown_upto(count: int) -> int:
    """The end of an axis of trials: a round number, so that it moves seldom while trials arrive."""
    power = 10 ** int(np.floor(np.log10(max(count, FEWEST_SHOWN))))
    rounds = (power * factor for factor in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0))
    return next(int(end) for end in rounds if end >= max(count, FEWEST_SHOWN))


def steps(rows: Indices, heights: Floats, last: int) -> list[tuple[float, float]]:
    """The corners of the line of the best so far: trial numbers and heights, up to the ``last`` trial."""
    corners: list[tuple[float, float]] = []
    for row, height in zip(rows.tolist(), heights.tolist(), strict=True):
        if corners:
            corners.append((row + 1, corners[-1][1]))
        corners.append((row + 1, height))
    return [*corners, (last, corners[-1][1])] if corners else corners
