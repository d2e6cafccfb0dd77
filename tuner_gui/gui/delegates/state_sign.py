"""One small sign for each state of a trial. The shapes differ, so that colour is never the only difference."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tuner_gui.gui.theme import Theme
from tuner_gui.study.events import TrialState

SIGN_SIZE = 13.0

_TONES = {
    TrialState.QUEUED: "secondary_text",
    TrialState.RUNNING: "region",
    TrialState.FINISHED: "good",
    TrialState.PRUNED: "secondary_text",
    TrialState.DIVERGED: "warning",
    TrialState.FAILED: "bad",
    TrialState.CANCELLED: "secondary_text",
}
# Strokes in a square from 0 to 1, drawn on a disc (finished, failed) or alone.
_STROKES = {
    TrialState.QUEUED: [],
    TrialState.RUNNING: [[(0.38, 0.28), (0.72, 0.5), (0.38, 0.72), (0.38, 0.28)]],
    TrialState.FINISHED: [[(0.28, 0.52), (0.44, 0.68), (0.73, 0.34)]],
    TrialState.PRUNED: [[(0.28, 0.5), (0.72, 0.5)]],
    TrialState.DIVERGED: [
        [(0.04, 0.86), (0.3, 0.62), (0.48, 0.76), (0.92, 0.12)],
        [(0.6, 0.12), (0.92, 0.12), (0.92, 0.44)],
    ],
    TrialState.FAILED: [[(0.34, 0.34), (0.66, 0.66)], [(0.66, 0.34), (0.34, 0.66)]],
    TrialState.CANCELLED: [[(0.24, 0.76), (0.76, 0.24)]],
}  # fmt: skip
_ON_DISC = (TrialState.FINISHED, TrialState.FAILED)


def tone_of(state: TrialState) -> str:
    """The role of the theme's colour for a state."""
    return _TONES[state]


def paint_state(painter: QPainter, at: QPointF, state: TrialState, theme: Theme, *, dimmed: bool = False) -> None:
    """Paint the sign with its middle at a point."""
    color = theme.color("disabled_text" if dimmed else _TONES[state])
    square = QRectF(0, 0, SIGN_SIZE, SIGN_SIZE)
    square.moveCenter(at)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state in _ON_DISC:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(square)
        _stroke(painter, square, state, theme.color("background"), 1.6)
    else:
        if state is not TrialState.DIVERGED:
            painter.setPen(QPen(color, 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(square.adjusted(0.6, 0.6, -0.6, -0.6))
        _stroke(painter, square, state, color, 1.5)
    painter.restore()


def _stroke(painter: QPainter, square: QRectF, state: TrialState, color: QColor, width: float) -> None:
    painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for line in _STROKES[state]:
        painter.drawPolyline([QPointF(square.left() + x * SIGN_SIZE, square.top() + y * SIGN_SIZE) for x, y in line])
