"""A smooth surface through results, with its doubt, quick enough to ask before every draw.

It is a Gaussian process with a Matérn 5/2 kernel. Fitting a length to every parameter takes a second; here each
parameter's length follows from how much of the results it explains by itself, and only one length for all of them and
the noise are fitted, among a few. On tables of real networks that finds as good trials (``benchmarks/search.py``), in a
sixteenth of the time of scikit-learn's regressor, which the strategy ``gp`` uses.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.frame import Floats, Frame

LENGTHS, NOISES = (0.35, 0.7, 1.4), (0.05, 0.2, 0.6)
BINS = 4
LEAST_RELEVANCE = 0.03
_JITTER = 1e-6
_ROOT5 = math.sqrt(5)


def features(frame: Frame, points: Floats) -> Floats:
    """Places in the cube as ``[n, f]``: a parameter without an order gets a column for each of its values, which are
    all half of the cube apart."""
    if not frame.unordered.any():
        return points
    columns = []
    for column in range(len(frame)):
        if not frame.unordered[column]:
            columns.append(points[:, column : column + 1])
            continue
        size = int(frame.sizes[column])
        index = np.minimum((points[:, column] * size).astype(np.intp), size - 1)
        columns.append(np.eye(size)[index] * math.sqrt(0.125))
    return np.hstack(columns)


def spread_over(count: int, most: int) -> NDArray[np.intp] | slice:
    """At most so many of ``count`` ranked results: half are the best, the rest evenly from the others."""
    if count <= most:
        return slice(None)
    half = most // 2
    return np.concatenate([np.arange(half), np.linspace(half, count - 1, most - half).astype(np.intp)])


def relevance(frame: Frame, points: Floats, scores: Floats) -> Floats:
    """How much of the spread of the scores each parameter explains by itself, in (0, 1] against the most relevant, for
    each column of :func:`features`, ``[f]``: analysis of variance over the values, or a quarter of the range each."""
    count, mean = len(points), scores.mean()
    total = float(np.square(scores - mean).sum()) + 1e-12
    shares, widths = [], []
    for column in range(len(frame)):
        size = int(frame.sizes[column])
        bins = size if frame.is_choice(column) or 0 < size <= BINS else BINS
        group = np.minimum((points[:, column] * bins).astype(np.intp), bins - 1)
        members = np.bincount(group, minlength=bins)
        sums = np.bincount(group, scores, minlength=bins)
        seen = members > 0
        between = float((sums[seen] ** 2 / members[seen]).sum()) - count * mean**2
        within = (total - between) / max(count - int(seen.sum()), 1)
        shares.append(max(0.0, 1 - within / (total / (count - 1))))
        widths.append(size if frame.unordered[column] else 1)
    most = max(*shares, 1e-9)
    own = np.sqrt(np.maximum(np.array(shares) / most, LEAST_RELEVANCE))
    return np.repeat(own, widths)


class Shape:
    """What the surface takes from the results as a whole: the scale of each feature, and the noise."""

    def __init__(self, relevances: Floats, places: Floats, scores: Floats) -> None:
        """The likeliest of a few lengths and noises for scores ``[n]`` at features ``[n, f]``."""
        best = -math.inf
        for length, noise in product(LENGTHS, NOISES):
            scales = relevances / (length * math.sqrt(max(float(np.square(relevances).sum()), 1.0)))
            root = _root(_covariance(places * scales, noise))
            level = float(np.square(_solved(root, scores)).mean())
            likely = -0.5 * len(scores) * math.log(level + 1e-12) - float(np.log(np.diagonal(root)).sum())
            if likely > best:
                best, self.scales, self.noise, self.level = likely, scales, noise, level


class Surface:
    """The surface over scaled features, and what it says of some candidates.

    Trials whose result is on its way are taken in as what the surface says of them: that leaves it where it is and only
    takes away doubt around them, so that the next draw looks elsewhere.
    """

    def __init__(self, shape: Shape, places: Floats, scores: Floats, candidates: Floats) -> None:
        """Scores ``[n]`` at features ``[n, f]``; ``candidates`` ``[c, f]`` are features too."""
        self._shape = shape
        self._candidates = candidates * shape.scales
        places = places * shape.scales
        root = _root(_covariance(places, shape.noise))
        solved = _solved(root, np.hstack([scores[:, None], _kernel(places, self._candidates), _kernel(places, places)]))
        whitened, across, here = solved[:, 0], solved[:, 1 : 1 + len(candidates)], solved[:, 1 + len(candidates) :]
        self._mean = across.T @ whitened
        self._share_of_doubt = 1 - np.square(across).sum(axis=0)
        self._best = float((here.T @ whitened).max())
        self._count = 0
        self._places, self._across, self._whitener = places, across, np.empty((0, 0))
        self._root: Floats | None = root

    def believe(self, places: Floats) -> None:
        """Take in trials, features ``[p, f]``, whose results are on their way."""
        for place in places * self._shape.scales:
            self._believe_one(place)

    def _believe_one(self, place: Floats) -> None:
        """One more row of the covariance's root and of all that was solved by it, in room that grows by doubling."""
        self._make_room()
        n = self._count
        whitener, across = self._whitener[:n, :n], self._across[:n]
        beside = whitener @ _kernel_to(self._places[:n], place)
        own = math.sqrt(max(1 + self._shape.noise + 2 * _JITTER - float(beside @ beside), _JITTER))
        new = (_kernel_to(self._candidates, place) - beside @ across) / own
        self._places[n], self._across[n] = place, new
        self._whitener[n, :n], self._whitener[n, n] = (beside @ whitener) / -own, 1 / own
        self._count = n + 1
        self._share_of_doubt -= np.square(new)

    def _make_room(self) -> None:
        """Before the first of them the inverse of the root is worked out: then each takes products only."""
        if self._root is not None:
            self._count = len(self._root)
            self._whitener, self._root = _solved(self._root, np.eye(self._count)), None
        elif self._count < len(self._places):
            return
        room = ((0, self._count), (0, 0))
        self._places, self._across = np.pad(self._places, room), np.pad(self._across, room)
        self._whitener = np.pad(self._whitener, (0, self._count))

    def improvement(self) -> Floats:
        """How much better than the best place so far each candidate can be expected to be, ``[c]``."""
        from scipy.special import ndtr

        doubt = np.sqrt(np.maximum(self._shape.level * self._share_of_doubt, 1e-12))
        distance = (self._mean - self._best) / doubt
        density = np.exp(-0.5 * distance**2) / math.sqrt(2 * math.pi)
        return np.asarray(doubt * (distance * ndtr(distance) + density))


def _kernel(first: Floats, second: Floats) -> Floats:
    """Matérn 5/2 between scaled places, ``[n, m]``."""
    squares = np.square(first).sum(axis=1)[:, None] + np.square(second).sum(axis=1)[None]
    squares -= 2 * first @ second.T
    distance = _ROOT5 * np.sqrt(np.maximum(squares, 0.0))
    return np.asarray((1 + distance + distance**2 / 3) * np.exp(-distance))


def _kernel_to(places: Floats, place: Floats) -> Floats:
    """Matérn 5/2 between scaled places and one, ``[n]``."""
    apart = places - place
    distance = _ROOT5 * np.sqrt(np.einsum("ij,ij->i", apart, apart))
    return np.asarray((1 + distance + distance * distance / 3) * np.exp(-distance))


def _covariance(places: Floats, noise: float) -> Floats:
    covariance = _kernel(places, places)
    covariance[np.diag_indices_from(covariance)] = 1 + noise + _JITTER
    return covariance


def _root(covariance: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def _solved(root: Floats, values: Floats) -> Floats:
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(root, values, lower=True, check_finite=False))
