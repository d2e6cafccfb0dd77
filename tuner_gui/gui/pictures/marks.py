"""The marks of trials as shapes: the same signs as on the screen, which stay sharp in every size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from tuner_gui.gui.pictures.pen import SMALL, STEPS, Pen, width_of
from tuner_gui.gui.pictures.picture import Dots, Lines, Named, Path, Rings, Spreads
from tuner_gui.gui.plots.frame import Frame
from tuner_gui.gui.plots.points import PointLayer, Points
from tuner_gui.gui.plots.strokes import star
from tuner_gui.study.curvedata import ends
from tuner_gui.study.plotdata import Floats, Indices, Style

_ORDER = (
    Style.OUTSIDE, Style.OUTSIDE_BELOW, Style.VALUE, Style.VALUE_BELOW, Style.VALUE_ABOVE, Style.CANCELLED,
    Style.FAILED, Style.DIVERGED,
)  # fmt: skip
_INSET = 3.5
COLOR_STEPS = 6
FEW_LINES, MOST_SMOOTH = 300, 2_000


def radius_for(count: int, area: float) -> float:
    """Smaller where many share a small area."""
    return float(min(max(0.17 * (area / max(count, 1)) ** 0.5, 1.3), 3.4))


def paint_dots(pen: Pen, dots: Dots, frame: Frame, rail_middle: float) -> None:
    """All marks as shapes, one colour after the other."""
    xs, ys, seen = _placed(dots, frame, rail_middle)
    radius = radius_for(int(seen.sum()), frame.width * frame.height)
    for style, level, rows in _groups(dots, seen):
        color = pen.colors[level] if level is not None else pen.color(role_of(style))
        for x, y in zip(xs[rows].tolist(), ys[rows].tolist(), strict=True):
            paint_sign(pen, style, x, y, radius, color)


def stamp_dots(pen: Pen, dots: Dots, frame: Frame, rail: float, pixels: float) -> None:
    """The same as pixels, ``pixels`` in one of the layout's: ten thousand take a few milliseconds."""
    xs, ys, seen = _placed(dots, frame, frame.bottom + rail / 2)
    layer = PointLayer(steps=COLOR_STEPS)
    points = Points(xs - frame.left, ys - frame.top, dots.styles * seen, dots.levels)
    radius = radius_for(int(seen.sum()), frame.width * frame.height)
    layer.render(
        points, width=frame.width, height=frame.height + rail, ratio=pixels, theme=pen.theme, radius=radius
    )  # fmt: skip
    layer.paint(pen.painter, frame.left, frame.top)


def _placed(dots: Dots, frame: Frame, rail_middle: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    xs = frame.pxs(dots.xs)
    ys = np.where(np.isnan(dots.ys), rail_middle, frame.pys(np.nan_to_num(dots.ys)))
    return xs, ys, np.isfinite(xs) & (xs > frame.left - 4) & (xs < frame.right + 4) & (dots.styles != Style.NONE)


def _groups(dots: Dots, seen: NDArray[np.bool_]) -> Iterator[tuple[Style, int | None, Indices]]:
    """Rows with one colour, in the order in which they are painted."""
    steps = dots.levels.astype(np.intp) * STEPS // 256
    for style in _ORDER:
        rows = np.flatnonzero(seen & (dots.styles == style))
        if style not in (Style.VALUE, Style.VALUE_BELOW, Style.VALUE_ABOVE):
            if len(rows):
                yield style, None, rows
            continue
        for step in np.unique(steps[rows]).tolist():
            yield style, step, rows[steps[rows] == step]


def role_of(style: Style) -> str:
    """The colour of a mark that has no value to take it from."""
    if style in (Style.DIVERGED, Style.FAILED):
        return "bad"
    return "secondary_text" if style is Style.CANCELLED else "muted"


def paint_sign(pen: Pen, style: Style, x: float, y: float, radius: float, color: QColor) -> None:
    """One mark around a place."""
    painter, middle = pen.painter, QPointF(x, y)
    if style is Style.VALUE:
        painter.setPen(QPen(pen.color("background"), 0.5))
        painter.setBrush(color)
        painter.drawEllipse(middle, radius, radius)
    elif style is Style.OUTSIDE:
        pen.fill(color)
        painter.drawEllipse(middle, 0.7 * radius, 0.7 * radius)
    elif style in (Style.VALUE_BELOW, Style.OUTSIDE_BELOW, Style.VALUE_ABOVE):
        up = style is Style.VALUE_ABOVE
        pen.fill(color)
        painter.drawPolygon(_triangle(x, y + (_INSET if up else -_INSET), max(radius, 2.0) * 1.2, up=up))
    elif style is Style.FAILED:
        pen.stroke(color, 1.0)
        painter.drawPolygon(_triangle(x, y, max(radius, 2.4) * 1.15, up=True))
    else:
        pen.stroke(color, 1.2)
        painter.drawLines(_crossing(x, y, max(0.9 * radius, 2.2), dash=style is Style.CANCELLED))


def _triangle(x: float, y: float, r: float, *, up: bool) -> QPolygonF:
    turn = -1.0 if up else 1.0
    return QPolygonF([QPointF(x - r, y - turn * 0.6 * r), QPointF(x + r, y - turn * 0.6 * r), QPointF(x, y + turn * r)])


def _crossing(x: float, y: float, r: float, *, dash: bool) -> list[QLineF]:
    if dash:
        return [QLineF(x - r, y, x + r, y)]
    return [QLineF(x - r, y - r, x + r, y + r), QLineF(x - r, y + r, x + r, y - r)]


def paint_rings(pen: Pen, rings: Rings, frame: Frame, rail_middle: float) -> None:
    xs = frame.pxs(rings.xs)
    ys = np.where(np.isnan(rings.ys), rail_middle, frame.pys(np.nan_to_num(rings.ys)))
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        paint_ring(pen, x, y, 3.2, "text")


def paint_ring(pen: Pen, x: float, y: float, radius: float, role: str, width: float = 1.2) -> None:
    if not np.isfinite(x + y):
        return
    for color, broad in ((pen.color("background"), width + 1.6), (pen.color(role), width)):
        pen.stroke(color, broad)
        pen.painter.drawEllipse(QPointF(x, y), radius, radius)


def paint_named(pen: Pen, named: Named, frame: Frame) -> None:
    """The best trial as a star, or selected ones as rings with their numbers."""
    xs, ys = frame.pxs(named.xs).tolist(), frame.pys(named.ys).tolist()
    for x, y, number in zip(xs, ys, named.numbers, strict=True):
        if not (np.isfinite(x + y) and frame.holds(x, y)):
            continue
        if named.star:
            paint_star(pen, x, y, 6.5)
            continue
        paint_ring(pen, x, y, 4.8, "selected", 1.6)
        text = f"#{number}"
        left = x + 7 if x + 9 + width_of(text, SMALL, bold=True) < frame.right else x - 7
        pen.words(text, left, y + 4, role="selected", size=SMALL, bold=True, anchor=0.0 if left > x else 1.0)


def paint_star(pen: Pen, x: float, y: float, radius: float) -> None:
    sharp = QPen(pen.color("text"), 1.1)
    sharp.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.painter.setPen(sharp)
    pen.painter.setBrush(pen.color("background"))
    pen.painter.drawPolygon(star(radius).translated(x, y))


def paint_spreads(pen: Pen, spreads: Spreads, frame: Frame) -> None:
    columns = (frame.pxs(spreads.xs), *(frame.pys(part) for part in spreads[1:]))
    places = np.column_stack(columns)
    strokes = []
    for x, low, high, mean in places[np.isfinite(places).all(axis=1)].tolist():
        strokes += [QLineF(x, low, x, high), QLineF(x - 3, mean, x + 3, mean)]
    for color, width in ((pen.color("background", 0.8), 2.6), (pen.color("text"), 1.0)):
        pen.stroke(color, width)
        pen.painter.drawLines(strokes)


def paint_lines(pen: Pen, lines: Lines, xs: Floats, ys: Floats) -> None:
    """A bundle of lines at places in pixels, one colour after the other."""
    dimmed = min(max(150 / max(len(ys), 1), 0.25), 0.9)
    few = len(ys) <= FEW_LINES
    steps = np.where(lines.dimmed, -1, lines.levels.astype(np.intp) * STEPS // 256)
    pen.painter.setRenderHint(QPainter.RenderHint.Antialiasing, pen.scale is None or len(ys) <= MOST_SMOOTH)
    for step in np.unique(steps).tolist():
        pen.stroke(pen.color("muted", dimmed) if step < 0 else pen.colors[step], 0.9 if few else 0.6)
        found = ys[steps == step]
        # As pixels, a path of many lines that cross takes Qt many times as long as each of them alone.
        at_once = len(found) if pen.scale is None else 1 if few else 100
        if pen.scale is not None and not few:
            # One pixel of the picture: any other width takes Qt thirty times as long.
            pen.painter.setPen(QPen(pen.painter.pen().color(), 0))
        for start in range(0, len(found), at_once):
            pen.painter.drawPath(_path(xs, found[start : start + at_once]))
    pen.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_crosses(pen, xs, ys[lines.crossed])


def _path(xs: Floats, ys: Floats) -> QPainterPath:
    path = QPainterPath()
    across = xs.tolist()
    for heights in ys.tolist():
        broken = True
        for x, y in zip(across, heights, strict=True):
            if y != y:
                broken = True
            elif broken:
                path.moveTo(x, y)
                broken = False
            else:
                path.lineTo(x, y)
    return path


def _paint_crosses(pen: Pen, xs: Floats, ys: Floats) -> None:
    """Where the curves of diverged trials end."""
    if not len(ys):
        return
    epochs, heights = ends(ys)
    pen.stroke(pen.color("bad"), 1.2)
    for x, y in zip(xs[epochs[epochs > 0] - 1].tolist(), heights[epochs > 0].tolist(), strict=True):
        pen.painter.drawLines(_crossing(x, y, 3.0, dash=False))


def paint_path(pen: Pen, path: Path, xs: Floats, ys: Floats) -> None:
    """A line by itself, on a wider one in the colour of the ground."""
    points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True) if np.isfinite(x + y)]
    for color, width in ((pen.color("background"), path.width + 1.6), (pen.color(path.role), path.width)):
        pen.stroke(color, width)
        pen.painter.drawPolyline(QPolygonF(points))


def paint_bar(pen: Pen, area: QRectF, *, role: str, alpha: float = 1.0) -> None:
    pen.fill(pen.color(role, alpha))
    pen.painter.drawRect(area)
