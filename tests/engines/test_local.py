"""The local engine with real spawned processes; what they run speaks the protocol and needs no TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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
    TrainerFailed,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialProgress,
    TrialState,
)

DEFINITION = new_definition("digits")


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    made = LocalEngine(target=fake_trainer.main)
    yield made
    made.close()


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


def ready(engine: LocalEngine) -> None:
    engine.start(DEFINITION)
    collect(engine, has(TrainerReady))


def submit(engine: LocalEngine, rate: float, trial: int = 1, seed: int = 5) -> None:
    engine.submit(trial=trial, values={"learning_rate": rate}, seed=seed)


def test_an_engine_has_room_once_its_process_is_ready_and_none_while_it_trains(engine: LocalEngine) -> None:
    engine.start(DEFINITION)
    assert engine.room == 0
    events = collect(engine, has(TrainerReady))
    assert [type(event) for event in events] == [TrainerStarting, TrainerReady]
    assert engine.room == 1
    submit(engine, 0.01)
    assert engine.room == 0
    ended = collect(engine, has(TrialEnded))[-1]
    assert ended == TrialEnded(1, TrialState.FINISHED, 0.1, value=5.0)
    assert engine.room == 1


def test_starting_again_keeps_the_process_unless_the_data_changed(engine: LocalEngine) -> None:
    ready(engine)
    first = engine.process_id
    engine.start(replace(DEFINITION, seed=9))
    assert engine.process_id == first
    engine.start(replace(DEFINITION, data=DataSettings("wine")))
    events = collect(engine, has(TrainerReady))
    assert engine.process_id != first
    assert events[-1] == TrainerReady("made up rows of wine")


def test_a_trial_on_data_that_was_changed_is_cancelled_and_says_so(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    collect(engine, has(TrialProgress))
    engine.start(replace(DEFINITION, data=DataSettings("wine")))
    events = collect(engine, has(TrainerReady))
    (ended,) = [event for event in events if isinstance(event, TrialEnded)]
    assert (ended.state, ended.reason) == (TrialState.CANCELLED, "the data of the study changed")
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
    (ended,) = [event for event in events if isinstance(event, TrialEnded)]
    assert ended.state is TrialState.FAILED
    assert words in (ended.reason or "")
    assert any(isinstance(event, EpochEnded) for event in events), "what it said before it died counts"
    collect(engine, has(TrainerReady))
    assert engine.process_id != first
    submit(engine, 0.01, trial=2)
    assert collect(engine, has(TrialEnded))[-1].state is TrialState.FINISHED


def test_a_process_that_gives_no_sign_is_ended_and_its_trial_failed() -> None:
    engine = LocalEngine(target=fake_trainer.main, hang_seconds=0.3)
    ready(engine)
    hanging = psutil.Process(engine.process_id)
    submit(engine, fake_trainer.HANG)
    events = collect(engine, has(TrialEnded))
    reason = next(event.reason for event in events if isinstance(event, TrialEnded))
    assert "no sign" in (reason or "")
    assert not hanging.is_running()
    engine.close()


def test_a_paused_process_is_not_taken_for_a_hanging_one(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    assert engine.next_deadline() is not None
    engine.pause()
    assert engine.next_deadline() is None
    engine.resume()
    assert engine.next_deadline() is not None


def test_a_process_that_cannot_start_is_tried_twice_and_then_given_up() -> None:
    engine = LocalEngine(target=fake_trainer.dies_at_start)
    engine.start(DEFINITION)
    events = collect(engine, lambda events: sum(isinstance(event, TrainerFailed) for event in events) == 2)
    assert sum(isinstance(event, TrainerStarting) for event in events) == 2
    assert engine.waitables() == []
    assert "exit code 3" in events[-1].reason
    engine.close()


def test_a_process_that_says_why_it_cannot_start_is_believed_at_once() -> None:
    engine = LocalEngine(target=fake_trainer.cannot_load)
    engine.start(DEFINITION)
    events = collect(engine, has(TrainerFailed))
    assert events[-1] == TrainerFailed("the data cannot be loaded")
    assert engine.waitables() == []
    engine.close()


def test_a_cancelled_trial_ends_as_cancelled(engine: LocalEngine) -> None:
    ready(engine)
    submit(engine, fake_trainer.LONG)
    collect(engine, has(TrialProgress))
    engine.cancel(99)
    engine.cancel(1)
    assert collect(engine, has(TrialEnded))[-1].state is TrialState.CANCELLED


def test_closing_leaves_no_process_and_takes_at_most_two_seconds() -> None:
    engine = LocalEngine(target=fake_trainer.main)
    ready(engine)
    process = psutil.Process(engine.process_id)
    submit(engine, fake_trainer.HANG)
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 2
    assert not process.is_running()
    engine.close()
