"""A training process without TensorFlow that speaks the real protocol; the learning rate decides what it does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection

from tuner_gui.study.events import EpochEnded, TrainerFailed, TrainerReady, TrialEnded, TrialProgress, TrialState
from tuner_gui.training.messages import Cancel, Job, Quit, Setup

DIE_BY_SIGNAL, EXIT, HANG, LONG = 0.9, 0.8, 0.7, 0.6


def main(connection: Connection) -> None:
    while True:
        try:
            message = connection.recv()
        except EOFError:
            return
        if isinstance(message, Setup):
            connection.send(TrainerReady(f"made up rows of {message.data.source}"))
        elif isinstance(message, Job):
            _train(connection, message)
        elif isinstance(message, Quit):
            return


def cannot_load(connection: Connection) -> None:
    connection.recv()
    connection.send(TrainerFailed("the data cannot be loaded"))
    connection.recv()


def dies_at_start(connection: Connection) -> None:
    connection.recv()
    sys.exit(3)


def _train(connection: Connection, job: Job) -> None:
    rate = job.hyperparameters["learning_rate"]
    connection.send(EpochEnded(job.trial, 1, {"val_accuracy": 0.5}))
    if rate == DIE_BY_SIGNAL:
        os.kill(os.getpid(), signal.SIGKILL)
    if rate == EXIT:
        sys.exit(7)
    if rate == HANG:
        threading.Event().wait(60)
    if rate == LONG:
        _train_until_cancelled(connection, job)
        return
    connection.send(TrialEnded(job.trial, TrialState.FINISHED, 0.1, value=float(job.seed)))


def _train_until_cancelled(connection: Connection, job: Job) -> None:
    while not connection.poll(0.01):
        connection.send(TrialProgress(job.trial, 0.5))
    assert connection.recv() == Cancel(job.trial)
    connection.send(TrialEnded(job.trial, TrialState.CANCELLED, 0.1, reason="cancelled"))
