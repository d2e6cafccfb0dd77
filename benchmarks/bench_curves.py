"""How long the window's thread is busy with a flood of events: 1,000 trials shown, 64 in training, all plots in view.

Batches arrive 30 times a second, as from a training process with a few fused programs: about 1,000 epochs and 50 ends
a second, in bursts, since the lanes of a program end their epochs together. Nothing trains meanwhile; the events are
made up beforehand. The window at rest, with the same trials shown, is measured in turn with it.

python -m benchmarks.bench_curves [ROUNDS] [TRIALS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.bench_window import Lateness, NoEngine, Scene, wait
from benchmarks.big_study import EPOCHS, events_of_trial, write_big_study
from benchmarks.measure import line, verdict
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import apply_theme
from tuner_gui.study.events import (
    Event,
    RunEnded,
    RunStarted,
    RunStatus,
    Saved,
    TrainerLoad,
    TrainerReady,
    TrialProgress,
    TrialQueued,
)
from tuner_gui.study.stages import Plan

PERIOD_MS = 33
SECONDS = 8.0
PROGRAMS, LANES = 4, 16
# So many batches lie between two epochs of a program: 64 lanes then end 1,000 epochs a second.
BATCHES_PER_EPOCH = 2
STAMP = "2026-01-01T00:00:00+00:00"


class Lane:
    """What one lane sends: a whole trial, epoch by epoch, and at its end the start of the next one."""

    def __init__(self, plan: Plan, numbers: Iterator[int]) -> None:
        self._plan = plan
        self._numbers = numbers
        self._epochs: list[Event] = []

    def start(self, skip: int = 0) -> list[Event]:
        number = next(self._numbers)
        start, *self._epochs = events_of_trial(self._plan, number)
        queued = TrialQueued(number, start.stage, start.values, start.seed, time.monotonic())
        done, self._epochs = self._epochs[:skip], self._epochs[skip:]
        return [queued, start, *done]

    def step(self) -> list[Event]:
        """One more epoch."""
        epoch = self._epochs.pop(0)
        progress = TrialProgress(epoch.trial, epoch.epoch / EPOCHS)
        if len(self._epochs) > 1:
            return [progress, epoch]
        return [progress, epoch, self._epochs.pop(0), Saved(STAMP), *self.start()]


def flood(plan: Plan, known: int) -> Iterator[list[Event]]:
    """Batches without end: the first one starts all lanes, later ones bring the epochs of one program or two."""
    numbers = iter(range(known + 1, 10**9))
    programs = [[Lane(plan, numbers) for _ in range(LANES)] for _ in range(PROGRAMS)]
    first: list[Event] = [TrainerReady("1,077 / 360 / 360 rows, 64 inputs"), RunStarted(10_000, None)]
    # The lanes of a program began at different times, all but those of the first one.
    first += [
        event for i, lanes in enumerate(programs) for j, lane in enumerate(lanes)
        for event in lane.start(skip=(7 * j) % EPOCHS if i else 0)
    ]  # fmt: skip
    yield [*first, TrainerLoad(8, 64, PROGRAMS, PROGRAMS * LANES, 12, 0.14)]
    count = 0
    while True:
        due = [lanes for i, lanes in enumerate(programs) if (count + i) % BATCHES_PER_EPOCH == 0]
        yield [event for lanes in due for lane in lanes for event in lane.step()]
        count += 1


class Feed(QObject):
    """Gives batches to stores 30 times a second, and notes how long the thread was busy with each of them.

    ``taking``: seconds in ``apply``; ``busy``: seconds of the processor that the thread used until the next batch.
    """

    def __init__(self, store: Store, batches: deque[list[Event]]) -> None:
        super().__init__()
        self.taking: list[float] = []
        self.busy: list[float] = []
        self._store = store
        self._batches = batches
        self._used: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._next)
        self._timer.start(PERIOD_MS)

    def stop(self) -> None:
        self._timer.stop()

    def _next(self) -> None:
        used = time.thread_time()
        if self._used is not None:
            self.busy.append(used - self._used)
        self._used = used
        began = time.perf_counter()
        self._store.apply(self._batches.popleft())
        self.taking.append(time.perf_counter() - began)


def prepare(folder: Path, trials: int) -> Scene:
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, str(folder))
    path = folder / "curves.tuner"
    write_big_study(path, trials=trials)
    scene = Scene(path, engine=NoEngine)
    wait(2.0)
    return scene


def measure(scene: Scene, rounds: int) -> dict[str, list[float]]:
    """Milliseconds: the percentiles of each spell."""
    store = scene.document.store
    batches = flood(store.plan, len(store.history))
    store.apply(next(batches))
    waiting: deque[list[Event]] = deque()
    lateness = Lateness()
    taken: dict[str, list[float]] = {}

    def note(what: str, values: Sequence[float], factor: float = 1.0) -> None:
        for share in (50, 99):
            taken.setdefault(f"{what}, p{share}", []).append(factor * float(np.percentile(values, share)))

    for _ in range(rounds):
        while len(waiting) < SECONDS * 1000 / PERIOD_MS + 10:
            waiting.append(next(batches))
        wait(1.0)
        note("timer late, at rest", lateness.watch(SECONDS))
        feed = Feed(store, waiting)
        note("timer late, in the flood", lateness.watch(SECONDS))
        feed.stop()
        note("taking over a batch", feed.taking, 1000)
        note("thread busy from batch to batch", feed.busy, 1000)
    return taken


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    trials = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    app = QApplication([])
    apply_theme(app)
    with tempfile.TemporaryDirectory() as folder:
        scene = prepare(Path(folder), trials)
        taken = measure(scene, rounds)
        trials_at_end = len(scene.document.store.history)
        # Nobody is there to answer whether a running search may be stopped.
        scene.document.store.apply([RunEnded(RunStatus.STOPPED)])
        scene.close()
    print(f"{trials:,} trials at the beginning, {trials_at_end:,} at the end, {PROGRAMS * LANES} in training")
    for what in sorted(taken, key=partial(str.__contains__, "late")):
        print(line(what, taken[what], "ms"))
    print(verdict("timer late in the flood, p99", float(np.median(taken["timer late, in the flood, p99"])), goal=50))


if __name__ == "__main__":
    main()
