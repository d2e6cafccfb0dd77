from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from studies import events_of, make_store, trial_events

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Batch, RunState, Store
from tuner_gui.search.commands import Command, Run, SetLog, Stop
from tuner_gui.space.region import Interval
from tuner_gui.study.events import (
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    Saved,
    SavingFailed,
    TrainerLoad,
    TrainerStarting,
)

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def store() -> Store:
    return make_store(30)


@pytest.fixture
def posted() -> list[Command]:
    return []


@pytest.fixture
def actions(store: Store, posted: list[Command]) -> Actions:
    return Actions(store, posted.append)


def drag(store: Store, low: float = 0.01, high: float = 0.1) -> None:
    store.set_pending_extents({"learning_rate": Interval(low, high)})


def test_a_batch_is_told_once_with_the_trials_that_it_touched(store: Store, qtbot: QtBot) -> None:
    batches: list[Batch] = []
    store.history_changed.connect(batches.append)
    store.apply(events_of(store.plan, [31, 32])[:-1])
    (batch,) = batches
    assert batch.trials == {31, 32}
    assert batch.started == (31, 32)
    assert batch.ended == (31,)


def test_a_batch_that_changes_nothing_is_not_told(store: Store, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(store.history_changed):
        store.apply([Saved("2026-01-01T00:00:00Z")])


def test_batches_that_come_fast_are_told_together(store: Store, qtbot: QtBot) -> None:
    batches: list[Batch] = []
    store.history_paced.connect(batches.append)
    events = trial_events(store.plan, 31)
    store.apply(events[:1])
    assert [batch.started for batch in batches] == [(31,)], "the first one at once"
    for event in [*events[1:], *trial_events(store.plan, 32)]:
        store.apply([event])
    assert len(batches) == 1
    qtbot.waitUntil(lambda: len(batches) == 2)
    assert (batches[1].trials, batches[1].started, batches[1].ended) == ({31, 32}, (32,), (31, 32))


def test_what_waits_is_told_before_a_choice_an_edit_and_the_end_of_a_run(store: Store) -> None:
    batches: list[Batch] = []
    store.history_paced.connect(batches.append)
    actions = Actions(store, [].append)
    store.apply([RunStarted(9, None), *trial_events(store.plan, 31)])
    store.apply(trial_events(store.plan, 32))
    store.select([32])
    assert [batch.started for batch in batches] == [(31,), (32,)]
    store.apply(trial_events(store.plan, 33))
    drag(store)
    actions.apply_pending()
    assert batches[-1].started == (33,)
    store.apply([*trial_events(store.plan, 34), RunEnded(RunStatus.DONE)])
    assert batches[-1].started == (34,)


def test_the_load_is_known_until_the_process_is_another(store: Store, qtbot: QtBot) -> None:
    load = TrainerLoad(room=3, taken=9, programs=2, lanes=16, traces=4, waste=0.1)
    with qtbot.waitSignal(store.load_changed), qtbot.assertNotEmitted(store.status_changed):
        store.apply([load])
    assert store.load is not None
    assert (store.load.programs, store.load.lanes, store.load.traces, store.load.waste) == (2, 16, 4, 0.1)
    with qtbot.assertNotEmitted(store.load_changed):
        store.apply([TrainerLoad(room=1, taken=12, programs=2, lanes=16, traces=4, waste=0.1)])
    store.apply([TrainerStarting()])
    assert store.load is None


def test_saving_is_news_once_a_minute(store: Store, qtbot: QtBot) -> None:
    store.apply([Saved("2026-01-01T12:00:01.000+00:00")])
    with qtbot.assertNotEmitted(store.status_changed):
        store.apply([Saved("2026-01-01T12:00:59.000+00:00")])
    with qtbot.waitSignal(store.status_changed):
        store.apply([Saved("2026-01-01T12:01:00.000+00:00")])


def test_dragging_back_to_the_current_region_leaves_nothing_pending(store: Store) -> None:
    drag(store)
    assert store.pending is not None
    full = store.plan.region["learning_rate"]
    store.set_pending_extents({"learning_rate": full})
    assert store.pending is None


def test_drags_on_two_parameters_combine(store: Store) -> None:
    drag(store)
    store.set_pending_extents({"momentum": Interval(0.9, 0.99)})
    assert store.pending is not None
    assert store.pending["learning_rate"] == Interval(0.01, 0.1)
    assert store.pending["momentum"] == Interval(0.9, 0.99)


def test_applying_makes_a_stage_saves_it_and_clears_what_was_pending(
    store: Store, actions: Actions, posted: list[Command]
) -> None:
    drag(store)
    actions.apply_pending()
    assert store.pending is None
    assert store.plan.current == 2
    assert store.plan.region["learning_rate"] == Interval(0.01, 0.1)
    assert posted == [SetLog(store.log)]
    assert store.log.undo_text == "Narrow learning_rate 1e-4–1 → 0.01–0.1"


def test_undo_and_redo_walk_the_edits_and_tell_the_session(
    store: Store, actions: Actions, posted: list[Command]
) -> None:
    before = store.plan.region
    drag(store)
    actions.apply_pending()
    after = store.plan.region
    actions.undo()
    assert store.plan.region == before
    actions.redo()
    assert store.plan.region == after
    assert [type(command) for command in posted] == [SetLog] * 3
    actions.redo()
    assert len(posted) == 3


def test_a_stage_with_trials_stays_known_when_its_making_is_undone(store: Store, actions: Actions) -> None:
    drag(store)
    actions.apply_pending()
    store.apply(trial_events(store.plan, 31))
    actions.undo()
    assert store.plan.current == 1
    assert [stage.number for stage in store.plan.stages] == [1, 2]
    assert len(store.history) == 31


def test_a_change_of_a_range_before_the_first_trial_makes_no_stage() -> None:
    from dataclasses import replace

    store = make_store(0)
    actions = Actions(store, [].append)
    actions.set_parameter(replace(store.plan.space["learning_rate"], low=1e-3))
    assert [stage.number for stage in store.plan.stages] == [1]
    assert store.plan.region["learning_rate"] == Interval(1e-3, 1.0)


def test_a_change_of_a_range_after_trials_makes_a_stage(store: Store, actions: Actions) -> None:
    from dataclasses import replace

    actions.set_parameter(replace(store.plan.space["learning_rate"], high=10.0))
    assert store.plan.stage.origin == "space"
    assert store.plan.region["learning_rate"] == Interval(1e-4, 10.0)


def test_a_parameter_that_is_switched_off_remembers_its_range(store: Store, actions: Actions) -> None:
    from dataclasses import replace

    actions.set_parameter(replace(store.plan.space["learning_rate"], low=1e-3))
    actions.switch("learning_rate", on=False)
    assert "learning_rate" not in store.plan.space
    assert store.plan.definition.hyperparameters({})["learning_rate"] == 0.01
    actions.switch("learning_rate", on=True)
    assert store.plan.space["learning_rate"].low == 1e-3


def test_a_viewer_cannot_edit(posted: list[Command]) -> None:
    made = make_store(5)
    viewer = Store(path=made.path, log=made.log, history=made.history, read_only="another window has it open")
    actions = Actions(viewer, posted.append)
    drag(viewer)
    actions.apply_pending()
    assert viewer.plan.current == 1
    assert posted == []


def test_a_suggestion_is_pending_with_its_reason_and_never_applied(store: Store, actions: Actions) -> None:
    assert actions.suggest() is None
    assert store.pending is not None
    assert "best 3 of" in store.pending_note
    assert store.plan.current == 1
    assert len(store.selection) == 3


def test_the_status_follows_a_run(store: Store, actions: Actions, posted: list[Command]) -> None:
    actions.run(trials=8)
    assert posted == [Run(trials=8)]
    store.apply([RunStarted(8, None)])
    assert (store.status.run, store.status.over_at_start) == (RunState.RUNNING, 30)
    store.apply([RunPaused("the disk is full")])
    assert (store.status.run, store.status.pause_reason) == (RunState.PAUSED, "the disk is full")
    store.apply([RunResumed()])
    actions.stop()
    assert store.status.run is RunState.STOPPING
    assert posted[-1] == Stop()
    store.apply([RunEnded(RunStatus.STOPPED)])
    assert store.status.run is RunState.IDLE


def test_saving_that_failed_is_shown_until_it_worked(store: Store) -> None:
    store.apply([SavingFailed("the disk is full")])
    assert store.status.saving_failed == "the disk is full"
    store.apply([Saved("2026-01-01T00:00:00Z")])
    assert store.status.saving_failed is None


def test_only_trials_that_exist_can_be_selected(store: Store, qtbot: QtBot) -> None:
    store.select([3, 99])
    assert store.selection == (3,)
    with qtbot.assertNotEmitted(store.selection_changed):
        store.select([3])
