"""Search by a Gaussian process: a smooth surface through the trials, with its doubt, says where to look next.

scikit-learn's regressor, with a Matérn kernel whose length differs between parameters. Results go in by their ranks, so
that a few very bad trials do not bend the surface. Trials in training are believed to come out as the surface says, so
that many can be drawn before any of them ends.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tuner_gui.search.strategies.candidates import around
from tuner_gui.search.strategies.evidence import Evidence, EvidenceKeeper, normal_scores
from tuner_gui.search.strategies.extras import keep_blas_to_one_thread
from tuner_gui.search.strategies.frame import Floats, Frame, Frames, Seen
from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.search.strategies.spread import SobolPoints
from tuner_gui.search.strategies.surface import features, spread_over

START = 8
MOST_POINTS = 300
"""Of more trials half are the best, the rest spread evenly over the others: the cost is their number cubed."""

REFIT = 1.2
"""The kernel's lengths are found anew whenever there are so many times as many trials."""

CANDIDATES, LOCAL = 200, 0.7
GOOD, STEP, MOVES = 8, 0.14, 0.5


class GaussianProcess:
    def __init__(self) -> None:
        self._frames = Frames()
        self._seen = Seen()
        self._sobol = SobolPoints()
        self._keeper = EvidenceKeeper()
        self._surface = _Surface()

    def prepare(self) -> None:
        import sklearn.gaussian_process  # noqa: F401

        self._sobol.at(0, 1, 0)
        keep_blas_to_one_thread()

    def draw(self, question: Question) -> Values:
        frame = self._frames.of(question)
        known = self._keeper.of(frame, question)
        if len(known) < START:
            return frame.values(self._sobol.at(question.drawn, len(frame), question.seed))
        random = question.random(5)
        points = _candidates(random, frame, known)
        worth = self._surface.improvement(frame, known, points)
        seen, names = self._seen.before(question) if frame.is_finite else set(), question.space.names
        for index in np.argsort(-worth, kind="stable"):
            values = frame.values(points[index])
            if Seen.key(values, names) not in seen:
                return values
        return frame.values(random.random(len(frame)))


def _candidates(random: np.random.Generator, frame: Frame, known: Evidence) -> Floats:
    near = round(LOCAL * CANDIDATES)
    local = around(random, known.points[:GOOD], frame.unordered, count=near, step=STEP, moves=MOVES)
    return np.vstack([local, random.random((CANDIDATES - near, len(frame)))])


class _Surface:
    """Keeps the kernel between draws; all else follows from the trials."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._fitted_at = 0
        self._kernel: Any = None

    def improvement(self, frame: Frame, known: Evidence, points: Floats) -> Floats:
        """How much better than the best so far each point can be expected to be, ``[n]``."""
        from scipy.stats import norm

        kept = spread_over(len(known), MOST_POINTS)
        places, scores = features(frame, known.points[kept]), normal_scores(known.scores)[kept]
        if frame is not self._frame or not self._fitted_at <= len(known) < REFIT * self._fitted_at:
            self._kernel = self._regressor(self._start_kernel(places.shape[1]), fit=True).fit(places, scores).kernel_
            self._frame, self._fitted_at = frame, len(known)
        surface = self._regressor(self._kernel, fit=False).fit(places, scores)
        if len(known.pending):
            ahead = features(frame, known.pending)
            believed = surface.predict(ahead)
            places, scores = np.vstack([places, ahead]), np.concatenate([scores, believed])
            surface = self._regressor(self._kernel, fit=False).fit(places, scores)
        best = float(surface.predict(places).max())
        mean, doubt = surface.predict(features(frame, points), return_std=True)
        doubt = np.maximum(doubt, 1e-9)
        distance = (mean - best) / doubt
        return np.asarray(doubt * (distance * norm.cdf(distance) + norm.pdf(distance)))

    @staticmethod
    def _start_kernel(features: int) -> Any:
        from sklearn.gaussian_process.kernels import Matern, WhiteKernel

        lengths = np.full(features, 0.5 * np.sqrt(features))
        return 1.0 * Matern(lengths, (0.05, 20.0), nu=2.5) + WhiteKernel(0.1, (1e-3, 2.0))

    @staticmethod
    def _regressor(kernel: Any, *, fit: bool) -> Any:
        from sklearn.gaussian_process import GaussianProcessRegressor

        return _Quiet(GaussianProcessRegressor(kernel, optimizer="fmin_l_bfgs_b" if fit else None, random_state=0))


class _Quiet:
    """A regressor that does not warn of lengths at their bounds: a parameter without influence has none."""

    def __init__(self, regressor: Any) -> None:
        self._regressor = regressor

    def fit(self, places: Floats, scores: Floats) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._regressor.fit(places, scores)
