"""The layer of the curves that have ended: painted a slice at a time, so that thousands never hold up the window."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from tuner_gui.gui.theme import Theme, value_colors
from tuner_gui.study.curvedata import ends

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# One item for each colour: what differs less cannot be told apart in a bundle of lines.
CLASSES = 16
OUTSIDE, CROSSES = -1, -2
AT_ONCE = 100
# Up to so many curves are smoothed. It takes two to three times as long, 80 ms for so many, but in slices.
MOST_SMOOTH = 2000


class Curves(NamedTuple):
    """Places of the epochs ``[epochs]`` and of the points ``[n, epochs]`` in logical pixels from the layer's corner,
    the colour class of each curve and whether it ends in a cross, ``[n]``."""

    xs: Floats
    ys: Floats
    classes: Indices
    crossed: NDArray[np.bool_]

    def with_room_for(self, count: int) -> Curves:
        """Curves with at least so many rows; new ones are empty."""
        old = len(self.ys)
        if count <= old:
            return self
        size = count * 5 // 4 + 64
        ys = np.full((size, self.ys.shape[1]), np.nan)
        classes, crossed = np.zeros(size, dtype=np.intp), np.zeros(size, dtype=bool)
        ys[:old], classes[:old], crossed[:old] = self.ys, self.classes, self.crossed
        return Curves(self.xs, ys, classes, crossed)


class _Job(NamedTuple):
    color: int
    rows: Indices


def classes_of(levels: NDArray[np.uint8], outside: NDArray[np.bool_]) -> Indices:
    """Colour classes of levels from 0 to 255."""
    return np.where(outside, OUTSIDE, levels.astype(np.intp) * CLASSES // 256)


class CurveLayer:
    """An image of curves, with the work that is left to finish it."""

    def __init__(self) -> None:
        self._image = QImage()
        self._ratio = 1.0
        self._jobs: deque[_Job] = deque()
        self._curves: Curves | None = None
        self._colors: list[QColor] = []
        self._smooth = True

    @property
    def is_finished(self) -> bool:
        return not self._jobs

    @property
    def image(self) -> QImage:
        return self._image

    def begin(self, curves: Curves, rows: Indices, *, width: float, height: float, ratio: float, theme: Theme) -> None:
        """Start over: an empty image, and some rows to paint, the ones outside first and the best last."""
        size = math.ceil(width * ratio), math.ceil(height * ratio)
        if (self._image.width(), self._image.height()) != size:
            self._image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        self._image.setDevicePixelRatio(ratio)
        self._image.fill(0)
        self._ratio = ratio
        self._colors = _colors(theme, len(rows))
        self._smooth = len(rows) <= MOST_SMOOTH
        self._curves = curves
        self._jobs = deque(_jobs(curves, rows))

    def add(self, curves: Curves, rows: Indices) -> None:
        """Paint some more on top, after what is still to be painted. ``curves`` hold the old rows as well."""
        self._curves = curves
        self._jobs.extend(_jobs(curves, rows))

    def work(self, seconds: float) -> None:
        """Paint for about so long; at least one bundle."""
        if not self._jobs or self._curves is None:
            return
        until = time.perf_counter() + seconds
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._smooth)
        # One device pixel: any other width takes Qt thirty times as long.
        painter.scale(1 / self._ratio, 1 / self._ratio)
        while self._jobs:
            self._paint(painter, self._curves, self._jobs.popleft())
            if time.perf_counter() > until:
                break
        painter.end()

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        painter.drawImage(QPointF(left, top), self._image)

    def _paint(self, painter: QPainter, curves: Curves, job: _Job) -> None:
        if job.color == CROSSES:
            xs, ys = _crosses(curves, job.rows, self._ratio)
        else:
            xs, ys = (
                np.broadcast_to(curves.xs, curves.ys[job.rows].shape) * self._ratio,
                curves.ys[job.rows] * self._ratio,
            )
        # Beyond this Qt's rasteriser would walk along the whole line.
        ys = np.clip(ys, -4.0 * self._image.height(), 5.0 * self._image.height())
        gap = np.full((len(ys), 1), np.nan)
        import pyqtgraph as pg  # late, as in the theme

        path = pg.arrayToQPath(np.hstack([xs, gap]).ravel(), np.hstack([ys, gap]).ravel(), connect="finite")
        painter.setPen(QPen(self._colors[job.color], 1))
        painter.drawPath(path)


def _jobs(curves: Curves, rows: Indices) -> Iterator[_Job]:
    for color in range(OUTSIDE, CLASSES):
        found = rows[curves.classes[rows] == color]
        for start in range(0, len(found), AT_ONCE):
            yield _Job(color, found[start : start + AT_ONCE])
    crossed = rows[curves.crossed[rows]]
    if len(crossed):
        yield _Job(CROSSES, crossed)


def _crosses(curves: Curves, rows: Indices, ratio: float) -> tuple[Floats, Floats]:
    """Small crosses where curves end, ``[crosses, 5]`` with a gap between the two strokes."""
    epochs, ys = ends(curves.ys[rows])
    seen = epochs > 0
    x, y = curves.xs[epochs[seen] - 1] * ratio, ys[seen] * ratio
    r = 3.5 * ratio
    gap = np.full(len(x), np.nan)
    return np.stack([x - r, x + r, gap, x - r, x + r], axis=1), np.stack([y - r, y + r, gap, y + r, y - r], axis=1)


def _colors(theme: Theme, count: int) -> list[QColor]:
    """The colours of the classes; the last two are for crosses (-2) and for what lies outside (-1), which the more
    steps back the more of it there is."""
    table = value_colors((np.arange(CLASSES) + 0.5) / CLASSES, dark=theme.dark)
    outside = min(max(150 / max(count, 1), 0.25), 0.9)
    classes = [QColor(*(int(channel) for channel in row[:3])) for row in table]
    return [*classes, theme.color("bad"), theme.color("muted", outside)]
