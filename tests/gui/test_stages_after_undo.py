"""A stage can get its first trial while its undo is on the way to the session. Its number is then taken."""

from __future__ import annotations

from studies import make_store, trial_events

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Store
from tuner_gui.search.commands import Command, SetLog
from tuner_gui.space.region import Interval, Region
from tuner_gui.study.stages import Plan


def _region(plan: Plan, low: float, high: float) -> Region:
    return plan.region.replace("learning_rate", Interval(low, high))


def _apply(store: Store, actions: Actions, low: float, high: float) -> None:
    store.set_pending(_region(store.plan, low, high))
    actions.apply_pending()


def test_the_next_stage_does_not_take_the_number_of_one_that_has_a_trial() -> None:
    store, posted = make_store(3), list[Command]()
    actions = Actions(store, posted.append)
    _apply(store, actions, 1e-3, 0.1)
    narrow = store.plan
    actions.undo()
    store.apply(trial_events(narrow, 4)[:1])
    _apply(store, actions, 1e-2, 0.1)
    assert store.plan.current == 3
    assert store.plan.numbered(2) == narrow.stage
    last = posted[-1]
    assert isinstance(last, SetLog)
    assert last.log.plan == store.plan
