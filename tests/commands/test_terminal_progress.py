"""What the terminal shows of a search, as lines and as a bar."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from rich.console import Console
from study_files import epochs, start, value_of, whole_trial

from tuner_gui.commands.bar import Bar
from tuner_gui.commands.progress import Lines, Tally
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import (
    Event,
    RunPaused,
    RunStarted,
    SavingFailed,
    TrainerFailed,
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
    assert bar.words() == f"2/8 trials · 1 running · 1 failed · best val_accuracy {value_of(1):.4g} (#1)"
    assert bar._done() == (2.5, 8)


def test_the_bar_of_a_search_by_time_goes_by_time(bar: Bar) -> None:
    bar.take(RunStarted(None, 1000.0))
    done, total = bar._done()
    assert total == 1000.0
    assert 0 <= done < 10
    assert bar.words() == "0 trials · 0 running · no trial finished yet"


def test_the_best_of_the_trials_before_this_run_counts(bar: Bar) -> None:
    before = tally(whole_trial(1, STAGE))
    assert Tally(DEFINITION, before.history).best_words() == f"best val_accuracy {value_of(1):.4g} (#1)"
