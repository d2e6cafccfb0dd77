"""The layer of the trials that are over: painted once, kept as an image, and from then on only patched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from tuner_gui.gui.plots import raster
from tuner_gui.gui.plots.raster import Coverage, Indices, Pixels, Sprite
from tuner_gui.gui.theme import Theme, value_colors
from tuner_gui.study.plotdata import Style

_Kind = TypeVar("_Kind", bound=np.generic)

# Where more neighbours than this overlap, a new point is painted on top of them instead of in its place among them:
# nobody can tell in such a crowd, and it costs a tenth.
MOST_NEIGHBOURS = 12
_ORDER = (
    Style.OUTSIDE, Style.OUTSIDE_BELOW, Style.VALUE, Style.VALUE_BELOW, Style.VALUE_ABOVE,
    Style.CANCELLED, Style.FAILED, Style.DIVERGED,
)  # fmt: skip
# Marks may reach over the edge of what is shown by so many logical pixels.
EDGE = 9


class Points(NamedTuple):
    """Where and how points are drawn: logical pixels from the layer's corner ``[n]``, styles, colours 0 to 255.

    There may be more rows than trials; those that are no trial have no style.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    style: NDArray[np.uint8]
    level: NDArray[np.uint8]

    def with_room_for(self, count: int) -> Points:
        if count <= len(self.x):
            return self
        size = max(count, len(self.x) * 5 // 4 + 64)
        return Points(_grown(self.x, size), _grown(self.y, size), _grown(self.style, size), _grown(self.level, size))

    def put(self, rows: Indices, new: Points) -> None:
        self.x[rows], self.y[rows] = new.x, new.y
        self.style[rows], self.level[rows] = new.style, new.level


class _Placed(NamedTuple):
    """Points in pixels of the layer's picture; those that are out of sight have no style."""

    x: Indices
    y: Indices
    style: NDArray[np.uint8]
    level: NDArray[np.uint8]

    def at(self, rows: Indices) -> _Placed:
        return _Placed(self.x[rows], self.y[rows], self.style[rows], self.level[rows])

    def with_room_for(self, count: int) -> _Placed:
        if count <= len(self.x):
            return self
        size = max(count, len(self.x) * 5 // 4 + 64)
        return _Placed(_grown(self.x, size), _grown(self.y, size), _grown(self.style, size), _grown(self.level, size))

    def put(self, rows: Indices, new: _Placed) -> None:
        self.x[rows], self.y[rows] = new.x, new.y
        self.style[rows], self.level[rows] = new.style, new.level


def _grown(column: NDArray[_Kind], size: int) -> NDArray[_Kind]:
    grown = np.zeros(size, dtype=column.dtype)
    grown[: len(column)] = column
    return grown


_NOTHING = _Placed(*(np.zeros(0, dtype=np.intp),) * 2, *(np.zeros(0, dtype=np.uint8),) * 2)


def radius_for(count: int, area: float) -> float:
    """A disc's radius in logical pixels: smaller where many share a small area, in few sizes."""
    wished = 0.21 * math.sqrt(area / max(count, 1))
    return min(max(round(2 * wished) / 2, 2.0), 5.0)


class PointLayer:
    """An image of points, as large as a plot and a little beyond.

    ``steps``: where height does not stand for the value, better points are painted over worse ones in so many steps.
    ``lower_on_top``: where it does, and less is better.
    """

    def __init__(self, *, steps: int = 1) -> None:
        self.lower_on_top = False
        self._steps = steps
        self._pixels: Pixels = np.zeros((1, 1), dtype=np.uint32)
        self._image = QImage()
        self._ratio = 1.0
        self._sprites: dict[Style, Sprite] = {}
        self._reach = 0
        self._placed = _NOTHING

    def render(self, points: Points, *, width: float, height: float, ratio: float, theme: Theme, radius: float) -> None:
        """Paint all points. ``ratio`` is the number of device pixels in a logical one."""
        self._ratio = ratio
        self._sprites = sprites(theme, radius, ratio)
        self._reach = max(sprite.reach for sprite in self._sprites.values())
        edge = self._edge
        shape = (math.ceil(height * ratio) + 2 * edge, math.ceil(width * ratio) + 2 * edge)
        if self._pixels.shape == shape:
            self._pixels.fill(0)
        else:
            self._pixels = np.zeros(shape, dtype=np.uint32)
            format_ = QImage.Format.Format_ARGB32_Premultiplied
            # The image looks at the array's own memory, so it must never outlive it.
            self._image = QImage(self._pixels.data, shape[1], shape[0], shape[1] * 4, format_)
        self._image.setDevicePixelRatio(ratio)
        self._placed = self._place(points)
        self._paint(self._pixels, self._placed)

    def add(self, rows: Indices, points: Points) -> None:
        """Paint the points of some rows that were not drawn before.

        The picture is then the same as if all had been painted anew, but for the order in a dense crowd.
        """
        placed = self._place(points)
        self._placed = self._placed.with_room_for(int(rows.max(initial=-1)) + 1)
        self._placed.put(rows, placed)
        for row, at_x, at_y, style in zip(rows, placed.x, placed.y, placed.style, strict=True):
            if style != Style.NONE:
                self._patch(int(row), int(at_x), int(at_y), self._sprites[Style(style)].reach)

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        edge = self._edge / self._ratio
        painter.drawImage(QPointF(left - edge, top - edge), self._image)

    @property
    def image(self) -> QImage:
        return self._image

    @property
    def _edge(self) -> int:
        return math.ceil(EDGE * self._ratio)

    def _place(self, points: Points) -> _Placed:
        with np.errstate(invalid="ignore"):
            x, y = (np.rint(axis * self._ratio).astype(np.intp) + self._edge for axis in (points.x, points.y))
        height, width = self._pixels.shape
        edge = self._edge - 1
        # What has no place, NaN, became a number far outside.
        seen = (x >= edge) & (x < width - edge) & (y >= edge) & (y < height - edge)
        return _Placed(x, y, points.style * seen, points.level)

    def _patch(self, row: int, at_x: int, at_y: int, own: int) -> None:
        """Paint the square that one sprite covers again, with all that reaches into it."""
        other = self._reach
        reach = own + other
        x, y = self._placed.x - (at_x - reach), self._placed.y - (at_y - reach)
        # Seen as unsigned numbers, negative ones are large: one comparison instead of two.
        near = np.flatnonzero((x.view(np.uintp) <= 2 * reach) & (y.view(np.uintp) <= 2 * reach))
        near = near[self._placed.style[near] != Style.NONE]
        if len(near) > MOST_NEIGHBOURS:
            self._paint(self._pixels, self._placed.at(np.array([row])))
            return
        middle = own + 2 * other
        scratch = np.zeros((2 * middle + 1, 2 * middle + 1), dtype=np.uint32)
        self._paint(
            scratch, _Placed(x[near] + other, y[near] + other, self._placed.style[near], self._placed.level[near])
        )
        top, left = max(at_y - own, 0), max(at_x - own, 0)
        target = self._pixels[top : at_y + own + 1, left : at_x + own + 1]
        from_y, from_x = middle + top - at_y, middle + left - at_x
        target[:] = scratch[from_y : from_y + target.shape[0], from_x : from_x + target.shape[1]]

    def _paint(self, pixels: Pixels, points: _Placed) -> None:
        for style, rows in _in_order(points, self._steps):
            sprite = self._sprites[style]
            many = sprite.table.shape[1] > 1
            colors = points.level[rows].astype(np.intp) if many else np.zeros(len(rows), dtype=np.intp)
            raster.stamp(pixels, points.x[rows], points.y[rows], colors, sprite, lower_on_top=self.lower_on_top)


def _in_order(points: _Placed, steps: int) -> Iterator[tuple[Style, Indices]]:
    """What is painted after what: outside first, then values from worse to better, then what has no value."""
    counts = np.bincount(points.style, minlength=len(Style)).tolist()
    for style in _ORDER:
        if not counts[style]:
            continue
        rows = np.flatnonzero(points.style == style) if counts[style] < len(points.style) else np.arange(len(points.x))
        if steps == 1 or style is not Style.VALUE:
            yield style, rows
            continue
        step = points.level[rows].astype(np.intp) * steps // 256
        for number in range(steps):
            yield style, rows[step == number]


@lru_cache(maxsize=16)
def sprites(theme: Theme, radius: float, ratio: float) -> dict[Style, Sprite]:
    """The marks of all styles in the colours of a theme, in device pixels."""
    r, line = radius * ratio, max(1.3, 0.42 * radius) * ratio
    size = r * 1.4 + 2 * ratio
    rim = 0.9 * ratio if radius > 2.6 else 0.0
    small = max(1.3 * ratio, 0.58 * r)
    shapes: dict[Style, tuple[Coverage, Coverage]] = {
        Style.OUTSIDE: (raster.disc(small, size), raster.disc(small, size)),
        Style.OUTSIDE_BELOW: (raster.triangle(small * 1.3, size, up=False),) * 2,
        Style.VALUE: (raster.disc(r, size), raster.disc(r + rim, size)),
        Style.VALUE_BELOW: (raster.triangle(r * 1.1, size, up=False),) * 2,
        Style.VALUE_ABOVE: (raster.triangle(r * 1.1, size),) * 2,
        Style.DIVERGED: (raster.cross(max(r * 0.9, 2.6 * ratio), line, size),) * 2,
        Style.FAILED: (raster.open_triangle(max(r, 3 * ratio), line, size),) * 2,
        Style.CANCELLED: (raster.dash(max(r * 0.8, 2.2 * ratio), line, size),) * 2,
    }
    values = value_colors(np.linspace(0, 1, 256), dark=theme.dark)
    colors = {Style.VALUE: values, Style.VALUE_BELOW: values, Style.VALUE_ABOVE: values}
    ground = _rgb(theme, "background")
    roles = {Style.DIVERGED: "bad", Style.FAILED: "bad"}
    return {
        style: raster.make_sprite(
            ink, cover, colors.get(style, np.array([_rgb(theme, roles.get(style, "muted"))], dtype=np.uint8)), ground
        )
        for style, (ink, cover) in shapes.items()
    }


def _rgb(theme: Theme, role: str) -> tuple[int, int, int]:
    color = theme.color(role)
    return color.red(), color.green(), color.blue()
