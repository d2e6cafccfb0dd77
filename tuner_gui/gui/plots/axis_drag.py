"""The region along one axis of a plot, as the mouse and the keyboard change it."""

from __future__ import annotations

from functools import lru_cache

from tuner_gui.gui.plots.drag import Grab, Held, extent_after, held_from
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.region import Extent
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.plotdata import spans

Span = tuple[float, float]
_FULL = ((0.0, 1.0),)


class AxisDrag:
    """What holds along a parameter, and what a press has grabbed of it."""

    def __init__(self, store: Store, parameter: Parameter) -> None:
        self._store = store
        self.parameter = parameter
        self.held: Held | None = None

    @property
    def current(self) -> Extent:
        return self._store.plan.region[self.parameter.name]

    @property
    def extent(self) -> Extent:
        """What would hold if the pending region were applied."""
        region = self._store.pending or self._store.plan.region
        return region[self.parameter.name]

    @property
    def is_pending(self) -> bool:
        return self.extent != self.current

    @property
    def is_narrow(self) -> bool:
        return self.spans != _FULL

    @property
    def spans(self) -> tuple[Span, ...]:
        return _spans(self.parameter, self.extent)

    @property
    def current_spans(self) -> tuple[Span, ...]:
        return _spans(self.parameter, self.current)

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


@lru_cache(maxsize=256)
def _spans(parameter: Parameter, extent: Extent) -> tuple[Span, ...]:
    """Asked for in every repaint."""
    return tuple(spans(parameter, extent))
