"""The curves of the trials in training: read once after each batch, and drawn as one path where they are many."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tuner_gui.study.curvedata import ends, nearest_curve

Floats = NDArray[np.float64]

# Up to so many are drawn as thick lines with a name at their ends; more of them could not be told apart by names.
MOST_NAMED = 8
_DOT = 4.5
_QUIET = 0.55


@dataclass(frozen=True)
class RunningCurves:
    """Places on the widget: of the epochs ``[epochs]``, and of the points ``[trials, epochs]``, NaN for none."""

    numbers: list[int] = field(default_factory=list)
    xs: Floats = field(default_factory=lambda: np.zeros(0))
    ys: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def are_many(self) -> bool:
        return len(self.numbers) > MOST_NAMED

    def paint(self, painter: QPainter, color: QColor) -> None:
        """All of them as thin lines with a dot at the latest epoch."""
        if not self.ys.size:
            return
        import pyqtgraph as pg  # late, as in the theme

        gap = np.full((len(self.ys), 1), np.nan)
        xs = np.hstack([np.broadcast_to(self.xs, self.ys.shape), gap]).ravel()
        quiet = QColor(color)
        quiet.setAlphaF(_QUIET)
        # One device pixel: any other width takes Qt fifty times as long.
        painter.setPen(QPen(quiet, 0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(pg.arrayToQPath(xs, np.hstack([self.ys, gap]).ravel(), connect="finite"))
        dot = QPen(color, _DOT)
        dot.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(dot)
        painter.drawPoints(QPolygonF(self._tips()))

    def nearest(self, x: float, y: float, *, reach: float) -> int | None:
        """The number of the trial whose curve passes nearest; None if none comes within ``reach``."""
        row = nearest_curve(self.xs, self.ys, x, y, reach=reach)
        return None if row is None else self.numbers[row]

    def _tips(self) -> list[QPointF]:
        epochs, ys = ends(self.ys)
        seen = epochs > 0
        return [QPointF(x, y) for x, y in zip(self.xs[epochs[seen] - 1].tolist(), ys[seen].tolist(), strict=True)]
