"""CMA-ES, inside regions that move and with any number of trials on their way.

The package ``cmaes`` has the arithmetic. It wants to be told whole generations of its own points, one after the other;
Optuna's sampler keeps to that, so that of a large batch all results but those of one generation are lost. Here the
trials of the region that have ended, whatever drew them, are told in the order of their numbers, as many at a time as a
generation has. So no result is lost, a narrowed region begins with what is known in it, and the answer follows from the
history alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from tuner_gui.search.strategies.candidates import around
from tuner_gui.search.strategies.evidence import Evidence, EvidenceKeeper
from tuner_gui.search.strategies.extras import needs
from tuner_gui.search.strategies.frame import Floats, Frame, Frames, Seen
from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.search.strategies.spread import SobolPoints

SPREAD = 0.2
"""The first cloud's standard deviation."""

TRIES, NEIGHBOURS = 8, 32
GOOD, STEP, MOVES = 8, 0.14, 0.5


class CmaEs:
    """What has no order has no place in the cloud: it is that of one of the best trials, or drawn at random."""

    def __init__(self) -> None:
        needs("cmaes", extra="samplers", what="the strategy cma-es")
        self._frames = Frames()
        self._seen = Seen()
        self._sobol = SobolPoints()
        self._keeper = EvidenceKeeper()
        self._cloud: _Cloud | None = None

    def prepare(self) -> None:
        import cmaes  # noqa: F401

        self._sobol.at(0, 1, 0)

    def draw(self, question: Question) -> Values:
        frame, names = self._frames.of(question), question.space.names
        known = self._keeper.of(frame, question)
        seen = self._seen.before(question) if frame.is_finite else set()
        for point in self._points(frame, known, question):
            values = frame.values(point)
            if Seen.key(values, names) not in seen:
                break
        return values

    def _points(self, frame: Frame, known: Evidence, question: Question) -> Iterator[Floats]:
        """Where to draw, in turn, until something is new."""
        random = question.random(4)
        if self._cloud is None or self._cloud.frame is not frame:
            self._cloud = _Cloud(frame)
        if len(known) < self._cloud.generation or frame.unordered.all():
            yield self._sobol.at(question.drawn, len(frame), question.seed)
            yield from random.random((NEIGHBOURS, len(frame)))
            return
        near = around(random, known.points[:GOOD], frame.unordered, count=TRIES, step=STEP, moves=MOVES)
        for point, asked in zip(near, self._cloud.asked(known, int(random.integers(2**31))), strict=False):
            point[~frame.unordered] = asked
            yield point
        yield from around(random, near[:1], frame.unordered, count=NEIGHBOURS, step=STEP, moves=MOVES)


class _Cloud:
    """The cloud after each generation of the trials in a region; ``generation`` is how many trials one has."""

    def __init__(self, frame: Frame) -> None:
        from cmaes import CMA

        self.frame = frame
        count = max(int((~frame.unordered).sum()), 1)
        bounds = np.tile([0.0, 1.0], (count, 1))
        self._clouds: list[Any] = [CMA(mean=np.full(count, 0.5), sigma=SPREAD, bounds=bounds, seed=0)]
        self._told: list[bytes] = []
        self._known: Floats | None = None
        self.generation = int(self._clouds[0].population_size)

    def asked(self, known: Evidence, seed: int) -> Iterator[Floats]:
        """Points of what has an order, ``[o]``, one after the other without end."""
        if known.points is not self._known:
            self._known = known.points
            self._tell(known)
        cloud = self._clouds[-1]
        cloud.reseed_rng(seed)
        while True:
            yield cloud.ask()

    def _tell(self, known: Evidence) -> None:
        """Tell all whole generations, but none again that is as it was."""
        order = np.argsort(known.numbers, kind="stable")
        points, losses = known.points[order][:, ~self.frame.unordered], -known.scores[order]
        count = len(order) // self.generation
        for number in range(count):
            rows = slice(number * self.generation, (number + 1) * self.generation)
            told = points[rows].tobytes() + losses[rows].tobytes()
            if number < len(self._told) and self._told[number] == told:
                continue
            del self._told[number:], self._clouds[number + 1 :]
            cloud = deepcopy(self._clouds[number])
            cloud.tell(list(zip(points[rows], losses[rows].tolist(), strict=True)))
            self._told.append(told)
            self._clouds.append(cloud)
        del self._told[count:], self._clouds[count + 1 :]
