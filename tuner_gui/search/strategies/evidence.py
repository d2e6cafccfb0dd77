"""What the trials of a study say about a region: places in its cube, best first, and places that are on their way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.frame import Flags, Floats, Frame
from tuner_gui.search.strategies.interface import Question
from tuner_gui.search.strategies.pending import PendingPlaces
from tuner_gui.study.definition import Objective
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import STATE_CODES, History

_FINISHED, _PRUNED, _DIVERGED = (
    STATE_CODES[state] for state in (TrialState.FINISHED, TrialState.PRUNED, TrialState.DIVERGED)
)


@dataclass(frozen=True)
class Evidence:
    """``points`` ``[n, d]`` in the region's cube with their ``scores`` ``[n]``, the best (largest) first, and the
    ``numbers`` ``[n]`` of their trials; ``pending`` ``[p, d]`` are trials in training or queued.

    A trial that diverged is among the points with the score −∞. One that was pruned counts with what it had reached,
    but as no better than half of those that finished: a loss may still rise. What failed or was cancelled says nothing.
    """

    points: Floats
    scores: Floats
    numbers: NDArray[np.intp]
    pending: Floats

    def __len__(self) -> int:
        return len(self.points)


class EvidenceKeeper:
    """Works the evidence out anew only when a trial has ended: most draws come between two endings."""

    def __init__(self) -> None:
        self._last: tuple[object, Evidence] | None = None
        self._pending = PendingPlaces()

    def of(self, frame: Frame, question: Question) -> Evidence:
        history = question.history
        key = (frame, history, history.ended, question.objective)
        if self._last is None or self._last[0] != key:
            self._last = key, _told(frame, history, question.objective)
        return replace(self._last[1], pending=self._pending.of(frame, question))


def _told(frame: Frame, history: History, objective: Objective) -> Evidence:
    points, inside = frame.points(history)
    scores, told = scores_of(history, objective)
    rows = np.flatnonzero(told & inside)
    ranked = rows[np.argsort(-scores[rows], kind="stable")]
    return Evidence(points[ranked], scores[ranked], ranked + 1, np.empty((0, len(frame))))


def scores_of(history: History, objective: Objective) -> tuple[Floats, Flags]:
    """What each trial is worth, ``[n]``, more is better, and which trials say anything, ``[n]``.

    A trial that was repeated with other seeds is worth the mean of its runs, and its repeats say nothing by themselves.
    """
    states = history.state_column
    scores = objective.sign * history.value_column
    known = np.isfinite(scores)
    finished, pruned, diverged = known & (states == _FINISHED), known & (states == _PRUNED), states == _DIVERGED
    if finished.any() and pruned.any():
        scores = np.where(pruned, np.minimum(scores, np.median(scores[finished])), scores)
    return _by_first_run(np.where(diverged, -np.inf, scores), finished | pruned | diverged, history.root_column)


def _by_first_run(scores: Floats, told: Flags, roots: NDArray[np.intp]) -> tuple[Floats, Flags]:
    """A trial and its repeats as one, in the place of the first."""
    is_repeat = roots != np.arange(len(roots))
    if not is_repeat.any():
        return scores, told
    runs = np.bincount(roots[told], minlength=len(roots))
    sums = np.bincount(roots[told], scores[told], minlength=len(roots))
    with np.errstate(invalid="ignore"):  # a run may have diverged
        means = np.where(runs > 0, sums / np.maximum(runs, 1), scores)
    return means, (runs > 0) & ~is_repeat


def normal_scores(scores: Floats) -> Floats:
    """The scores by their ranks as quantiles of a normal distribution: outliers and units play no part."""
    from scipy.special import ndtri

    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    # Equals share the mean of their ranks, counted from 0.
    ranks = np.cumsum(count) - 0.5 * (count + 1)
    return np.asarray(ndtri((ranks[place] + 0.5) / len(scores)))
