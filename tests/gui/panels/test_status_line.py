from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from panel_bench import Bench
from PySide6.QtCore import Qt
from studies import events_of, trial_events

from tuner_gui.gui.panels.banner import Banner
from tuner_gui.gui.panels.status_line import StatusLine
from tuner_gui.search.commands import Resume
from tuner_gui.study.events import (
    RunEnded,
    RunPaused,
    RunStarted,
    RunStatus,
    Saved,
    SavingFailed,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
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
