"""A band on the axis of the objective: it selects the trials with such values, and proposes the box around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tuner_gui.gui.plots.drag import Edges, Grab, Held, choice_index, extent_after, grab_at, held_from, nudged, spanning
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, Parameter
from tuner_gui.space.region import Extent, Interval, Region, as_interval
from tuner_gui.space.ticks import format_in
from tuner_gui.space.unit import unit_of
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import Floats, Indices
from tuner_gui.study.stages import Plan


class ValueBrush:
    """The band as values of the objective, dragged like an extent. It goes when another region becomes pending."""

    def __init__(self, store: Store, scene: Scene) -> None:
        self._store = store
        self._scene = scene
        self.band: Interval | None = None
        self._held: Held | None = None
        self._proposed: Region | None = None
        self._before: tuple[Interval | None, Region | None] = None, None

    @property
    def axis(self) -> FloatParameter:
        return self._scene.scale.axis

    @property
    def is_held(self) -> bool:
        return self._held is not None

    @property
    def edges(self) -> Edges:
        """The band in unit coordinates of the axis as it is now; all of it where there is no band."""
        if self.band is None:
            return 0.0, 1.0
        low, high = (min(max(unit_of(self.axis, value), 0.0), 1.0) for value in self.band)
        return low, high

    @property
    def worse_end(self) -> Grab:
        """The handle that has to be moved to keep the best trials."""
        return Grab.LOW if self._scene.scale.sign > 0 else Grab.HIGH

    @property
    def words(self) -> str:
        """The band for footers and screen readers: "val_accuracy 0.95 to 0.99", or "0.95 or more"."""
        low, high = (format_in(self.axis, value, 3) for value in self._extent)
        if self._is_open[0] is self._is_open[1]:
            return f"{self.axis.name} {low} to {high}"
        return f"{self.axis.name} {high} or less" if self._is_open[0] else f"{self.axis.name} {low} or more"

    @property
    def _extent(self) -> Interval:
        return self.band or Interval(self.axis.low, self.axis.high)

    @property
    def _is_open(self) -> tuple[bool, bool]:
        """Whether each end lies at the end of the axis, which stands for all that lies beyond it."""
        return self._extent.low <= self.axis.low, self._extent.high >= self.axis.high

    def rows(self) -> Indices:
        """The finished trials in the band, the best first."""
        history = self._store.history
        values = history.value_column
        opens_down, opens_up = self._is_open
        inside = history.in_state(TrialState.FINISHED) & np.isfinite(values)
        inside &= (values >= self._extent.low) | opens_down
        inside &= (values <= self._extent.high) | opens_up
        found = np.flatnonzero(inside)
        return found[np.argsort(-self._scene.scale.sign * values[found], kind="stable")]

    # --- the mouse and the keyboard ---

    def grab_at(self, unit: float, *, reach: float) -> Grab:
        return grab_at(unit, self.edges, reach=reach, movable=True)

    def hold(self, grab: Grab, unit: float) -> None:
        self._before = self.band, self._proposed
        self._held = held_from(self.axis, self._extent, grab, unit)

    def release(self) -> None:
        self._held = None

    def take_back(self) -> None:
        """As it was before the drag."""
        self.release()
        self.band, self._proposed = self._before

    def drag_to(self, unit: float, *, pixel: float, snapping: bool) -> None:
        if self._held is not None:
            self.put(as_interval(extent_after(self.axis, self._held, unit, pixel=pixel, snapping=snapping)), pixel)

    def nudge(self, handle: Grab, direction: int, *, coarse: bool, pixel: float) -> None:
        self.put(as_interval(nudged(self.axis, self._extent, handle, direction, coarse=coarse)), pixel)

    def put(self, band: Interval, pixel: float) -> None:
        """Brush these values: the box around their trials becomes pending; without any trial nothing is.

        ``pixel`` is the width of a pixel in unit coordinates, for round ends of the box.
        """
        self.band = band
        rows = self.rows()
        region = box_around(self._store.plan, self._store.history, rows, pixel=pixel) if len(rows) else None
        self._proposed = None if region == self._store.plan.region else region
        trials = f"{len(rows)} {'trial' if len(rows) == 1 else 'trials'}"
        self._store.set_pending(self._proposed, f"around {trials} with {self.words}")

    def select(self) -> None:
        """Select the trials in the band."""
        self._store.select([int(row) + 1 for row in self.rows()])

    def finish(self) -> None:
        """The drag is over: select what is in the band; one without any trial is of no use to anybody."""
        if len(self.rows()):
            self.select()
        else:
            self.drop()

    # --- when it goes ---

    def settle(self) -> None:
        """A region became pending, or none is any more: if it is not the one of the band, the band has had its day."""
        if self._store.pending != self._proposed:
            self.drop()

    def drop(self) -> None:
        self.band, self._proposed = None, None


def box_around(plan: Plan, history: History, rows: Sequence[int] | Indices, *, pixel: float) -> Region:
    """The smallest region with round ends that holds some trials, given by their rows; only choices that occur.

    A parameter that none of them had (it was searched later) stays as it is.
    """
    return Region({p.name: _around(p, history.units(p)[rows], plan.region[p.name], pixel) for p in plan.space})


def _around(parameter: Parameter, units: Floats, current: Extent, pixel: float) -> Extent:
    known = units[np.isfinite(units)]
    if not len(known):
        return current
    if isinstance(parameter, ChoiceParameter):
        used = {choice_index(parameter, unit) for unit in np.unique(known).tolist()}
        return tuple(parameter.choices[index] for index in sorted(used))
    return spanning(parameter, float(known.min()), float(known.max()), pixel=pixel)
