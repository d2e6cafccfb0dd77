"""Points that are painted once and patched: the picture must be the one that a full painting gives."""

from __future__ import annotations

import numpy as np
import pytest
from plot_hand import pixels

from tuner_gui.gui.plots import raster
from tuner_gui.gui.plots.points import PointLayer, Points, radius_for
from tuner_gui.gui.theme import DARK, LIGHT, Theme
from tuner_gui.study.plotdata import Style

WIDTH, HEIGHT = 200.0, 120.0


def some_points(count: int, seed: int = 0) -> Points:
    random = np.random.default_rng(seed)
    styles = random.choice([Style.OUTSIDE, Style.VALUE, Style.VALUE, Style.DIVERGED, Style.FAILED], count)
    return Points(
        random.random(count) * WIDTH,
        random.random(count) * HEIGHT,
        styles.astype(np.uint8),
        (random.random(count) * 255).astype(np.uint8),
    )


def rows_of(points: Points, rows: np.ndarray) -> Points:
    return Points(*(column[rows] for column in points))


def painted(
    points: Points, *, ratio: float = 1.0, theme: Theme = LIGHT, radius: float = 3.0, steps: int = 1
) -> PointLayer:
    layer = PointLayer(steps=steps)
    layer.render(points, width=WIDTH, height=HEIGHT, ratio=ratio, theme=theme, radius=radius)
    return layer


@pytest.mark.parametrize(("ratio", "theme", "steps"), [(1.0, LIGHT, 1), (2.0, DARK, 6), (1.5, LIGHT, 1)])
def test_points_that_come_one_by_one_give_the_same_picture(
    qapp: object, ratio: float, theme: Theme, steps: int
) -> None:
    points = some_points(150)
    whole = painted(points, ratio=ratio, theme=theme, steps=steps)
    grown = painted(rows_of(points, np.arange(100)), ratio=ratio, theme=theme, steps=steps)
    for row in range(100, 150):
        rows = np.array([row])
        grown.add(rows, rows_of(points, rows))
    assert np.array_equal(pixels(grown.image), pixels(whole.image))


def test_points_may_come_in_any_order(qapp: object) -> None:
    points = some_points(60)
    whole, grown = painted(points), painted(rows_of(points, np.arange(0)))
    for rows in np.array_split(np.random.default_rng(1).permutation(60), 7):
        grown.add(np.sort(rows), rows_of(points, np.sort(rows)))
    assert np.array_equal(pixels(grown.image), pixels(whole.image))


def test_in_a_dense_crowd_a_new_point_lies_on_top(qapp: object) -> None:
    count = 400
    crowd = Points(
        np.full(count, 50.0), np.full(count, 50.0), np.full(count, Style.VALUE, np.uint8), np.zeros(count, np.uint8)
    )
    layer = painted(crowd)
    before = pixels(layer.image)
    new = Points(np.array([50.0]), np.array([50.0]), np.array([Style.VALUE], np.uint8), np.array([255], np.uint8))
    layer.add(np.array([count]), new)
    assert not np.array_equal(pixels(layer.image), before)


def test_what_has_no_place_is_not_drawn(qapp: object) -> None:
    lost = Points(
        np.array([np.nan, 1e9, -50.0]),
        np.array([10.0, 10.0, 10.0]),
        np.full(3, Style.VALUE, np.uint8),
        np.zeros(3, np.uint8),
    )
    layer = painted(lost)
    layer.add(np.array([3]), rows_of(lost, np.array([0])))
    assert not pixels(layer.image).any()


def test_every_style_looks_different(qapp: object) -> None:
    pictures = set()
    for style in Style:
        if style is not Style.NONE:
            one = Points(np.array([50.0]), np.array([50.0]), np.array([style], np.uint8), np.array([128], np.uint8))
            picture = pixels(painted(one).image)
            assert picture.any(), style
            # Shapes, not colours alone: what is covered differs.
            pictures.add((picture[:, :, 3] > 100).tobytes())
    assert len(pictures) == len(Style) - 1


def test_better_points_lie_over_worse_ones_where_colour_is_the_only_value(qapp: object) -> None:
    for order in ([0, 1], [1, 0]):
        both = Points(
            np.full(2, 50.0), np.full(2, 50.0), np.full(2, Style.VALUE, np.uint8), np.array([0, 255], np.uint8)
        )
        best = Points(np.array([50.0]), np.array([50.0]), np.array([Style.VALUE], np.uint8), np.array([255], np.uint8))
        mixed = pixels(painted(rows_of(both, np.array(order)), steps=6).image)
        # Its rim lets the other one shine through; its inside does not.
        inside = slice(58, 61), slice(58, 61)
        assert (mixed[inside] == pixels(painted(best, steps=6).image)[inside]).all()


def test_many_points_are_drawn_smaller_than_few() -> None:
    area = 220 * 140
    radii = [radius_for(count, area) for count in (10, 100, 1000, 10_000)]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] > radii[-1] >= 2


# --- the stamping itself ---


def test_both_ways_of_stamping_give_the_same_picture() -> None:
    random = np.random.default_rng(3)
    colors = random.integers(0, 255, (256, 4)).astype(np.uint8)
    sprite = raster.make_sprite(raster.disc(3.0, 6), raster.disc(4.0, 6), colors, (255, 255, 255))
    x, y, color = (random.integers(low, high, 300) for low, high in ((10, 90), (10, 50), (0, 256)))
    for lower_on_top in (False, True):
        at_once, one_by_one = (np.zeros((60, 100), dtype=np.uint32) for _ in range(2))
        raster._stamp_all_at_once(at_once, x, y, color, sprite, lower_on_top=lower_on_top)
        raster._stamp_one_by_one(one_by_one, x, y, color, sprite, lower_on_top=lower_on_top)
        assert np.array_equal(at_once, one_by_one)


def test_a_disc_is_round_smooth_and_in_its_colour() -> None:
    colors = np.array([[10, 120, 230, 255]], dtype=np.uint8)
    shape = raster.disc(4.0, 6)
    sprite = raster.make_sprite(shape, shape, colors, (0, 0, 0))
    picture = np.zeros((21, 21), dtype=np.uint32)
    ten = np.array([10])
    raster.stamp(picture, ten, ten, np.array([0]), sprite)
    assert picture[10, 10] == 0xFF0A78E6
    assert np.array_equal(picture, picture.T)
    alpha = (picture >> 24).astype(float) / 255
    assert alpha.sum() == pytest.approx(np.pi * 16, rel=0.02)
    assert ((alpha > 0.1) & (alpha < 0.9)).any()
