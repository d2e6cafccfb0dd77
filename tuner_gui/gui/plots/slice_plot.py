"""A slice: the objective against one parameter. Dragging along it chooses where the next trials are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.of_trials import slices_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import parameters_table
from tuner_gui.gui.plots import region_paint
from tuner_gui.gui.plots.axes import UnitAxis
from tuner_gui.gui.plots.axis_drag import FULL, AxisDrag
from tuner_gui.gui.plots.canvas import RAIL_HEIGHT
from tuner_gui.gui.plots.drag import Grab, choice_index, grab_at, toggled
from tuner_gui.gui.plots.frame import Frame, zoomed
from tuner_gui.gui.plots.region_plot import RegionPlot
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.strokes import paint_handle, paint_spreads
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.textbook import tier
from tuner_gui.space.ticks import format_in
from tuner_gui.space.unit import value_at
from tuner_gui.study.plotdata import Floats, Indices, Style, spread_units, styles_on_axis

FULL_VIEW = (-0.025, 1.025)
CHOICE_VIEW = (0.0, 1.0)
# Triangles at an end of the axis stand so far inside of it.
EDGE_INSET = 4.0
_INSETS = np.zeros(len(Style))
_INSETS[[Style.VALUE_BELOW, Style.OUTSIDE_BELOW]] = -EDGE_INSET
_INSETS[Style.VALUE_ABOVE] = EDGE_INSET
_ON_RAIL = np.zeros(len(Style), dtype=bool)
_ON_RAIL[[Style.DIVERGED, Style.FAILED, Style.CANCELLED]] = True


def on_value_axis(
    frame: Frame, scene: Scene, at: Indices | slice, rail_middle: float
) -> tuple[Floats, NDArray[np.uint8]]:
    """How high trials stand where their value is along y, and how they are drawn: those without one on the rail."""
    heights = scene.heights[at]
    styles = styles_on_axis(scene.marks[at], heights)
    ys = frame.pys(np.clip(heights, 0.0, 1.0)) + _INSETS[styles]
    return np.where(_ON_RAIL[styles], rail_middle, ys), styles


class SlicePlot(RegionPlot):
    """One parameter's slice. Its x axis always spans the full range, unless the person zooms with Ctrl."""

    def __init__(self, store: Store, actions: Actions, scene: Scene, parameter: Parameter) -> None:
        super().__init__(store, actions, scene)
        self.parameter = parameter
        self.drag = AxisDrag(store, parameter)
        self.drags = (self.drag,)
        self._choice = 0
        self.title = parameter.name
        number = tier(parameter.name)
        self.badge = f"tier {number}" if number is not None else ""
        self.rail = RAIL_HEIGHT
        self.x_axis = UnitAxis(parameter)
        self._full_view = CHOICE_VIEW if isinstance(parameter, ChoiceParameter) else FULL_VIEW
        self.set_ranges(self._full_view, (0.0, 1.0))
        self.rescaled()
        self.region_moved()

    # --- data ---

    def places(self, rows: Indices | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
        at: Indices | slice = slice(None) if rows is None else rows
        units = self.store.history.units(self.parameter)[at]
        ys, styles = on_value_axis(self.frame, self.scene, at, self._rail_middle)
        # A repeat stands where the first run does.
        xs = self.frame.pxs(spread_units(self.parameter, units, self.store.history.root_column[at]))
        return xs, ys, styles

    def running_places(self, rows: Indices) -> tuple[Floats, Floats]:
        history = self.store.history
        units = spread_units(self.parameter, history.units(self.parameter)[rows], history.root_column[rows])
        heights = self.scene.running_heights
        ys = np.where(np.isfinite(heights), self.frame.pys(np.clip(heights, 0.0, 1.0)), self._rail_middle)
        return self.frame.pxs(units), ys

    @property
    def _rail_middle(self) -> float:
        return self.frame.bottom + self.rail / 2 + 0.5

    def rescaled(self) -> None:
        """The axis of the objective changed."""
        self.y_axis = UnitAxis(self.scene.scale.axis)
        self.setAccessibleName(f"{self.scene.scale.metric} against {self.parameter.name}")
        self.redraw()

    def picture(self) -> Picture:
        return slices_picture(self.scene.shown(), [self.parameter], [self.frame.x_range])

    def numbers(self) -> PlotTable:
        return parameters_table(self.scene.shown(), [self.parameter], name=f"slice-{self.parameter.name}")

    # --- painting ---

    def paint_region(self, painter: QPainter) -> None:
        painter.setClipRect(self.area)
        shown = self.drag.spans
        if self.drag.is_narrow:
            region_paint.paint_outside(painter, self.area, [self._part(span) for span in shown], self.theme)
        if self.drag.is_pending or self.drag.is_narrow:
            for span in shown:
                region_paint.paint_tint(painter, self._part(span), self.theme, pending=self.drag.is_pending)
        self._paint_edges(painter, self.drag.current_spans, pending=False)
        if self.drag.is_pending:
            self._paint_edges(painter, shown, pending=True)
        painter.setClipping(False)
        if self.drag.has_edges:
            self._paint_bounds(painter)

    def _part(self, span: tuple[float, float]) -> QRectF:
        left, right = (round(self.frame.px(unit)) for unit in span)
        return QRectF(left, self.area.top(), right - left, self.area.height())

    def _paint_edges(self, painter: QPainter, found: Sequence[tuple[float, float]], *, pending: bool) -> None:
        if pending or found != FULL:
            xs = [self.frame.px(unit) for span in found for unit in span]
            region_paint.paint_edges(painter, xs, self.area, self.theme, pending=pending)

    def paint_data(self, painter: QPainter) -> None:
        self.paint_points(painter)

    def paint_over(self, painter: QPainter) -> None:
        self._paint_spreads(painter)
        self.paint_live(painter)
        self._paint_guide(painter)
        if self.drag.has_edges:
            self._paint_handles(painter)
        if self.shows_focus:
            self._paint_focus(painter)

    def _paint_spreads(self, painter: QPainter) -> None:
        """How far apart the runs of a repeated trial lie, and their mean."""
        found = self.scene.repeated
        if not len(found.rows):
            return
        units = self.store.history.units(self.parameter)[found.rows]
        xs = self.frame.pxs(spread_units(self.parameter, units, found.rows))
        ends = (self.frame.pys(np.clip(part, 0.0, 1.0)) for part in found[1:])
        places = np.column_stack([xs, *ends])
        paint_spreads(painter, places[np.isfinite(places).all(axis=1)].tolist(), self.theme)

    def _paint_handles(self, painter: QPainter) -> None:
        near = self.mouse is not None or self.is_dragging
        if not (self.drag.is_pending or self.shows_focus or (near and self.drag.is_narrow)):
            return
        color = self.theme.color("pending" if self.drag.is_pending else "region")
        y = self.frame.top + self.frame.height / 2
        for grab, unit in zip((Grab.LOW, Grab.HIGH), self.drag.edges, strict=True):
            x = self.frame.px(unit)
            if self.frame.left - 1 <= x <= self.frame.right + 1:
                filled = self.shows_focus and grab is self.handle
                paint_handle(painter, x, y, color=color, ground=self.theme.color("background"), filled=filled)

    def _paint_bounds(self, painter: QPainter) -> None:
        """The values of the interval, on the axis where values are read."""
        if self.drag.is_narrow or self.drag.is_pending:
            xs = [self.frame.px(unit) for unit in self.drag.edges]
            labels = list(zip(xs, self.drag.edge_labels, strict=True))
            self._paint_chips(painter, labels, "pending" if self.drag.is_pending else "region")

    def _paint_guide(self, painter: QPainter) -> None:
        """Where a press would begin, and its value."""
        if self.mouse is None or self.hovered is not None or self.is_dragging or not self.drag.has_edges:
            return
        unit = self.frame.x_at(self.mouse.x())
        if (
            not (0 <= unit <= 1 and self.area.contains(self.mouse))
            or self.grabs_at(self.mouse)[0] is not Grab.BACKGROUND
        ):
            return
        x = round(self.mouse.x()) + 0.5
        painter.setPen(region_paint.dashed(self.theme))
        painter.drawLine(QPointF(x, self.area.top()), QPointF(x, self.area.bottom()))
        text = format_in(self.parameter, value_at(self.parameter, unit), 3)
        self._paint_chips(painter, [(x, text)], "secondary_text")

    def _paint_chips(self, painter: QPainter, labels: list[tuple[float, str]], role: str) -> None:
        chips = region_paint.chips_below(
            labels, font=self.tick_font, top=self.area.bottom() + 2, low=1, high=self.width() - 1
        )
        region_paint.paint_chips(painter, chips, self.x_labels, font=self.tick_font, theme=self.theme, role=role)

    def _paint_focus(self, painter: QPainter) -> None:
        region_paint.paint_focus(painter, self.area, self.theme)
        if isinstance(self.parameter, ChoiceParameter):
            count = len(self.parameter.choices)
            cell = self._part((self._choice / count, (self._choice + 1) / count))
            painter.setPen(QPen(self.theme.color("region"), 1, Qt.PenStyle.DashLine))
            painter.drawRect(cell.adjusted(3, 3, -3, -3))

    # --- the mouse and the keyboard ---

    def grabs_at(self, position: QPointF) -> tuple[Grab | None, ...]:
        if not self.drag.has_edges:
            return (Grab.BACKGROUND,)
        unit = self.unit(0, position)
        return (grab_at(unit, self.drag.edges, reach=self.reach(0), movable=self.drag.is_pending),)

    def clicked(self, position: QPointF, *, adding: bool) -> None:
        """On a choice beside all trials, or on its name: keep it or leave it out."""
        self.store.show_parameter(self.parameter.name)
        beside = not self.area.contains(position) or self.trial_at(position) is None
        if beside and isinstance(self.parameter, ChoiceParameter) and not adding:
            self._choice = choice_index(self.parameter, self.unit(0, position))
            self.propose(self.parameter, toggled(self.parameter, self.drag.extent, self._choice))
        else:
            super().clicked(position, adding=adding)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a handle or on the axis: type the values. Anywhere else: show the whole axis again."""
        on_edge = self.grabs_at(event.position())[0] in (Grab.LOW, Grab.HIGH)
        if on_edge or event.position().y() > self.area.bottom():
            self.type_values(self.drag)
        else:
            self.set_ranges(self._full_view, (0.0, 1.0))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms with Ctrl only: a wheel that turns in passing changes nothing."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = 0.85 ** (event.angleDelta().y() / 120)
            around = self.frame.x_at(event.position().x())
            self.set_ranges(zoomed(self.frame.x_range, around, factor, widest=self._full_view), (0.0, 1.0))
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and isinstance(self.parameter, ChoiceParameter):
            self.propose(self.parameter, toggled(self.parameter, self.drag.extent, self._choice))
        else:
            super().keyPressEvent(event)

    def move_handle(self, axis: int, direction: int, *, coarse: bool) -> None:
        if isinstance(self.parameter, ChoiceParameter):
            self._choice = min(max(self._choice + direction, 0), len(self.parameter.choices) - 1)
            self.update()
        else:
            super().move_handle(axis, direction, coarse=coarse)
