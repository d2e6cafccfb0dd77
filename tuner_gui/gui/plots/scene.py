"""What one view shows of all trials, in arrays that grow with the batches of a search."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tuner_gui.gui.pictures.shown import Shown
from tuner_gui.gui.store import Batch, Store
from tuner_gui.space.region import Region
from tuner_gui.study import plotdata
from tuner_gui.study.events import TrialState
from tuner_gui.study.plotdata import Indices, Mark, Spread, ValueScale
from tuner_gui.study.standing import Repeated

# The spread of so many repeated trials is drawn, the best ones.
MOST_SPREADS = 40


class Scene:
    """Marks, heights and colours of the trials by row, and the scale that gives them.

    While trials arrive, only their rows are computed and the scale stays as it is, until it is stale.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.spread = Spread.TYPICAL
        self.log = False
        self.marks: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.levels: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.heights: NDArray[np.float64] = np.zeros(0)
        self.best: int | None = None
        self.running: list[int] = []
        self.running_heights: NDArray[np.float64] = np.zeros(0)
        self._latest: dict[int, float] = {}
        self._finished = 0
        self._top = math.nan
        self.scale: ValueScale = self._made_scale()

    @property
    def region(self) -> Region:
        """What counts as inside: the region that would hold if the pending one were applied."""
        return self._store.pending or self._store.plan.region

    def rebuild(self) -> None:
        """Everything anew, the scale included."""
        self.scale = self._made_scale()
        values = self._store.history.value_column
        self.heights = self.scale.heights(values)
        self.levels = _levels(self.scale.shares(values))
        self._find_best()
        self._note_running(self._store.history.progress)
        self.restyle()

    def restyle(self) -> None:
        """Only what is inside and what outside."""
        self.marks = plotdata.marks_of(self._store.history, self._store.plan, self.region)

    def extend(self, batch: Batch) -> Indices | None:
        """Take over a batch. Returns the rows of the trials that are over now, or None if everything changed."""
        history = self._store.history
        self._note_running(batch.trials)
        missing = len(history) - len(self.marks)
        if missing < 0:
            self.rebuild()
            return None
        if missing:
            self.marks, self.levels = (np.append(a, np.zeros(missing, np.uint8)) for a in (self.marks, self.levels))
            self.heights = np.append(self.heights, np.full(missing, np.nan))
        rows = np.array(sorted(number - 1 for number in batch.ended), dtype=np.intp)
        if not len(rows):
            return rows
        self._note_ended(rows)
        if self.scale.is_stale(self._finished, self._top):
            self.rebuild()
            return None
        values = history.value_column[rows]
        self.heights[rows] = self.scale.heights(values)
        self.levels[rows] = _levels(self.scale.shares(values))
        self.marks[rows] = plotdata.marks_of(history, self._store.plan, self.region, rows)
        return rows

    @property
    def running_rows(self) -> Indices:
        """The rows of the trials in training, in the order of ``running`` and ``running_heights``."""
        return np.array(self.running, dtype=np.intp) - 1

    def _note_running(self, changed: Iterable[int]) -> None:
        """The heights are where the running trials stand after their latest epoch; NaN before the first."""
        history = self._store.history
        self.running = sorted(history.progress)
        self._latest = {number: self._latest.get(number, math.nan) for number in self.running}
        for number in changed:
            if number in self._latest:
                latest = history.curve(number, self.scale.metric)[-1:]
                self._latest[number] = float(latest[0]) if len(latest) else math.nan
        # All at once: with 64 in training, one by one would cost more than all the rest.
        self.running_heights = self.scale.heights(np.array(list(self._latest.values()), dtype=np.float64))

    @property
    def repeated(self) -> Repeated:
        """The best of the trials that were repeated with other seeds; lows, highs and means are heights."""
        found = self._store.history.standings(self._store.plan.definition.objective).repeated
        best = np.argsort(-self.scale.sign * found.means, kind="stable")[:MOST_SPREADS]
        return Repeated(found.rows[best], *(self.scale.heights(part[best]) for part in found[1:]))

    def shown(self) -> Shown:
        """All of it at this moment, for pictures and tables that leave the window."""
        store = self._store
        return Shown(
            store.plan, store.history, self.region, store.pending is not None, self.scale, self.marks, self.levels,
            self.heights, self.best, tuple(self.running), self.running_heights, self.repeated, tuple(store.selection),
        )  # fmt: skip

    def counts(self) -> list[int]:
        """How many trials have each :class:`Mark`."""
        return np.bincount(self.marks, minlength=len(Mark)).tolist()

    def _find_best(self) -> None:
        history, sign = self._store.history, self.scale.sign
        best = history.best(self._store.plan.definition.objective)
        self.best = best.number if best is not None else None
        self._finished = int(history.in_state(TrialState.FINISHED).sum())
        values = history.value_column[history.in_state(TrialState.FINISHED) & np.isfinite(history.value_column)]
        self._top = float(sign * np.max(sign * values)) if len(values) else math.nan

    def _note_ended(self, rows: Indices) -> None:
        """The best trial, the best value of all and the number of finished trials."""
        history, sign = self._store.history, self.scale.sign
        best = history.best(self._store.plan.definition.objective)
        self.best = best.number if best is not None else None
        for row in rows:
            trial = history.trials[row]
            if trial.state is not TrialState.FINISHED or trial.value is None or not np.isfinite(trial.value):
                continue
            self._finished += 1
            if math.isnan(self._top) or sign * trial.value > sign * self._top:
                self._top = trial.value

    def _made_scale(self) -> ValueScale:
        history = self._store.history
        values = np.where(history.in_state(TrialState.FINISHED), history.value_column, np.nan)
        return plotdata.value_scale(self._store.plan.definition.objective, values, spread=self.spread, log=self.log)


def _levels(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.nan_to_num(shares) * 255), dtype=np.uint8)
