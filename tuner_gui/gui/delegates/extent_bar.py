"""The miniature of an extent: the full range as a line, the region's part in blue, a pending one in amber."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from tuner_gui.gui.theme import Theme
from tuner_gui.space.parameters import ChoiceParameter, Parameter, choice_key
from tuner_gui.space.region import Extent, as_interval, unit_bounds

Span = tuple[float, float]
# So that the smallest region can still be seen.
_NARROWEST = 3.0
_GAP = 2.0


def spans(parameter: Parameter, extent: Extent) -> list[Span]:
    """The stretches of the unit interval that an extent covers: one for numbers, one for each choice it keeps."""
    if isinstance(parameter, ChoiceParameter):
        count = len(parameter.choices)
        kept = {choice_key(choice) for choice in extent}
        return [(i / count, (i + 1) / count) for i, c in enumerate(parameter.choices) if choice_key(c) in kept]
    return [unit_bounds(parameter, as_interval(extent))]


def paint_extent(
    painter: QPainter,
    rect: QRectF,
    parameter: Parameter,
    extent: Extent,
    *,
    theme: Theme,
    pending: Extent | None = None,
    dimmed: bool = False,
) -> None:
    """Paint the bar into ``rect``; with a pending extent that differs, a second lane in amber below the first."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    two = pending is not None and pending != extent
    lane = QRectF(rect)
    if two:
        lane.setHeight((rect.height() - 1) / 2)
    _paint_lane(painter, lane, parameter, extent, theme.color("muted" if dimmed else "region"), theme)
    if two and pending is not None:
        lane.moveTop(lane.bottom() + 1)
        _paint_lane(painter, lane, parameter, pending, theme.color("pending"), theme)
    painter.restore()


def _paint_lane(
    painter: QPainter, rect: QRectF, parameter: Parameter, extent: Extent, color: QColor, theme: Theme
) -> None:
    painter.setBrush(theme.color("grid"))
    gap = _GAP if isinstance(parameter, ChoiceParameter) else 0.0
    full = parameter.choices if isinstance(parameter, ChoiceParameter) else None
    for span in spans(parameter, full) if full is not None else [(0.0, 1.0)]:
        _paint_span(painter, rect, span, gap)
    painter.setBrush(color)
    for span in spans(parameter, extent):
        _paint_span(painter, rect, span, gap)


def _paint_span(painter: QPainter, rect: QRectF, span: Span, gap: float) -> None:
    left, right = (rect.left() + min(max(u, 0.0), 1.0) * rect.width() for u in span)
    right -= gap if span[1] < 1 else 0.0
    missing = _NARROWEST - (right - left)
    if missing > 0:
        left = max(rect.left(), left - missing / 2)
        right = min(rect.right(), left + _NARROWEST)
    radius = min(rect.height() / 2, 2.0)
    painter.drawRoundedRect(QRectF(left, rect.top(), right - left, rect.height()), radius, radius)
