"""Trains models of a person's own file, or the built-in CNN, one trial at a time, in a process where nothing else does.

It is told what :class:`.trainer.Trainer` is told, and reports the same events. The file is loaded with the first trial.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    Notice,
    TrainerLoad,
    TrialEnded,
    TrialProgress,
    TrialState,
    WeightsKept,
)
from tuner_gui.study.own_model import OBJECTIVE, OWN_SEARCH, OWN_VALUE
from tuner_gui.training import own_search
from tuner_gui.training.asked import Asked
from tuner_gui.training.data import Split
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.messages import Job
from tuner_gui.training.own_build import GivenUpError, batch_size, built, figure_on_test_part, forget, set_seed
from tuner_gui.training.own_file import OwnFile, OwnFileError
from tuner_gui.training.own_following import Follower
from tuner_gui.training.own_trial import OwnTrial
from tuner_gui.training.pace import Pace
from tuner_gui.training.quiet import swallowed

Report = Callable[[Sequence[Event]], None]

SIGN_SECONDS = 0.25
MOST_REPORTS = 10_000
"""Of one trial; what a file reports beyond that is not kept in its curve."""

LARGEST_KEPT = 50_000_000
"""Weights of more bytes than this are not kept in a study file."""


@dataclass(eq=False)
class _Running:
    """One trial: what it is to train, how far it is, how it was ended from outside."""

    job: Job
    began: float = field(default_factory=time.monotonic)
    paused: float = 0.0
    given_up: TrialState | None = None
    last: Mapping[str, float] = field(default_factory=dict)
    epoch: int = 0
    last_sign: float = -math.inf
    told_to_prune: bool = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began - self.paused

    def ended(self, state: TrialState, reason: str | None = None) -> TrialEnded:
        has_value = state in (TrialState.FINISHED, TrialState.PRUNED)
        value = self.last.get(self.job.objective) if has_value else None
        return TrialEnded(self.job.trial, state, self.seconds, value=value, reason=reason)


class OwnTrainer:
    """``load`` gives the file when the first trial needs it; ``split`` is None where the file brings its own data.

    ``report`` gets what happens, from any thread; each trial ends with exactly one TrialEnded. ``trial_ended`` is
    called after each, when nothing of it is held any more.
    """

    def __init__(
        self,
        load: Callable[[], OwnFile],
        split: Split | None,
        *,
        report: Report,
        trial_ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._load_file = load
        self._file: OwnFile | None = None
        self._split = split
        self._report = report
        self._trial_ended = trial_ended
        self._condition = threading.Condition()
        self._keras = threading.Lock()
        self._queue: deque[_Running] = deque()
        self._now: _Running | None = None
        self._taken = 0
        self._paused = self._closed = False

    # --- what it is told ---

    def submit(self, job: Job) -> None:
        with self._condition:
            self._taken += 1
            self._queue.append(_Running(job))
            self._condition.notify_all()
        self.tell_load()

    def give_up(self, trial: int, end: TrialState) -> None:
        with self._condition:
            if self._now is not None and self._now.job.trial == trial:
                self._now.given_up = end
                self._condition.notify_all()
            for waiting in [waiting for waiting in self._queue if waiting.job.trial == trial]:
                self._queue.remove(waiting)
                self._report([TrialEnded(trial, end, 0.0)])
        self.tell_load()

    def change(self, trial: int, rates: Mapping[str, float]) -> None:  # noqa: ARG002
        raise ValueError("the rates of a CNN or of a model of your own cannot be changed while it trains")

    def pause(self) -> None:
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        with self._condition:
            self._paused = False
            self._condition.notify_all()

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def final_figure(self, hyperparameters: Mapping[str, Value], npz: bytes) -> dict[str, float]:
        """The metrics of kept weights on the test part. ValueError where that cannot be found out now."""
        split = self._split
        if split is None:
            raise ValueError("the file brings its own data, so there is no test part here")
        if not self._keras.acquire(blocking=False):
            raise ValueError("a trial is in training; ask again when the run is over")
        try:
            with swallowed():
                return figure_on_test_part(self._loaded(), split, hyperparameters, npz)
        except OwnFileError as error:
            raise ValueError(str(error)) from None
        finally:
            self._keras.release()

    def tell_load(self) -> None:
        with self._condition:
            busy = len(self._queue) + (self._now is not None)
            lanes = int(self._now is not None)
            load = TrainerLoad(room=0 if busy else 1, taken=self._taken, programs=lanes, lanes=lanes)
        self._report([load])

    # --- work ---

    def serve(self) -> None:
        """Train what is submitted until closed. For one thread of its own."""
        while (running := self._next()) is not None:
            self._run(running)

    def run_until_idle(self) -> None:
        """Train in this thread what has been submitted."""
        while self._queue:
            running = self._next()
            if running is not None:
                self._run(running)

    def _next(self) -> _Running | None:
        with self._condition:
            while not self._closed and (self._paused or not self._queue):
                self._condition.wait()
            if self._closed:
                return None
            self._now = self._queue.popleft()
            self._now.began = time.monotonic()
            return self._now

    def _run(self, running: _Running) -> None:
        with self._keras:
            self._report([TrialProgress(running.job.trial, 0.0)])
            self.tell_load()
            end = self._outcome(running)
            forget()
        with self._condition:
            self._now = None
        self._report([end])
        self.tell_load()
        self._trial_ended()

    def _outcome(self, running: _Running) -> TrialEnded:
        values = running.job.hyperparameters
        file: OwnFile | None = None
        with swallowed() as printed:
            try:
                file = self._loaded()
                return self._trained(file, running)
            except GivenUpError:
                has_diverged = running.given_up is TrialState.DIVERGED
                why = f"{running.job.objective} is no number after epoch {running.epoch}" if has_diverged else None
                return running.ended(running.given_up or TrialState.CANCELLED, why)
            except OwnFileError as error:
                reason = str(error)
            except BaseException as error:  # noqa: BLE001 - SystemExit among them: the process goes on
                if _is_pruned(error):
                    return running.ended(TrialState.PRUNED, "by the file itself")
                reason = str(file.error(error, values)) if file is not None else f"{type(error).__name__}: {error}"
        return running.ended(TrialState.FAILED, f"{reason}{_last_words(printed.text)}")

    def _trained(self, file: OwnFile, running: _Running) -> TrialEnded:
        if file.entry == OBJECTIVE:
            return self._objective(file, running)
        if file.entry == OWN_SEARCH or (self._split is None and file.given is not None):
            return self._search(file, running)
        return self._network(file, running)

    def _loaded(self) -> OwnFile:
        if self._file is None:
            self._file = self._load_file()
        return self._file

    # --- a file with build_model ---

    def _network(self, file: OwnFile, running: _Running) -> TrialEnded:
        if self._split is None:
            raise OwnFileError(
                "; ".join((f"{file.path}: build_model needs data: [data] source is missing", *file.notes))
            )
        hp, network = built(file, self._split, running.job.hyperparameters, seed=running.job.seed)
        self._say_what_was_missing(running, [name for name, wanted in hp.read.items() if wanted.parameter])
        batch, pace = batch_size(running.job.hyperparameters, hp), Pace()
        shuffle = np.random.default_rng(running.job.seed)
        for epoch in range(1, running.job.epochs + 1):
            self._train_epoch(running, network, pace, shuffle.permutation(len(self._split.train)), batch)
            end = self._note_epoch(running, epoch, network.end_epoch())
            if end is not None:
                return end
        kept = network.weights()
        if len(kept) <= LARGEST_KEPT:
            self._report([WeightsKept(running.job.trial, kept)])
        return running.ended(TrialState.FINISHED)

    def _train_epoch(self, running: _Running, network: Any, pace: Pace, order: Any, batch: int) -> None:
        starts = list(range(0, len(order), batch))
        done = 0
        while done < len(starts):
            self._look_up(running, (running.epoch + done / len(starts)) / running.job.epochs)
            chunk, began = starts[done : done + pace.steps], time.monotonic()
            for start in chunk:
                network.train(order[start : start + batch])
            pace.note(len(chunk), time.monotonic() - began)
            done += len(chunk)
        self._look_up(running, (running.epoch + 1) / running.job.epochs)

    def _note_epoch(self, running: _Running, epoch: int, metrics: Mapping[str, float]) -> TrialEnded | None:
        """Report it; returns the end of the trial if its loss is no number any more."""
        running.epoch, running.last = epoch, metrics
        self._report([EpochEnded(running.job.trial, epoch, metrics)])
        if math.isfinite(metrics["val_loss"]):
            return None
        word = "NaN" if math.isnan(metrics["val_loss"]) else "infinite"
        return running.ended(TrialState.DIVERGED, f"validation loss became {word} at epoch {epoch}")

    # --- a file that trains as the search of its tuner would ---

    def _search(self, file: OwnFile, running: _Running) -> TrialEnded:
        job, hp = running.job, HyperParameters(running.job.hyperparameters)
        set_seed(job.seed)

        def ended(metrics: Mapping[str, float]) -> None:
            self._own_epoch(running, metrics)

        def look_up(fraction: float | None) -> None:
            self._look_up(running, fraction)

        hears = Follower(job.objective, grows=job.grows, ended=ended, look_up=look_up, largest=LARGEST_KEPT)
        result = own_search.run(file, hp, hears, number=job.trial, epochs=job.epochs, split=self._split)
        self._say_what_was_missing(running, [name for name, wanted in hp.read.items() if wanted.parameter])
        if result is None and hears.figures is not None:
            result = hears.figures  # it has reported all that there is
        found = own_search.figures(file, result, job.objective, grows=job.grows)
        if hears.figures is None:
            self._own_epoch(running, found)
        running.last = found
        if not math.isfinite(found[job.objective]):
            return running.ended(TrialState.DIVERGED, f"{job.objective} became {found[job.objective]}")
        if (kept := hears.npz()) is not None:
            self._report([WeightsKept(job.trial, kept)])
        return running.ended(TrialState.FINISHED)

    def _own_epoch(self, running: _Running, metrics: Mapping[str, float]) -> None:
        running.last = metrics
        if running.epoch < MOST_REPORTS:
            running.epoch += 1
            self._report([EpochEnded(running.job.trial, running.epoch, metrics)])
        if not math.isfinite(metrics.get(running.job.objective, 0.0)):
            running.given_up = running.given_up or TrialState.DIVERGED
        self._look_up(running, running.epoch / max(running.job.epochs, running.epoch))

    # --- a file with objective ---

    def _objective(self, file: OwnFile, running: _Running) -> TrialEnded:
        job = running.job
        trial = OwnTrial(job.trial, job.hyperparameters, _Listener(self, running), seed=job.seed)
        set_seed(job.seed)
        value = file.call(trial)
        if trial.made_up:
            self._say_what_was_missing(running, trial.made_up)
        if isinstance(value, (list, tuple)) and len(value) == 1:
            value = value[0]
        told = own_search.numbers_in({OWN_VALUE: value})
        if isinstance(value, (bool, str)) or not told:
            kind = "nothing (None)" if value is None else f"a {type(value).__name__}"
            raise OwnFileError(f"{file.path}: objective returned {kind}: expected a number")
        number = told[OWN_VALUE]
        if not math.isfinite(number):
            return running.ended(TrialState.DIVERGED, f"objective returned {number}")
        if not running.epoch or running.last.get(OWN_VALUE) != number:
            running.epoch += 1
            running.last = {OWN_VALUE: number}
            self._report([EpochEnded(job.trial, running.epoch, running.last)])
        return running.ended(TrialState.FINISHED)

    def reported(self, running: _Running, value: float) -> None:
        """A file's own report: each is an epoch here, whatever step it names."""
        running.last = {OWN_VALUE: value}
        if running.epoch < MOST_REPORTS:
            running.epoch += 1
            self._report([EpochEnded(running.job.trial, running.epoch, running.last)])
        self._look_up(running, running.epoch / max(running.job.epochs, running.epoch + 1))

    def is_to_prune(self, running: _Running) -> bool:
        """Asked by the file, which then ends itself. One that does not is ended when it asks or reports again."""
        if running.given_up is TrialState.PRUNED and not running.told_to_prune:
            running.told_to_prune = True
            return True
        self._look_up(running, None)
        return False

    def look_up(self, running: _Running) -> None:
        self._look_up(running, None)

    # --- between two chunks ---

    def _look_up(self, running: _Running, fraction: float | None) -> None:
        """Wait while paused, end where the trial was given up, and give a sign of life."""
        with self._condition:
            since = time.monotonic()
            while self._paused and not self._closed and running.given_up is None:
                self._condition.wait()
            running.paused += time.monotonic() - since
            if running.given_up is not None or self._closed:
                raise GivenUpError
        now = time.monotonic()
        if fraction is not None and now - running.last_sign >= SIGN_SECONDS:
            running.last_sign = now
            self._report([TrialProgress(running.job.trial, min(1.0, fraction))])

    def _say_what_was_missing(self, running: _Running, read: Sequence[str]) -> None:
        missing = [name for name in read if name not in running.job.hyperparameters]
        if missing and running.job.trial == 0:
            words = f"{', '.join(missing)}: asked for by the file, and neither searched nor set here"
            self._report([Notice(words)])


class _Listener:
    """Passes on what a running objective does."""

    def __init__(self, trainer: OwnTrainer, running: _Running) -> None:
        self._trainer = trainer
        self._running = running

    def suggested(self, wanted: Asked) -> None:  # noqa: ARG002
        self._trainer.look_up(self._running)

    def reported(self, value: float, step: int) -> None:  # noqa: ARG002
        self._trainer.reported(self._running, value)

    @property
    def should_prune(self) -> bool:
        return self._trainer.is_to_prune(self._running)


def _is_pruned(error: BaseException) -> bool:
    return type(error).__name__ == "TrialPruned" and type(error).__module__.startswith("optuna")


def _last_words(printed: str) -> str:
    line = printed.splitlines()[-1].strip() if printed else ""
    return f"; it printed last: {line[:120]}" if line else ""
