"""The spread between the seeds of a repeated trial is drawn on the slices."""

from __future__ import annotations

import numpy as np
import pytest
from plot_hand import pixels
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.slices import SlicesView
from tuner_gui.gui.store import Store
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.plotdata import describe_trial


@pytest.fixture
def store(qapp: object) -> Store:
    return make_store(30)


@pytest.fixture
def view(store: Store, qtbot: QtBot) -> SlicesView:
    view = SlicesView(store, Actions(store, [].append))
    qtbot.addWidget(view)
    view.resize(900, 600)
    with qtbot.waitExposed(view):
        view.show()
    return view


def repeat(store: Store, of: int, *values: float) -> list[int]:
    trial, numbers = store.history.trial(of), []
    for value in values:
        numbers.append(len(store.history) + 1)
        start = TrialStarted(numbers[-1], store.plan.stage, trial.values, 0, "", trial.fixed, {"repeats": of})
        store.apply([start, TrialEnded(numbers[-1], TrialState.FINISHED, 1.0, value)])
    store.settle()
    return numbers


def test_repeats_stand_in_the_line_of_the_first_run_and_their_spread_is_drawn(view: SlicesView, store: Store) -> None:
    (best,) = store.history.ranked(store.plan.definition.objective, 1)
    plot = view.plot_of("batch_size")  # a choice, in whose cell trials are spread
    before = pixels(plot.grab().toImage())
    top = store.history.trial(best).value or 0.0
    first, second = repeat(store, best, top - 0.05, top - 0.15)
    places = [plot.place_of(number) for number in (best, first, second)]
    assert all(place is not None for place in places)
    xs, ys = zip(*places, strict=True)
    assert max(xs) - min(xs) < 0.01
    column = pixels(plot.grab().toImage())[round(min(ys)) + 8 : round(max(ys)) - 8, round(xs[0])]
    changed = (column != before[round(min(ys)) + 8 : round(max(ys)) - 8, round(xs[0])]).any(axis=-1)
    assert changed.mean() > 0.9, "a line from the least to the greatest value"
    assert "several seeds" in view.legend.accessibleDescription()


def test_without_repeats_nothing_is_drawn_of_them(view: SlicesView) -> None:
    assert "several seeds" not in view.legend.accessibleDescription()


def test_the_words_on_a_trial_name_the_mean_of_its_runs(store: Store) -> None:
    (best,) = store.history.ranked(store.plan.definition.objective, 1)
    assert "seeds" not in describe_trial(store.history, store.plan, best)
    repeat(store, best, 0.9, 0.92)
    assert "over 3 seeds" in describe_trial(store.history, store.plan, best)
    assert np.isfinite(store.history.value_column[-1])
