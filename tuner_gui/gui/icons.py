"""Icons in the colour of the text around them."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tuner_gui.assets import asset
from tuner_gui.gui.theme import Theme, current_theme

_SIZES = (16, 24, 32, 48)


def icon(name: str, role: str = "text") -> QIcon:
    """The icon of that name in the current theme; who shows it asks again when the palette changes."""
    theme = current_theme()
    made = QIcon()
    for size in _SIZES:
        for mode, color in (
            (QIcon.Mode.Normal, _hex(theme, role)),
            (QIcon.Mode.Disabled, theme.disabled_text),
            (QIcon.Mode.Selected, "#ffffff"),
        ):
            made.addPixmap(tinted(name, color, size), mode)
    return made


def tinted(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """A square picture of ``size`` logical pixels on a screen with ``ratio`` device pixels for each."""
    pixmap = QPixmap.fromImage(_drawn(name, color, round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _hex(theme: Theme, role: str) -> str:
    return str(getattr(theme, role))


@lru_cache(maxsize=512)
def _drawn(name: str, color: str, pixels: int) -> QImage:
    """An image and no pixmap: it may outlive the application."""
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return image


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    return asset(f"icons/{name}.svg").read_text(encoding="utf-8")
