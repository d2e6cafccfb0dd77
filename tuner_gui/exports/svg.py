"""Plots as inline SVG: a frame with two axes, and the few marks that a report needs. Colours are the page's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from tuner_gui.space.ticks import Tick

Floats = NDArray[np.float64]

TOP, BOTTOM, RIGHT = 30, 40, 22
WIDE_FROM = 500
_CHARACTER = 6.6
"""About how wide a character of a label is."""


@dataclass(frozen=True)
class Frame:
    """An area of ``width`` × ``height`` with room for labels at its left; places in it are unit coordinates."""

    width: int
    height: int
    left: int

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM

    def x(self, units: Floats | float) -> Floats:
        return np.asarray(self.left + np.asarray(units) * (self.right - self.left))

    def y(self, units: Floats | float) -> Floats:
        return np.asarray(self.bottom - np.asarray(units) * (self.bottom - TOP))


def frame_for(width: int, height: int, ticks: Sequence[Tick]) -> Frame:
    """A frame whose labels at the left fit."""
    longest = max((len(tick.label) for tick in ticks), default=1)
    return Frame(width, height, round(14 + _CHARACTER * longest))


def plot(frame: Frame, parts: Iterable[str], *, title: str) -> str:
    """The whole picture; ``title`` says in words what it shows, for those who cannot see it."""
    size = f'viewBox="0 0 {frame.width} {frame.height}"'
    words = escape(title)
    kind = "wide" if frame.width > WIDE_FROM else "small"
    picture = f'<svg {size} class="{kind}" role="img" aria-label="{words}"><title>{words}</title>{"".join(parts)}</svg>'
    return f'<div class="plot">{picture}</div>'


def axes(frame: Frame, xs: Sequence[Tick], ys: Sequence[Tick], *, x_name: str, y_name: str) -> str:
    """Grid, labels and names; ticks outside of the frame are left out."""
    parts = []
    for tick in ys:
        if -1e-6 <= tick.unit <= 1 + 1e-6:
            y = _at(frame.y(tick.unit))
            parts.append(f'<line class="grid" x1="{frame.left}" x2="{frame.right}" y1="{y}" y2="{y}"/>')
            parts.append(text(frame.left - 6, float(y) + 4, tick.label, anchor="end"))
    for tick in xs:
        if -1e-6 <= tick.unit <= 1 + 1e-6:
            x = _at(frame.x(tick.unit))
            parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{frame.bottom}"/>')
            parts.append(text(float(x), frame.bottom + 16, tick.label, anchor="middle"))
    middle = (frame.left + frame.right) / 2
    parts.append(text(middle, frame.height - 6, x_name, anchor="middle", kind="name"))
    parts.append(text(2, 12, y_name, anchor="start", kind="name"))
    return "".join(parts)


def text(x: float, y: float, words: str, *, anchor: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{_at(x)}" y="{_at(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def dots(frame: Frame, xs: Floats, ys: Floats, kind: str) -> str:
    """Points in one path: ten thousand of them stay a small part of a page."""
    path = "".join(f"M{_at(x)} {_at(y)}h0" for x, y in zip(frame.x(xs), frame.y(ys), strict=True))
    return f'<path class="dots {kind}" d="{path}"/>' if path else ""


def line(frame: Frame, xs: Floats, ys: Floats, kind: str, *, title: str = "") -> str:
    """A line through the points that are known."""
    known = np.isfinite(xs) & np.isfinite(ys)
    points = " ".join(f"{_at(x)},{_at(y)}" for x, y in zip(frame.x(xs[known]), frame.y(ys[known]), strict=True))
    words = f"<title>{escape(title)}</title>" if title else ""
    return f'<polyline class="line {kind}" points="{points}">{words}</polyline>' if points else ""


def band(frame: Frame, low: float, high: float, kind: str) -> str:
    """A strip of all heights between two places of the x axis."""
    x, end = float(frame.x(low)), float(frame.x(high))
    return f'<rect class="{kind}" x="{_at(x)}" y="{TOP}" width="{_at(end - x)}" height="{frame.bottom - TOP}"/>'


def bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{_at(x)}" y="{_at(y)}" width="{_at(max(width, 1))}" height="{_at(height)}"/>'


def stroke(x: float, y: float, end_x: float, end_y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{_at(x)}" y1="{_at(y)}" x2="{_at(end_x)}" y2="{_at(end_y)}"/>'


def _at(place: float | Floats) -> str:
    return f"{float(place):.1f}".removesuffix(".0")
