"""Which trial is the best, where some had the same values with other seeds.

The best of many single runs owes part of its value to its seed. So the best few are repeated, and where the best run of
all was, the best is the one among the repeated whose mean is best. Until then the best single run has the name, and
what shows it says that it is one run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.ticks import format_value

FEWEST_FREE = 3
"""With fewer degrees of freedom nothing is said of the noise between seeds."""

MOST_NAMED = 3
"""So many of the trials that cannot be told apart are named."""

_NORMAL_975 = 1.959963984540054

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standing:
    """A trial with its repeats: ``mean`` of its ``runs``, and ``spread``, the standard deviation between its seeds, in
    units of the objective; of all repeated trials together where it has fewer than three runs, None where nothing is
    known. ``like`` are the trials, best first, that cannot be told from it: their means differ by less than the 95 %
    interval of Student's t for the pooled spread. None where the noise between seeds is not known well enough to say.
    """

    trial: int
    runs: int
    mean: float
    spread: float | None
    like: tuple[int, ...] | None

    @property
    def value_words(self) -> str:
        """The mean, with the spread between seeds where it has several runs: "0.9861 ± 0.0021"."""
        if self.runs < 2 or self.spread is None:
            return format_value(self.mean)
        decimals = 4 if self.spread <= 0 else max(0, 1 - math.floor(math.log10(self.spread)))
        return f"{self.mean:.{decimals}f} ± {self.spread:.{decimals}f}"

    @property
    def runs_words(self) -> str:
        """Of how many runs that is: "5 seeds", "one run"."""
        return f"{self.runs} seeds" if self.runs > 1 else "one run"

    @property
    def like_words(self) -> str:
        """What cannot be told from it, in words; empty where nothing is or nothing is known."""
        if not self.like:
            return ""
        named = [f"#{number}" for number in self.like[:MOST_NAMED]]
        if len(self.like) > MOST_NAMED:
            named.append(f"{len(self.like) - MOST_NAMED} more")
        together = " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
        return f"cannot be told from {together}: seeds alone can make the difference"


class Repeated(NamedTuple):
    """Trials with several runs: the rows of the first ones, the least and the greatest value and the mean, ``[r]``."""

    rows: NDArray[np.intp]
    lows: Floats
    highs: Floats
    means: Floats


class Standings:
    """All finished trials by their first runs, from columns by row: ``values`` ``[n]``, NaN where a trial does not
    count, and ``roots`` ``[n]``, the row of the trial that each one repeats, its own where it repeats none.

    ``means`` ``[n]`` are those of a trial and its repeats, in the row of the first; NaN elsewhere.
    """

    def __init__(self, values: Floats, roots: NDArray[np.intp], sign: int) -> None:
        self._sign = sign
        rows = np.flatnonzero(np.isfinite(values))
        count, own = len(values), roots[rows]
        self._runs = np.bincount(own, minlength=count)
        sums = np.bincount(own, values[rows], minlength=count)
        self.means = np.full(count, np.nan)
        np.divide(sums, self._runs, out=self.means, where=self._runs > 0)
        squares = np.bincount(own, np.square(values[rows] - self.means[own]), minlength=count)
        self._squares = squares
        self._values, self._own = values[rows], own
        self._confirmed = self._best_run_is_repeated(sign * values[rows], own)

    def _best_run_is_repeated(self, goodness: Floats, own: NDArray[np.intp]) -> bool:
        repeated = self._runs[own] > 1
        if not repeated.any():
            return False
        others = goodness[~repeated]
        return bool(not len(others) or goodness[repeated].max() >= others.max())

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The rows of the first runs, the best first, the earliest of equals."""
        rows = np.flatnonzero(self._runs)
        goodness = self._sign * self.means[rows]
        if not self._confirmed:
            return rows[np.argsort(-goodness, kind="stable")]
        return rows[np.lexsort((rows, -goodness, self._runs[rows] < 2))]

    @property
    def noise(self) -> tuple[float, int]:
        """The standard deviation between seeds, pooled over all repeated trials, and its degrees of freedom."""
        free = int((self._runs[self._runs > 1] - 1).sum())
        squares = float(self._squares[self._runs > 1].sum())
        return (math.sqrt(squares / free) if free else math.nan), free

    @cached_property
    def repeated(self) -> Repeated:
        """The trials with several runs, in order of their numbers."""
        rows = np.flatnonzero(self._runs > 1)
        lows, highs = np.full(len(self._runs), np.inf), np.full(len(self._runs), -np.inf)
        is_one = self._runs[self._own] > 1
        np.minimum.at(lows, self._own[is_one], self._values[is_one])
        np.maximum.at(highs, self._own[is_one], self._values[is_one])
        return Repeated(rows, lows[rows], highs[rows], self.means[rows])

    def runs(self, row: int) -> int:
        return int(self._runs[row])

    def mean(self, row: int) -> float:
        return float(self.means[row])

    def standing(self, row: int) -> Standing:
        """How the trial of a first run stands."""
        runs = self.runs(row)
        own = math.sqrt(self._squares[row] / (runs - 1)) if runs > 2 else self.noise[0]
        spread = own if math.isfinite(own) else None
        return Standing(row + 1, runs, self.mean(row), spread, self._like(row))

    def _like(self, row: int) -> tuple[int, ...] | None:
        noise, free = self.noise
        if free < FEWEST_FREE:
            return None
        order = self.order
        if self._confirmed and self._runs[row] > 1:
            order = order[self._runs[order] > 1]  # single runs are better than they deserve, they do not compare
        limit = student_975(free) * noise * np.sqrt(1 / self._runs[order] + 1 / self._runs[row])
        near = (np.abs(self.means[order] - self.means[row]) < limit) & (order != row)
        return tuple(int(other) + 1 for other in order[near])


def student_975(free: int) -> float:
    """The 97.5 % quantile of Student's t, within 2 % from three degrees of freedom on.

    By the expansion at the normal quantile (Abramowitz and Stegun, 26.7.5).
    """
    z = _NORMAL_975
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / free**power for power, term in enumerate(terms))
