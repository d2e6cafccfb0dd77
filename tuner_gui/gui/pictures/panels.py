"""How each kind of panel is painted: axes, what lies between them, and their names."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QTransform

from tuner_gui.gui.pictures import marks
from tuner_gui.gui.pictures.pen import NAME, SMALL, TICK, Pen, area_of, shortened, width_of
from tuner_gui.gui.pictures.picture import (
    Bars,
    Box,
    Dots,
    Field,
    Lines,
    Named,
    Panel,
    Path,
    Places,
    Plane,
    Rings,
    Side,
    Spreads,
    Strips,
    Upright,
)  # fmt: skip
from tuner_gui.gui.plots.axes import fitting_ticks
from tuner_gui.gui.plots.frame import Frame
from tuner_gui.gui.plots.region_paint import chip_places
from tuner_gui.gui.theme import value_colors
from tuner_gui.search.refine import format_share
from tuner_gui.space.ticks import Tick
from tuner_gui.study.plotdata import Floats

RAIL = 13.0
UNDER, UNDER_NAMED, STAGES = 20.0, 38.0, 22.0
MOST_SHAPES = 5_000
"""With more trials than this their marks are pixels inside the drawing: a file of shapes would grow by megabytes."""

PIXELS = 3.0
_STRENGTH_LIGHT, _STRENGTH_DARK = 0.34, 0.38


def paint_panel(pen: Pen, panel: Panel, area: QRectF) -> None:
    if isinstance(panel, Plane):
        _Plane(pen, panel, area).paint()
    elif isinstance(panel, Upright):
        _paint_upright(pen, panel, area)
    else:
        _paint_bars(pen, panel, area)


def x_ticks(side: Side, width: float) -> Sequence[Tick]:
    if side.axis is None:
        return []
    return fitting_ticks(side.axis, *side.span, width, size=lambda text: width_of(text, TICK), gap=12)


def y_ticks(side: Side, height: float) -> Sequence[Tick]:
    if side.axis is None:
        return []
    return fitting_ticks(side.axis, *side.span, height, size=lambda _: 0.8 * TICK, gap=14)


class _Plane:
    def __init__(self, pen: Pen, plane: Plane, area: QRectF) -> None:
        self.pen, self.plane, self.area = pen, plane, area
        rail = RAIL if plane.rail else 0.0
        bottom = UNDER_NAMED if plane.x.label else UNDER
        top = STAGES if any(isinstance(layer, Strips) for layer in plane.layers) else 8.0
        height = area.height() - top - bottom - rail
        self.ys = y_ticks(plane.y, height)
        left = max((width_of(tick.label, TICK) for tick in self.ys), default=0.0) + 8
        left += NAME + 7 if plane.y.label else 0
        right = self._room_for_words()
        self.frame = Frame(
            area.left() + left, area.top() + top, area.width() - left - right, height, plane.x.span, plane.y.span
        )
        self.rail = rail
        self.rail_middle = self.frame.bottom + rail / 2
        self.xs = x_ticks(plane.x, self.frame.width)

    def _room_for_words(self) -> float:
        """For the words at the ends of lines; else so much that the last label has room."""
        words = [layer.words for layer in self._curves()]
        return max((width_of(text, SMALL, bold=True) + 12 for text in words), default=12.0)

    def _curves(self) -> list[Path]:
        """Paths that are named at the right edge: those over a bundle of lines."""
        bundle = any(isinstance(layer, Lines) for layer in self.plane.layers)
        return [layer for layer in self.plane.layers if bundle and isinstance(layer, Path) and layer.words]

    def paint(self) -> None:
        self._paint_grid()
        for layer in self.plane.layers:
            self._paint_layer(layer)
        self.pen.unclip()
        self._paint_frame()
        self._name_curves()

    def _paint_grid(self) -> None:
        self.pen.stroke(self.pen.color("grid", 0.8), 0.7)
        area = area_of(self.frame, self.rail)
        lines = [QLineF(self.frame.px(t.unit), area.top(), self.frame.px(t.unit), area.bottom()) for t in self.xs]
        lines += [QLineF(area.left(), self.frame.py(t.unit), area.right(), self.frame.py(t.unit)) for t in self.ys]
        self.pen.painter.drawLines(lines)

    def _paint_frame(self) -> None:
        """The two axes with their ticks, their numbers and their names."""
        pen, frame, area = self.pen, self.frame, area_of(self.frame, self.rail)
        pen.stroke(pen.color("secondary_text"), 0.9)
        bottom = area.bottom()
        pen.painter.drawPolyline([area.topLeft(), area.bottomLeft(), area.bottomRight()])
        xs, ys = [frame.px(tick.unit) for tick in self.xs], [frame.py(tick.unit) for tick in self.ys]
        pen.painter.drawLines([QLineF(x, bottom, x, bottom + 3) for x in xs])
        pen.painter.drawLines([QLineF(frame.left - 3, y, frame.left, y) for y in ys])
        if self.rail:
            pen.stroke(pen.color("border"), 0.7, Qt.PenStyle.DotLine)
            pen.painter.drawLine(QPointF(frame.left, frame.bottom), QPointF(frame.right, frame.bottom))
        for tick, x in zip(self.xs, xs, strict=True):
            half = width_of(tick.label, TICK) / 2
            middle = min(max(x, self.area.left() + half), self.area.right() - half)
            pen.words(tick.label, middle, bottom + 16, anchor=0.5)
        for tick, y in zip(self.ys, ys, strict=True):
            pen.words(tick.label, frame.left - 6, y + 4, anchor=1.0)
        middle = frame.left + frame.width / 2
        name = shortened(self.plane.x.label, NAME, self.area.width() - 8)
        half = width_of(name, NAME) / 2
        middle = min(max(middle, self.area.left() + half), self.area.right() - half)
        pen.words(name, middle, bottom + 33, size=NAME, anchor=0.5)
        if self.plane.y.label:
            name = shortened(self.plane.y.label, NAME, self.area.height() - 4)
            pen.upright_words(name, self.area.left() + NAME - 1, frame.top + frame.height / 2)

    # --- layers ---

    def _paint_layer(self, layer: object) -> None:
        pen, frame, area = self.pen, self.frame, area_of(self.frame, self.rail)
        pen.clip(area.adjusted(-4, -4, 4, 4))
        if isinstance(layer, Dots):
            self._paint_dots(layer)
        elif isinstance(layer, Lines):
            pen.clip(area)
            xs, ys = frame.pxs(layer.xs), np.clip(frame.pys(layer.ys), -1e4, 1e4)
            _paint_bundle(pen, layer, xs, ys, area)
        elif isinstance(layer, Rings):
            marks.paint_rings(pen, layer, frame, self.rail_middle)
        elif isinstance(layer, Spreads):
            marks.paint_spreads(pen, layer, frame)
        elif isinstance(layer, Named):
            marks.paint_named(pen, layer, frame)
        else:
            pen.clip(area)
            self._paint_other(layer)

    def _paint_dots(self, dots: Dots) -> None:
        if len(dots.xs) <= MOST_SHAPES:
            marks.paint_dots(self.pen, dots, self.frame, self.rail_middle)
        else:
            marks.stamp_dots(self.pen, dots, self.frame, self.rail, self.pen.scale or PIXELS)

    def _paint_other(self, layer: object) -> None:
        if isinstance(layer, Path):
            xs, ys = self.frame.pxs(layer.xs), np.clip(self.frame.pys(layer.ys), -1e4, 1e4)
            marks.paint_path(self.pen, layer, xs, ys)
        elif isinstance(layer, Box):
            _paint_box(self.pen, layer, self.frame, self.rail)
        elif isinstance(layer, Strips):
            self._paint_strips(layer)
        elif isinstance(layer, Field):
            _paint_field(self.pen, layer, self.frame)
        elif isinstance(layer, Places):
            _paint_places(self.pen, layer, self.frame)

    def _paint_strips(self, strips: Strips) -> None:
        """Every second stage on a ground of its own; its number above it, where there is room."""
        area = area_of(self.frame, self.rail)
        for index, ((low, high), stage) in enumerate(zip(strips.edges, strips.stages, strict=True)):
            left, right = max(self.frame.px(low), area.left()), min(self.frame.px(high), area.right())
            band = QRectF(left, area.top(), right - left, area.height())
            if index % 2:
                marks.paint_bar(self.pen, band, role="region", alpha=0.09)
            if index:
                self.pen.stroke(self.pen.color("region"), 0.8)
                self.pen.painter.drawLine(band.topLeft(), band.bottomLeft())
            words = f"stage {stage}" if width_of(f"stage {stage}", SMALL) + 8 < band.width() else str(stage)
            if width_of(words, SMALL) + 6 < band.width():
                self.pen.unclip()
                self.pen.words(words, left + 2, area.top() - 5, role="region", size=SMALL)
                self.pen.clip(area)

    def _name_curves(self) -> None:
        """At the ends of the lines, moved apart where they would meet."""
        found = []
        for path in self._curves():
            at = np.flatnonzero(np.isfinite(path.ys))
            height = self.frame.py(float(path.ys[at[-1]])) if len(at) else math.nan
            if self.frame.top - 1 <= height <= self.frame.bottom + 1:
                found.append((height, path))
        found.sort(key=_first)
        line = SMALL + 2.0
        tops = chip_places([y for y, _ in found], [line] * len(found), self.frame.top - 6, self.frame.bottom + 6)
        for top, (_, path) in zip(tops, found, strict=True):
            self.pen.words(path.words, self.frame.right + 7, top + SMALL, role=path.role, size=SMALL, bold=True)


def _first(pair: tuple[float, Path]) -> float:
    return pair[0]


def _paint_bundle(pen: Pen, lines: Lines, xs: Floats, ys: Floats, area: QRectF) -> None:
    """As shapes, or where there are too many of them for a drawing, as pixels."""
    if pen.scale is not None or len(ys) <= MOST_SHAPES:
        marks.paint_lines(pen, lines, xs, ys)
        return
    size = QSizeF(area.width() * PIXELS, area.height() * PIXELS).toSize()
    picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    painter.scale(PIXELS, PIXELS)
    painter.translate(-area.topLeft())
    marks.paint_lines(Pen(painter, pen.theme, PIXELS), lines, xs, ys)
    painter.end()
    pen.painter.drawImage(area, picture)


def _paint_box(pen: Pen, box: Box, frame: Frame, rail: float) -> None:
    """The region: a tint and its edges; those of a pending one are dashed."""
    role, area = "pending" if box.pending else "region", area_of(frame, rail)
    full_height = len(box.ys) == 1 and box.ys[0] == (0.0, 1.0)
    for low, high in box.xs:
        for bottom, top in box.ys:
            corner = QPointF(frame.px(low), area.top() if full_height else frame.py(top))
            other = QPointF(frame.px(high), area.bottom() if full_height else frame.py(bottom))
            part = QRectF(corner, other)
            marks.paint_bar(pen, part, role=role, alpha=0.09)
            pen.stroke(pen.color(role), 1.1, Qt.PenStyle.DashLine if box.pending else Qt.PenStyle.SolidLine)
            if full_height:
                pen.painter.drawLines([QLineF(part.topLeft(), part.bottomLeft())])
                pen.painter.drawLines([QLineF(part.topRight(), part.bottomRight())])
            else:
                pen.painter.drawRect(part)


def _paint_field(pen: Pen, field: Field, frame: Frame) -> None:
    """The estimate as a soft ground, with a line around its good parts."""
    strength = _STRENGTH_DARK if pen.theme.dark else _STRENGTH_LIGHT
    colors = value_colors(field.shares, dark=pen.theme.dark).copy()
    colors[..., 3] = np.rint(255 * strength * field.evidence)
    flipped = np.ascontiguousarray(colors[::-1])
    height, width = field.shares.shape
    image = QImage(flipped.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
    # Larger, so that what shows the drawing cannot show squares.
    image = image.scaled(width * 6, height * 6, mode=Qt.TransformationMode.SmoothTransformation)
    pen.painter.drawImage(QRectF(QPointF(frame.px(0), frame.py(1)), QPointF(frame.px(1), frame.py(0))), image)
    to_pixels = QTransform(1 / frame.x_per_pixel, 0, 0, -1 / frame.y_per_pixel, frame.px(0), frame.py(0))
    for contour in field.contours:
        path = QPainterPath()
        for line in contour.lines:
            path.moveTo(*line[0])
            for point in line[1:]:
                path.lineTo(*point)
        pen.contour(unbroken=contour.unbroken)
        pen.painter.drawPath(to_pixels.map(path))


def _paint_places(pen: Pen, places: Places, frame: Frame) -> None:
    pen.stroke(pen.color(places.role, 0.8), 0.8)
    low, left = frame.bottom, frame.left
    pen.painter.drawLines([QLineF(x, low - 7, x, low) for x in frame.pxs(places.x_values).tolist()])
    pen.painter.drawLines([QLineF(left, y, left + 7, y) for y in frame.pys(places.y_values).tolist()])
    pen.painter.setPen(QPen(pen.color("background"), 0.5))
    pen.painter.setBrush(pen.color(places.role))
    radii = np.minimum(2.4 * np.sqrt(places.trials), 8.0).tolist()
    for x, y, r in zip(frame.pxs(places.xs).tolist(), frame.pys(places.ys).tolist(), radii, strict=True):
        pen.painter.drawEllipse(QPointF(x, y), r, r)


# --- parallel coordinates ---


def _paint_upright(pen: Pen, panel: Upright, area: QRectF) -> None:
    count = len(panel.sides)
    frame = Frame(
        area.left() + 30, area.top() + 26, area.width() - 60, area.height() - 36, (-0.28, count - 0.9), (-0.02, 1.02)
    )
    xs, ys = frame.pxs(panel.lines.xs), frame.pys(panel.lines.ys)
    ground = QRectF(area.left(), frame.top, area.width(), frame.height)
    _paint_bundle(pen, panel.lines, xs, ys, ground)
    for path in panel.paths:
        marks.paint_path(pen, path, frame.pxs(path.xs), frame.pys(path.ys))
    room = frame.px(1.0) - frame.px(0.0) - 8
    for index, side in enumerate(panel.sides):
        if index < len(panel.held):
            _paint_held(pen, panel, index, frame)
        _paint_axis(pen, side, frame.px(float(index)), frame, room)


def _paint_held(pen: Pen, panel: Upright, index: int, frame: Frame) -> None:
    """The parts of an axis that the region holds, where that is not all of it."""
    found = panel.held[index]
    if len(found) == 1 and found[0][0] <= 1e-9 and found[0][1] >= 1 - 1e-9:
        return
    role, x = "pending" if panel.pending[index] else "region", frame.px(float(index))
    for low, high in found:
        part = QRectF(QPointF(x - 7, frame.py(high)), QPointF(x + 7, frame.py(low)))
        marks.paint_bar(pen, part, role=role, alpha=0.2)
        pen.stroke(pen.color(role), 1.4)
        pen.painter.drawLines([QLineF(part.topLeft(), part.topRight()), QLineF(part.bottomLeft(), part.bottomRight())])


def _paint_axis(pen: Pen, side: Side, x: float, frame: Frame, room: float) -> None:
    pen.stroke(pen.color("text"), 1.0)
    pen.painter.drawLine(QPointF(x, frame.py(1.0)), QPointF(x, frame.py(0.0)))
    for tick in y_ticks(side, frame.height):
        y, width = frame.py(tick.unit), width_of(tick.label, SMALL)
        marks.paint_bar(pen, QRectF(x - width - 8, y - 7, width + 4, 14), role="background", alpha=0.78)
        pen.stroke(pen.color("text"), 1.0)
        pen.painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))
        pen.words(tick.label, x - 6, y + 4, size=SMALL, anchor=1.0)
    pen.words(shortened(side.label, NAME, room), x, frame.top - 9, size=NAME, anchor=0.5)


# --- importance ---


def _paint_bars(pen: Pen, panel: Bars, area: QRectF) -> None:
    entries = panel.found.parameters
    names = max((width_of(entry.name, NAME) for entry in entries), default=60.0)
    left, right = area.left() + names + 62, area.right() - 46
    row = area.height() / max(len(entries), 1)
    for index, entry in enumerate(entries):
        middle = area.top() + (index + 0.5) * row
        pen.words(entry.name, area.left() + names, middle + 4.5, size=NAME, anchor=1.0)
        tier = f"tier {entry.tier}" if entry.tier is not None else "no tier"
        pen.words(tier, area.left() + names + 8, middle + 4, role="secondary_text", size=SMALL)
        marks.paint_bar(pen, QRectF(left, middle - 6, right - left, 12), role="grid", alpha=0.5)
        marks.paint_bar(pen, QRectF(left, middle - 6, max((right - left) * entry.share, 1.0), 12), role="region")
        low, high = (left + (right - left) * end for end in (entry.low, entry.high))
        pen.stroke(pen.color("text"), 1.1)
        whisker = [QLineF(low, middle, high, middle)]
        whisker += [QLineF(end, middle - 3.5, end, middle + 3.5) for end in (low, high)]
        pen.painter.drawLines(whisker)
        pen.words(format_share(entry.share), area.right(), middle + 4, size=TICK, anchor=1.0)
