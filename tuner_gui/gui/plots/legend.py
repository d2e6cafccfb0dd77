"""What the marks mean: a line of signs that names those that are on the plots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tuner_gui.gui.plots import raster
from tuner_gui.gui.plots.estimate_field import CONTOUR_WORDS, contour_pen
from tuner_gui.gui.plots.points import sprites
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.plots.strokes import paint_ring, paint_spreads, paint_star, scaled_font
from tuner_gui.gui.theme import Theme, current_theme, value_colors
from tuner_gui.space.ticks import format_in
from tuner_gui.study.plotdata import Mark, Style

BAR_WIDTH, BAR_HEIGHT = 64, 8
SIGN_WIDTH = 14.0
GAP = 12.0
_RADIUS = 4.0
_STYLES = {
    "off the axis": Style.VALUE_BELOW,
    "outside": Style.OUTSIDE,
    "diverged": Style.DIVERGED,
    "failed": Style.FAILED,
    "cancelled": Style.CANCELLED,
}
_LINES = {"best": ("good", 2.6), "running": ("text", 1.6), "outside": ("muted", 1.2)}


class Legend(QWidget):
    """Signs and words in one line; what finds no room is left out, from the end on, and stands in the tooltip."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._lines = False
        self._names_metric = False
        self._contours: Sequence[float] = ()
        self._names_seeds = True
        self._theme = current_theme()
        self._entries: list[tuple[str, str]] = []
        self._ends = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend")
        self.refresh()

    def show_lines(self) -> None:
        """Explain curves instead of points."""
        self._lines = True

    def name_metric(self) -> None:
        """Say what the colours stand for, where no axis does."""
        self._names_metric = True
        self.refresh()

    def leave_out_seeds(self) -> None:
        """Where the spread between seeds is not drawn."""
        self._names_seeds = False

    def name_contours(self, shares: Sequence[float]) -> None:
        """Explain the lines around the good part of an estimate, those of some shares."""
        self._contours = shares
        self.refresh()

    @property
    def _shows_axis(self) -> bool:
        """Only slices have an axis of the objective that a value can miss."""
        return not (self._lines or self._names_metric)

    def refresh(self) -> None:
        """Name what the scene holds now."""
        entries, ends = self._made_entries(), self._made_ends()
        if (entries, ends) != (self._entries, self._ends):
            self._entries, self._ends = entries, ends
            words = [text for _, text in entries]
            self.setToolTip("Colours go from the worst to the best value.\n" + "\n".join(words) if ends[0] else "")
            self.setAccessibleDescription(", ".join(words))
            self.update()

    def _made_ends(self) -> tuple[str, str]:
        scale = self._scene.scale
        if not scale.basis:
            return "", ""
        worst, best = (float(scale.sign * knot) for knot in (scale.knots[0], scale.knots[-1]))
        name = f"{scale.metric}  " if self._names_metric else ""
        return name + format_in(scale.axis, worst, 3), format_in(scale.axis, best, 3)

    def _made_entries(self) -> list[tuple[str, str]]:
        scene, counts = self._scene, self._scene.counts()
        present = {
            "best": scene.best is not None,
            "several seeds": self._shows_axis and self._names_seeds and len(scene.repeated.rows) > 0,
            "running": bool(scene.running),
            "off the axis": self._shows_axis and bool(np.any((scene.heights < 0) & (scene.marks == Mark.VALUE))),
            "outside": counts[Mark.OUTSIDE] > 0,
            "diverged": counts[Mark.DIVERGED] > 0,
            "failed": not self._lines and counts[Mark.FAILED] > 0,
            "cancelled": not self._lines and counts[Mark.CANCELLED] > 0,
        }
        named = [(name, name) for name, there in present.items() if there]
        return named + [(f"contour {share}", CONTOUR_WORDS[share]) for share in self._contours]

    def sizeHint(self) -> QSize:
        return QSize(200, round(QFontMetricsF(self.font()).height() + 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._theme = current_theme()
            self.update()

    # --- painting, from the right ---

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(scaled_font(self.font(), 0.9))
        metrics = QFontMetricsF(painter.font())
        kept, left = self._fitting(metrics)
        middle = self.height() / 2
        painter.setPen(self._theme.color("secondary_text"))
        if self._ends[0]:
            left = self._paint_bar(painter, left, metrics)
        for sign, text in kept:
            self._paint_sign(painter, sign, left + SIGN_WIDTH / 2, middle)
            painter.setPen(self._theme.color("secondary_text"))
            painter.drawText(QPointF(left + SIGN_WIDTH + 2, middle + metrics.capHeight() / 2), text)
            left += SIGN_WIDTH + 2 + metrics.horizontalAdvance(text) + GAP
        painter.end()

    def _fitting(self, metrics: QFontMetricsF) -> tuple[list[tuple[str, str]], float]:
        """The entries that find room, and where the line begins so that it ends at the right."""
        room = self.width() - 4.0
        bar = self._bar_width(metrics) if self._ends[0] else 0.0
        kept, used = [], bar
        for sign, text in self._entries:
            width = SIGN_WIDTH + 2 + metrics.horizontalAdvance(text) + GAP
            if used + width - GAP > room:
                break
            kept.append((sign, text))
            used += width
        return kept, max(self.width() - used, 0.0)

    def _bar_width(self, metrics: QFontMetricsF) -> float:
        return BAR_WIDTH + 8 + sum(metrics.horizontalAdvance(end) for end in self._ends) + GAP

    def _paint_bar(self, painter: QPainter, left: float, metrics: QFontMetricsF) -> float:
        baseline = self.height() / 2 + metrics.capHeight() / 2
        worst, best = self._ends
        painter.drawText(QPointF(left, baseline), worst)
        left += metrics.horizontalAdvance(worst) + 4
        area = QRectF(left, self.height() / 2 - BAR_HEIGHT / 2, BAR_WIDTH, BAR_HEIGHT)
        painter.drawImage(area, _bar(self._theme.dark))
        left += BAR_WIDTH + 4
        painter.drawText(QPointF(left, baseline), best)
        return left + metrics.horizontalAdvance(best) + GAP

    def _paint_sign(self, painter: QPainter, sign: str, x: float, y: float) -> None:
        style = _STYLES.get(sign)
        if self._lines and sign in _LINES:
            role, width = _LINES[sign]
            painter.setPen(QPen(self._theme.color(role), width))
            painter.drawLine(QPointF(x - 7, y), QPointF(x + 6, y))
        elif sign.startswith("contour"):
            painter.setPen(contour_pen(float(sign.split()[1]), self._theme))
            painter.drawLine(QPointF(x - 7, y), QPointF(x + 6, y))
        elif sign == "several seeds":
            paint_spreads(painter, [(x, y + 6, y - 6, y)], self._theme)
        elif sign == "best":
            paint_star(painter, x, y, radius=6, theme=self._theme)
        elif sign == "running":
            paint_ring(painter, x, y, radius=4, color=self._theme.color("text"), width=1.6)
        elif style is not None:
            _paint_sprite(painter, x, y, style, theme=self._theme, ratio=self.devicePixelRatioF())


@lru_cache(maxsize=2)
def _bar(dark: bool) -> QImage:
    """The colours from the worst to the best, one pixel high."""
    row = np.ascontiguousarray(value_colors(np.linspace(0, 1, BAR_WIDTH), dark=dark)[None])
    return QImage(row.data, BAR_WIDTH, 1, BAR_WIDTH * 4, QImage.Format.Format_RGBA8888).copy()


def _paint_sprite(painter: QPainter, x: float, y: float, style: Style, *, theme: Theme, ratio: float) -> None:
    """The very sprite that the plots use."""
    sprite = sprites(theme, _RADIUS, ratio)[style]
    size = 2 * sprite.reach + 1
    pixels = np.zeros((size, size), dtype=np.uint32)
    middle = np.array([sprite.reach], dtype=np.intp)
    raster.stamp(pixels, middle, middle, np.zeros(1, dtype=np.intp), sprite)
    image = QImage(pixels.data, size, size, size * 4, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(round(x - size / ratio / 2), round(y - size / ratio / 2)), image)
