"""Whether going on is worth it: what the next trial can be expected to gain, against what seeds alone can make.

A smooth surface through the means of what was tried says how much better than the best place each candidate can be
expected to be (Mockus' expected improvement). Once that is little beside the noise between seeds, what a further search
would find could not be told from what is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tuner_gui.search.strategies.candidates import around
from tuner_gui.search.strategies.evidence import scores_of
from tuner_gui.search.strategies.frame import Floats, Frame
from tuner_gui.search.strategies.surface import Shape, Surface, features, relevance, spread_over
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan
from tuner_gui.study.standing import FEWEST_FREE

FEWEST_TRIALS = 30
LITTLE = 0.1
"""An expected gain below this part of the noise between seeds is not worth a trial. On the tables of
``benchmarks/search.py`` that was so after 80 to 120 trials, when the true best was about one such noise away."""

CANDIDATES, LOCAL, GOOD, STEP, MOVES = 512, 0.8, 8, 0.14, 0.5
MOST_POINTS = 120


@dataclass(frozen=True)
class Outlook:
    """In units of the objective: what the next trial is expected to gain on the best, and the standard deviation of one
    trial between its seeds."""

    gain: float
    noise: float

    @property
    def is_little(self) -> bool:
        return self.gain < LITTLE * self.noise


def outlook(plan: Plan, history: History) -> Outlook | None:
    """None while there are fewer than 30 trials in the region, or too few repeats to know the noise."""
    objective = plan.definition.objective
    noise, free = history.standings(objective).noise
    if free < FEWEST_FREE:
        return None
    frame = Frame(plan.space, plan.region)
    points, inside = frame.points(history)
    scores, told = scores_of(history, objective)
    rows = np.flatnonzero(told & inside & np.isfinite(scores))
    if len(rows) < FEWEST_TRIALS:
        return None
    ranked = rows[np.argsort(-scores[rows], kind="stable")]
    return Outlook(_expected_gain(frame, points[ranked], scores[ranked]), noise)


def _expected_gain(frame: Frame, points: Floats, scores: Floats) -> float:
    """Of the most promising candidate, from places ``[n, d]`` with their scores ``[n]``, the best first."""
    # How bad the worse half is says nothing about what can be gained on the best.
    scores = np.maximum(scores, np.median(scores))
    level, unit = float(scores.mean()), float(scores.std())
    if unit == 0:
        return 0.0
    kept = spread_over(len(points), MOST_POINTS)
    places, heights = points[kept], (scores[kept] - level) / unit
    shape = Shape(relevance(frame, places, heights), features(frame, places), heights)
    surface = Surface(shape, features(frame, places), heights, features(frame, _candidates(frame, points)))
    return unit * float(surface.improvement().max())


def _candidates(frame: Frame, points: Floats) -> Floats:
    random, near = np.random.default_rng(len(points)), round(LOCAL * CANDIDATES)
    local = around(random, points[:GOOD], frame.unordered, count=near, step=STEP, moves=MOVES)
    return frame.snapped(np.vstack([local, random.random((CANDIDATES - near, len(frame)))]))
