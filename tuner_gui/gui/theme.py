"""Colours for both colour schemes. Qt paints the widgets; plots and delegates take theirs from here.

Categories are from the Okabe–Ito palette, values from viridis; colour is never the only sign of anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication


@dataclass(frozen=True)
class Theme:
    """``pending`` is amber and ``region`` blue everywhere; ``muted`` is for what lies outside the region."""

    dark: bool
    background: str
    panel: str
    text: str
    secondary_text: str
    grid: str
    muted: str
    region: str
    pending: str
    selected: str
    good: str
    bad: str
    warning: str

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        color = QColor(getattr(self, role))
        color.setAlphaF(alpha)
        return color


LIGHT = Theme(
    dark=False, background="#ffffff", panel="#f6f7f9", text="#1d2129", secondary_text="#5a6270", grid="#d9dde3",
    muted="#c3c8d0", region="#0072b2", pending="#b86e00", selected="#d55e00", good="#00795a", bad="#c1361d",
    warning="#9a5b00",
)  # fmt: skip
DARK = Theme(
    dark=True, background="#16181d", panel="#1f2229", text="#e8eaee", secondary_text="#a2a9b5", grid="#343943",
    muted="#4a505c", region="#56b4e9", pending="#f0b035", selected="#ff9a5c", good="#3fc79a", bad="#ff7b66",
    warning="#f0b035",
)  # fmt: skip


def current_theme() -> Theme:
    """The theme that belongs to the colour scheme of the application right now."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme is Qt.ColorScheme.Dark else LIGHT


def value_colors(shares: NDArray[np.float64], *, dark: bool) -> NDArray[np.uint8]:
    """RGBA of shares in [0, 1] (0 worst, 1 best), ``[n, 4]``: the part of viridis that stands out from the ground."""
    span = (0.25, 1.0) if dark else (0.0, 0.85)
    table = pg.colormap.get("viridis").getLookupTable(*span, nPts=256, alpha=True)
    index = np.clip(np.nan_to_num(shares) * 255, 0, 255).astype(int)
    return np.asarray(table[index], dtype=np.uint8)
