"""The region along one axis of a plot, as the mouse and the keyboard change it."""

from __future__ import annotations

from typing import NamedTuple

from tuner_gui.gui.plots.drag import Grab, Held, extent_after, held_from
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.region import Extent, Region
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.plotdata import spans
from tuner_gui.study.stages import Plan

Span = tuple[float, float]
FULL = ((0.0, 1.0),)


class _Extents(NamedTuple):
    extent: Extent
    is_pending: bool
    spans: tuple[Span, ...]
    current_spans: tuple[Span, ...]


class AxisDrag:
    """What holds along a parameter, and what a press has grabbed of it."""

    def __init__(self, store: Store, parameter: Parameter) -> None:
        self._store = store
        self.parameter = parameter
        self.held: Held | None = None
        self._seen: tuple[Region | None, Plan | None] = (None, None)
        self._cached: _Extents

    @property
    def extent(self) -> Extent:
        """What would hold if the pending region were applied."""
        return self._now.extent

    @property
    def is_pending(self) -> bool:
        return self._now.is_pending

    @property
    def is_narrow(self) -> bool:
        return self._now.spans != FULL

    @property
    def spans(self) -> tuple[Span, ...]:
        """The stretches of the unit interval that would hold."""
        return self._now.spans

    @property
    def current_spans(self) -> tuple[Span, ...]:
        """Those that hold."""
        return self._now.current_spans

    @property
    def _now(self) -> _Extents:
        """Asked for many times in every repaint, and the same until a region changes."""
        pending, plan = self._store.pending, self._store.plan
        if pending is not self._seen[0] or plan is not self._seen[1]:
            current = plan.region[self.parameter.name]
            extent = current if pending is None else pending[self.parameter.name]
            shown, held = (tuple(spans(self.parameter, e)) for e in (extent, current))
            self._cached = _Extents(extent, extent != current, shown, held)
            self._seen = pending, plan
        return self._cached

    @property
    def has_edges(self) -> bool:
        """Whether it is an interval with two edges that can be dragged."""
        return not isinstance(self.parameter, ChoiceParameter)

    @property
    def edge_labels(self) -> tuple[str, str]:
        low, high = self.extent[0], self.extent[-1]
        return format_in(self.parameter, low, 3), format_in(self.parameter, high, 3)

    @property
    def words(self) -> str:
        """The extent for screen readers and titles."""
        if self.has_edges:
            return " to ".join(self.edge_labels)
        return ", ".join(format_value(choice) for choice in self.extent)

    @property
    def edges(self) -> Span:
        """The outermost edges; of choices too, which are not dragged by them."""
        return self.spans[0][0], self.spans[-1][1]

    def hold(self, grab: Grab, unit: float) -> None:
        if self.has_edges or grab is Grab.BACKGROUND:
            self.held = held_from(self.parameter, self.extent, grab, unit)

    def release(self) -> None:
        self.held = None

    def extent_at(self, unit: float, *, pixel: float, snapping: bool) -> Extent:
        """The extent with what is held dragged to here; unchanged if nothing is held."""
        if self.held is None:
            return self.extent
        return extent_after(self.parameter, self.held, unit, pixel=pixel, snapping=snapping)
