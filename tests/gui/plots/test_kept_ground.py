"""The region, the estimate and the axes are kept pictures: they must look as if painted anew, whatever changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from plot_hand import hover, pixels, place
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from pytestqt.qtbot import QtBot
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots import region_paint
from tuner_gui.gui.plots.canvas import Canvas
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.plots.parallel import ParallelView
from tuner_gui.gui.plots.slices import SlicesView
from tuner_gui.gui.plots.trial_view import TrialView
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import choose_scheme
from tuner_gui.space.region import Interval

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
NARROW = {"learning_rate": Interval(1e-3, 0.1), "batch_size": (32, 128), "momentum": Interval(0.92, 0.99)}
VIEWS: list[Callable[[Store, Actions], TrialView]] = [SlicesView, PairView, ParallelView]


@pytest.fixture
def store() -> Store:
    return make_store(60)


@pytest.fixture
def actions(store: Store) -> Actions:
    return Actions(store, print)


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest, qtbot: QtBot, store: Store, actions: Actions) -> TrialView:
    view = request.param(store, actions)
    qtbot.addWidget(view)
    view.resize(700, 420)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def plot(view: TrialView) -> Canvas:
    return view.plots[0]


def seen(plot: Canvas) -> np.ndarray:
    """The picture once all is painted: lines come in several steps."""
    for _ in range(5):
        image = plot.grab().toImage()
    return pixels(image)


def anew(plot: Canvas) -> np.ndarray:
    plot.redraw()
    return seen(plot)


def test_regions_come_and_go(plot: Canvas, store: Store, actions: Actions) -> None:
    plain = seen(plot)
    store.set_pending_extents(NARROW)
    pending = seen(plot)
    assert not np.array_equal(pending, plain)
    assert np.array_equal(pending, anew(plot))
    store.set_pending_extents({"learning_rate": Interval(1e-2, 0.1)})
    assert not np.array_equal(seen(plot), pending)
    assert np.array_equal(seen(plot), anew(plot))
    store.set_pending(None)
    assert np.array_equal(seen(plot), plain)
    store.set_pending_extents(NARROW)
    actions.apply_pending()
    applied = seen(plot)
    assert not np.array_equal(applied, plain)
    assert np.array_equal(applied, anew(plot))


def test_trials_size_and_scheme_change_under_a_pending_region(plot: Canvas, store: Store, qtbot: QtBot) -> None:
    store.set_pending_extents(NARROW)
    seen(plot)
    store.apply(events_of(store.plan, range(61, 70)))
    store.settle()
    # New lines lie on top of the others until all are painted anew; the ground is what matters here.
    plot.data_outdated()
    assert np.array_equal(seen(plot), anew(plot))
    plot.resize(500, 300)
    assert np.array_equal(seen(plot), anew(plot))
    light = seen(plot)
    choose_scheme(Qt.ColorScheme.Dark)
    qtbot.waitUntil(lambda: plot.theme.dark)
    dark = seen(plot)
    again = anew(plot)
    choose_scheme(Qt.ColorScheme.Light)
    qtbot.waitUntil(lambda: not plot.theme.dark)
    assert dark.mean() < light.mean() - 50
    assert np.array_equal(dark, again)


def test_nothing_of_the_region_is_painted_again_while_trials_arrive(plot: Canvas, store: Store) -> None:
    store.set_pending_extents(NARROW)
    before, kept = seen(plot), kept_pictures(plot)
    store.apply(events_of(store.plan, [61]))
    assert not np.array_equal(seen(plot), before)
    assert kept_pictures(plot) == kept


def kept_pictures(plot: Canvas) -> list[int]:
    """What tells the ground, and where there is one the picture of the axes, from any other."""
    pictures = (plot._ground, getattr(plot, "_over", None))
    return [picture.cacheKey() for picture in pictures if picture is not None]


def test_the_value_under_the_mouse_follows_it_over_the_kept_ground(
    qtbot: QtBot, store: Store, actions: Actions
) -> None:
    view = SlicesView(store, actions)
    qtbot.addWidget(view)
    view.resize(700, 420)
    view.show()
    plot = view.plot_of("learning_rate")
    plain = seen(plot)
    hover(plot, place(plot, 0.5, 0.02))
    guided = seen(plot)
    assert not np.array_equal(guided, plain)
    hover(plot, place(plot, 0.6, 0.02))
    assert not np.array_equal(seen(plot), guided)
    plot.mouse = None
    assert np.array_equal(seen(plot), plain)


def test_a_veil_leaves_out_exactly_the_inside(qapp: object) -> None:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage

    from tuner_gui.gui.theme import LIGHT

    image = QImage(40, 20, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    region_paint.paint_outside(painter, QRectF(5, 5, 30, 10), [QRectF(0, 0, 15, 20), QRectF(20, 8, 5, 4)], LIGHT)
    painter.end()
    veiled = pixels(image)[:, :, 0] > 100
    wanted = np.zeros((20, 40), dtype=bool)
    wanted[5:15, 15:35] = True
    wanted[8:12, 20:25] = False
    assert np.array_equal(veiled, wanted)
