"""A whole picture: the key of the signs on top, the panels, the caption; as PNG, as SVG, for the clipboard."""

from __future__ import annotations

import re

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QRectF, QSize
from PySide6.QtGui import QImage, QImageWriter, QLinearGradient, QPainter
from PySide6.QtSvg import QSvgGenerator

from tuner_gui.gui.pictures import marks
from tuner_gui.gui.pictures.panels import paint_panel
from tuner_gui.gui.pictures.pen import FAMILIES, SMALL, STEPS, TICK, Pen, shortened, width_of
from tuner_gui.gui.pictures.picture import Key, Picture
from tuner_gui.gui.theme import Theme
from tuner_gui.study.plotdata import Style

DPI = 96
EDGE = 10.0
LINE = 20.0
BAR = 72.0
GAP = 14.0
_STYLES = {
    "outside": Style.OUTSIDE, "diverged": Style.DIVERGED, "failed": Style.FAILED, "cancelled": Style.CANCELLED,
}  # fmt: skip
_LINES = {
    "line best": ("good", 2.2),
    "line selected": ("selected", 2.2),
    "line running": ("text", 1.2),
    "line outside": ("muted", 1.2),
}


def paint_picture(pen: Pen, picture: Picture, *, caption: bool = True) -> None:
    """The whole picture, as large as the picture says."""
    width, height = (float(side) for side in picture.size)
    marks.paint_bar(pen, QRectF(0, 0, width, height), role="background")
    top, bottom = EDGE, height - EDGE
    if not picture.key.is_empty:
        top = _paint_key(pen, picture.key, width - 2 * EDGE)
    if caption and picture.caption:
        pen.words(
            shortened(picture.caption, SMALL, width - 2 * EDGE), EDGE, bottom - 2, role="secondary_text", size=SMALL
        )
        bottom -= SMALL + 9
    rows = -(-len(picture.panels) // picture.columns)
    each = QRectF(0, 0, (width - 2 * EDGE) / picture.columns, (bottom - top) / max(rows, 1))
    for index, panel in enumerate(picture.panels):
        row, column = divmod(index, picture.columns)
        paint_panel(pen, panel, each.translated(EDGE + column * each.width(), top + row * each.height()))


def image_of(picture: Picture, theme: Theme, scale: float, *, caption: bool = True) -> QImage:
    """Pixels; the resolution says how large the picture is on paper."""
    size = QSize(round(picture.size[0] * scale), round(picture.size[1] * scale))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(theme.color("background"))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    paint_picture(Pen(painter, theme, scale), picture, caption=caption)
    painter.end()
    dots = round(DPI * scale / 0.0254)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    image.setText("Title", picture.title)
    image.setText("Description", picture.caption)
    image.setText("Software", "Tuner")
    return image


def png_of(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


def svg_of(picture: Picture, theme: Theme, *, caption: bool = True) -> bytes:
    """Shapes, and text that stays text."""
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(DPI)
    generator.setSize(QSize(*picture.size))
    generator.setViewBox(QRectF(0, 0, *picture.size))
    generator.setTitle(picture.title)
    generator.setDescription(picture.caption)
    painter = QPainter(generator)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_picture(Pen(painter, theme), picture, caption=caption)
    painter.end()
    return _with_families(bytes(buffer.data().data()))


def mime_of(picture: Picture, theme: Theme, scale: float, *, caption: bool = True) -> QMimeData:
    """Both at once: what takes it chooses."""
    image = image_of(picture, theme, scale, caption=caption)
    found = QMimeData()
    found.setImageData(image)
    found.setData("image/png", QByteArray(png_of(image)))
    found.setData("image/svg+xml", QByteArray(svg_of(picture, theme, caption=caption)))
    return found


def _with_families(svg: bytes) -> bytes:
    """Where a reader lacks the first font it shall take one of equal width, not any."""
    names = ", ".join(FAMILIES).encode()
    return re.sub(rb'font-family="[^"]*"', b'font-family="' + names + b', sans-serif"', svg)


# --- the key ---


def _paint_key(pen: Pen, key: Key, room: float) -> float:
    """The colours and the signs in lines of words; returns where the panels may begin."""
    left, baseline = EDGE, EDGE + 12
    if key.ends[0]:
        left = _paint_colors(pen, key, left, baseline)
    for sign, words in key.signs:
        width = 18 + width_of(words, TICK)
        if left + width > EDGE + room and left > EDGE:
            left, baseline = EDGE, baseline + LINE
        _paint_sign(pen, sign, left + 6, baseline - 4)
        pen.words(words, left + 17, baseline, size=TICK)
        left += width + GAP
    return baseline + 8


def _paint_colors(pen: Pen, key: Key, left: float, baseline: float) -> float:
    worst, best = key.ends
    head = f"{key.metric}  {worst}"
    pen.words(head, left, baseline, size=TICK)
    left += width_of(head, TICK) + 5
    area = QRectF(left, baseline - 9, BAR, 10)
    gradient = QLinearGradient(area.topLeft(), area.topRight())
    for index, color in enumerate(pen.colors):
        gradient.setColorAt((index + 0.5) / STEPS, color)
    pen.fill(pen.color("background"))
    pen.painter.setBrush(gradient)
    pen.painter.drawRect(area)
    pen.words(best, area.right() + 5, baseline, size=TICK)
    return area.right() + 5 + width_of(best, TICK) + GAP


def _paint_sign(pen: Pen, sign: str, x: float, y: float) -> None:
    if sign in _LINES:
        role, width = _LINES[sign]
        pen.stroke(pen.color(role), width)
        pen.painter.drawLine(round(x) - 6, round(y), round(x) + 6, round(y))
    elif sign.startswith("contour"):
        pen.contour(unbroken=sign == "contour")
        pen.painter.drawLine(round(x) - 7, round(y), round(x) + 7, round(y))
    elif sign == "best":
        marks.paint_star(pen, x, y, 6.0)
    elif sign == "selected":
        marks.paint_ring(pen, x, y, 4.8, "selected", 1.6)
    elif sign == "running":
        marks.paint_ring(pen, x, y, 3.2, "text")
    elif sign == "spread":
        _paint_spread(pen, x, y)
    else:
        style = _STYLES[sign.removeprefix("line ")]
        role = marks.role_of(style)
        marks.paint_sign(pen, style, x, y, 3.4, pen.color(role))


def _paint_spread(pen: Pen, x: float, y: float) -> None:
    pen.stroke(pen.color("text"), 1.0)
    pen.painter.drawLine(round(x), round(y) - 6, round(x), round(y) + 6)
    pen.painter.drawLine(round(x) - 3, round(y), round(x) + 3, round(y))
