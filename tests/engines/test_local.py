"""The local engine with real spawned processes; what they run speaks the protocol and needs no TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from multiprocessing.connection import wait

import fake_trainer
import psutil
import pytest

from tuner_gui.engines.local import LocalEngine
from tuner_gui.study.definition import DataSettings, new_definition
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    Notice,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialProgress,
    TrialState,
)

DEFINITION = new_definition("digits")


Make = Callable[..., LocalEngine]


@pytest.fixture
def make() -> Iterator[Make]:
    """Engines of a process that trains many trials at once, closed in the end."""
    made: list[LocalEngine] = []

    def _make(**options: object) -> LocalEngine:
        made.append(LocalEngine(**{"target": fake_trainer.many, **options}))
        return made[-1]

    yield _make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(make: Make) -> LocalEngine:
    """One trial at a time."""
    return make(target=fake_trainer.main)


def collect(engine: LocalEngine, until: Callable[[list[Event]], bool], seconds: float = 15.0) -> list[Event]:
    """Events as the session takes them: wait, ask, until there is enough."""
    events = engine.events()
    end = time.monotonic() + seconds
    while not until(events):
        left = end - time.monotonic()
        assert left > 0, f"only {events}"
        deadline = engine.next_deadline()
        wait(engine.waitables(), timeout=left if deadline is None else max(0.0, min(left, deadline - time.monotonic())))
        events += engine.events()
    return events


def has(kind: type) -> Callable[[list[Event]], bool]:
    return lambda events: any(isinstance(event, kind) for event in events)


def ends(trials: int) -> Callable[[list[Event]], bool]:
    return lambda events: sum(isinstance(event, TrialEnded) for event in events) >= trials


def loads(taken: int) -> Callable[[list[Event]], bool]:
    """Until the process has said how many trials it wants beyond the ``taken``."""
    return lambda events: any(isinstance(event, TrainerLoad) and event.taken >= taken for event in events)


def end_of(events: list[Event], trial: int = 1) -> TrialEnded:
    (ended,) = [event for event in events if isinstance(event, TrialEnded) and event.trial == trial]
    return ended


def epochs_of(events: list[Event], trial: int) -> list[tuple[int, float]]:
    return [(e.epoch, e.metrics["val_accuracy"]) for e in events if isinstance(e, EpochEnded) and e.trial == trial]


def whole_curve(seed: int) -> list[tuple[int, float]]:
    return [(epoch, fake_trainer.accuracy(seed, epoch)) for epoch in range(1, fake_trainer.EPOCHS + 1)]


def ready(engine: LocalEngine) -> list[Event]:
    engine.start(DEFINITION)
    return collect(engine, loads(0))


def submit(engine: LocalEngine, rate: float, trial: int = 1, seed: int = 5) -> None:
    engine.submit(trial=trial, values={"learning_rate": rate}, seed=seed)


def test_an_engine_has_room_once_its_process_is_ready_and_none_while_it_trains(engine: LocalEngine) -> None:
    engine.start(DEFINITION)
    assert engine.room == 0
    events = collect(engine, loads(0))
    assert [type(event) for event in events] == [TrainerStarting, TrainerReady, TrainerLoad]
    assert engine.room == 1
    submit(engine, 0.01)
    assert engine.room == 0
    events = collect(engine, loads(1))
    assert end_of(events) == TrialEnded(1, TrialState.FINISHED, 0.1, value=5.0)
    assert engine.room == 1


def test_starting_again_keeps_the_process_unless_the_data_changed(engine: LocalEngine) -> None:
    ready(engine)
    first = engine.process_id
    engine.start(replace(DEFINITION, seed=9))
    assert engine.process_id == first
    engine.start(replace(DEFINITION, data=DataSettings("wine")))
    events = collect(engine, has(TrainerReady))
    assert engine.process_id != first
    assert TrainerReady("made up rows of wine") in events


def test_a_trial_on_data_that_was_changed_is_cancelled_and_says_so(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    collect(engine, has(TrialProgress))
    engine.start(replace(DEFINITION, data=DataSettings("wine")))
    events = collect(engine, loads(0))
    assert (end_of(events).state, end_of(events).reason) == (TrialState.CANCELLED, "the data of the study changed")
    assert engine.room == 1


@pytest.mark.parametrize(
    ("rate", "words"), [(fake_trainer.DIE_BY_SIGNAL, "signal 9"), (fake_trainer.EXIT, "exit code 7")]
)
def test_a_process_that_dies_fails_its_trial_with_the_reason_and_is_replaced(
    engine: LocalEngine, rate: float, words: str
) -> None:
    ready(engine)
    first = engine.process_id
    submit(engine, rate)
    began = time.monotonic()
    events = collect(engine, has(TrialEnded))
    assert time.monotonic() - began < 2
    assert end_of(events).state is TrialState.FAILED
    assert words in (end_of(events).reason or "")
    assert any(isinstance(event, EpochEnded) for event in events), "what it said before it died counts"
    collect(engine, has(TrainerReady))
    assert engine.process_id != first
    submit(engine, 0.01, trial=2)
    assert end_of(collect(engine, has(TrialEnded)), 2).state is TrialState.FINISHED


def test_a_process_that_gives_no_sign_is_ended_and_its_trial_failed(make: Make) -> None:
    engine = make(target=fake_trainer.main, hang_seconds=0.3)
    ready(engine)
    hanging = psutil.Process(engine.process_id)
    submit(engine, fake_trainer.HANG)
    events = collect(engine, has(TrialEnded))
    assert "no sign" in (end_of(events).reason or "")
    assert not hanging.is_running()


def test_a_paused_process_is_not_taken_for_a_hanging_one(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    assert engine.next_deadline() is not None
    engine.pause()
    assert engine.next_deadline() is None
    engine.resume()
    assert engine.next_deadline() is not None


def test_a_process_that_cannot_start_is_tried_twice_and_then_given_up(make: Make) -> None:
    engine = make(target=fake_trainer.dies_at_start)
    engine.start(DEFINITION)
    events = collect(engine, lambda events: sum(isinstance(event, TrainerFailed) for event in events) == 2)
    assert sum(isinstance(event, TrainerStarting) for event in events) == 2
    assert engine.waitables() == []
    assert "exit code 3" in events[-1].reason


def test_a_process_that_says_why_it_cannot_start_is_believed_at_once(make: Make) -> None:
    engine = make(target=fake_trainer.cannot_load)
    engine.start(DEFINITION)
    events = collect(engine, has(TrainerFailed))
    assert events[-1] == TrainerFailed("the data cannot be loaded")
    assert engine.waitables() == []


def test_a_cancelled_trial_ends_as_cancelled(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    collect(engine, has(TrialProgress))
    engine.cancel(99)
    engine.cancel(1)
    assert end_of(collect(engine, has(TrialEnded))).state is TrialState.CANCELLED


def test_a_pruned_trial_ends_as_pruned(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    engine.cancel(1, pruned=True)
    assert end_of(collect(engine, has(TrialEnded))).state is TrialState.PRUNED


def test_closing_leaves_no_process_and_takes_at_most_two_seconds(make: Make) -> None:
    engine = make(target=fake_trainer.main)
    ready(engine)
    process = psutil.Process(engine.process_id)
    submit(engine, fake_trainer.HANG)
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 2
    assert not process.is_running()
    engine.close()


# --- many at once ---


def test_there_is_room_for_what_the_process_wants_beyond_what_is_on_its_way(make: Make) -> None:
    engine = make()
    ready(engine)
    assert engine.room == fake_trainer.LANES
    for trial in (1, 2, 3):
        submit(engine, fake_trainer.LONG, trial)
    assert engine.room == fake_trainer.LANES - 3
    engine.cancel(2)
    events = collect(engine, loads(3))
    assert end_of(events, 2).state is TrialState.CANCELLED
    assert engine.room == fake_trainer.LANES - 2
    for trial in range(4, 14):
        submit(engine, fake_trainer.LONG, trial)
    assert engine.room == 0


def test_the_process_is_told_how_to_train_and_what_is_searched(make: Make) -> None:
    engine = make(target=fake_trainer.echo, fused=False, threads=3)
    engine.start(DEFINITION)
    assert collect(engine, has(TrainerReady))[-1] == TrainerReady("3 threads, fused False")
    submit(engine, 0.01)
    assert collect(engine, has(Notice))[-1] == Notice(" ".join(sorted(DEFINITION.space.names)))


def test_trials_in_flight_all_end_each_with_its_own_curve(make: Make) -> None:
    engine = make()
    ready(engine)
    for trial in range(1, 9):
        submit(engine, 0.01, trial, seed=trial)
    events = collect(engine, ends(8))
    for trial in range(1, 9):
        assert end_of(events, trial).value == float(trial)
        assert epochs_of(events, trial) == whole_curve(trial)


def begin_together(engine: LocalEngine, rates: Mapping[int, float]) -> None:
    """So that each has given its first sign before any of them goes on."""
    ready(engine)
    engine.pause()
    for trial, rate in rates.items():
        submit(engine, rate, trial, seed=trial)
    engine.resume()


def test_of_many_in_training_the_one_that_kills_the_process_fails_and_the_others_finish(make: Make) -> None:
    engine = make()
    begin_together(engine, {1: 0.01, 2: 0.02, 3: fake_trainer.DIE_BY_SIGNAL, 4: 0.03, 5: 0.04})
    events = collect(engine, has(TrainerFailed))
    assert "signal 9" in events[-2].reason
    assert "trained again, one at a time" in events[-2].reason
    assert not has(TrialEnded)(events)
    assert [len(epochs_of(events, trial)) for trial in range(1, 6)] == [1] * 5
    while not ends(2)(events):
        assert engine.room == 0, "a suspect trains alone"
        events += collect(engine, bool)
    events += collect(engine, lambda new: ends(5)(events + new))
    assert (end_of(events, 3).state, epochs_of(events, 3)) == (TrialState.FAILED, whole_curve(3)[:1])
    assert "signal 9" in (end_of(events, 3).reason or "")
    for trial in (1, 2, 4, 5):
        assert end_of(events, trial).value == float(trial)
        assert epochs_of(events, trial) == whole_curve(trial), "no epoch is missing, and none is told twice"
    assert sum(isinstance(event, TrainerStarting) for event in events) == 2, "what is cleared trains together again"
    assert engine.room > 0


def test_when_none_of_many_kills_the_process_again_all_finish(make: Make) -> None:
    engine = make()
    begin_together(engine, dict.fromkeys((1, 2, 3), fake_trainer.LONG))
    collect(engine, has(TrialProgress))
    psutil.Process(engine.process_id).kill()
    events = collect(engine, has(TrainerReady))
    for trial in (1, 2, 3):
        # It is the next one that trains alone; a long one goes on until it is cancelled.
        events += collect(engine, has(TrialProgress))
        assert {event.trial for event in events if isinstance(event, TrialProgress)} == set(range(1, trial + 1))
        engine.cancel(trial)
        events += collect(engine, ends(1))
        assert end_of(events, trial).state is TrialState.CANCELLED
    assert engine.room > 0


def test_suspects_that_are_cancelled_meanwhile_end_at_once(make: Make) -> None:
    engine = make()
    begin_together(engine, dict.fromkeys(range(1, 7), fake_trainer.LONG))
    collect(engine, has(TrialProgress))
    engine.pause()
    psutil.Process(engine.process_id).kill()
    collect(engine, has(TrainerFailed))
    for trial in range(1, 7):
        engine.cancel(trial)
    assert {event.trial for event in engine.events() if isinstance(event, TrialEnded)} == set(range(1, 7))
    collect(engine, loads(0))
    assert engine.room == fake_trainer.LANES


def test_trials_that_were_cancelled_when_the_process_died_are_not_trained_again(make: Make) -> None:
    engine = make()
    begin_together(engine, {1: fake_trainer.LONG, 2: fake_trainer.LONG})
    collect(engine, has(TrialProgress))
    process = psutil.Process(engine.process_id)
    process.suspend()
    for trial in (1, 2):
        engine.cancel(trial)
    process.kill()
    events = collect(engine, loads(0))
    assert [end_of(events, trial).state for trial in (1, 2)] == [TrialState.CANCELLED] * 2
    assert engine.room == fake_trainer.LANES


def test_one_of_many_that_gives_no_sign_fails_while_the_others_go_on_and_finish(make: Make) -> None:
    engine = make(hang_seconds=0.4)
    begin_together(engine, {1: fake_trainer.LONG, 2: fake_trainer.STUCK, 3: fake_trainer.LONG})
    events = collect(engine, ends(1))
    assert end_of(events, 2).state is TrialState.FAILED
    assert "no sign" in (end_of(events, 2).reason or "")
    again = collect(engine, lambda new: {e.trial for e in new if isinstance(e, TrialProgress)} == {1, 3})
    assert not has(EpochEnded)(again), "their first epochs had been reported"
    for trial in (1, 3):
        engine.cancel(trial)
    assert ends(2)(collect(engine, ends(2)))


def test_a_process_in_which_all_stand_still_is_ended_and_the_one_that_hangs_is_found(make: Make) -> None:
    engine = make(hang_seconds=0.4)
    begin_together(engine, {1: 0.01, 2: fake_trainer.HANG, 3: 0.02})
    events = collect(engine, ends(3))
    assert [end_of(events, trial).state for trial in (1, 2, 3)] == ["finished", "failed", "finished"]
    assert "no sign" in (end_of(events, 2).reason or "")
    for trial in (1, 3):
        assert epochs_of(events, trial) == whole_curve(trial)


def test_trials_that_wait_for_their_turn_do_not_hang_while_others_give_signs(make: Make) -> None:
    engine = make(target=fake_trainer.main, hang_seconds=0.4)
    ready(engine)
    for trial in (1, 2):
        submit(engine, fake_trainer.LONG, trial)
    began = time.monotonic()
    events = collect(engine, lambda _: time.monotonic() - began > 1.0)
    assert not has(TrainerFailed)(events)
    engine.cancel(1)
    collect(engine, lambda new: TrialProgress(2, 0.5) in new)
