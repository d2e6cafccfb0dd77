"""Colours for both colour schemes. Qt paints the widgets; plots and delegates take theirs from here.

Categories are from the Okabe–Ito palette, values from viridis; colour is never the only sign of anything.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory


@dataclass(frozen=True)
class Theme:
    """``pending`` is amber and ``region`` blue everywhere; ``muted`` is for what lies outside the region.

    ``selection`` is the soft ground of selected rows, on which all other colours stay readable; ``selected`` marks
    the selected trials themselves.
    """

    dark: bool
    background: str
    panel: str
    button: str
    text: str
    secondary_text: str
    disabled_text: str
    grid: str
    border: str
    muted: str
    region: str
    pending: str
    selected: str
    selection: str
    good: str
    bad: str
    warning: str

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        color = QColor(getattr(self, role))
        color.setAlphaF(alpha)
        return color


LIGHT = Theme(
    dark=False, background="#ffffff", panel="#f4f5f7", button="#fafbfc", text="#1d2129", secondary_text="#5a6270",
    disabled_text="#9aa1ac", grid="#d9dde3", border="#b4bac4", muted="#c3c8d0", region="#0072b2", pending="#b86e00",
    selected="#d55e00", selection="#d9e9f5", good="#00795a", bad="#b5301a", warning="#8f5400",
)  # fmt: skip
DARK = Theme(
    dark=True, background="#16181d", panel="#1f2229", button="#2b2f38", text="#e8eaee", secondary_text="#a2a9b5",
    disabled_text="#6b7280", grid="#343943", border="#4b515d", muted="#4a505c", region="#56b4e9", pending="#f0b035",
    selected="#ff9a5c", selection="#213c52", good="#3fc79a", bad="#ff7b66", warning="#f0b035",
)  # fmt: skip


def current_theme() -> Theme:
    """The theme that belongs to the palette of the application right now, whoever chose it."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply_theme(app: QApplication) -> None:
    """Give the application the Fusion style and the palette of its colour scheme, now and whenever that changes."""
    app.setStyle(QStyleFactory.create("Fusion"))
    if app.findChild(_SchemeFollower) is None:
        _SchemeFollower(app)
    choose_scheme(QGuiApplication.styleHints().colorScheme())


def choose_scheme(scheme: Qt.ColorScheme) -> None:
    """Show everything in a colour scheme; ``Unknown`` follows the system again.

    Where the platform has no schemes (some X11 desktops) the palette alone changes.
    """
    hints = QGuiApplication.styleHints()
    if scheme is not hints.colorScheme():
        hints.setColorScheme(scheme)
    dark = Qt.ColorScheme.Dark in (scheme, hints.colorScheme() if scheme is Qt.ColorScheme.Unknown else scheme)
    _set_palette(DARK if dark else LIGHT)


class _SchemeFollower(QObject):
    """Lives as long as the application and listens to the system."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.styleHints().colorSchemeChanged.connect(self._follow)

    @Slot(Qt.ColorScheme)
    def _follow(self, scheme: Qt.ColorScheme) -> None:
        _set_palette(DARK if scheme is Qt.ColorScheme.Dark else LIGHT)


def _set_palette(theme: Theme) -> None:
    palette = palette_of(theme)
    if QGuiApplication.palette() != palette:
        QApplication.setPalette(palette)


def palette_of(theme: Theme) -> QPalette:
    """Every colour that Fusion asks for, so that nothing of the desktop's own palette shines through."""
    role, palette = QPalette.ColorRole, QPalette()
    white = "#ffffff"
    colors = {
        role.Window: theme.panel, role.WindowText: theme.text, role.Base: theme.background, role.Text: theme.text,
        role.AlternateBase: theme.panel, role.Button: theme.button, role.ButtonText: theme.text,
        role.BrightText: theme.bad, role.ToolTipBase: theme.button, role.ToolTipText: theme.text,
        role.PlaceholderText: theme.secondary_text, role.Link: theme.region, role.LinkVisited: theme.region,
        role.Highlight: LIGHT.region, role.HighlightedText: white, role.Accent: theme.region,
        role.Light: "#3a3f4a" if theme.dark else white, role.Midlight: "#30343d" if theme.dark else "#e9ebef",
        role.Mid: "#3c414c" if theme.dark else "#c9ced6", role.Dark: "#111317" if theme.dark else "#a3a9b3",
        role.Shadow: "#000000" if theme.dark else "#767c86",
    }  # fmt: skip
    for name, color in colors.items():
        palette.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.disabled_text))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.muted))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Base, QColor(theme.panel))
    return palette


def value_colors(shares: NDArray[np.float64], *, dark: bool) -> NDArray[np.uint8]:
    """RGBA of shares in [0, 1] (0 worst, 1 best), ``[n, 4]``: the part of viridis that stands out from the ground."""
    index = np.clip(np.nan_to_num(shares) * 255, 0, 255).astype(int)
    return np.asarray(_value_table(dark=dark)[index], dtype=np.uint8)


@functools.cache
def _value_table(*, dark: bool) -> NDArray[np.uint8]:
    # Imported late: it loads many of Qt's modules, and the first picture of the window needs no colours of values.
    import pyqtgraph as pg

    span = (0.25, 1.0) if dark else (0.0, 0.85)
    return np.asarray(pg.colormap.get("viridis").getLookupTable(*span, nPts=256, alpha=True), dtype=np.uint8)
