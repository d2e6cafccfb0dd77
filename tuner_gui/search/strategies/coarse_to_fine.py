"""Coarse to fine, the textbook's way: first all over the region, then ever more around what did best.

A draw makes candidates, most of them near the best few trials, with only some of their coordinates moved, and takes the
one that promises most beyond the best, by a smooth surface through the results (:mod:`~.surface`). The constants were
chosen on tables of real networks (``benchmarks/search.py``), as was what to leave out: limits on how fast it closes in,
draws from anywhere, and Sobol points beyond the first few brought nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.candidates import around
from tuner_gui.search.strategies.evidence import Evidence, EvidenceKeeper, normal_scores
from tuner_gui.search.strategies.extras import keep_blas_to_one_thread
from tuner_gui.search.strategies.frame import Flags, Floats, Frame, Frames, Seen
from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.search.strategies.spread import SobolPoints
from tuner_gui.search.strategies.surface import Shape, Surface, features, relevance, spread_over

START = 8
"""So many trials of the region must have ended before anything is concluded from them."""

CANDIDATES, LOCAL = 256, 0.8
TRIES = 64
GOOD, STEP, MOVES = 8, 0.14, 0.5
MOST_POINTS = 80
"""Through more results no surface is laid: half are the best, the rest are spread evenly over the others."""

GROWTH = 1.15
"""The shape of the surface is found anew whenever there are so many times as many results."""

_SAME = 1e-9


class CoarseToFine:
    def __init__(self) -> None:
        self._frames = Frames()
        self._seen = Seen()
        self._sobol = SobolPoints()
        self._keeper = EvidenceKeeper()
        self._landscape = _Landscape()

    def prepare(self) -> None:
        import scipy.linalg
        import scipy.special  # noqa: F401

        self._sobol.at(0, 1, 0)
        keep_blas_to_one_thread()

    def draw(self, question: Question) -> Values | None:
        """None when the region has nothing that was not tried."""
        frame = self._frames.of(question)
        known = self._keeper.of(frame, question)
        if len(known) >= START:
            point = self._landscape.most_promising(frame, known, question)
            if point is not None:
                return frame.values(point)
        return self._from_anywhere(question, frame)

    def _from_anywhere(self, question: Question, frame: Frame) -> Values | None:
        """An even spread over the region, and none of it twice."""
        first = self._sobol.at(question.drawn, len(frame), question.seed)
        if not frame.is_finite:
            return frame.values(first)
        seen, names = self._seen.before(question), question.space.names
        for point in (first, *question.random(6).random((TRIES, len(frame)))):
            values = frame.values(point)
            if Seen.key(values, names) not in seen:
                return values
        # With so many tries in vain, nearly everything has been tried.
        return None if len(seen) >= math.prod(frame.sizes.tolist()) else values


class _Landscape:
    """Keeps the surface from one draw to the next. All of it follows from the question."""

    def __init__(self) -> None:
        self._shape: tuple[object, Shape] | None = None
        self._last: tuple[Evidence, Surface, Floats, Flags] | None = None

    def most_promising(self, frame: Frame, known: Evidence, question: Question) -> Floats | None:
        """The best candidate, with all that is pending taken in; None where each has been tried."""
        last = self._last
        if last is None or last[0].points is not known.points or not _continues(last[0].pending, known.pending):
            surface, candidates = self._anew(frame, known, question)
            tried, new = np.zeros(len(candidates), dtype=bool), known.pending
        else:
            before, surface, candidates, tried = last
            new = known.pending[len(before.pending) :]
        surface.believe(features(frame, new))
        for point in new:
            tried |= (np.abs(candidates - point) < _SAME).all(axis=1)
        self._last = known, surface, candidates, tried
        if tried.all():
            return None
        best: Floats = candidates[np.argmax(np.where(tried, -1.0, surface.improvement()))]
        return best

    def _anew(self, frame: Frame, known: Evidence, question: Question) -> tuple[Surface, Floats]:
        scores, kept = normal_scores(known.scores), spread_over(len(known), MOST_POINTS)
        candidates = _candidates(frame, known, question)
        places = features(frame, known.points[kept])
        return Surface(self._shape_of(frame, known), places, scores[kept], features(frame, candidates)), candidates

    def _shape_of(self, frame: Frame, known: Evidence) -> Shape:
        """From the earliest trials, in steps: not every result changes it, and it is the same after a restart."""
        size = START
        while size * GROWTH <= len(known):
            size = math.ceil(size * GROWTH)
        first = np.flatnonzero(known.numbers <= np.partition(known.numbers, size - 1)[size - 1])
        key = (frame, known.numbers[first].tobytes())
        if self._shape is None or self._shape[0] != key:
            points, scores, kept = (
                known.points[first],
                normal_scores(known.scores[first]),
                spread_over(size, MOST_POINTS),
            )
            shape = Shape(relevance(frame, points, scores), features(frame, points[kept]), scores[kept])
            self._shape = key, shape
        return self._shape[1]


def _continues(before: Floats, now: Floats) -> bool:
    return len(now) >= len(before) and bool((now[: len(before)] == before).all())


def _candidates(frame: Frame, known: Evidence, question: Question) -> Floats:
    """What has not been tried near the best, and from anywhere; the same for all draws between two results."""
    random = np.random.default_rng((question.seed, len(known), 7))
    near = round(LOCAL * CANDIDATES)
    local = around(random, known.points[:GOOD], frame.unordered, count=near, step=STEP, moves=MOVES)
    candidates = frame.snapped(np.vstack([local, random.random((CANDIDATES - near, len(frame)))]))
    if not frame.is_finite:
        return candidates
    tried, inside = frame.points(question.history)
    return candidates[_untried(_codes(candidates), _codes(tried[inside]))]


def _untried(codes: NDArray[np.int64], tried: NDArray[np.int64]) -> NDArray[np.intp]:
    """Which of the codes are the first of their kind and not among those that were tried."""
    own, first = np.unique(codes, return_index=True)
    # The few are sorted and the many looked up in them: the other way round takes ten times as long.
    at = np.minimum(np.searchsorted(own, tried), len(own) - 1)
    is_new = np.ones(len(own), dtype=bool)
    is_new[at[own[at] == tried]] = False
    return np.sort(first[is_new])


def _codes(points: Floats) -> NDArray[np.int64]:
    """A number for each of ``[n, d]`` points, the same where they differ by rounding alone: quick to compare."""
    factors = np.random.default_rng(0).integers(1, 2**62, size=points.shape[1])
    return np.asarray((np.rint(points / _SAME).astype(np.int64) * factors).sum(axis=1))
