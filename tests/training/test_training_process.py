"""The training process over a real pipe: spawned as the engine spawns it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import psutil
import pytest
from training_lab import a_job

from tuner_gui.study.definition import DataSettings
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    FinalFigure,
    Notice,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrialEnded,
    TrialProgress,
    TrialState,
    WeightsKept,
)
from tuner_gui.training import process
from tuner_gui.training.messages import Cancel, ChangeRates, FindFinalFigure, Pause, Quit, Resume, Setup

LONG = 100_000  # epochs: no test waits for the end of these


class Trainer:
    """Our end of the pipe, and the process at the other."""

    def __init__(self, connection: Connection, child: Any) -> None:
        self.connection, self.child = connection, child
        self._arrived: deque[Event] = deque()

    def send(self, *messages: Any) -> None:
        for message in messages:
            self.connection.send(message)

    def until(self, wanted: Callable[[Event], bool], seconds: float = 60.0) -> list[Event]:
        """All events up to the first that is wanted."""
        events: list[Event] = []
        deadline = time.monotonic() + seconds
        while not (events and wanted(events[-1])):
            left = max(0.0, deadline - time.monotonic())
            event = self.next_within(left)
            assert event is not None, f"nothing after {events[-3:]}"
            if not isinstance(event, TrainerLoad):
                events.append(event)
        return events

    def next_within(self, seconds: float) -> Event | None:
        """The next event; what happened at the same moment arrives together."""
        if not self._arrived and self.connection.poll(seconds):
            self._arrived.extend(self.connection.recv())
        return self._arrived.popleft() if self._arrived else None

    def until_end_of(self, trial: int) -> list[Event]:
        return self.until(lambda event: isinstance(event, TrialEnded) and event.trial == trial)

    def ends_of(self, *trials: int) -> dict[int, TrialState]:
        ends: dict[int, TrialState] = {}
        while ends.keys() != set(trials):
            end = self.until(lambda event: isinstance(event, TrialEnded))[-1]
            assert isinstance(end, TrialEnded)
            ends[end.trial] = end.state
        return ends

    def ends_within(self, seconds: float) -> bool:
        self.child.join(seconds)
        return not self.child.is_alive()


@contextlib.contextmanager
def spawned() -> Iterator[Trainer]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=process.main, args=(theirs,), daemon=True)
    child.start()
    theirs.close()
    try:
        yield Trainer(ours, child)
    finally:
        ours.close()
        child.join(5)
        child.kill()
        child.join()
        child.close()


def is_epoch(event: Event) -> bool:
    return isinstance(event, EpochEnded)


def epoch_of(event: Event) -> int:
    return event.epoch if isinstance(event, EpochEnded) else 0


def is_ready(event: Event) -> bool:
    return isinstance(event, TrainerReady)


def test_a_parent_that_imports_it_does_not_load_tensorflow() -> None:
    code = (
        "import sys; import tuner_gui.training.process, tuner_gui.training.messages;"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'PySide6') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_whole_protocol(capfd: pytest.CaptureFixture[str]) -> None:
    with spawned() as trainer:
        _gets_ready(trainer)
        npz = _trains_to_the_end(trainer)
        _finds_the_final_figure(trainer, npz)
        _goes_on_after_failures(trainer)
        _cancels_what_runs_and_what_waits(trainer)
        _changes_a_rate_while_it_trains(trainer)
        _holds_while_paused(trainer)
        _survives_ctrl_c_and_is_modest(trainer)
        trainer.send(a_job(90, epochs=LONG), Quit())
        assert trainer.ends_within(3)
        assert trainer.child.exitcode == 0
    written = capfd.readouterr()
    assert (written.out, written.err) == ("", "")


def _gets_ready(trainer: Trainer) -> None:
    trainer.send(Setup(DataSettings("wine"), threads=1))
    assert trainer.until(is_ready) == [TrainerReady("106 / 36 / 36 rows, 13 inputs, 3 classes")]


def _trains_to_the_end(trainer: Trainer) -> bytes:
    trainer.send(a_job(1, epochs=4, objective="val_accuracy"))
    *epochs, kept, end = [e for e in trainer.until_end_of(1) if not isinstance(e, TrialProgress)]
    assert [event.epoch for event in epochs if isinstance(event, EpochEnded)] == [1, 2, 3, 4]
    assert isinstance(end, TrialEnded)
    assert end.state is TrialState.FINISHED
    assert end.value == epochs[-1].metrics["val_accuracy"]  # type: ignore[union-attr]
    assert end.seconds > 0
    assert isinstance(kept, WeightsKept)
    return kept.npz


def _finds_the_final_figure(trainer: Trainer, npz: bytes) -> None:
    trainer.send(FindFinalFigure(1, a_job().hyperparameters, npz))
    (found,) = trainer.until(lambda _: True)
    assert isinstance(found, FinalFigure)
    assert set(found.metrics) == {"test_loss", "test_accuracy"}
    assert 0.3 < found.metrics["test_accuracy"] <= 1
    trainer.send(FindFinalFigure(1, a_job(units=9).hyperparameters, npz))
    (refused,) = trainer.until(lambda _: True)
    assert isinstance(refused, Notice)
    assert "no final figure for trial 1: the kept weights are not those of this trial" in refused.text


def _goes_on_after_failures(trainer: Trainer) -> None:
    trainer.send(a_job(2, units=-3), a_job(3, learning_rate=1e30, batch_norm=False), a_job(4, epochs=1))
    assert trainer.ends_of(2, 3, 4) == {2: TrialState.FAILED, 3: TrialState.DIVERGED, 4: TrialState.FINISHED}


def _cancels_what_runs_and_what_waits(trainer: Trainer) -> None:
    others = range(100, 200)  # more than find a place
    trainer.send(a_job(5, epochs=LONG), *(a_job(number, epochs=LONG) for number in others), Cancel(77))
    trainer.until(is_epoch)
    trainer.send(Cancel(5, pruned=True), *(Cancel(number) for number in others))
    began = time.monotonic()
    ends = trainer.ends_of(5, *others)
    assert time.monotonic() - began < 2
    assert ends == {5: TrialState.PRUNED, **dict.fromkeys(others, TrialState.CANCELLED)}


def _changes_a_rate_while_it_trains(trainer: Trainer) -> None:
    trainer.send(a_job(30, epochs=LONG), ChangeRates(30, {"learning_rate": 1e30}))
    (end,) = trainer.ends_of(30).values()
    assert end is TrialState.DIVERGED
    trainer.send(ChangeRates(30, {"learning_rate": 0.1}))
    (refused,) = trainer.until(lambda _: True)
    assert isinstance(refused, Notice)
    assert refused.text == "trial 30 trains on as it was: trial 30 is not in training"


def _holds_while_paused(trainer: Trainer) -> None:
    trainer.send(a_job(7, epochs=LONG))
    last = epoch_of(trainer.until(is_epoch)[-1])
    trainer.send(Pause())
    while event := trainer.next_within(0.5):  # what was on its way; then silence
        last = max(last, epoch_of(event))
    trainer.send(Resume())
    assert epoch_of(trainer.until(is_epoch)[-1]) == last + 1
    trainer.send(Pause(), Cancel(7))
    trainer.until_end_of(7)
    trainer.send(a_job(8, epochs=1))
    while event := trainer.next_within(0.5):
        assert isinstance(event, TrainerLoad)
    trainer.send(Resume())
    trainer.until_end_of(8)


def _survives_ctrl_c_and_is_modest(trainer: Trainer) -> None:
    os.kill(trainer.child.pid, signal.SIGINT)
    assert psutil.Process(trainer.child.pid).nice() > psutil.Process().nice()
    trainer.send(a_job(9, epochs=1))
    trainer.until_end_of(9)


@pytest.mark.slow
def test_no_process_outlives_its_parent_even_while_it_trains() -> None:
    with spawned() as trainer:
        trainer.send(Setup(DataSettings("digits"), threads=1), a_job(1, epochs=LONG))
        trainer.until(is_epoch)
        trainer.connection.close()
        assert trainer.ends_within(3)


@pytest.mark.slow
def test_data_that_cannot_be_loaded_is_said_in_words_and_a_trial_fails_for_it() -> None:
    with spawned() as trainer:
        trainer.send(Setup(DataSettings("digit"), threads=1), a_job(1))
        failed, ended = trainer.until_end_of(1)
        assert isinstance(failed, TrainerFailed)
        assert "did you mean digits" in failed.reason
        assert isinstance(ended, TrialEnded)
        assert ended.state is TrialState.FAILED
        assert trainer.child.is_alive()
