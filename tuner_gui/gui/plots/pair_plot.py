"""Two parameters against each other: colour stands for the objective, a rectangle for the region."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from tuner_gui.gui import settings
from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.of_trials import pair_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import parameters_table
from tuner_gui.gui.plots import region_paint
from tuner_gui.gui.plots.axes import UnitAxis
from tuner_gui.gui.plots.axis_drag import FULL, AxisDrag
from tuner_gui.gui.plots.drag import Grab, grab_rectangle
from tuner_gui.gui.plots.estimate_field import EstimateField
from tuner_gui.gui.plots.frame import Range, zoomed
from tuner_gui.gui.plots.region_plot import RegionPlot
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.strokes import paint_handle
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.ticks import format_in
from tuner_gui.space.unit import value_at
from tuner_gui.study.plotdata import PLANE_STEPS, Floats, Indices, spread_units, styles_without_axis

FULL_VIEW = (-0.02, 1.02)
CHOICE_VIEW = (0.0, 1.0)
COLOR_STEPS = 6
_ESTIMATE_KEY = "pairs/estimate"


class PairPlot(RegionPlot):
    """A left drag sweeps out a rectangle; its edges, corners and inside can be dragged.

    ``estimate_changed`` once another estimate lies between the trials, or none.
    """

    estimate_changed = Signal()

    def __init__(self, store: Store, actions: Actions, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(store, actions, scene, steps=COLOR_STEPS, parent=parent)
        self.field = EstimateField(store)
        self._shows_estimate = settings.load_choice(_ESTIMATE_KEY, "on") == "on"
        self._with_field: tuple[tuple[int, int], QPixmap] | None = None

    def show_pair(self, x: Parameter, y: Parameter) -> None:
        """Put two parameters on the axes, each over its full range."""
        self.drags = (AxisDrag(self.store, x), AxisDrag(self.store, y))
        self.x_axis, self.y_axis = UnitAxis(x), UnitAxis(y)
        self.title, self.x_label = f"↑ {y.name}", f"{x.name} →"
        self.setAccessibleName(f"{y.name} against {x.name}, coloured by {self.scene.scale.metric}")
        self.frame = self.frame.showing(_full_view(x), _full_view(y))
        self.redraw()
        self.region_moved()

    # --- data ---

    def places(self, rows: Indices | None) -> tuple[Floats, Floats, NDArray[np.uint8]]:
        if len(self.drags) < 2:
            return np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.uint8)
        at: Indices | slice = slice(None) if rows is None else rows
        x, y = self._spread(rows)
        return self.frame.pxs(x), self.frame.pys(y), styles_without_axis(self.scene.marks[at])

    def _spread(self, rows: Indices | None) -> list[Floats]:
        at: Indices | slice = slice(None) if rows is None else rows
        return [
            spread_units(drag.parameter, self.store.history.units(drag.parameter)[at], rows, step=step)
            for drag, step in zip(self.drags, PLANE_STEPS, strict=True)
        ]

    def running_places(self, rows: Indices) -> tuple[Floats, Floats]:
        if len(self.drags) < 2:
            return (np.full(len(rows), np.nan),) * 2
        x, y = self._spread(rows)
        return self.frame.pxs(x), self.frame.pys(y)

    def picture(self) -> Picture | None:
        if len(self.drags) < 2:
            return None
        field = self.field.as_layer() if self.shows_estimate else None
        return pair_picture(self.scene.shown(), *self._shown, (self.frame.x_range, self.frame.y_range), field)

    def numbers(self) -> PlotTable | None:
        if len(self.drags) < 2:
            return None
        x, y = self._shown
        return parameters_table(self.scene.shown(), [x, y], name=f"{y.name}-{x.name}", seeds=False)

    # --- the estimate ---

    @property
    def shows_estimate(self) -> bool:
        return self._shows_estimate and len(self.drags) == 2

    @Slot(bool)
    def show_estimate(self, on: bool) -> None:
        """Paint the estimate between the trials, or only these; remembered between starts."""
        self._shows_estimate = on
        settings.save_choice(_ESTIMATE_KEY, "on" if on else "off")
        self.ground_outdated()
        self.estimate_changed.emit()

    @property
    def contours(self) -> list[float]:
        """The shares around which the estimate has a line."""
        return self.field.contours if self.shows_estimate else []

    def estimate_outdated(self) -> None:
        """Trials have ended. Few of many change nothing that could be seen, and nothing is painted then."""
        if self.shows_estimate and self.field.is_stale(*self._shown):
            self.ground_outdated()

    @property
    def _shown(self) -> tuple[Parameter, Parameter]:
        return self.drags[0].parameter, self.drags[1].parameter

    def painted_ground(self, back: QPixmap) -> QPixmap:
        if not self.shows_estimate:
            return super().painted_ground(back)
        if self.field.is_stale(*self._shown):
            self.field.follow(*self._shown)
            self.estimate_changed.emit()
        key = back.cacheKey(), self.field.version
        if self._with_field is None or self._with_field[0] != key:
            self._with_field = key, self._field_on(back)
        return super().painted_ground(self._with_field[1])

    def _field_on(self, back: QPixmap) -> QPixmap:
        ground = back.copy()
        painter = QPainter(ground)
        painter.setClipRect(self.area)
        self.field.paint(painter, self.frame, self.theme)
        painter.end()
        return ground

    def add_to_menu(self, menu: QMenu) -> None:
        menu.addSeparator()
        action = menu.addAction("Estimate between the trials")
        action.setCheckable(True)
        action.setChecked(self._shows_estimate)
        action.toggled.connect(self.show_estimate)

    # --- painting ---

    def paint_region(self, painter: QPainter) -> None:
        if len(self.drags) < 2:
            return
        painter.setClipRect(self.area)
        shown = self._parts([drag.spans for drag in self.drags])
        pending = any(drag.is_pending for drag in self.drags)
        narrow = any(drag.is_narrow for drag in self.drags)
        if narrow:
            region_paint.paint_outside(painter, self.area, shown, self.theme)
        if pending or narrow:
            for part in shown:
                region_paint.paint_tint(painter, part, self.theme, pending=pending)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if any(drag.current_spans != FULL for drag in self.drags):
            painter.setPen(region_paint.edge_pen(self.theme, pending=False))
            painter.drawRects(self._parts([drag.current_spans for drag in self.drags]))
        if pending:
            painter.setPen(region_paint.edge_pen(self.theme, pending=True))
            painter.drawRects(shown)
        painter.setClipping(False)
        self._paint_bounds(painter)

    def paint_data(self, painter: QPainter) -> None:
        if len(self.drags) == 2:
            self.paint_points(painter)

    def _parts(self, spans: list[tuple[Range, ...]]) -> list[QRectF]:
        """The rectangles of a region: several where choices that are no neighbours are kept."""
        return [self._part(x, y) for x in spans[0] for y in spans[1]]

    def _part(self, x: Range, y: Range) -> QRectF:
        left, right = (round(self.frame.px(unit)) for unit in x)
        bottom, top = (round(self.frame.py(unit)) for unit in y)
        return QRectF(left, top, right - left, bottom - top)

    def paint_over(self, painter: QPainter) -> None:
        if len(self.drags) < 2:
            return
        if self.shows_estimate:
            self.field.paint_contours(painter, self.frame, self.theme)
        self.paint_live(painter)
        self._paint_guide(painter)
        self._paint_handles(painter)
        if self.shows_focus:
            region_paint.paint_focus(painter, self.area, self.theme)

    def _paint_handles(self, painter: QPainter) -> None:
        pending = any(drag.is_pending for drag in self.drags)
        near = self.mouse is not None or self.shows_focus
        if not pending and not (near and any(drag.is_narrow for drag in self.drags)):
            return
        color, ground = self.theme.color("pending" if pending else "region"), self.theme.color("background")
        x, y = (drag.edges for drag in self.drags)
        rectangle = self._part(x, y)
        if self.drags[0].has_edges and self.drags[0].is_narrow:
            for place in (rectangle.left(), rectangle.right()):
                paint_handle(painter, place, rectangle.center().y(), color=color, ground=ground, filled=False)
        if self.drags[1].has_edges and self.drags[1].is_narrow:
            for place in (rectangle.top(), rectangle.bottom()):
                paint_handle(
                    painter, rectangle.center().x(), place, color=color, ground=ground, filled=False, upright=False
                )

    def _paint_bounds(self, painter: QPainter) -> None:
        """The values of the rectangle on both axes."""
        for axis, drag in enumerate(self.drags):
            if drag.has_edges and (drag.is_narrow or drag.is_pending):
                labels = list(zip(drag.edges, drag.edge_labels, strict=True))
                self._paint_chips(painter, axis, labels, "pending" if drag.is_pending else "region")

    def _paint_guide(self, painter: QPainter) -> None:
        """The values under the mouse where a press would begin, on the axes that have none of the rectangle."""
        if self.mouse is None or self.hovered is not None or self.is_dragging or not self._is_free(self.mouse):
            return
        for axis, drag in enumerate(self.drags):
            if drag.has_edges and not (drag.is_narrow or drag.is_pending):
                unit = self.unit(axis, self.mouse)
                text = format_in(drag.parameter, value_at(drag.parameter, unit), 3)
                self._paint_chips(painter, axis, [(unit, text)], "secondary_text")

    def _is_free(self, position: QPointF) -> bool:
        return self.area.contains(position) and self.grabs_at(position) == (Grab.BACKGROUND, Grab.BACKGROUND)

    def _paint_chips(self, painter: QPainter, axis: int, labels: list[tuple[float, str]], role: str) -> None:
        font = self.tick_font
        if axis == 0:
            xs = [(self.frame.px(unit), text) for unit, text in labels]
            chips = region_paint.chips_below(xs, font=font, top=self.area.bottom() + 2, low=1, high=self.width() - 1)
        else:
            ys = [(self.frame.py(unit), text) for unit, text in reversed(labels)]
            top, bottom = self.frame.top - 9, self.area.bottom() + 9
            chips = region_paint.chips_beside(ys, font=font, right=self.frame.left - 2, low=top, high=bottom)
        over = self.x_labels if axis == 0 else self.y_labels
        region_paint.paint_chips(painter, chips, over, font=font, theme=self.theme, role=role)

    # --- the mouse ---

    def grabs_at(self, position: QPointF) -> tuple[Grab | None, ...]:
        if len(self.drags) < 2:
            return ()
        x, y = self.drags
        return grab_rectangle(
            self.unit(0, position), self.unit(1, position), (_draggable(x), _draggable(y)),
            reach=(self.reach(0), self.reach(1)), movable=x.is_pending or y.is_pending,
        )  # fmt: skip

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an axis, or on an edge: type its values. Anywhere else: show all again."""
        position = event.position()
        grabs = self.grabs_at(position)
        if position.y() > self.area.bottom() or (grabs and grabs[0] in (Grab.LOW, Grab.HIGH)):
            self.type_values(self.drags[0])
        elif position.x() < self.area.left() or (len(grabs) > 1 and grabs[1] in (Grab.LOW, Grab.HIGH)):
            self.type_values(self.drags[1])
        elif self.drags:
            self.set_ranges(*(_full_view(drag.parameter) for drag in self.drags))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms with Ctrl only: a wheel that turns in passing changes nothing."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier or len(self.drags) < 2:
            event.ignore()
            return
        factor = 0.85 ** (event.angleDelta().y() / 120)
        position, (x, y) = event.position(), self.drags
        self.set_ranges(
            zoomed(self.frame.x_range, self.unit(0, position), factor, widest=_full_view(x.parameter)),
            zoomed(self.frame.y_range, self.unit(1, position), factor, widest=_full_view(y.parameter)),
        )
        event.accept()


def _full_view(parameter: Parameter) -> Range:
    return CHOICE_VIEW if isinstance(parameter, ChoiceParameter) else FULL_VIEW


def _draggable(drag: AxisDrag) -> Range:
    """The edges that can be grabbed along an axis: choices have none."""
    return drag.edges if drag.has_edges else (0.0, 1.0)
