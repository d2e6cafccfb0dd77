"""Coarse to fine draws its next stage as a pending region; a person takes, changes or refuses it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from studies import make_history, make_plan, store_of, trial_events

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.stage_proposer import StageProposer
from tuner_gui.gui.store import Store
from tuner_gui.search.commands import Command, SetLog
from tuner_gui.space.region import Interval
from tuner_gui.study.definition import SearchSettings, with_search
from tuner_gui.study.edits import first_log

pytestmark = pytest.mark.usefixtures("qapp")


class Watched:
    """A study that is proposed to, and what was posted."""

    def __init__(self, trials: int, **search: str) -> None:
        plan = make_plan()
        settings = SearchSettings(**{"strategy": "coarse-to-fine", **search})
        plan = replace(plan, definition=with_search(plan.definition, settings))
        self.store: Store = store_of(first_log(plan), make_history(plan, trials))
        self.posted: list[Command] = []
        self.actions = Actions(self.store, self.posted.append)
        self.proposer = StageProposer(self.store, self.actions)

    def add(self, count: int) -> None:
        for _ in range(count):
            self.store.apply(trial_events(self.store.plan, len(self.store.history) + 1))
            self.store.settle()


def test_nothing_is_proposed_of_few_trials() -> None:
    watched = Watched(20)
    watched.add(5)
    assert watched.store.pending is None


def test_the_next_stage_is_drawn_with_its_reason() -> None:
    watched = Watched(60)
    watched.add(1)
    assert watched.store.pending is not None
    assert watched.store.pending_note.startswith("coarse to fine: ")
    assert not watched.store.selection  # what a person looks at stays
    assert watched.store.plan.current == 1
    assert not watched.posted


def test_a_proposal_that_nobody_touched_follows_what_is_learned() -> None:
    watched = Watched(60)
    watched.add(1)
    first = watched.store.pending_note
    watched.add(32)
    assert watched.store.pending is not None
    assert watched.store.pending_note != first


def test_enter_makes_it_the_next_stage() -> None:
    watched = Watched(60)
    watched.add(1)
    wanted = watched.store.pending
    watched.actions.apply_pending()
    assert watched.store.plan.region == wanted
    assert watched.store.plan.current == 2


def test_once_refused_it_does_not_come_back_at_once() -> None:
    watched = Watched(60)
    watched.add(1)
    watched.actions.drop_pending()
    watched.add(20)
    assert watched.store.pending is None
    watched.add(30)
    assert watched.store.pending is not None


def test_what_a_person_is_about_to_do_is_not_pushed_aside() -> None:
    watched = Watched(60)
    watched.store.set_pending_extents({"learning_rate": Interval(1e-3, 1e-2)})
    own = watched.store.pending
    watched.add(5)
    assert watched.store.pending == own


def test_a_changed_proposal_is_the_person_s_own() -> None:
    watched = Watched(60)
    watched.add(1)
    watched.store.set_pending_extents({"learning_rate": Interval(1e-3, 1e-1)})
    watched.actions.apply_pending()
    assert watched.store.plan.region["learning_rate"] == Interval(1e-3, 1e-1)


def test_stages_happen_by_themselves_where_a_person_lets_them_and_can_be_undone() -> None:
    watched = Watched(60, stages="by itself")
    watched.add(1)
    assert watched.store.plan.current == 2
    assert isinstance(watched.posted[-1], SetLog)
    watched.actions.undo()
    assert watched.store.plan.current == 1


@pytest.mark.parametrize("search", [{"stages": "never"}, {"strategy": "random"}])
def test_none_is_made_where_none_is_wanted(search: dict[str, str]) -> None:
    watched = Watched(60, **search)
    watched.add(1)
    assert watched.store.pending is None
    assert watched.store.plan.current == 1
