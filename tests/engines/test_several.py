"""The engine of several processes, each of which trains one trial of a person's own model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path

import psutil
import pytest
from fake_engine import FakeEngine

from tuner_gui.engines.local import HANG_SECONDS, LocalEngine
from tuner_gui.engines.several import LocalProcesses
from tuner_gui.engines.trust import TrustStore, read_model_file
from tuner_gui.study.definition import DataSettings, Definition, Direction, ModelSettings, Objective, new_definition
from tuner_gui.study.events import Event, TrainerFailed, TrainerLoad, TrainerReady, TrainerStarting, TrialEnded
from tuner_gui.study.own_model import OBJECTIVE, OWN_VALUE
from tuner_gui.training import process

WHO = "import os, time\ndef objective(trial):\n    time.sleep(0.3)\n    return float(os.getpid())\n"


@pytest.fixture
def trust(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "trusted.json")


@pytest.fixture
def definition(tmp_path: Path, trust: TrustStore) -> Definition:
    path = tmp_path / "model.py"
    path.write_text(WHO)
    trust.trust(read_model_file(path))
    model = ModelSettings(kind="own", python=str(path), entry=OBJECTIVE)
    objective = Objective(OWN_VALUE, Direction.MINIMIZE)
    return replace(new_definition("digits"), data=DataSettings(""), model=model, objective=objective)


@pytest.fixture
def engine(trust: TrustStore) -> Iterator[LocalProcesses]:
    def make(*, threads: int | None, hang_seconds: float, device: str) -> LocalEngine:
        return LocalEngine(threads=threads, hang_seconds=hang_seconds, device=device, trust=trust)

    engine = LocalProcesses(make=make, places=lambda: ["", ""])
    yield engine
    engine.close()


def collect(engine: LocalProcesses, until: Callable[[list[Event]], bool], seconds: float = 20.0) -> list[Event]:
    events: list[Event] = []
    deadline = time.monotonic() + seconds
    while not until(events):
        assert time.monotonic() < deadline, events
        wait(engine.waitables(), timeout=0.1)
        events += engine.events()
    return events


def ends(events: list[Event]) -> list[TrialEnded]:
    return [event for event in events if isinstance(event, TrialEnded)]


def test_two_processes_look_like_one_and_train_side_by_side(engine: LocalProcesses, definition: Definition) -> None:
    engine.start(definition)
    events = collect(engine, lambda _: engine.room == 2)
    for trial in (1, 2):
        engine.submit(trial=trial, values={}, seed=trial)
    assert engine.room == 0
    events += collect(engine, lambda found: len(ends(found)) == 2)

    assert sum(isinstance(event, TrainerStarting) for event in events) == 1
    assert sum(isinstance(event, TrainerReady) for event in events) == 1
    assert max(event.lanes for event in events if isinstance(event, TrainerLoad)) == 2
    assert len({end.value for end in ends(events)}) == 2  # each told the number of its process


@pytest.mark.parametrize(("kind", "made"), [("mlp", [(None, HANG_SECONDS)]), ("cnn", [(1, 300.0)] * 3)])
def test_a_cnn_gets_a_process_for_each_place_and_a_perceptron_one(kind: str, made: list[tuple[int, float]]) -> None:
    asked: list[tuple[int | None, float]] = []

    def make(*, threads: int | None, hang_seconds: float, device: str) -> FakeEngine:
        asked.append((threads, hang_seconds))
        return FakeEngine()

    engine = LocalProcesses(make=make, places=lambda: ["", "", ""])
    engine.start(new_definition("digits", kind=kind))
    assert asked == made
    engine.start(new_definition("digits", kind=kind, seed=1))
    assert asked == made


def test_an_untrusted_file_is_not_run_and_that_is_said_once(engine: LocalProcesses, definition: Definition) -> None:
    Path(definition.model.python).write_text(WHO + "# changed\n")
    engine.start(definition)

    (failed,) = engine.events()
    assert isinstance(failed, TrainerFailed)
    assert "has changed since it was trusted" in failed.reason
    assert engine.waitables() == []


def test_a_process_that_has_trained_enough_is_replaced_without_a_word(
    trust: TrustStore, definition: Definition
) -> None:
    def make(*, threads: int | None, hang_seconds: float, device: str) -> LocalEngine:
        return LocalEngine(threads=threads, hang_seconds=hang_seconds, device=device, target=_trains_one, trust=trust)

    engine = LocalProcesses(make=make, places=lambda: [""])
    try:
        engine.start(definition)
        processes: list[float | None] = []
        events: list[Event] = []
        for trial in (1, 2, 3, 4):
            events += collect(engine, lambda _: engine.room == 1)
            engine.submit(trial=trial, values={}, seed=1)
            new = collect(engine, lambda found: len(ends(found)) == 1)
            events += new
            processes.append(ends(new)[0].value)
        # A trial that is handed over before the process has said that it is to be replaced is still trained by it.
        assert len(set(processes)) >= 2
        assert [event for event in events if isinstance(event, TrainerFailed)] == []
    finally:
        engine.close()
    assert not any(psutil.pid_exists(int(number or 0)) for number in processes)


def _trains_one(connection: object) -> None:
    process.MOST_OWN_TRIALS = 1
    process.main(connection)  # type: ignore[arg-type]
