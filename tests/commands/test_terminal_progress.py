"""What the terminal shows of a search, as lines and as a bar."""

from __future__ import annotations

import io
from collections.abc import Iterable
from types import SimpleNamespace

import pytest
from rich.console import Console
from study_files import epochs, start, value_of, whole_trial

from tuner_gui.commands import progress
from tuner_gui.commands.bar import Bar
from tuner_gui.commands.progress import Lines, Tally
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    RunPaused,
    RunStarted,
    SavingFailed,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialProgress,
    TrialState,
)
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan

DEFINITION = new_definition("digits")
STAGE = first_plan(DEFINITION).stage


def tally(events: Iterable[Event] = ()) -> Tally:
    made = Tally(DEFINITION, History())
    for event in events:
        made.take(event)
    return made


def lines_of(events: Iterable[Event]) -> list[str]:
    stream = io.StringIO()
    lines = Lines(tally(), stream)
    for event in events:
        lines.take(event)
    lines.close()
    return stream.getvalue().splitlines()


def test_each_trial_is_a_line_with_its_values_the_best_and_the_time_left() -> None:
    events = [RunStarted(10, None), *(event for n in (1, 2, 3) for event in whole_trial(n, STAGE))]
    lines = lines_of(events)
    assert len(lines) == 3
    assert lines[0].startswith(f"1 of 10: #1 finished, val_accuracy {value_of(1):.4g}, 1.5 s, with learning_rate ")
    assert "batch_size" in lines[0]
    assert "left" not in lines[0]
    assert lines[2].endswith("left")
    best = max((1, 2, 3), key=value_of)
    assert f"best val_accuracy {value_of(best):.4g} (#{best})" in lines[2]


def test_the_last_line_promises_no_more_time() -> None:
    events = [RunStarted(4, None), *(event for n in (1, 2, 3, 4) for event in whole_trial(n, STAGE))]
    assert "left" in lines_of(events)[2]
    assert "left" not in lines_of(events)[3]


def test_a_trial_that_failed_says_why() -> None:
    events = [RunStarted(None, 60.0), start(1, STAGE), TrialEnded(1, TrialState.FAILED, 0.25, None, "no memory")]
    assert lines_of(events)[0].startswith("1: #1 failed (no memory), 0.2 s, with ")


def test_what_stands_in_the_way_is_a_line_and_the_rest_is_silent() -> None:
    events: list[Event] = [
        TrainerStarting(),
        TrainerReady("1,077 / 360 / 360 rows, 64 inputs"),
        start(1, STAGE),
        TrialProgress(1, 0.5),
        *epochs(1, 1),
        RunPaused("the disk is full"),
        RunPaused(None),
        SavingFailed("digits.tuner: the disk is full"),
        TrainerFailed("killed by signal 9"),
    ]
    assert lines_of(events) == [
        "Starting TensorFlow …",
        "Ready: 1,077 / 360 / 360 rows, 64 inputs",
        "Paused: the disk is full",
        "Not saved: digits.tuner: the disk is full",
        "The training process failed: killed by signal 9",
    ]


def whole_trials(first: int, last: int) -> list[Event]:
    return [event for number in range(first, last + 1) for event in whole_trial(number, STAGE)]


@pytest.fixture
def bar() -> Iterable[Bar]:
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    made = Bar(tally(), console)
    yield made
    made.close()


def test_the_bar_tells_what_is_done_running_and_failed(bar: Bar) -> None:
    diverged = TrialEnded(2, TrialState.DIVERGED, 0.5, None, "the loss was not finite")
    events = [RunStarted(8, None), *whole_trial(1, STAGE), start(2, STAGE), diverged, start(3, STAGE)]
    for event in [*events, TrialProgress(3, 0.5)]:
        bar.take(event)
    assert bar.words() == f"2/8 trials · 1 running · 1 diverged · best val_accuracy {value_of(1):.4g} (#1)"
    assert bar._done() == (2.5, 8)


def test_a_trial_that_failed_gets_a_line_above_the_bar_and_one_that_diverged_is_counted(bar: Bar) -> None:
    for number, state, reason in ((1, TrialState.FAILED, "no memory"), (2, TrialState.DIVERGED, "not finite")):
        bar.take(start(number, STAGE))
        bar.take(TrialEnded(number, state, 0.25, None, reason))
    assert bar.words() == "2 trials · 0 running · 1 failed · 1 diverged · no trial finished yet"
    written = bar._progress.console.file.getvalue()
    assert "#1 failed (no memory)" in written
    assert "not finite" not in written


def test_a_thousand_epochs_draw_the_bar_a_few_times_and_in_the_end_as_it_is(
    bar: Bar, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[float] = []
    monkeypatch.setattr(bar._progress, "update", lambda _, **shown: drawn.append(shown["completed"]))
    bar.take(RunStarted(50, None))
    for event in [start(number, STAGE) for number in range(1, 51)]:
        bar.take(event)
    for epoch in range(1, 21):
        for number in range(1, 51):
            bar.take(EpochEnded(number, epoch, {"val_accuracy": 0.5}))
    bar.close()
    assert len(drawn) < 30
    assert drawn[-1] == pytest.approx(50)


def test_with_many_at_once_the_time_left_counts_the_lanes() -> None:
    alone = tally([RunStarted(100, None), *whole_trials(1, 10)])
    many = tally([RunStarted(100, None), TrainerLoad(8, 0, lanes=8), *whole_trials(1, 10)])
    together = tally([RunStarted(100, None), *[start(n, STAGE) for n in range(1, 9)]])
    for number in range(1, 9):
        for event in whole_trial(number, STAGE)[1:]:
            together.take(event)
    assert alone.left_words() == "about 2 min left"
    assert many.left_words() == "15–20 s left"
    assert together.left_words() == "15–20 s left", "as many as ran at once, where nobody tells the lanes"


def test_what_is_done_of_the_trials_in_training_takes_no_more_time() -> None:
    counted = tally([RunStarted(20, None), TrainerLoad(0, 0, lanes=1), *whole_trials(1, 10)])
    for number in range(11, 21):
        counted.take(start(number, STAGE))
    assert counted.left_words() == "about 15 s left"
    for number in range(11, 21):
        counted.take(TrialProgress(number, 0.9))
    assert counted.left_words() == "about 1.5 s left"


def test_a_late_word_on_a_trial_that_is_over_does_not_let_it_run_again() -> None:
    counted = tally([*whole_trial(1, STAGE), TrialProgress(1, 0.9)])
    assert counted.running == {}


def test_how_fast_it_went_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, *[100.0 + 0.05 * n for n in range(1, 65)]])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    cancelled = [start(65, STAGE), TrialEnded(65, TrialState.CANCELLED, 1.0)]
    counted = tally([RunStarted(80, None), *whole_trials(1, 64), *cancelled])
    assert counted.speed_words() == "64 trials in 3.2 s (1,200 per minute)"
    counted.take(TrainerLoad(96, 64, programs=2, lanes=64, traces=22, waste=0.1234))
    assert counted.speed_words() == (
        "64 trials in 3.2 s (1,200 per minute), 22 functions traced, 12 % of the arithmetic masked"
    )


def test_slow_trials_are_told_with_two_digits_and_none_with_none(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 130.0, 165.0, 200.0, 300.0])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    counted = tally(whole_trials(1, 1))
    assert counted.speed_words() == "1 trial in 30 s"
    for event in whole_trials(2, 3):
        counted.take(event)
    assert counted.speed_words() == "3 trials in 1 min 40 s (1.8 per minute)"
    assert tally([start(1, STAGE), TrialEnded(1, TrialState.CANCELLED, 1.0)]).speed_words() == ""


def test_the_bar_of_a_search_by_time_goes_by_time(bar: Bar) -> None:
    bar.take(RunStarted(None, 1000.0))
    done, total = bar._done()
    assert total == 1000.0
    assert 0 <= done < 10
    assert bar.words() == "0 trials · 0 running · no trial finished yet"


def test_the_best_of_the_trials_before_this_run_counts(bar: Bar) -> None:
    before = tally(whole_trial(1, STAGE))
    assert Tally(DEFINITION, before.history).best_words() == f"best val_accuracy {value_of(1):.4g} (#1)"
