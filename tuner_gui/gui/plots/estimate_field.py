"""The estimate between the trials of a pair of parameters: a soft field of colours, and lines around the good part."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QTransform

from tuner_gui.gui.pictures.picture import Contour, Field
from tuner_gui.gui.plots.frame import Frame
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import Theme, value_colors
from tuner_gui.search.strategies.evidence import scores_of
from tuner_gui.space.parameters import Parameter
from tuner_gui.study.estimate import Estimate, Floats, contour, estimate
from tuner_gui.study.history import History

# How far the field covers the ground where the evidence is full: clearly less than a point.
STRENGTH_LIGHT, STRENGTH_DARK = 0.34, 0.38
# The shares around which a line runs: inside, trials are better than so many of all on average.
CONTOUR_WORDS = {0.75: "average in the best quarter", 0.9: "average in the best tenth"}
# The estimate stays until so many trials more have ended: what one of thousands adds cannot be seen.
STALE_SHARE = 0.02


class EstimateField:
    """Follows the trials of a store for two parameters, and paints what they say. ``version`` tells pictures apart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.estimate: Estimate | None = None
        self.version = 0
        self._made_of: tuple[object, ...] = ()
        self._ended = 0
        self._image: tuple[bool, QImage] | None = None
        self._lines: list[QPainterPath] = []
        self._over: tuple[tuple[int, Frame, bool, float], QImage] | None = None

    def is_stale(self, x: Parameter, y: Parameter) -> bool:
        """Whether what is shown has to be worked out anew."""
        history = self._store.history
        return self._key(x, y) != self._made_of or history.ended > self._ended * (1 + STALE_SHARE)

    def follow(self, x: Parameter, y: Parameter) -> None:
        """Work out the estimate for two parameters."""
        history = self._store.history
        scores, told = scores_of(history, self._store.plan.definition.objective)
        self.estimate = estimate(x, y, history.units(x), history.units(y), np.where(told, scores, np.nan))
        self._made_of, self._ended = self._key(x, y), history.ended
        self._image = None
        self._lines = [_path(contour(self.estimate, share)) for share in CONTOUR_WORDS] if self.estimate else []
        self.version += 1

    def _key(self, x: Parameter, y: Parameter) -> tuple[History, Parameter, Parameter, str, int]:
        objective = self._store.plan.definition.objective
        return self._store.history, x, y, objective.metric, objective.sign

    @property
    def contours(self) -> list[float]:
        """The shares around which there is a line now."""
        return [share for share, line in zip(CONTOUR_WORDS, self._lines, strict=False) if not line.isEmpty()]

    def as_layer(self) -> Field | None:
        """What it shows, for a picture that leaves the window."""
        if self.estimate is None:
            return None
        best = max(CONTOUR_WORDS)
        contours = [
            Contour(words, share == best, _chained(contour(self.estimate, share)))
            for share, words in CONTOUR_WORDS.items()
        ]
        return Field(self.estimate.shares, self.estimate.evidence, [found for found in contours if found.lines])

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """The colours, over the unit square as the frame shows it."""
        if self.estimate is None:
            return
        if self._image is None or self._image[0] is not theme.dark:
            self._image = theme.dark, _picture(self.estimate, dark=theme.dark)
        square = QRectF(QPointF(frame.px(0), frame.py(1)), QPointF(frame.px(1), frame.py(0)))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(square, self._image[1])

    def paint_contours(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """The lines, over the points: among thousands nothing else of the estimate is seen."""
        if not self.contours:
            return
        key = self.version, frame, theme.dark, painter.device().devicePixelRatioF()
        if self._over is None or self._over[0] != key:
            self._over = key, self._contours_picture(frame, theme, key[-1])
        painter.drawImage(QPointF(frame.left, frame.top), self._over[1])

    def _contours_picture(self, frame: Frame, theme: Theme, ratio: float) -> QImage:
        """As large as the frame: to stroke them takes five times as long as to copy this."""
        picture = QImage(
            math.ceil(frame.width * ratio), math.ceil(frame.height * ratio), QImage.Format.Format_ARGB32_Premultiplied
        )
        picture.setDevicePixelRatio(ratio)
        picture.fill(0)
        painter = QPainter(picture)
        painter.translate(-frame.left, -frame.top)
        self._stroke(painter, frame, theme)
        painter.end()
        return picture

    def _stroke(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        to_pixels = QTransform(1 / frame.x_per_pixel, 0, 0, -1 / frame.y_per_pixel, frame.px(0), frame.py(0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for share, line in zip(CONTOUR_WORDS, self._lines, strict=False):
            shown = to_pixels.map(line)
            painter.setPen(QPen(theme.color("background"), 3.0))
            painter.drawPath(shown)
            painter.setPen(contour_pen(share, theme))
            painter.drawPath(shown)


def contour_pen(share: float, theme: Theme) -> QPen:
    """Unbroken around the best part of all."""
    pen = QPen(theme.color("text"), 1.2)
    if share < max(CONTOUR_WORDS):
        pen.setDashPattern([4.0, 3.0])
    return pen


def _picture(field: Estimate, *, dark: bool) -> QImage:
    """One pixel for each place of the grid, the top row first."""
    colors = value_colors(field.shares, dark=dark).copy()
    colors[..., 3] = np.rint(255 * (STRENGTH_DARK if dark else STRENGTH_LIGHT) * field.evidence)
    flipped = np.ascontiguousarray(colors[::-1])
    height, width = field.shares.shape
    return QImage(flipped.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()


def _path(pieces: Floats) -> QPainterPath:
    """The pieces put together to lines, in unit coordinates: what is dashed must not begin anew at every piece."""
    path = QPainterPath()
    for line in _chained(pieces):
        path.moveTo(*line[0])
        for point in line[1:]:
            path.lineTo(*point)
    return path


Point = tuple[float, float]


def _chained(pieces: Floats) -> list[list[Point]]:
    """Lines of points. Ends that meet are equal to the last bit but for noise, so that they are compared rounded."""
    ends: dict[Point, list[int]] = {}
    points = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in np.round(pieces, 9).tolist()]
    for index, piece in enumerate(points):
        for end in piece:
            ends.setdefault(end, []).append(index)
    left = set(range(len(points)))
    lines: list[list[Point]] = []
    while left:
        index = left.pop()
        line = list(points[index])
        _grow(line, points, ends, left)
        line.reverse()
        _grow(line, points, ends, left)
        lines.append(line)
    return lines


def _grow(line: list[Point], points: list[tuple[Point, Point]], ends: dict[Point, list[int]], left: set[int]) -> None:
    """Add piece after piece to the end of a line."""
    while True:
        following = next((index for index in ends[line[-1]] if index in left), None)
        if following is None:
            return
        left.discard(following)
        a, b = points[following]
        line.append(b if a == line[-1] else a)
