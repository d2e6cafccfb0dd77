"""A plot that can be zoomed and moved freely, and that follows new data until somebody does."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from tuner_gui.gui.plots.canvas import Canvas
from tuner_gui.gui.plots.frame import Range, zoomed

DRAG_DISTANCE = 4.0
KEY_ZOOM, KEY_MOVE = 0.8, 0.1
_PANNING = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)


class ZoomPlot(Canvas):
    """The wheel zooms, a drag or the arrow keys move, Home or a double-click gives the view back.

    ``view_changed`` when the person has taken or given back the view.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.follows = True
        self._pressed: QPointF | None = None
        self._panned = False

    # --- what subclasses say ---

    @property
    def widest(self) -> tuple[Range, Range]:
        """The most that can be shown along x and y."""
        raise NotImplementedError

    def fit(self) -> None:
        """Show what is shown by itself."""
        raise NotImplementedError

    def clicked(self, position: QPointF, *, adding: bool) -> None:
        """A press of the left button without a drag."""

    def hovered_at(self, position: QPointF | None, at: QPoint) -> None:
        """The mouse is here, with no button pressed; None when it left."""

    # --- the view ---

    def follow(self) -> None:
        """Give the view back to the data."""
        self.follows = True
        self.fit()
        self.view_changed.emit()

    def take_view(self, x_range: Range, y_range: Range) -> None:
        """The person chose a view: from now on new data does not change it."""
        if (x_range, y_range) != (self.frame.x_range, self.frame.y_range):
            followed, self.follows = self.follows, False
            self.set_ranges(x_range, y_range)
            if followed:
                self.view_changed.emit()

    def move_view(self, dx: float, dy: float) -> None:
        """Move what is shown by so much of the data's own units."""
        (x, y), (widest_x, widest_y) = (self.frame.x_range, self.frame.y_range), self.widest
        self.take_view(_inside((x[0] + dx, x[1] + dx), widest_x), _inside((y[0] + dy, y[1] + dy), widest_y))

    def zoom_view(self, factor: float, around: QPointF) -> None:
        """Zoom around a place; beside the plot along that axis only."""
        x_range, y_range = self.frame.x_range, self.frame.y_range
        widest_x, widest_y = self.widest
        if around.x() >= self.frame.left:
            x_range = zoomed(x_range, self.frame.x_at(around.x()), factor, widest=widest_x)
        if around.y() <= self.area.bottom():
            y_range = zoomed(y_range, self.frame.y_at(around.y()), factor, widest=widest_y)
        self.take_view(x_range, y_range)

    # --- the mouse and the keyboard ---

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in _PANNING:
            self._pressed, self._panned = event.position(), False
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self.hovered_at(event.position(), event.globalPosition().toPoint())
            return
        moved = event.position() - self._pressed
        if self._panned or moved.manhattanLength() >= DRAG_DISTANCE:
            self._panned = True
            self._pressed = event.position()
            self.hovered_at(None, QPoint())
            self.move_view(-moved.x() * self.frame.x_per_pixel, moved.y() * self.frame.y_per_pixel)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is not None and not self._panned and event.button() is Qt.MouseButton.LeftButton:
            self.clicked(pressed, adding=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif pressed is not None and not self._panned and event.button() is Qt.MouseButton.RightButton:
            self._ask_menu(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By key only: some systems ask when the right button goes down, which may become a drag."""
        event.setAccepted(event.reason() is QContextMenuEvent.Reason.Mouse)

    def _ask_menu(self, event: QMouseEvent) -> None:
        """The menu is that of the view around the plot."""
        around = self.parentWidget()
        if around is not None:
            at, reason = event.globalPosition().toPoint(), QContextMenuEvent.Reason.Other
            QApplication.sendEvent(around, QContextMenuEvent(reason, around.mapFromGlobal(at), at))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.follow()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_view(0.85 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1)}
        zooms = {Qt.Key.Key_Plus: KEY_ZOOM, Qt.Key.Key_Equal: KEY_ZOOM, Qt.Key.Key_Minus: 1 / KEY_ZOOM}
        if key in moves:
            x, y = moves[key]
            self.move_view(
                x * KEY_MOVE * self.frame.width * self.frame.x_per_pixel,
                y * KEY_MOVE * self.frame.height * self.frame.y_per_pixel,
            )
        elif key in zooms:
            self.zoom_view(zooms[key], self.area.center())
        elif key == Qt.Key.Key_Home:
            self.follow()
        else:
            super().keyPressEvent(event)


def _inside(wanted: Range, widest: Range) -> Range:
    """A range moved so that it lies inside another one."""
    width = min(wanted[1] - wanted[0], widest[1] - widest[0])
    low = min(max(wanted[0], widest[0]), widest[1] - width)
    return low, low + width
