"""A plot as a picture: pixels of the size that was asked for, shapes with text, on white whatever the window shows."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from studies import make_store

from tuner_gui.gui.figures.figure import Figure
from tuner_gui.gui.figures.of_lines import curves_figure, importance_figure, parallel_figure
from tuner_gui.gui.figures.of_trials import pair_figure, progress_figure, slices_figure
from tuner_gui.gui.figures.panels import MOST_SHAPES
from tuner_gui.gui.figures.picture import image_of, mime_of, svg_of
from tuner_gui.gui.figures.shown import Shown
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.theme import DARK, LIGHT
from tuner_gui.search.importance import Importances, ParameterImportance
from tuner_gui.space.region import Interval
from tuner_gui.study.curvedata import curve_axis

FULL = (-0.02, 1.02)
FOUND = Importances(
    (
        ParameterImportance("learning_rate", 0.7, 0.5, 0.8, 1, 1, 1),
        ParameterImportance("own", 0.3, 0.1, 0.4, 1, 2, None),
    ),
    (),
    60,
)


def shown_of(trials: int, *, narrowed: bool = False) -> Shown:
    store = make_store(trials, running=1)
    if narrowed:
        store.set_pending_extents({"learning_rate": Interval(0.003, 0.1)})
    scene = Scene(store)
    scene.rebuild()
    return scene.shown()


def slices(shown: Shown) -> Figure:
    parameters = list(shown.plan.space)
    return slices_figure(shown, parameters, [FULL] * len(parameters))


def pair(shown: Shown) -> Figure:
    x, y, *_ = shown.plan.space
    return pair_figure(shown, x, y, (FULL, FULL), None)


def progress(shown: Shown) -> Figure:
    return progress_figure(shown, (0.0, 101.0))


def curves(shown: Shown) -> Figure:
    axis, view = curve_axis("val_accuracy", np.array([[0.2, 1.0]]), sign=1, log=False)
    return curves_figure(shown, axis, ((0.8, 20.2), view), sign=1)


def importance(shown: Shown) -> Figure:
    return importance_figure(FOUND, shown.caption)


ALL = (slices, pair, progress, curves, importance, parallel_figure)


def words_of(svg: bytes) -> list[str]:
    return [re.sub("<.*?>", "", found).strip() for found in re.findall(r"<text[^>]*>(.*?)</text>", svg.decode())]


def ink(image: QImage, ground: str) -> float:
    """The share of the pixels that are not the ground."""
    small = image.scaled(120, 90)
    pixels = [small.pixelColor(x, y).name() for x in range(120) for y in range(90)]
    return 1 - pixels.count(ground) / len(pixels)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("make", ALL)
def test_every_plot_is_painted_in_both_themes_and_as_shapes(make: Callable[[Shown], Figure]) -> None:
    figure = make(shown_of(60))
    for theme in (LIGHT, DARK):
        image = image_of(figure, theme, 1)
        assert image.pixelColor(1, 1).name() == theme.background
        assert 0.02 < ink(image, theme.background) < 0.9
    svg = svg_of(figure, LIGHT)
    assert b"<image" not in svg
    renderer = QSvgRenderer(QByteArray(svg))
    assert renderer.isValid()
    again = QImage(*figure.size, QImage.Format.Format_RGB32)
    painter = QPainter(again)
    renderer.render(painter)
    painter.end()
    assert ink(again, LIGHT.background) == pytest.approx(ink(image_of(figure, LIGHT, 1), LIGHT.background), abs=0.1)


@pytest.mark.usefixtures("qapp")
def test_text_stays_text_and_names_axes_signs_and_study() -> None:
    words = words_of(svg_of(slices(shown_of(60)), LIGHT))
    for expected in ("learning_rate", "momentum", "best", "diverged", "digits · 61 trials · 2025-01-01"):
        assert expected in words
    assert "digits · 61 trials · 2025-01-01" not in words_of(svg_of(slices(shown_of(60)), LIGHT, caption=False))


@pytest.mark.usefixtures("qapp")
def test_a_picture_is_as_wide_as_asked_and_as_large_on_paper() -> None:
    figure = progress(shown_of(20))
    for scale in (1, 2, 3):
        image = image_of(figure, LIGHT, scale)
        assert image.width() == figure.size[0] * scale
        assert image.width() / image.dotsPerMeterX() == pytest.approx(figure.size[0] / 96 * 0.0254, rel=1e-3)


@pytest.mark.usefixtures("qapp")
def test_only_where_shapes_would_be_too_many_are_they_pixels() -> None:
    shown = shown_of(MOST_SHAPES + 100)
    svg = svg_of(pair(shown), LIGHT)
    assert svg.count(b"<image") == 1
    assert "momentum" in words_of(svg)
    assert len(svg) < 2_000_000


@pytest.mark.usefixtures("qapp")
def test_the_region_that_is_pending_is_seen() -> None:
    svg = svg_of(slices(shown_of(60, narrowed=True)), LIGHT)
    assert LIGHT.pending.encode() in svg
    assert "outside the region, or pruned" in words_of(svg)
    assert LIGHT.pending.encode() not in svg_of(slices(shown_of(60)), LIGHT)


@pytest.mark.usefixtures("qapp")
def test_the_clipboard_gets_pixels_and_shapes_at_once() -> None:
    found = mime_of(progress(shown_of(20)), LIGHT, 2)
    assert found.hasImage()
    assert found.data("image/png").startsWith(b"\x89PNG")
    assert b"<svg" in found.data("image/svg+xml").data()
