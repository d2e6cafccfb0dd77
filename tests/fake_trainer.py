"""A training process without TensorFlow that speaks the real protocol; the learning rate decides what it does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from tuner_gui.study.events import (
    EpochEnded,
    Event,
    Notice,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrialEnded,
    TrialProgress,
    TrialState,
)
from tuner_gui.training.messages import Cancel, Job, Message, Pause, Quit, Resume, Setup

DIE_BY_SIGNAL, EXIT, HANG, LONG = 0.9, 0.8, 0.7, 0.6
# Gives one sign and no other, while those beside it go on.
STUCK = 0.5
LANES, EPOCHS = 8, 4


def main(connection: Connection) -> None:
    """One trial at a time, over after one epoch."""
    _Process(connection, lanes=1, epochs=1).serve()


def many(connection: Connection) -> None:
    """Eight trials at once, of four epochs each; those of one moment arrive together."""
    _Process(connection, lanes=LANES, epochs=EPOCHS).serve()


def cannot_load(connection: Connection) -> None:
    connection.recv()
    connection.send((TrainerFailed("the data cannot be loaded"),))
    connection.recv()


def dies_at_start(connection: Connection) -> None:
    connection.recv()
    sys.exit(3)


def echo(connection: Connection) -> None:
    """Says what it was told to do."""
    setup = connection.recv()
    connection.send((TrainerReady(f"{setup.threads} threads, fused {setup.fused}"),))
    connection.send((Notice(" ".join(sorted(connection.recv().searched))),))
    connection.recv()


def accuracy(seed: int, epoch: int) -> float:
    return seed / 1000 + epoch / 100


@dataclass
class _Lane:
    job: Job
    epoch: int = 0

    @property
    def rate(self) -> object:
        return self.job.hyperparameters["learning_rate"]


class _Process:
    def __init__(self, connection: Connection, *, lanes: int, epochs: int) -> None:
        self._connection = connection
        self._lanes = lanes
        self._epochs = epochs
        self._training: dict[int, _Lane] = {}
        self._taken = 0
        self._paused = False
        self._quits = False

    def serve(self) -> None:
        while not self._quits:
            trains = bool(self._training) and not self._paused
            # As fast as it goes, or as slowly as it takes to be interrupted.
            pause = 0.01 if any(lane.rate in (LONG, STUCK) for lane in self._training.values()) else 0.0
            if self._connection.poll(pause if trains else None):
                self._take()
            elif trains:
                self._train()

    def _take(self) -> None:
        try:
            self._handle(self._connection.recv())
        except EOFError:
            self._quits = True

    def _handle(self, message: Message) -> None:
        match message:
            case Setup():
                self._say(TrainerReady(f"made up rows of {message.data.source}"))
                self._say(self._load())
            case Job():
                self._taken += 1
                self._training[message.trial] = _Lane(message)
            case Cancel() if message.trial in self._training:
                del self._training[message.trial]
                state = TrialState.PRUNED if message.pruned else TrialState.CANCELLED
                self._say(TrialEnded(message.trial, state, 0.1, reason="cancelled"), self._load())
            case Pause() | Resume():
                self._paused = isinstance(message, Pause)
            case Quit():
                self._quits = True

    def _train(self) -> None:
        """One epoch of all, reported together; who kills the process does so after that of its first epoch."""
        before = len(self._training)
        at_once = list(self._training.values())[: self._lanes]
        told = [event for lane in at_once for event in self._epoch(lane)]
        self._say(*told, *([self._load()] if len(self._training) != before else []))
        for lane in self._training.values():
            if lane.epoch == 1:
                _do_harm(lane)

    def _epoch(self, lane: _Lane) -> list[Event]:
        job = lane.job
        if lane.rate in (LONG, STUCK) and lane.epoch:
            return [TrialProgress(job.trial, 0.5)] if lane.rate == LONG else []
        lane.epoch += 1
        told: list[Event] = [EpochEnded(job.trial, lane.epoch, {"val_accuracy": accuracy(job.seed, lane.epoch)})]
        if lane.epoch == self._epochs and lane.rate not in (DIE_BY_SIGNAL, EXIT, HANG, LONG, STUCK):
            del self._training[job.trial]
            told.append(TrialEnded(job.trial, TrialState.FINISHED, 0.1, value=float(job.seed)))
        return told

    def _load(self) -> TrainerLoad:
        return TrainerLoad(self._lanes - len(self._training), self._taken, programs=1, lanes=len(self._training))

    def _say(self, *events: Event) -> None:
        try:
            if events:
                self._connection.send(events)
        except OSError:
            self._quits = True


def _do_harm(lane: _Lane) -> None:
    if lane.rate == DIE_BY_SIGNAL:
        os.kill(os.getpid(), signal.SIGKILL)
    if lane.rate == EXIT:
        sys.exit(7)
    if lane.rate == HANG:
        threading.Event().wait(60)
