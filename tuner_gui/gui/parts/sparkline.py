"""The curves of one trial in a small picture: training dashed, validation solid, the last values in numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tuner_gui.gui.theme import Theme, current_theme
from tuner_gui.space.ticks import format_value
from tuner_gui.study.history import History

Floats = NDArray[np.float64]
_PLOT_HEIGHT = 52


class Curves(NamedTuple):
    """A metric of one trial after each epoch; empty where it was not measured on that part."""

    metric: str
    training: Floats
    validation: Floats


def curves_of(history: History, trial: int, objective: str) -> list[Curves]:
    """The trial's metrics, training and validation together; that of the objective first, then the loss."""
    bases = list(dict.fromkeys(name.removeprefix("val_") for name in history.metric_names))
    wanted = objective.removeprefix("val_")
    bases.sort(key=lambda base: (base != wanted, base != "loss"))
    return [Curves(base, history.curve(trial, base), history.curve(trial, f"val_{base}")) for base in bases]


def stretches(values: Floats, *, low: float, high: float, epochs: int) -> list[Floats]:
    """The curve as polylines ``[n, 2]`` in the unit square, y upwards; it breaks where a value is not finite."""
    finite = np.isfinite(values)
    x = np.arange(len(values)) / max(epochs - 1, 1)
    y = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    breaks = np.flatnonzero(np.diff(finite.astype(np.int8)) != 0) + 1
    parts = zip(np.split(np.column_stack([x, y]), breaks), np.split(finite, breaks), strict=True)
    return [points for points, usable in parts if len(points) and usable[0]]


class Sparkline(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: Curves | None = None
        self._epochs = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._small = QFont(self.font())
        self._small.setPointSizeF(max(self.font().pointSizeF() - 1, 7))

    def show_curves(self, curves: Curves, *, epochs: int) -> None:
        """Draw the curves over so many epochs, of which fewer may have been reached."""
        self._curves, self._epochs = curves, max(epochs, len(curves.training), len(curves.validation))
        self.setAccessibleName(f"Curves of {curves.metric}")
        self.setAccessibleDescription(self._spoken(curves))
        self.setToolTip(self._spoken(curves))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(150, int(QFontMetricsF(self._small).height()) + 3 + _PLOT_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._curves is None:
            return
        painter, theme = QPainter(self), current_theme()
        painter.setFont(self._small)
        metrics = QFontMetricsF(self._small)
        self._paint_title(painter, metrics, self._curves, theme)
        frame = QRectF(0.5, metrics.height() + 2.5, self.width() - 1, _PLOT_HEIGHT - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("grid"), 1))
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(frame, 3, 3)
        self._paint_lines(painter, frame.adjusted(5, 5, -5, -5), self._curves, theme)
        painter.end()

    def _paint_title(self, painter: QPainter, metrics: QFontMetricsF, curves: Curves, theme: Theme) -> None:
        painter.setPen(theme.color("secondary_text"))
        painter.drawText(QPointF(1, metrics.ascent()), curves.metric)
        last = _last(curves.validation if len(curves.validation) else curves.training)
        painter.setPen(theme.color("text"))
        painter.drawText(QPointF(self.width() - metrics.horizontalAdvance(last) - 1, metrics.ascent()), last)

    def _paint_lines(self, painter: QPainter, rect: QRectF, curves: Curves, theme: Theme) -> None:
        both = np.concatenate([curves.training, curves.validation])
        both = both[np.isfinite(both)]
        if not len(both):
            return
        low, high = float(both.min()), float(both.max())
        dashed = QPen(theme.color("secondary_text"), 1.2, Qt.PenStyle.DashLine)
        for values, pen in ((curves.training, dashed), (curves.validation, QPen(theme.color("region"), 1.6))):
            painter.setPen(pen)
            for points in stretches(values, low=low, high=high, epochs=self._epochs):
                _draw(painter, rect, points)

    @staticmethod
    def _spoken(curves: Curves) -> str:
        return (
            f"{curves.metric} after {max(len(curves.training), len(curves.validation))} epochs: "
            f"training {_last(curves.training)}, validation {_last(curves.validation)}"
        )


def _draw(painter: QPainter, rect: QRectF, points: Floats) -> None:
    placed = [QPointF(rect.left() + x * rect.width(), rect.bottom() - y * rect.height()) for x, y in points.tolist()]
    if len(placed) == 1:
        painter.drawEllipse(placed[0], 1.2, 1.2)
    else:
        painter.drawPolyline(QPolygonF(placed))


def _last(values: Floats) -> str:
    return format_value(float(values[-1])) if len(values) else "–"
