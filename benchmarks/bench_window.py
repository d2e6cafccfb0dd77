"""Lateness of a timer in the window's thread with 10,000 trials and all plots visible, idle and while training; and
the time from releasing the mouse to the first draw inside the new region.

python -m benchmarks.bench_window [ROUNDS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop, QObject, QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from benchmarks.big_study import write_big_study
from benchmarks.measure import line, verdict
from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.gui.document import Document
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.plots.curves import CurvesView
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.gui.plots.pairs import PairView
from tuner_gui.gui.store import RunState
from tuner_gui.gui.theme import apply_theme
from tuner_gui.space.region import contains
from tuner_gui.study.events import Event, TrialQueued

PERIOD_MS = 16
SECONDS = 8.0


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
        self.late = []
        self._clock.start()
        self._timer.start()
        wait(seconds)
        self._timer.stop()
        return self.late

    def _tick(self) -> None:
        self.late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - PERIOD_MS))
        self._clock.start()


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def wait_until(condition: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        wait(0.02)


def opened_window(path: Path) -> tuple[MainWindow, Document]:
    window = MainWindow(engine=ENGINES["local"])
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


def measure_lateness(document: Document, rounds: int) -> tuple[list[float], list[float]]:
    """The 99th percentile of each idle and each training spell, in milliseconds, the two in turn."""
    lateness = Lateness()
    idle, training = [], []
    document.actions.run(trials=None)
    wait_until(lambda: len(document.store.history) >= 10_003)
    for _ in range(rounds):
        document.actions.pause()
        wait_until(lambda: document.store.status.run is RunState.PAUSED)
        wait(0.5)
        idle.append(float(np.percentile(lateness.watch(SECONDS), 99)))
        before = len(document.store.history)
        document.actions.resume()
        wait(0.5)
        training.append(float(np.percentile(lateness.watch(SECONDS), 99)))
        assert len(document.store.history) > before, "nothing was trained"
    return idle, training


def measure_refine(window: MainWindow, document: Document, times: int) -> list[float]:
    """Milliseconds from releasing the mouse, with Enter right behind it, to the draw inside the new region."""
    explore = window.findChild(ExploreView)
    slices = explore.slices
    draws: list[TrialQueued] = []

    def note(events: list[Event]) -> None:
        draws.extend(event for event in events if isinstance(event, TrialQueued))

    document.received.connect(note)
    taken = []
    for index in range(times):
        plot = slices.plot_of("learning_rate")
        # Two narrow places in turn, so that the trial drawn ahead lies outside and has to be drawn again.
        left = 0.1 if index % 2 else 0.7
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
        path = Path(folder) / "big.tuner"
        write_big_study(path, trials=10_000)
        window, document = opened_window(path)
        beside = other_plots(document)
        idle, training = measure_lateness(document, rounds)
        refine = measure_refine(window, document, 3 * rounds)
        document.actions.stop()
        wait_until(lambda: document.store.status.run is RunState.IDLE)
        beside.close()
        window.close()
    print(line("lateness of a 16 ms timer, idle, 99th percentile", idle, "ms"))
    print(line("lateness of a 16 ms timer, training, 99th percentile", training, "ms"))
    print(line("mouse released to first draw in the new region", refine, "ms"))
    print(verdict("lateness training / idle", float(np.median(training) / np.median(idle)), goal=1.5))
    print(verdict("lateness while training", float(np.median(training)), goal=50, unit="ms"))
    print(verdict("mouse released to first draw, slowest", max(refine), goal=100, unit="ms"))


if __name__ == "__main__":
    main()
