"""A plot on which the next region is chosen: by dragging with the left button, with the arrow keys, or typed.

Along each axis lies a parameter, or the objective, which is not dragged.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plot_out import add_plot_entries
from tuner_gui.gui.plots.axis_drag import AxisDrag
from tuner_gui.gui.plots.drag import REACH_PIXELS, Grab, nudged
from tuner_gui.gui.plots.range_editor import RangeEditor
from tuner_gui.gui.plots.region_menu import region_menu
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.selecting import select_clicked
from tuner_gui.gui.plots.trial_plot import DRAG_DISTANCE, TrialPlot
from tuner_gui.gui.store import Store
from tuner_gui.gui.try_dialog import TryDialog
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.region import Extent, Region
from tuner_gui.space.unit import value_at

_EDGES = (Grab.LOW, Grab.HIGH)


class RegionPlot(TrialPlot):
    """``drags`` has one entry for x and, where a parameter lies along y as well, one for y."""

    def __init__(
        self, store: Store, actions: Actions, scene: Scene, *, steps: int = 1, parent: QWidget | None = None
    ) -> None:
        super().__init__(store, actions, scene, steps=steps, parent=parent)
        self.drags: tuple[AxisDrag, ...] = ()
        self.handle = Grab.LOW
        self.mouse: QPointF | None = None
        self.shows_focus = False
        self._pressed: QPointF | None = None
        self._swept = False
        self._before: Region | None = None
        self._asked_at = QPointF()

    # --- what subclasses say ---

    def grabs_at(self, position: QPointF) -> tuple[Grab | None, ...]:
        """What a press would hold along each axis; None where that axis stays as it is."""
        raise NotImplementedError

    def picture(self) -> Picture | None:
        """What is drawn, to leave the window; None while there is nothing."""
        raise NotImplementedError

    def numbers(self) -> PlotTable | None:
        """The table with the numbers that are drawn; None while there is nothing."""
        raise NotImplementedError

    def paint_region(self, painter: QPainter) -> None:
        """What shows the region under the data; it stays until the region changes."""

    def clicked(self, position: QPointF, *, adding: bool) -> None:
        """A press without a drag."""
        number = self.trial_at(position) if self.area.contains(position) else None
        select_clicked(self.store, number, adding=adding)

    def region_moved(self) -> None:
        """The current or the pending region changed."""
        state = "pending" if any(drag.is_pending for drag in self.drags) else "region"
        words = "; ".join(f"{drag.parameter.name} {drag.words}" for drag in self.drags)
        self.setAccessibleDescription(f"{state}: {words}. Arrow keys move a handle, Tab changes it.")
        self.ground_outdated()

    def painted_ground(self, back: QPixmap) -> QPixmap:
        """With the region: its veil over half of a plot costs more than all points from their kept picture."""
        ground = back.copy()
        painter = QPainter(ground)
        self.paint_region(painter)
        painter.end()
        return ground

    # --- coordinates ---

    def unit(self, axis: int, position: QPointF) -> float:
        return self.frame.x_at(position.x()) if axis == 0 else self.frame.y_at(position.y())

    def pixel(self, axis: int) -> float:
        return self.frame.x_per_pixel if axis == 0 else self.frame.y_per_pixel

    def reach(self, axis: int) -> float:
        return REACH_PIXELS * self.pixel(axis)

    @property
    def is_dragging(self) -> bool:
        return self._pressed is not None

    def can_press(self, position: QPointF) -> bool:
        """On the plot, beside it or on its axis, but not on its title."""
        return position.y() >= self.frame.top - 2

    # --- the mouse ---

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self.can_press(event.position()):
            super().mousePressEvent(event)
            return
        self._pressed, self._swept = event.position(), False
        self._before = self.store.pending
        self.hold_at(event.position())
        self.update()

    def hold_at(self, position: QPointF) -> None:
        """Hold what a press here grabs."""
        grabs = self.grabs_at(position)
        for axis, (drag, grab) in enumerate(zip(self.drags, grabs, strict=True)):
            if grab is not None:
                drag.hold(grab, self.unit(axis, position))
        held = [grab for grab in grabs if grab in _EDGES]
        if held:
            self.handle = held[0] or self.handle

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover_at(event.position(), event.globalPosition().toPoint())
            return
        moved = (event.position() - self._pressed).manhattanLength()
        if not self._swept and moved < DRAG_DISTANCE:
            return
        self._swept = True
        self.hover(None, QPoint())
        exact = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self.drag_to(event.position(), snapping=not exact)

    def drag_to(self, position: QPointF, *, snapping: bool) -> None:
        """Make pending what is held, dragged to here."""
        self.store.set_pending_extents(
            {
                drag.parameter.name: drag.extent_at(
                    self.unit(axis, position), pixel=self.pixel(axis), snapping=snapping
                )
                for axis, drag in enumerate(self.drags)
                if drag.held is not None
            }
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            super().mouseReleaseEvent(event)
            return
        pressed, swept = self._pressed, self._swept
        if swept:
            self.swept()
        self.let_go()
        if not swept:
            self.clicked(pressed, adding=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        self._hover_at(event.position(), event.globalPosition().toPoint())

    def swept(self) -> None:
        """A drag is over; what it proposed stays pending."""

    def let_go(self) -> None:
        """Nothing is held any more."""
        self._pressed = None
        for drag in self.drags:
            drag.release()
        self.update()

    def _hover_at(self, position: QPointF, at: QPoint) -> None:
        self.mouse = position
        on_plot = self.can_press(position)
        grabs = self.grabs_at(position) if on_plot else ()
        on_edge = any(grab in _EDGES for grab in grabs)
        number = self.trial_at(position) if self.area.contains(position) and not on_edge else None
        self.hover(number, at)
        self.setCursor(self._cursor(grabs, on_point=number is not None))
        self.update()

    def _cursor(self, grabs: tuple[Grab | None, ...], *, on_point: bool) -> Qt.CursorShape:
        if not grabs:
            return Qt.CursorShape.ArrowCursor
        if on_point:
            return Qt.CursorShape.PointingHandCursor
        x, y = grabs[0], grabs[1] if len(grabs) > 1 else None
        if x in _EDGES and y in _EDGES:
            return Qt.CursorShape.SizeBDiagCursor if x is y else Qt.CursorShape.SizeFDiagCursor
        if x in _EDGES or y in _EDGES:
            return Qt.CursorShape.SplitHCursor if x in _EDGES else Qt.CursorShape.SplitVCursor
        return Qt.CursorShape.OpenHandCursor if Grab.BAND in grabs else Qt.CursorShape.CrossCursor

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.mouse = None
        self.update()

    # --- keys ---

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's own
        """Tab goes to the other handle first, then on to the next widget."""
        wanted = Grab.HIGH if forward else Grab.LOW
        if self.handle is wanted or not any(drag.has_edges for drag in self.drags):
            return super().focusNextPrevChild(forward)
        self.handle = wanted
        self.update()
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.handle = Grab.LOW if event.reason() is Qt.FocusReason.TabFocusReason else Grab.HIGH
        # A window that opens gives the keyboard to some plot; nobody needs to be shown that.
        self.shows_focus = event.reason() is not Qt.FocusReason.ActiveWindowFocusReason or self.shows_focus
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.shows_focus = self.shows_focus and event.reason() is Qt.FocusReason.ActiveWindowFocusReason
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Down: (1, -1), Qt.Key.Key_Up: (1, 1)}
        axis, direction = moves.get(Qt.Key(event.key()), (None, 0))
        coarse = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.shows_focus = True
        if event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self.take_back()
        elif axis is not None and axis < len(self.drags):
            self.move_handle(axis, direction, coarse=coarse)
        else:
            super().keyPressEvent(event)

    def take_back(self) -> None:
        """As it was before the drag."""
        self.let_go()
        self.store.set_pending(self._before)

    def move_handle(self, axis: int, direction: int, *, coarse: bool) -> None:
        drag = self.drags[axis]
        if not isinstance(drag.parameter, ChoiceParameter):
            self.propose(drag.parameter, nudged(drag.parameter, drag.extent, self.handle, direction, coarse=coarse))

    def propose(self, parameter: Parameter, extent: Extent) -> None:
        """Make an extent pending."""
        self.store.set_pending_extents({parameter.name: extent})

    # --- the menu, and what is typed ---

    def add_to_menu(self, menu: QMenu) -> None:
        """Subclasses add entries of their own."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._asked_at = QPointF(event.pos())
        menu = region_menu(
            self, self.store, self._actions, self.drags, type_values=self.type_values, try_here=self.ask_trial
        )
        self.add_to_menu(menu)
        add_plot_entries(menu, self, self, self.store.path)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def ask_trial(self) -> TryDialog:
        """The form for a trial of one's own: the values under the mouse, the rest as the best trial has it."""
        plan, best = self.store.plan, self.scene.best
        values = {p.name: value_at(p, 0.5) for p in plan.space}
        if best is not None:
            trial = self.store.history.trial(best)
            values |= {name: value for name in values if (value := trial.value_of(name)) is not None}
        grabs = self.grabs_at(self._asked_at)
        for axis, (drag, grab) in enumerate(zip(self.drags, grabs, strict=True)):
            if grab is not None:
                values[drag.parameter.name] = value_at(drag.parameter, self.unit(axis, self._asked_at))
        dialog = TryDialog(plan.space, values, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.asked.connect(self._try)
        dialog.open()
        return dialog

    @Slot(object, int)
    def _try(self, values: dict[str, Value], times: int) -> None:
        self._actions.try_values(values, times=times, lineage={"by": "hand"})

    def type_values(self, drag: AxisDrag) -> RangeEditor | None:
        """Open the small editor over the plot; choices are picked in the menu instead."""
        parameter = drag.parameter
        if isinstance(parameter, ChoiceParameter):
            return None
        parent = self.parentWidget() or self
        editor = RangeEditor(parent, parameter, drag.extent)
        editor.accepted.connect(self._typed)
        corner = self.mapTo(parent, QPoint(round(self.frame.left), round(self.frame.top)))
        editor.open_at(corner + QPoint(6, 6))
        return editor

    @Slot(str, object)
    def _typed(self, name: str, extent: Extent) -> None:
        self.store.set_pending_extents({name: extent})
        self.setFocus()
