"""What was tried says of two parameters together: a smooth estimate of the objective, and where it says nothing.

A kernel estimate (Nadaraya–Watson) on a grid of unit coordinates. It averages the shares of trials that are worse, not
the values, so that neither outliers nor the metric's own scale play a part. All other parameters are averaged out as
they were tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.parameters import ChoiceParameter, Parameter

Floats = NDArray[np.float64]

BINS = 48
# The spread of points that lie evenly in the unit interval: what lies wider than that is not smoothed wider.
EVEN_SPREAD = 12**-0.5
NARROWEST, WIDEST = 0.03, 0.15
# So many trials of the middling share are added everywhere: where few were tried, the estimate says little.
PRIOR = 1.0
# Of how many trials right here there must be as much as evidence before anything is shown, and before all of it is.
FADES_FROM, FADES_TO = 0.2, 3.0
LEAST_EVIDENCE = 0.5
# The outer columns of a choice's cell stay empty, so that no colour runs from one choice into the next.
COLUMNS_OF_CHOICE, GAP = 20, 2


@dataclass(frozen=True)
class Estimate:
    """On an even grid over the unit square, ``[rows, columns]``, the first row at y = 0.

    ``shares``: the share of the trials that are worse than what is drawn here on average, in [0, 1]. ``evidence``: how
    much was tried near here, 0 (nothing) to 1 (enough).
    """

    shares: Floats
    evidence: Floats


@dataclass(frozen=True)
class _Axis:
    """The bin of each trial ``[n]``, the kernel between bins ``[bins, bins]``, and for each column that is shown its
    bin and whether it stays empty."""

    places: NDArray[np.intp]
    kernel: Floats
    columns: NDArray[np.intp]
    gaps: NDArray[np.bool_]

    @property
    def bins(self) -> int:
        return len(self.kernel)


def estimate(x: Parameter, y: Parameter, xs: Floats, ys: Floats, scores: Floats) -> Estimate | None:
    """The estimate over two parameters from trials at ``xs`` and ``ys`` (unit coordinates, ``[n]``).

    ``scores`` ``[n]``: more is better, NaN says nothing, -inf is the worst. None if no trial says anything. Numbers are
    smoothed along their axis, the less the more trials there are; choices have no order and are never mixed.
    """
    known = np.flatnonzero(np.isfinite(xs + ys) & ~np.isnan(scores))
    if not len(known):
        return None
    shares = shares_of(scores[known])
    axes = _axes((x, y), (xs[known], ys[known]))
    across, up = axes
    cells = up.places * across.bins + across.places
    size = up.bins * across.bins
    counts, sums = np.bincount(cells, minlength=size), np.bincount(cells, weights=shares, minlength=size)
    near, total = (up.kernel @ grid.reshape(up.bins, across.bins) @ across.kernel.T for grid in (counts, sums))
    means = (total + PRIOR * float(shares.mean())) / (near + PRIOR)
    evidence = _shown(_evidence(near), axes)
    evidence[up.gaps] = 0.0
    evidence[:, across.gaps] = 0.0
    return Estimate(_shown(means, axes), evidence)


def shares_of(scores: Floats) -> Floats:
    """The share of the others that are worse, in [0, 1]; equals share their mean."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    middles = np.cumsum(count) - 0.5 * (count + 1)
    return np.asarray((middles / max(len(scores) - 1, 1))[place] if len(scores) > 1 else np.full(1, 0.5))


def _axes(parameters: tuple[Parameter, Parameter], units: tuple[Floats, Floats]) -> tuple[_Axis, _Axis]:
    cells = math.prod(len(p.choices) for p in parameters if isinstance(p, ChoiceParameter))
    numbers = sum(not isinstance(p, ChoiceParameter) for p in parameters)
    # Silverman's rule, for the trials that share a cell of choices.
    shrinking = max(len(units[0]) / cells, 1.0) ** (-1 / (numbers + 4))
    first, second = (_axis(p, u, shrinking) for p, u in zip(parameters, units, strict=True))
    return first, second


def _axis(parameter: Parameter, units: Floats, shrinking: float) -> _Axis:
    if isinstance(parameter, ChoiceParameter):
        count = len(parameter.choices)
        gaps = np.zeros(COLUMNS_OF_CHOICE, dtype=bool)
        gaps[:GAP] = gaps[-GAP:] = True
        columns = np.repeat(np.arange(count), COLUMNS_OF_CHOICE)
        return _Axis(_bins_of(units, count), np.eye(count), columns, np.tile(gaps, count))
    width = min(max(min(float(units.std()), EVEN_SPREAD) * shrinking, NARROWEST), WIDEST)
    centers = (np.arange(BINS) + 0.5) / BINS
    kernel = np.exp(-0.5 * ((centers[:, None] - centers) / width) ** 2)
    return _Axis(_bins_of(units, BINS), kernel, np.arange(BINS), np.zeros(BINS, dtype=bool))


def _bins_of(units: Floats, count: int) -> NDArray[np.intp]:
    return np.clip((units * count).astype(np.intp), 0, count - 1)


def _evidence(near: Floats) -> Floats:
    """From nothing to enough in a soft step; ``near`` counts trials, those further away less."""
    share = np.clip((near - FADES_FROM) / (FADES_TO - FADES_FROM), 0.0, 1.0)
    return np.asarray(share * share * (3 - 2 * share))


def _shown(grid: Floats, axes: tuple[_Axis, _Axis]) -> Floats:
    across, up = axes
    return grid[np.ix_(up.columns, across.columns)]


# --- contours -------------------------------------------------------------------------------------------------------


def contour(estimate: Estimate, level: float) -> Floats:
    """The line on which the estimate has a share, as pieces ``[n, 4]`` (x, y, x, y in unit coordinates), in no order.

    There is none where the evidence is less than half. Marching squares, with the corners at the middles of the bins.
    """
    shares = _to_the_ends(_to_the_ends(estimate.shares).T).T - level
    evidence = np.pad(estimate.evidence, 1, mode="edge")
    x, y = (_corners(count) for count in reversed(estimate.shares.shape))
    above = shares > 0
    rows, columns = np.nonzero(_mixed(above) & (_least_of_corners(evidence) >= LEAST_EVIDENCE))
    pieces = [_pieces(shares, x, y, int(row), int(column)) for row, column in zip(rows, columns, strict=True)]
    return np.array([piece for found in pieces for piece in found], dtype=np.float64).reshape(-1, 4)


def _to_the_ends(grid: Floats) -> Floats:
    """With a row more on either side, half a bin further out, in a straight line from the two next to it."""
    return np.vstack([1.5 * grid[:1] - 0.5 * grid[1:2], grid, 1.5 * grid[-1:] - 0.5 * grid[-2:-1]])


def _corners(count: int) -> Floats:
    return np.concatenate([[0.0], (np.arange(count) + 0.5) / count, [1.0]])


def _mixed(above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The squares whose corners are not all on one side."""
    count = above[:-1, :-1].astype(int) + above[1:, :-1] + above[:-1, 1:] + above[1:, 1:]
    return (count > 0) & (count < 4)


def _least_of_corners(grid: Floats) -> Floats:
    return np.minimum(np.minimum(grid[:-1, :-1], grid[1:, :-1]), np.minimum(grid[:-1, 1:], grid[1:, 1:]))


def _pieces(shares: Floats, x: Floats, y: Floats, row: int, column: int) -> list[tuple[float, float, float, float]]:
    """The pieces inside one square, found by walking around its corners."""
    around = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
    met: list[tuple[float, float]] = []
    for (r0, c0), (r1, c1) in zip(around, (*around[1:], around[0]), strict=True):
        a, b = float(shares[r0, c0]), float(shares[r1, c1])
        if (a > 0) is not (b > 0):
            t = a / (a - b)
            met.append((float(x[c0] + t * (x[c1] - x[c0])), float(y[r0] + t * (y[r1] - y[r0]))))
    return [(*met[i], *met[i + 1]) for i in range(0, len(met) - 1, 2)]
