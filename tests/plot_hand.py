"""A hand on a plot: presses, drags and looks at pixels, as a person would."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tuner_gui.gui.plots.canvas import Canvas

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def place(plot: Canvas, x: float, y: float = 0.5) -> QPoint:
    """The pixel at a place in the units of the plot's axes."""
    return QPoint(round(plot.frame.px(x)), round(plot.frame.py(y)))


def drag(
    plot: Canvas,
    start: QPoint,
    end: QPoint,
    *,
    modifier: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
    release: bool = True,
) -> None:
    """Press, move in a few steps, release."""
    QTest.mousePress(plot, button, modifier, start)
    for share in (0.3, 0.6, 1.0):
        _move(plot, start + (end - start) * share, button, modifier)
    if release:
        QTest.mouseRelease(plot, button, modifier, end)


def _move(plot: QWidget, to: QPoint, button: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
    # QTest.mouseMove knows neither buttons nor modifiers.
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    position = QPointF(to)
    event = QMouseEvent(
        QEvent.Type.MouseMove, position, plot.mapToGlobal(position), Qt.MouseButton.NoButton, button, modifier
    )
    QApplication.sendEvent(plot, event)


def hover(plot: QWidget, to: QPoint) -> None:
    _move(plot, to, Qt.MouseButton.NoButton, NONE)


def turn_wheel(plot: QWidget, at: QPoint, steps: int, *, modifier: Qt.KeyboardModifier = NONE) -> None:
    position = QPointF(at)
    event = QWheelEvent(
        position, plot.mapToGlobal(position), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton, modifier,
        Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003 - Qt takes no names here
    )  # fmt: skip
    QApplication.sendEvent(plot, event)


def pixels(image: QImage) -> np.ndarray:
    """``[height, width, 4]``: blue, green, red, alpha."""
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    flat = np.frombuffer(plain.constBits(), dtype=np.uint8)
    return flat.reshape(plain.height(), plain.bytesPerLine() // 4, 4)[:, : plain.width()].copy()


def color_near(plot: QWidget, at: QPoint) -> tuple[int, int, int]:
    """Red, green and blue of one pixel of a widget."""
    color = plot.grab().toImage().pixelColor(at)
    return color.red(), color.green(), color.blue()
