"""Parallel coordinates: one upright axis for each parameter and one for the objective, one line for each trial.

A drag along an axis is a part of the next region, as on a slice: what the eye follows through all axes is what is kept.
A drag along the objective's axis proposes the box around the trials with such values.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.of_lines import parallel_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import parameters_table
from tuner_gui.gui.plots import region_paint
from tuner_gui.gui.plots.axes import Axis, UnitAxis, fitting_ticks
from tuner_gui.gui.plots.axis_drag import FULL, AxisDrag, Span
from tuner_gui.gui.plots.curve_layer import CurveLayer, Curves, classes_of
from tuner_gui.gui.plots.drag import Grab, choice_index, grab_at, toggled
from tuner_gui.gui.plots.region_plot import RegionPlot
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.strokes import scaled_font
from tuner_gui.gui.plots.value_brush import ValueBrush
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter
from tuner_gui.space.space import Space
from tuner_gui.study.curvedata import nearest_curve
from tuner_gui.study.plotdata import Floats, Indices, Mark, spread_units

# How near to an axis, in logical pixels, a press is on it; how wide its brush is drawn; how near a line is met.
AXIS_REACH = 16.0
BRUSH = 9.0
LINE_REACH = 6.0
WORK_SECONDS = 0.005
MOST_ON_TOP = 12
SIDE = 0.45


class ParallelPlot(RegionPlot):
    """``drags`` has one entry for each parameter, in the order of the axes from the left; the last axis has none."""

    def __init__(self, store: Store, actions: Actions, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(store, actions, scene, parent=parent)
        self._axes: list[Axis] = []
        self._layer_of_lines = CurveLayer()
        self._lines: Curves | None = None
        self._focus_axis = 0
        self.brush = ValueBrush(store, scene)
        self._over: QImage | None = None
        self.setAccessibleName("Parallel coordinates")

    def show_space(self, space: Space) -> None:
        """Axes for these parameters."""
        self.drags = tuple(AxisDrag(self.store, parameter) for parameter in space)
        self._focus_axis = 0
        self.rescaled()

    def rescaled(self) -> None:
        """The scale of the objective changed."""
        self._axes = [UnitAxis(drag.parameter) for drag in self.drags]
        self._axes.append(UnitAxis(self.scene.scale.axis))
        self.set_ranges((-SIDE, len(self.drags) + SIDE), (-0.03, 1.03))
        self.region_moved()
        self.redraw()

    def region_moved(self) -> None:
        if not self.brush.is_held:
            self.brush.settle()
        super().region_moved()
        if self.brush.band is not None:
            self.setAccessibleDescription(f"{self.brush.words}; {self.accessibleDescription()}")

    def ground_outdated(self) -> None:
        super().ground_outdated()
        self._over = None

    # --- data ---

    def places(self, rows: Indices | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
        """No points: lines instead."""
        del rows
        nothing = np.zeros(0)
        return nothing, nothing, np.zeros(0, dtype=np.uint8)

    def running_places(self, rows: Indices) -> tuple[Floats, Floats]:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)

    def data_outdated(self) -> None:
        super().data_outdated()
        self._lines = None

    def take(self, rows: Indices) -> None:
        if self._lines is None or not len(rows):
            return
        lines = self._lines.with_room_for(int(rows.max()) + 1)
        lines.ys[rows] = self._heights(rows)
        lines.classes[rows] = self._classes(rows)
        self._lines = lines
        self._layer_of_lines.add(lines, rows)

    def _heights(self, rows: Indices) -> Floats:
        """Where the lines of some trials cross the axes, ``[n, axes]``, in pixels from the top of the frame."""
        history = self.store.history
        columns = [spread_units(drag.parameter, history.units(drag.parameter)[rows], rows) for drag in self.drags]
        columns.append(np.clip(self.scene.heights[rows], 0.0, 1.0))
        return self.frame.pys(np.column_stack(columns)) - self.frame.top

    def _classes(self, rows: Indices) -> Indices:
        return classes_of(self.scene.levels[rows], self.scene.marks[rows] != Mark.VALUE)

    def _begin(self) -> None:
        rows = np.flatnonzero(self.scene.marks != Mark.NONE)
        count = len(self.scene.marks)
        ys = np.full((count, len(self._axes)), np.nan)
        classes = np.zeros(count, dtype=np.intp)
        if len(rows):
            ys[rows], classes[rows] = self._heights(rows), self._classes(rows)
        xs = np.array([self.frame.px(float(index)) for index in range(len(self._axes))]) - self.frame.left
        self._lines = Curves(xs, ys, classes, np.zeros(count, dtype=bool))
        self._layer_of_lines.begin(
            self._lines, rows, width=self.frame.width, height=self.frame.height,
            ratio=self.devicePixelRatioF(), theme=self.theme,
        )  # fmt: skip

    def picture(self) -> Picture:
        return parallel_picture(self.scene.shown())

    def numbers(self) -> PlotTable:
        return parameters_table(self.scene.shown(), list(self.store.plan.space), name="parallel", seeds=False)

    # --- painting ---

    def paint_data(self, painter: QPainter) -> None:
        if self._lines is None:
            self._begin()
        self._layer_of_lines.work(WORK_SECONDS)
        self._layer_of_lines.paint(painter, self.frame.left, self.frame.top)
        if not self._layer_of_lines.is_finished:
            self.update()

    def paint_over(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, color, width in self._on_top():
            self._paint_line(painter, number, color, width)
        painter.drawImage(0, 0, self._kept_axes())
        if self.shows_focus:
            x = round(self.frame.px(float(self._focus_axis)))
            area = QRectF(x - BRUSH - 3, self.frame.top, 2 * BRUSH + 6, self.frame.height)
            region_paint.paint_focus(painter, area, self.theme)

    def _kept_axes(self) -> QImage:
        """The axes lie over the lines, so they are a picture of their own; their words cost more than all lines."""
        ratio = self.devicePixelRatioF()
        if self._over is None or self._over.devicePixelRatio() != ratio:
            size = round(self.width() * ratio), round(self.height() * ratio)
            self._over = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
            self._over.setDevicePixelRatio(ratio)
            self._over.fill(0)
            painter = QPainter(self._over)
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            for index in range(len(self._axes)):
                self._paint_axis(painter, index)
            painter.end()
        return self._over

    def _on_top(self) -> list[tuple[int, QColor, float]]:
        """The lines that are drawn by themselves, the last one on top."""
        shown = {number: (self.theme.color("selected"), 2.6) for number in self.store.selection[:MOST_ON_TOP]}
        if self.scene.best is not None:
            shown.setdefault(self.scene.best, (self.theme.color("good"), 2.6))
        if self.hovered is not None:
            shown[self.hovered] = (self.theme.color("text"), 2.0)
        return [(number, *how) for number, how in reversed(shown.items())]

    def _paint_line(self, painter: QPainter, number: int, color: QColor, width: float) -> None:
        if number > len(self.scene.marks):
            return
        heights = self._heights(np.array([number - 1], dtype=np.intp))[0] + self.frame.top
        points = [QPointF(self.frame.px(float(i)), y) for i, y in enumerate(heights.tolist()) if np.isfinite(y)]
        pieces = [QLineF(start, end) for start, end in itertools.pairwise(points)]
        # Pieces without joins, through which nothing shines: a line in one piece takes Qt forty times as long.
        for pen in (QPen(self.theme.color("background"), width + 2), QPen(color, width)):
            painter.setPen(pen)
            painter.drawLines(pieces)

    def _paint_axis(self, painter: QPainter, index: int) -> None:
        x, area = round(self.frame.px(float(index))), self.frame
        painter.setPen(QPen(self.theme.color("secondary_text"), 1))
        painter.drawLine(QPointF(x, area.py(1.0)), QPointF(x, area.py(0.0)))
        if index < len(self.drags):
            self._paint_brush(painter, self.drags[index], x)
        elif self.brush.band is not None:
            self._paint_part(painter, x, self.brush.edges, pending=True)
        self._paint_ticks(painter, index, x)
        self._paint_name(painter, index, x)

    def _paint_brush(self, painter: QPainter, drag: AxisDrag, x: int) -> None:
        """The part of the axis that would hold, where it is not all of it."""
        for spans, pending in ((drag.current_spans, False), (drag.spans, True)):
            if (pending and not drag.is_pending) or (not pending and spans == FULL):
                continue
            for span in spans:
                self._paint_part(painter, x, span, pending=pending)

    def _paint_part(self, painter: QPainter, x: int, span: Span, *, pending: bool) -> None:
        low, high = span
        role = "pending" if pending else "region"
        top, bottom = self.frame.py(high), self.frame.py(low)
        part = QRectF(x - BRUSH, top, 2 * BRUSH, max(bottom - top, 2.0))
        painter.fillRect(part, self.theme.color(role, 0.18))
        painter.setPen(QPen(self.theme.color(role), 2 if pending else 1))
        painter.drawLine(part.topLeft(), part.topRight())
        painter.drawLine(part.bottomLeft(), part.bottomRight())

    def _paint_ticks(self, painter: QPainter, index: int, x: int) -> None:
        painter.setFont(self.tick_font)
        metrics = QFontMetricsF(self.tick_font)
        room = self._spacing * 0.6
        ground, ink = self.theme.color("background", 0.75), self.theme.color("secondary_text")
        for tick in fitting_ticks(
            self._axes[index], 0.0, 1.0, self.frame.height, size=lambda _: metrics.height() * 0.8, gap=18
        ):
            text = metrics.elidedText(tick.label, Qt.TextElideMode.ElideRight, room)
            y, width = self.frame.py(tick.unit), metrics.horizontalAdvance(text)
            painter.setPen(QPen(ink, 1))
            painter.drawLine(QPointF(x - 3, round(y)), QPointF(x + 3, round(y)))
            painter.fillRect(
                QRectF(x - width - 9, y - metrics.capHeight() / 2 - 3, width + 4, metrics.capHeight() + 6), ground
            )
            painter.drawText(QPointF(x - width - 7, y + metrics.capHeight() / 2), text)

    def _paint_name(self, painter: QPainter, index: int, x: int) -> None:
        is_value = index == len(self.drags)
        name = self.scene.scale.metric if is_value else self.drags[index].parameter.name
        font = scaled_font(self.font(), 1.0, bold=True)
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self._spacing - 6)
        width = metrics.horizontalAdvance(text)
        left = min(max(x - width / 2, 2.0), self.width() - width - 2)
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        painter.drawText(QPointF(left, self.frame.top - 7), text)

    @property
    def _spacing(self) -> float:
        return self.frame.width / max(len(self._axes) - 1 + 2 * SIDE, 1)

    # --- places ---

    def trial_at(self, position: QPointF) -> int | None:
        if self._lines is None or not len(self._lines.ys):
            return None
        x, y = position.x() - self.frame.left, position.y() - self.frame.top
        row = nearest_curve(self._lines.xs, self._lines.ys, x, y, reach=LINE_REACH)
        return None if row is None else row + 1

    def axis_at(self, position: QPointF) -> int | None:
        """The parameter's axis under the mouse."""
        index = self._any_axis_at(position)
        return None if index == len(self.drags) else index

    def _any_axis_at(self, position: QPointF) -> int | None:
        """The same for all axes; the last one is the objective's."""
        index = round(self.frame.x_at(position.x()))
        if not 0 <= index <= len(self.drags):
            return None
        return index if abs(self.frame.px(float(index)) - position.x()) <= AXIS_REACH else None

    def _value_grab(self, position: QPointF) -> Grab | None:
        """What a press grabs of the objective's axis; there is nothing to choose before a trial has finished."""
        if not self.scene.scale.basis or self._any_axis_at(position) != len(self.drags):
            return None
        return self.brush.grab_at(self.unit(0, position), reach=self.reach(0))

    def unit(self, axis: int, position: QPointF) -> float:
        del axis
        return self.frame.y_at(position.y())

    def pixel(self, axis: int) -> float:
        del axis
        return self.frame.y_per_pixel

    def grabs_at(self, position: QPointF) -> tuple[Grab | None, ...]:
        on = self.axis_at(position)
        return tuple(self._grab(drag, position) if index == on else None for index, drag in enumerate(self.drags))

    def _grab(self, drag: AxisDrag, position: QPointF) -> Grab:
        if not drag.has_edges:
            return Grab.BACKGROUND
        return grab_at(self.unit(0, position), drag.edges, reach=self.reach(0), movable=drag.is_pending)

    # --- the mouse and the keyboard ---

    def hold_at(self, position: QPointF) -> None:
        on = self._any_axis_at(position)
        self._focus_axis = self._focus_axis if on is None else on
        grab = self._value_grab(position)
        if grab is None:
            super().hold_at(position)
            return
        self.brush.hold(grab, self.unit(0, position))
        if grab in (Grab.LOW, Grab.HIGH):
            self.handle = grab

    def drag_to(self, position: QPointF, *, snapping: bool) -> None:
        if not self.brush.is_held:
            super().drag_to(position, snapping=snapping)
            return
        self.brush.drag_to(self.unit(0, position), pixel=self.pixel(0), snapping=snapping)
        self.region_moved()

    def swept(self) -> None:
        if self.brush.is_held:
            self.brush.finish()
            self.region_moved()

    def let_go(self) -> None:
        self.brush.release()
        super().let_go()

    def take_back(self) -> None:
        if self.brush.is_held:
            self.brush.take_back()
        super().take_back()
        self.region_moved()

    def clicked(self, position: QPointF, *, adding: bool) -> None:
        """On a choice of an axis: keep it or leave it out. Anywhere else: the trial."""
        on = self.axis_at(position)
        if on is not None:
            parameter = self.drags[on].parameter
            self.store.show_parameter(parameter.name)
            if isinstance(parameter, ChoiceParameter) and not adding:
                index = choice_index(parameter, self.unit(on, position))
                self.propose(parameter, toggled(parameter, self.drags[on].extent, index))
                return
        super().clicked(position, adding=adding)

    def _cursor(self, grabs: tuple[Grab | None, ...], *, on_point: bool) -> Qt.CursorShape:
        held = [grab for grab in grabs if grab is not None]
        value = None if self.mouse is None or not grabs else self._value_grab(self.mouse)
        if value is not None:
            held.append(value)
        if held:
            shapes = {Grab.BAND: Qt.CursorShape.OpenHandCursor, Grab.BACKGROUND: Qt.CursorShape.CrossCursor}
            return shapes.get(held[0], Qt.CursorShape.SplitVCursor)
        return Qt.CursorShape.PointingHandCursor if on_point else Qt.CursorShape.ArrowCursor

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        direction = {Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}.get(Qt.Key(event.key()))
        if step is not None and self.drags:
            self.shows_focus = True
            self._go_to_axis(self._focus_axis + step)
        elif direction is not None and self.drags:
            self.shows_focus = True
            coarse = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.move_handle(self._focus_axis, direction, coarse=coarse)
        elif event.key() == Qt.Key.Key_Escape and not self.is_dragging and self.brush.band is not None:
            # Where the box is what holds already, nothing is pending that could be dropped.
            self.brush.drop()
            self.ground_outdated()
            super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def _go_to_axis(self, index: int) -> None:
        last = len(self.drags) if self.scene.scale.basis else len(self.drags) - 1
        self._focus_axis = min(max(index, 0), last)
        if self._focus_axis < len(self.drags):
            self.store.show_parameter(self.drags[self._focus_axis].parameter.name)
        elif self.brush.band is None:
            self.handle = self.brush.worse_end
        self.update()

    def move_handle(self, axis: int, direction: int, *, coarse: bool) -> None:
        if axis < len(self.drags):
            super().move_handle(axis, direction, coarse=coarse)
            return
        self.brush.nudge(self.handle, direction, coarse=coarse, pixel=self.pixel(0))
        self.brush.select()
        self.region_moved()
