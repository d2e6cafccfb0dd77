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

from tuner_gui.gui.models.coverage_figures import Dots
from tuner_gui.gui.pictures.of_lines import coverage_picture, curves_picture, importance_picture, parallel_picture
from tuner_gui.gui.pictures.of_trials import pair_picture, progress_picture, slices_picture
from tuner_gui.gui.pictures.painted import image_of, mime_of, svg_of
from tuner_gui.gui.pictures.panels import MOST_SHAPES
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.shown import Shown
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


def slices(shown: Shown) -> Picture:
    parameters = list(shown.plan.space)
    return slices_picture(shown, parameters, [FULL] * len(parameters))


def pair(shown: Shown) -> Picture:
    x, y, *_ = shown.plan.space
    return pair_picture(shown, x, y, (FULL, FULL), None)


def progress(shown: Shown) -> Picture:
    return progress_picture(shown, (0.0, 101.0))


def curves(shown: Shown) -> Picture:
    axis, view = curve_axis("val_accuracy", np.array([[0.2, 1.0]]), sign=1, log=False)
    return curves_picture(shown, axis, ((0.8, 20.2), view), sign=1)


def importance(shown: Shown) -> Picture:
    return importance_picture(FOUND, shown.caption)


def coverage(shown: Shown) -> Picture:
    x, y, *_ = shown.plan.space
    places = np.array([0.0, 0.5, 1.0])
    dots = Dots(places, places, np.array([1, 2, 9]), places, places)
    return coverage_picture("grid", dots, [(x, FULL), (y, FULL)], role="region", caption="grid · 12 trials")


ALL = (coverage, slices, pair, progress, curves, importance, parallel_picture)


def words_of(svg: bytes) -> list[str]:
    return [re.sub("<.*?>", "", found).strip() for found in re.findall(r"<text[^>]*>(.*?)</text>", svg.decode())]


def ink(image: QImage, ground: str) -> float:
    """The share of the pixels that are not the ground."""
    small = image.scaled(120, 90)
    pixels = [small.pixelColor(x, y).name() for x in range(120) for y in range(90)]
    return 1 - pixels.count(ground) / len(pixels)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("make", ALL)
def test_every_plot_is_painted_in_both_themes_and_as_shapes(make: Callable[[Shown], Picture]) -> None:
    picture = make(shown_of(60))
    for theme in (LIGHT, DARK):
        image = image_of(picture, theme, 1)
        assert image.pixelColor(1, 1).name() == theme.background
        assert 0.02 < ink(image, theme.background) < 0.9
    svg = svg_of(picture, LIGHT)
    assert b"<image" not in svg
    renderer = QSvgRenderer(QByteArray(svg))
    assert renderer.isValid()
    again = QImage(*picture.size, QImage.Format.Format_RGB32)
    painter = QPainter(again)
    renderer.render(painter)
    painter.end()
    assert ink(again, LIGHT.background) == pytest.approx(ink(image_of(picture, LIGHT, 1), LIGHT.background), abs=0.1)


@pytest.mark.usefixtures("qapp")
def test_text_stays_text_and_names_axes_signs_and_study() -> None:
    words = words_of(svg_of(slices(shown_of(60)), LIGHT))
    for expected in ("learning_rate", "momentum", "best", "diverged", "digits · 61 trials · 2025-01-01"):
        assert expected in words
    assert "digits · 61 trials · 2025-01-01" not in words_of(svg_of(slices(shown_of(60)), LIGHT, caption=False))


@pytest.mark.usefixtures("qapp")
def test_a_picture_is_as_wide_as_asked_and_as_large_on_paper() -> None:
    picture = progress(shown_of(20))
    for scale in (1, 2, 3):
        image = image_of(picture, LIGHT, scale)
        assert image.width() == picture.size[0] * scale
        assert image.width() / image.dotsPerMeterX() == pytest.approx(picture.size[0] / 96 * 0.0254, rel=1e-3)


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
