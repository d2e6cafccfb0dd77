"""How regions look: blue holds, amber is pending, what lies outside steps back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QRegion

from tuner_gui.gui.plots.strokes import paint_pill, pill_width
from tuner_gui.gui.theme import Theme

Span = tuple[float, float]
CHIP_GAP = 3.0


def paint_outside(painter: QPainter, area: QRectF, inside: Sequence[QRectF], theme: Theme) -> None:
    """A veil over the area but for some parts of it."""
    veiled = QRegion(area.toRect())
    for part in inside:
        veiled -= part.toRect()
    painter.save()
    # Not a path with a hole: its fill costs ten times as much as that of rectangles.
    painter.setClipRegion(veiled, Qt.ClipOperation.IntersectClip)
    painter.fillRect(area, theme.color("panel", 0.8 if theme.dark else 0.88))
    painter.restore()


def paint_tint(painter: QPainter, part: QRectF, theme: Theme, *, pending: bool) -> None:
    painter.fillRect(part, theme.color("pending", 0.13) if pending else theme.color("region", 0.06))


def edge_pen(theme: Theme, *, pending: bool) -> QPen:
    """Solid and thick where it can be applied, thin where it holds: colour is not the only sign."""
    return QPen(theme.color("pending"), 2) if pending else QPen(theme.color("region", 0.9), 1)


def paint_edges(painter: QPainter, xs: Sequence[float], area: QRectF, theme: Theme, *, pending: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(edge_pen(theme, pending=pending))
    painter.drawLines([QLineF(round(x), area.top(), round(x), area.bottom()) for x in xs])


def chip_places(centers: Sequence[float], widths: Sequence[float], low: float, high: float) -> list[float]:
    """Where chips begin that stand around some places: pushed apart where they would overlap, kept between low and
    high. In order of their centres."""
    starts = [center - width / 2 for center, width in zip(centers, widths, strict=True)]
    for index in range(1, len(starts)):
        overlap = starts[index - 1] + widths[index - 1] + CHIP_GAP - starts[index]
        if overlap > 0:
            starts[index - 1] -= overlap / 2
            starts[index] += overlap / 2
    at = low
    for index, width in enumerate(widths):
        starts[index] = at = max(starts[index], at)
        at += width + CHIP_GAP
    at = high
    for index in reversed(range(len(starts))):
        starts[index] = at = min(starts[index], at - widths[index])
        at -= CHIP_GAP
    return starts


def chips_below(
    labels: Sequence[tuple[float, str]], *, font: QFont, top: float, low: float, high: float
) -> list[tuple[QRectF, str]]:
    """Boxes for values on an x axis."""
    widths = [pill_width(text, font) for _, text in labels]
    height = round(QFontMetricsF(font).height() + 2)
    starts = chip_places([x for x, _ in labels], widths, low, high)
    return [
        (QRectF(round(start), round(top), round(width), height), text)
        for start, width, (_, text) in zip(starts, widths, labels, strict=True)
    ]


def chips_beside(
    labels: Sequence[tuple[float, str]], *, font: QFont, right: float, low: float, high: float
) -> list[tuple[QRectF, str]]:
    """Boxes for values on a y axis, in order from the top."""
    height = round(QFontMetricsF(font).height() + 2)
    starts = chip_places([y for y, _ in labels], [float(height)] * len(labels), low, high)
    widths = [pill_width(text, font) for _, text in labels]
    return [
        (QRectF(round(max(right - width, 1)), round(start), round(min(width, right - 1)), height), text)
        for start, width, (_, text) in zip(starts, widths, labels, strict=True)
    ]


def paint_chips(
    painter: QPainter,
    chips: Sequence[tuple[QRectF, str]],
    over: Sequence[QRectF],
    *,
    font: QFont,
    theme: Theme,
    role: str,
) -> None:
    """Values on an axis. The ticks' labels that a chip would touch, ``over``, are painted out."""
    for label in over:
        if any(chip.adjusted(-4, -1, 4, 1).intersects(label) for chip, _ in chips):
            painter.fillRect(label.adjusted(-1, 0, 1, 1), theme.color("background"))
    for chip, text in chips:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(chip, 4, 4)
        tint = theme.color(role, 0.16)
        paint_pill(painter, chip, text, font=font, ground=tint, border=theme.color(role), ink=theme.color("text"))


def paint_focus(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The frame of the plot that has the keyboard."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("region"), 1.6))
    painter.drawRoundedRect(area.adjusted(-1.5, -1.5, 1.5, 1.5), 3, 3)


def dashed(theme: Theme) -> QPen:
    return QPen(theme.color("secondary_text", 0.6), 1, Qt.PenStyle.DashLine)
