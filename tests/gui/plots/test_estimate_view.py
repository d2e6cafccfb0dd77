"""The estimate between the trials of a pair: soft colours under the points, a line around the good part, a switch."""

from __future__ import annotations

import pytest
from plot_hand import color_near, drag, place
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.pair_plot import PairPlot
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import LIGHT, choose_scheme

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def store() -> Store:
    return make_store(60)


@pytest.fixture
def view(qtbot: QtBot, store: Store) -> PairView:
    view = PairView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    with qtbot.waitExposed(view):
        view.show()
    view.show_pair("learning_rate", "momentum")
    view.grab()
    return view


@pytest.fixture
def plot(view: PairView) -> PairPlot:
    return view.plot


def entry_of(plot: PairPlot) -> object:
    menu = QMenu(plot)
    plot.add_to_menu(menu)
    return next(action for action in menu.actions() if action.text() == "Estimate between the trials")


def ground(plot: PairPlot, x: float, y: float) -> tuple[int, int, int]:
    return color_near(plot, place(plot, x, y))


def test_where_much_was_tried_the_ground_has_a_soft_colour(plot: PairPlot) -> None:
    assert plot.theme is LIGHT
    red, green, blue = ground(plot, 0.47, 0.37)
    assert min(red, green, blue) > 120, "fainter than any point"
    assert max(red, green, blue) - min(red, green, blue) > 15, "coloured"
    worse = ground(plot, 0.93, 0.9)
    assert worse[1] < worse[2], "violet"
    assert green > blue, "green"


def test_without_trials_nothing_is_claimed(qtbot: QtBot) -> None:
    store = make_store(0)
    view = PairView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    view.show()
    view.show_pair("learning_rate", "momentum")
    assert ground(view.plot, 0.47, 0.37) == (255, 255, 255)
    assert view.plot.contours == []


def test_it_is_switched_off_in_the_menu_and_stays_off(
    view: PairView, plot: PairPlot, store: Store, qtbot: QtBot
) -> None:
    assert entry_of(plot).isChecked()
    entry_of(plot).trigger()
    assert ground(plot, 0.47, 0.37) == (255, 255, 255)
    again = PairView(store, Actions(store, print))
    qtbot.addWidget(again)
    assert not again.plot.shows_estimate
    entry_of(plot).trigger()
    assert ground(plot, 0.47, 0.37) != (255, 255, 255)


def test_the_legend_explains_the_line(view: PairView, plot: PairPlot) -> None:
    assert plot.contours == [0.75]
    assert "average in the best quarter" in view.legend.toolTip()
    plot.show_estimate(on=False)
    assert "average in the best quarter" not in view.legend.toolTip()


def test_it_follows_new_trials_but_not_every_one_of_many(view: PairView, plot: PairPlot, store: Store) -> None:
    before = plot.field.version
    store.apply(events_of(store.plan, [61]))
    store.settle()
    view.grab()
    assert plot.field.version == before, "one of sixty"
    store.apply(events_of(store.plan, [62]))
    store.settle()
    view.grab()
    assert plot.field.version == before + 1


def test_other_axes_have_an_estimate_of_their_own(view: PairView, plot: PairPlot) -> None:
    first = plot.field.estimate
    view.show_pair("batch_size", "units")
    view.grab()
    assert plot.field.estimate is not None
    assert plot.field.estimate is not first


def test_a_drag_does_not_work_it_out_again(plot: PairPlot) -> None:
    before = plot.field.version
    drag(plot, place(plot, 0.25, 0.3), place(plot, 0.5, 0.6))
    plot.grab()
    assert plot.field.version == before


def test_its_colours_are_those_of_the_scheme(view: PairView, plot: PairPlot, qtbot: QtBot) -> None:
    light = ground(plot, 0.47, 0.37)
    choose_scheme(Qt.ColorScheme.Dark)
    qtbot.waitUntil(lambda: plot.theme.dark)
    dark = ground(plot, 0.47, 0.37)
    choose_scheme(Qt.ColorScheme.Light)
    qtbot.waitUntil(lambda: not plot.theme.dark)
    assert max(dark) < min(light)
