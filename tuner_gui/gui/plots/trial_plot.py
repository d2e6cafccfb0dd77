"""What slices and pairs have in common: the points of all trials, which of them is hovered, selected or the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.canvas import Canvas
from tuner_gui.gui.plots.points import EDGE, PointLayer, Points, radius_for
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.strokes import paint_mark, paint_star, scaled_font
from tuner_gui.gui.store import Store
from tuner_gui.study.plotdata import Floats, Indices, Style, describe_trial, nearest

# How near the mouse must come to a point, in logical pixels, and from where on a press is a drag.
POINT_REACH = 8.0
DRAG_DISTANCE = 4.0
MOST_RINGS = 300
# Rings of trials in training, radius and width: dozens of them must not drown what has ended.
MANY_RUNNING = 8
FEW_RING, MANY_RING = (4.2, 1.6), (3.1, 1.2)


class TrialPlot(Canvas):
    """A plot with one point for each trial. What is over is painted once; what moves is painted each time."""

    def __init__(
        self, store: Store, actions: Actions, scene: Scene, *, steps: int = 1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.store = store
        self._actions = actions
        self.scene = scene
        self.hovered: int | None = None
        self._layer = PointLayer(steps=steps)
        self._points: Points | None = None
        self._taken: list[Indices] = []
        self._running_at: dict[int, tuple[float, float]] | None = None
        self._radius = 4.0

    # --- what subclasses say ---

    def places(self, rows: Indices | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
        """Where some trials, or all of them, stand on the widget (NaN: nowhere), and how they are drawn."""
        raise NotImplementedError

    def running_places(self, rows: Indices) -> tuple[Floats, Floats]:
        """Where the trials that train now, ``scene.running``, stand on the widget; NaN: nowhere."""
        raise NotImplementedError

    # --- data ---

    def data_outdated(self) -> None:
        self._points = None
        self._running_at = None
        self._taken.clear()

    def take(self, rows: Indices) -> None:
        """Some trials are over: just those are added to the picture, when it is next needed."""
        self._running_at = None
        if self._points is not None and len(rows):
            self._taken.append(rows)

    def _settle(self) -> None:
        """Add what was taken. Not in take(), where the trials of one batch would keep all plots busy at once."""
        if not self._taken or self._points is None:
            return
        rows = np.concatenate(self._taken)
        self._taken.clear()
        new = self._points_of(rows)
        self._layer.add(rows, new)
        self._points = self._points.with_room_for(int(rows.max()) + 1)
        self._points.put(rows, new)

    def _points_of(self, rows: Indices | None) -> Points:
        x, y, styles = self.places(rows)
        levels = self.scene.levels if rows is None else self.scene.levels[rows]
        return Points(x - self.frame.left, y - self.frame.top, styles, levels)

    def paint_points(self, painter: QPainter) -> None:
        """The points that do not move, from the kept picture."""
        self._settle()
        if self._points is None:
            self._points = self._points_of(None)
            self._radius = radius_for(self.scene.scale.basis, self.frame.width * self.frame.height)
            self._layer.lower_on_top = self.scene.scale.sign < 0
            self._layer.render(
                self._points, width=self.area.width(), height=self.area.height(),
                ratio=self.devicePixelRatioF(), theme=self.theme, radius=self._radius,
            )  # fmt: skip
        self._layer.paint(painter, self.frame.left, self.frame.top)

    # --- places ---

    def trial_at(self, position: QPointF) -> int | None:
        """The number of the trial under the mouse."""
        for number, (x, y) in self._running_places().items():
            if abs(x - position.x()) + abs(y - position.y()) <= POINT_REACH:
                return number
        self._settle()
        if self._points is None:
            return None
        xs = np.where(self._points.style == Style.NONE, np.nan, self._points.x)
        x, y = position.x() - self.frame.left, position.y() - self.frame.top
        row = nearest(xs, self._points.y, x, y, reach=POINT_REACH)
        return None if row is None else row + 1

    def place_of(self, number: int) -> tuple[float, float] | None:
        """Where a trial is drawn; None if it is out of sight."""
        running = number in self.store.history.progress
        place = self._running_places().get(number) if running else self._over_place(number)
        if place is None or not self._sight.contains(*place):
            return None
        return place

    def _running_places(self) -> dict[int, tuple[float, float]]:
        """The places of all that train, worked out once for each batch."""
        if self._running_at is None:
            xs, ys = self.running_places(self.scene.running_rows)
            known = np.isfinite(xs + ys)
            places = zip(xs[known].tolist(), ys[known].tolist(), strict=True)
            self._running_at = dict(zip(np.array(self.scene.running)[known].tolist(), places, strict=True))
        return self._running_at

    def _over_place(self, number: int) -> tuple[float, float] | None:
        row = number - 1
        self._settle()
        if self._points is None or row >= len(self._points.x) or self._points.style[row] == Style.NONE:
            return None
        x, y = float(self._points.x[row]) + self.frame.left, float(self._points.y[row]) + self.frame.top
        return (x, y) if np.isfinite(x) and np.isfinite(y) else None

    @property
    def _sight(self) -> QRectF:
        return self.area.adjusted(-EDGE, -EDGE, EDGE, EDGE)

    # --- what moves ---

    def paint_live(self, painter: QPainter) -> None:
        """Running trials, the best one, the selected ones and the hovered one."""
        color, ground, sight = self.theme.color("text"), self.theme.color("background"), self._sight
        radius, width = MANY_RING if len(self.scene.running) > MANY_RUNNING else FEW_RING
        for place in self._running_places().values():
            if sight.contains(*place):
                paint_mark(painter, *place, radius=radius, color=color, ground=ground, width=width)
        for number in self.store.selection[:MOST_RINGS]:
            self._paint_mark(painter, number, role="selected", width=2.2)
        best = self.scene.best and self.place_of(self.scene.best)
        if best:
            paint_star(painter, *best, radius=max(self._radius * 1.7, 6.5), theme=self.theme)
        if self.store.selection:
            self._paint_number(painter, self.store.selection[0])
        if self.hovered is not None:
            self._paint_mark(painter, self.hovered, role="text", width=1.6)

    def _paint_mark(self, painter: QPainter, number: int, *, role: str, width: float) -> None:
        place = self.place_of(number)
        if place:
            radius = max(self._radius + 2.5, 5.5)
            ground = self.theme.color("background")
            paint_mark(painter, *place, radius=radius, color=self.theme.color(role), ground=ground, width=width)

    def _paint_number(self, painter: QPainter, number: int) -> None:
        """The number of the selected trial beside it, on a ground that keeps it readable."""
        place = self.place_of(number)
        if place is None:
            return
        painter.setFont(scaled_font(self.font(), 0.88, bold=True))
        text = f"#{number}"
        box = QRectF(painter.fontMetrics().boundingRect(text))
        width, height = painter.fontMetrics().horizontalAdvance(text) + 6, box.height() + 2
        left = place[0] + 9 if place[0] + 9 + width < self.area.right() else place[0] - 9 - width
        top = min(max(place[1] - height / 2, self.area.top() + 1), self.area.bottom() - height - 1)
        area = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("background", 0.85))
        painter.drawRoundedRect(area, 3, 3)
        painter.setPen(self.theme.color("selected" if self.theme.dark else "text"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    # --- the mouse on points ---

    def hover(self, number: int | None, at: QPoint) -> None:
        """Mark the trial under the mouse and tell about it."""
        if number == self.hovered:
            return
        self.hovered = number
        if number is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(at, describe_trial(self.store.history, self.store.plan, number), self)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hover(None, QPoint())
