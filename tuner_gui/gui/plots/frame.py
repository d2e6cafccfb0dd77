"""Where a place of the data lies on the widget, and back. Numbers only, so that it can be tested without one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Range = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """A rectangle in pixels (y downwards) that shows a range of x and of y (y upwards)."""

    left: float
    top: float
    width: float
    height: float
    x_range: Range = (0.0, 1.0)
    y_range: Range = (0.0, 1.0)

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def x_per_pixel(self) -> float:
        return (self.x_range[1] - self.x_range[0]) / self.width

    @property
    def y_per_pixel(self) -> float:
        return (self.y_range[1] - self.y_range[0]) / self.height

    def px(self, x: float) -> float:
        return self.left + (x - self.x_range[0]) / self.x_per_pixel

    def py(self, y: float) -> float:
        return self.bottom - (y - self.y_range[0]) / self.y_per_pixel

    def pxs(self, xs: Floats) -> Floats:
        return self.left + (xs - self.x_range[0]) / self.x_per_pixel

    def pys(self, ys: Floats) -> Floats:
        return self.bottom - (ys - self.y_range[0]) / self.y_per_pixel

    def x_at(self, px: float) -> float:
        return self.x_range[0] + (px - self.left) * self.x_per_pixel

    def y_at(self, py: float) -> float:
        return self.y_range[0] + (self.bottom - py) * self.y_per_pixel

    def holds(self, px: float, py: float) -> bool:
        return self.left <= px <= self.right and self.top <= py <= self.bottom

    def showing(self, x_range: Range, y_range: Range) -> Frame:
        return replace(self, x_range=x_range, y_range=y_range)


def zoomed(limits: Range, around: float, factor: float, *, widest: Range | None = None) -> Range:
    """A range ``factor`` times as wide with ``around`` at the same share of it, kept inside ``widest``."""
    low, high = (around + (end - around) * factor for end in limits)
    if widest is None:
        return low, high
    width = min(high - low, widest[1] - widest[0])
    low = min(max(low, widest[0]), widest[1] - width)
    return low, low + width
