from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from panel_bench import Bench
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from studies import events_of, trial_events

from tuner_gui.gui.panels.banner import Banner
from tuner_gui.gui.panels.status_line import StatusLine
from tuner_gui.gui.parts.labels import FittingLabel
from tuner_gui.gui.run_pace import RunClock
from tuner_gui.search.commands import Resume
from tuner_gui.study.events import (
    EpochEnded,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    Saved,
    SavingFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialStarted,
    TrialState,
)

Maker = Callable[..., Bench]


@pytest.fixture
def line(make_bench: Maker) -> tuple[Bench, StatusLine]:
    bench = make_bench(20)
    return bench, bench.show(StatusLine(bench.store), width=1000, height=24)


class TestStatusLine:
    def test_it_says_how_things_stand_before_a_run(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        best = bench.store.history.best(bench.store.plan.definition.objective)
        assert best is not None
        assert status.text().startswith("all saved · training process not started · 20 trials · best ")
        assert f"(#{best.number})" in status.best.text()

    def test_it_follows_the_training_process(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        bench.store.apply([TrainerStarting()])
        assert "starting TensorFlow" in status.trainer.text()
        bench.store.apply([TrainerReady("1,077 / 360 / 360 rows, 64 inputs")])
        assert status.trainer.text() == "training process ready: 1,077 / 360 / 360 rows, 64 inputs"

    def test_a_run_counts_its_own_trials_and_gives_a_range_of_time(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        bench.store.apply([RunStarted(60, None)])
        bench.store.apply(events_of(bench.store.plan, range(21, 25)))
        assert status.progress.text().startswith("4 of 60")
        # 56 trials of 1.25 s each
        assert status.progress.text().endswith("about 70 s left")
        assert status.strip.isVisible()

    def test_failures_are_counted_apart(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        bench.store.apply([RunStarted(8, None), trial_events(bench.store.plan, 21)[0]])
        bench.store.apply([TrialEnded(21, TrialState.FAILED, 1.0, reason="killed")])
        bench.store.settle()
        assert status.progress.text().startswith("1 of 8, 1 failed")
        assert "1 failed, of 8" in status.strip.accessibleDescription()

    def test_time_that_passed_is_taken_off_and_never_below_nothing(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        over = len(bench.store.history)
        bench.store.apply([RunStarted(60, None)])
        status._last_end -= 40
        status._show_progress()
        assert "about 75 s left" in status.progress.text(), "nothing trains yet: TensorFlow may still be starting"
        bench.store.apply(trial_events(bench.store.plan, over + 1)[:1])
        status._show_progress()
        assert "about 35 s left" in status.progress.text()
        status._last_end -= 4000
        status._show_progress()
        assert "nearly done" in status.progress.text()

    def test_the_clock_ticks_only_while_something_runs(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        bench.store.apply([RunStarted(8, None)])
        assert status._tick.isActive()
        bench.store.apply([RunPaused()])
        assert not status._tick.isActive()
        assert status.progress.text() == "0 of 8, paused"
        bench.store.apply([RunEnded(RunStatus.STOPPED)])
        assert status.progress.text() == "stopped, 20 trials"

    def test_what_could_not_be_saved_is_said_at_once(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        bench.store.apply([SavingFailed("the disk is full")])
        assert status.saved.text() == "not saved"
        bench.store.apply([Saved("2025-01-01T12:00:00+00:00")])
        assert status.saved.text().startswith("saved ")

    def test_the_best_trial_can_be_selected(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        bench.qtbot.mouseClick(status.best, Qt.MouseButton.LeftButton)
        best = bench.store.history.best(bench.store.plan.definition.objective)
        assert best is not None
        assert bench.store.selection == (best.number,)


class TestManyLanes:
    LOAD = TrainerLoad(room=4, taken=60, programs=5, lanes=48, traces=12, waste=0.14)

    def running(self, bench: Bench, status: StatusLine, seconds: float = 30.0) -> list[float]:
        """A run whose clock is moved by hand; it began so many seconds ago."""
        now = [0.0]
        bench.store.apply([TrainerReady("1,077 / 360 / 360 rows, 64 inputs"), RunStarted(1000, None)])
        status._clock = RunClock(lambda: now[0])
        status._clock.go()
        bench.store.apply([event for n in range(21, 85) for event in trial_events(bench.store.plan, n)[:2]])
        bench.store.settle()
        now[0] = seconds
        status._on_tick()
        return now

    def end(self, bench: Bench, numbers: range, state: TrialState = TrialState.FINISHED) -> None:
        bench.store.apply([TrialEnded(n, state, 1.25, value=0.5) for n in numbers])
        bench.store.settle()

    def test_it_says_how_busy_the_training_process_is(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        self.running(bench, status)
        bench.store.apply([self.LOAD])
        assert status.trainer.text() == "5 programs · 48 lanes"
        assert status.trainer.toolTip().split("\n") == [
            "5 programs · 48 lanes",
            "12 traced functions, reused; 14 % of the arithmetic is masked",
            "training process ready: 1,077 / 360 / 360 rows, 64 inputs",
        ]
        bench.store.apply([TrainerLoad(0, 0, programs=1, lanes=1, traces=1, waste=0.001)])
        assert status.trainer.text() == "1 program · 1 lane"
        assert "1 traced function, reused; less than 1 % of the arithmetic" in status.trainer.toolTip()

    def ended(self, bench: Bench, status: StatusLine) -> list[float]:
        """15 trials that had done one of 20 epochs end within 28.5 seconds: 30 a minute."""
        now = self.running(bench, status, seconds=1.0)
        bench.store.apply([self.LOAD])
        now[0] = 29.5
        self.end(bench, range(21, 36))
        return now

    def test_the_rate_comes_with_the_third_trial_and_is_read_out(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        now = self.running(bench, status, seconds=1.0)
        bench.store.apply([self.LOAD])
        now[0] = 28.5
        self.end(bench, range(21, 23))
        assert "trials/min" not in status.text()
        now[0] += 1
        self.end(bench, range(23, 36))
        assert "5 programs · 48 lanes · 30 trials/min" in status.text()

    def test_what_failed_is_no_speed(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        self.running(bench, status)
        self.end(bench, range(21, 80), TrialState.FAILED)
        assert "trials/" not in status.trainer.text()

    def test_it_stands_still_while_paused(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        now = self.ended(bench, status)
        bench.store.apply([RunPaused()])
        now[0] += 4000
        status._on_tick()
        assert status.trainer.text() == "5 programs · 48 lanes · 30 trials/min"
        bench.store.apply([RunResumed()])
        status._on_tick()
        assert status.trainer.text() == "5 programs · 48 lanes · 30 trials/min"

    def test_after_the_run_and_before_the_next_there_is_no_rate(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        self.ended(bench, status)
        assert "30 trials/min" in status.trainer.text()
        bench.store.apply([RunEnded(RunStatus.STOPPED)])
        assert status.trainer.text() == "training process ready: 1,077 / 360 / 360 rows, 64 inputs"
        bench.store.apply([RunStarted(10, None)])
        assert "trials/" not in status.trainer.text()

    def test_a_new_process_forgets_the_load_of_the_old_one(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        self.running(bench, status)
        bench.store.apply([self.LOAD])
        bench.store.apply([TrainerStarting()])
        assert "lanes" not in status.text()
        assert "starting TensorFlow" in status.trainer.text()

    def test_time_left_goes_by_the_work_of_all_lanes(self, line: tuple[Bench, StatusLine]) -> None:
        bench, status = line
        now = self.running(bench, status, seconds=0.0)
        bench.store.apply([self.LOAD])
        # 64 trials get through 4 of 20 epochs in 12 s: a whole trial every 0.94 s, and 984 are left.
        for epoch in range(2, 6):
            now[0] += 3
            bench.store.apply([EpochEnded(n, epoch, {"val_accuracy": 0.5}) for n in range(21, 85)])
            bench.store.settle()
        assert status.progress.text() == "0 of 1,000, about 15 min left"

    def test_less_room_leaves_whole_parts_out(self, qtbot: QtBot) -> None:
        label = FittingLabel()
        qtbot.addWidget(label)
        label.show_lengths("5 programs · 48 lanes · 30 trials/min", "48 lanes · 30 trials/min", "30 trials/min")
        painted = []
        for text in ("5 programs · 48 lanes · 30 trials/min", "30 trials/min"):
            label.resize(label.fontMetrics().horizontalAdvance(text) + 4, 24)
            painted.append(label.grab().toImage())
        alone = FittingLabel()
        qtbot.addWidget(alone)
        alone.show_lengths("30 trials/min")
        alone.resize(label.size())
        assert painted[1] == alone.grab().toImage()
        assert label.text() == "5 programs · 48 lanes · 30 trials/min"


class TestBanner:
    def shown(self, bench: Bench) -> Banner:
        banner = Banner(bench.store, bench.actions)
        bench.qtbot.addWidget(banner)
        return banner

    def test_it_is_not_there_while_all_is_well(self, make_bench: Maker) -> None:
        assert self.shown(make_bench()).isHidden()

    def test_a_full_disk_is_told_with_what_to_do(self, make_bench: Maker) -> None:
        bench = make_bench()
        banner = self.shown(bench)
        bench.store.apply([RunStarted(8, None), SavingFailed("the disk is full"), RunPaused("the disk is full")])
        assert not banner.isHidden()
        assert banner.title.text() == "Not saved: the disk is full"
        assert "Nothing is lost yet" in banner.words.text()
        bench.qtbot.mouseClick(banner.resume, Qt.MouseButton.LeftButton)
        assert bench.posted == [Resume()]

    def test_a_pause_that_a_person_asked_for_needs_no_banner(self, make_bench: Maker) -> None:
        bench = make_bench()
        banner = self.shown(bench)
        bench.store.apply([RunStarted(8, None), RunPaused()])
        assert banner.isHidden()

    def test_a_viewer_is_called_one(self, make_bench: Maker) -> None:
        bench = make_bench()
        banner = self.shown(bench)
        bench.store.set_status(replace(bench.store.status, read_only="another window has it open"))
        assert banner.title.text() == "Viewer: another window has it open"
        assert banner.resume.isHidden()


def repeated(bench: Bench, of: int, *values: float) -> None:
    """The trial again with other seeds."""
    trial = bench.store.history.trial(of)
    for value in values:
        number = len(bench.store.history) + 1
        bench.store.apply(
            [
                TrialStarted(number, bench.store.plan.stage, trial.values, number, "", trial.fixed, {"repeats": of}),
                TrialEnded(number, TrialState.FINISHED, 1.0, value),
            ]
        )
    bench.store.settle()


class TestTheBest:
    def test_one_run_is_called_one_run(self, line: tuple[Bench, StatusLine]) -> None:
        assert "in one run" in line[1].best.toolTip()

    def test_a_mean_comes_with_its_spread_and_with_what_cannot_be_told_from_it(
        self, line: tuple[Bench, StatusLine]
    ) -> None:
        bench, status = line
        first, second = bench.store.history.ranked(bench.store.plan.definition.objective, 2)
        top = bench.store.history.trial(first).value or 0
        repeated(bench, first, top - 0.02, top - 0.04)
        repeated(bench, second, top - 0.03, top - 0.05)
        assert "3 seeds; 1 other as good" in status.best.text()
        assert "±" in status.best.text()
        assert f"cannot be told from #{second}" in status.best.toolTip()
