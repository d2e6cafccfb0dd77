from __future__ import annotations

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from studies import events_of, make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.models.roles import Role
from tuner_gui.gui.models.stages_model import Card, StagesModel
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval
from tuner_gui.study.events import TrialState

pytestmark = pytest.mark.usefixtures("qapp")


def made(trials: int = 20) -> tuple[Store, Actions, StagesModel]:
    store = make_store(trials)
    model = StagesModel(store)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    return store, Actions(store, [].append), model


def cards(model: StagesModel) -> list[Card]:
    return [model.card(row) for row in range(model.rowCount())]


def narrow(store: Store, actions: Actions, low: float, high: float) -> None:
    store.set_pending_extents({"learning_rate": Interval(low, high)})
    actions.apply_pending()


def test_the_newest_stage_stands_on_top_and_says_what_changed() -> None:
    store, actions, model = made()
    narrow(store, actions, 1e-3, 0.1)
    top, start = cards(model)
    assert (top.stage.number, top.title, top.badge) == (2, "Narrowed", "now")
    assert top.note == "learning_rate 1e-4–1 → 1e-3–0.1"
    assert (start.title, start.badge) == ("Start", "")


def test_cards_count_their_trials_and_know_their_best() -> None:
    store, actions, model = made()
    narrow(store, actions, 1e-3, 0.1)
    assert cards(model)[0].figures == "no trials yet"
    store.apply(events_of(store.plan, range(21, 31)))
    finished = [t for t in store.history.trials[20:] if t.state is TrialState.FINISHED]
    best = max(finished, key=lambda t: t.value or 0)
    card = cards(model)[0]
    assert card.best is not None
    assert (card.trials, card.best.trial, card.best.mean) == (10, best.number, best.value)
    assert f"#{best.number}" in card.figures
    afresh = StagesModel(store)
    assert cards(afresh) == cards(model)


def test_going_back_branches_and_greys_what_was_left() -> None:
    store, actions, model = made()
    narrow(store, actions, 1e-3, 0.1)
    store.apply(events_of(store.plan, [21]))
    actions.go_back(1)
    badges = {card.stage.number: card.badge for card in cards(model)}
    assert badges == {3: "now", 2: "left", 1: ""}
    assert cards(model)[0].title == "Back to stage 1"


def test_an_undone_stage_with_trials_stays_and_without_goes() -> None:
    store, actions, model = made()
    narrow(store, actions, 1e-3, 0.1)
    actions.undo()
    assert [card.stage.number for card in cards(model)] == [1]
    actions.redo()
    store.apply(events_of(store.plan, [21]))
    actions.undo()
    assert [(c.stage.number, c.badge) for c in cards(model)] == [(2, "left"), (1, "now")]


def test_a_card_can_be_read_out_and_its_region_shown_in_words() -> None:
    store, actions, model = made()
    narrow(store, actions, 1e-3, 0.1)
    spoken = model.index(0).data(Role.AccessibleTextRole)
    assert spoken == "stage 2, current stage, Narrowed, learning_rate 1e-4–1 → 1e-3–0.1, no trials yet"
    assert "learning_rate  1e-3–0.1" in model.index(0).data(Role.ToolTipRole)
