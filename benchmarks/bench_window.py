"""Lateness of a timer in the window's thread with 10,000 trials and all plots visible; the time from releasing the
mouse to the first draw inside the new region; and the lateness during a whole search of 200 trials on the digits data.

Four states, in turn: a search trains while a pending region lies on all plots; a search trains; nothing happens; and
the events of that search are shown once more at the same times while nothing trains. The last one is the fair "idle":
the window draws the same things, so that what is left of the difference is what training does to it.

python -m benchmarks.bench_window [ROUNDS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop, QObject, QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from benchmarks.big_study import write_big_study
from benchmarks.measure import line, verdict
from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.engines.interface import Engine
from tuner_gui.gui.document import Document
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.plots.curves import CurvesView
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.store import RunState, Store
from tuner_gui.gui.theme import apply_theme
from tuner_gui.space.parameters import ChoiceParameter, Value
from tuner_gui.space.region import contains, extent_from_units
from tuner_gui.study.definition import Definition, new_definition
from tuner_gui.study.events import Event, RunEnded, RunStatus, TrialDropped, TrialQueued, TrialState
from tuner_gui.study.file import create

PERIOD_MS = 16
SECONDS = 8.0
DIGITS_TRIALS = 200
Batches = deque[tuple[float, list[Event]]]


class NoEngine:
    """An engine that never has room, so that nothing is trained and no process is started."""

    room = 0

    def start(self, definition: Definition) -> None: ...

    def submit(self, *, trial: int, values: Mapping[str, Value], seed: int) -> None: ...

    def cancel(self, trial: int) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def find_final_figure(self, *, trial: int, values: Mapping[str, Value], npz: bytes) -> None: ...

    def waitables(self) -> list[int]:
        return []

    def next_deadline(self) -> float | None:
        return None

    def events(self) -> list[Event]:
        return []

    def close(self) -> None: ...


class Lateness(QObject):
    """Notes by how many milliseconds each tick of a 16 ms timer is late."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self._tick)

    def watch(self, seconds: float) -> list[float]:
        return self.watch_during(lambda: wait(seconds))

    def watch_during(self, what: Callable[[], None]) -> list[float]:
        self.late = []
        self._clock.start()
        self._timer.start()
        what()
        self._timer.stop()
        return self.late

    def _tick(self) -> None:
        self.late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - PERIOD_MS))
        self._clock.start()


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        wait(0.02)


def opened_window(path: Path, engine: Callable[[], Engine]) -> tuple[MainWindow, Document]:
    window = MainWindow(engine=engine)
    window.resize(1920, 1080)
    window.show()
    window.open_study(path)
    wait_until(lambda: window.document is not None and window.document.is_open)
    assert window.document is not None
    return window, window.document


def other_plots(document: Document) -> QWidget:
    """Pairs and learning curves in a second window, since tabs show one view at a time."""
    beside = QWidget()
    layout = QHBoxLayout(beside)
    layout.addWidget(PairView(document.store, document.actions))
    layout.addWidget(CurvesView(document.store, document.actions))
    beside.resize(1400, 700)
    beside.show()
    return beside


class Scene:
    """One study with all its plots in view: the main window with the slices, pairs and curves beside it."""

    def __init__(self, path: Path, *, engine: Callable[[], Engine] = ENGINES["local"]) -> None:
        self.window, self.document = opened_window(path, engine)
        self.beside = other_plots(self.document)

    def show(self, *, visible: bool) -> None:
        for window in (self.window, self.beside):
            window.setVisible(visible)

    def close(self) -> None:
        self.beside.close()
        self.window.close()


class Recorder:
    """The batches of events that a store took over and another one has not seen yet, with the moments."""

    def __init__(self, document: Document) -> None:
        self.batches: Batches = deque()
        document.received.connect(self._note)

    def _note(self, events: list[Event]) -> None:
        self.batches.append((time.monotonic(), events))

    def seen_until(self, moment: float) -> list[Event]:
        """What came before a moment; it is forgotten here."""
        seen: list[Event] = []
        while self.batches and self.batches[0][0] < moment:
            seen += self.batches.popleft()[1]
        return seen


class Replay(QObject):
    """Shows recorded batches to another store, with the same times between them.

    Both stores began with the same trials and the other one has seen all that came before, so that the numbers fit.
    """

    def __init__(self, store: Store, batches: Batches, *, began: float) -> None:
        super().__init__()
        self._store = store
        self._batches = batches
        self._delay = time.monotonic() - began
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._next)
        self._wait_for_next()

    def stop(self) -> None:
        self._timer.stop()
        self.deleteLater()

    def _wait_for_next(self) -> None:
        if self._batches:
            self._timer.start(max(0, int((self._batches[0][0] + self._delay - time.monotonic()) * 1000)))

    def _next(self) -> None:
        self._store.apply(self._batches.popleft()[1])
        self._wait_for_next()


def percentile(late: list[float]) -> float:
    return float(np.percentile(late, 99))


def measure_lateness(live: Scene, still: Scene, rounds: int) -> dict[str, list[float]]:
    """The 99th percentile of each spell in milliseconds, the four states in turn."""
    lateness = Lateness()
    document, other = live.document, still.document.store
    taken: dict[str, list[float]] = {"still": [], "redrawing": [], "training": [], "pending": []}
    recorder = Recorder(document)
    document.actions.run(trials=None)
    wait_until(lambda: trials_over(document.store) >= 10_003)
    for _ in range(rounds):
        still.show(visible=False)
        live.show(visible=True)
        document.actions.resume()
        make_pending(document.store)
        wait(1.0)
        taken["pending"].append(percentile(lateness.watch(SECONDS)))
        document.store.set_pending(None)
        wait(1.0)
        before, began = trials_over(document.store), time.monotonic()
        taken["training"].append(percentile(lateness.watch(SECONDS)))
        assert trials_over(document.store) > before, "nothing was trained"
        document.actions.pause()
        wait_until(lambda: document.store.status.run is RunState.PAUSED)
        wait(1.0)
        taken["still"].append(percentile(lateness.watch(SECONDS)))
        live.show(visible=False)
        other.apply(recorder.seen_until(began))
        still.show(visible=True)
        wait(1.0)
        replay = Replay(other, recorder.batches, began=began)
        taken["redrawing"].append(percentile(lateness.watch(SECONDS)))
        replay.stop()
    still.show(visible=False)
    live.show(visible=True)
    document.actions.resume()
    wait(1.0)
    return taken


def make_pending(store: Store) -> None:
    """A region with an edge on every plot."""
    for p in store.plan.space:
        extent = p.choices[:-1] if isinstance(p, ChoiceParameter) else extent_from_units(p, 0.2, 0.8)
        store.set_pending_extents({p.name: extent})


def trials_over(store: Store) -> int:
    return sum(count for state, count in store.history.counts().items() if state.is_over)


def measure_digits(folder: Path) -> tuple[list[float], float]:
    """Milliseconds by which the timer is late during a whole search with all plots in view, and its seconds."""
    path = folder / "digits.tuner"
    create(path, new_definition("digits")).close()
    scene = Scene(path)
    store = scene.document.store
    wait_until(lambda: store.status.trainer_ready)

    def search() -> None:
        scene.document.actions.run(trials=DIGITS_TRIALS)
        wait_until(lambda: store.status.last_end is not None, seconds=1800)

    began = time.monotonic()
    late = Lateness().watch_during(search)
    seconds = time.monotonic() - began
    assert trials_over(store) == DIGITS_TRIALS
    assert store.history.counts()[TrialState.FINISHED], "no trial finished"
    scene.close()
    return late, seconds


def measure_refine(window: MainWindow, document: Document, times: int) -> list[float]:
    """Milliseconds from releasing the mouse, with Enter right behind it, to the draw inside the new region.

    Counted where the trial drawn ahead lay outside and had to be drawn again: one that lies inside by chance waits for
    a lane, and the next draw with it.
    """
    explore = window.findChild(ExploreView)
    slices = explore.slices
    draws: list[TrialQueued] = []
    drops: list[TrialDropped] = []

    def note(events: list[Event]) -> None:
        draws.extend(event for event in events if isinstance(event, TrialQueued))
        drops.extend(event for event in events if isinstance(event, TrialDropped))

    document.received.connect(note)
    taken: list[float] = []
    index = 0
    while len(taken) < times:
        plot = slices.plot_of("learning_rate")
        # Two narrow places in turn, so that the trial drawn ahead mostly lies outside.
        index += 1
        left = 0.1 if index % 2 else 0.7
        drops.clear()
        start, end = _point(plot, left), _point(plot, left + 0.15)
        QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(plot, (start + end) / 2)
        QTest.mouseMove(plot, end)
        released = time.monotonic()
        QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=end)
        QTest.keyClick(plot, Qt.Key.Key_Return)
        plan = document.store.plan
        wait_until(lambda p=plan: any(d.stage.number == p.current for d in draws))
        first = next(draw for draw in draws if draw.stage.number == plan.current)
        assert contains(plan.space, plan.region, first.values)
        if drops:
            taken.append((first.drawn_at - released) * 1000)
        document.actions.propose_full()
        document.actions.apply_pending()
        wait(0.3)
    return taken


def _point(plot: QWidget, unit: float) -> QPoint:
    frame = plot.frame
    return QPoint(round(frame.px(unit)), round(frame.top + frame.height / 2))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    app = QApplication([])
    apply_theme(app)
    with tempfile.TemporaryDirectory() as folder:
        for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, folder)
        paths = [Path(folder) / name for name in ("live.tuner", "still.tuner")]
        for path in paths:
            write_big_study(path, trials=10_000)
        live, still = Scene(paths[0]), Scene(paths[1], engine=NoEngine)
        late = measure_lateness(live, still, rounds)
        refine = measure_refine(live.window, live.document, 3 * rounds)
        live.document.actions.stop()
        wait_until(lambda: live.document.store.status.run is RunState.IDLE)
        live.close()
        # It was told of a run that nobody ended for it.
        still.document.store.apply([RunEnded(RunStatus.STOPPED)])
        still.close()
        digits, seconds = measure_digits(Path(folder))
    for state, words in (
        ("still", "nothing happens"), ("redrawing", "same redraws, no training"), ("training", "training"),
        ("pending", "training, a pending region"),
    ):  # fmt: skip
        print(line(f"timer lateness, p99: {words}", late[state], "ms"))
    print(line("mouse released to first draw in the new region", refine, "ms"))
    print(
        f"{DIGITS_TRIALS} trials on digits in {seconds:.1f} s, timer late: "
        f"median {np.median(digits):.2f} ms, p99 {percentile(digits):.1f} ms, most {max(digits):.0f} ms"
    )
    training = float(np.median(late["training"]))
    print(verdict("p99 training / same redraws", training / float(np.median(late["redrawing"])), goal=1.5))
    print(verdict("p99 training / nothing happens", training / float(np.median(late["still"])), goal=1.5))
    pending = float(np.median(late["pending"]))
    print(verdict("p99 with a pending region / without", pending / training, goal=1.5))
    print(verdict("p99 while training", training, goal=50, unit="ms"))
    print(verdict(f"p99 during {DIGITS_TRIALS} trials on digits", percentile(digits), goal=50, unit="ms"))
    print(verdict("mouse released to first draw, slowest", max(refine), goal=100, unit="ms"))


if __name__ == "__main__":
    main()
