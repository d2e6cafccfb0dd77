from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np
import pytest

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, Value
from tuner_gui.space.scales import Scale
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import (
    EpochEnded,
    FinalFigure,
    RunStarted,
    TrialDropped,
    TrialEnded,
    TrialProgress,
    TrialQueued,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan

DIGITS = new_definition("digits")
STAGE = first_plan(DIGITS).stage
RATE = FloatParameter(name="rate", low=1e-4, high=1.0, scale=Scale.LOG)
AT = "2026-01-01T00:00:00+00:00"


def _start(history: History, number: int, values: Mapping[str, Value] | None = None) -> None:
    history.apply(TrialStarted(number, STAGE, values or {"rate": 0.01}, number, AT))


def _finish(history: History, number: int, value: float | None, state: TrialState = TrialState.FINISHED) -> None:
    history.apply(TrialEnded(number, state, 1.5, value))


def _with_values(*values: float | None) -> History:
    history = History()
    for number, value in enumerate(values, start=1):
        _start(history, number)
        _finish(history, number, value)
    return history


# --- the life of a trial ---


def test_a_trial_goes_from_the_queue_through_its_epochs_to_its_end() -> None:
    history = History()
    history.apply(TrialQueued(1, STAGE, {"rate": 0.01}, 7, 0.0))
    assert (len(history), list(history.queued)) == (0, [1])
    _start(history, 1)
    history.apply(TrialProgress(1, 0.25))
    assert (list(history.queued), history.progress) == ([], {1: 0.25})
    for epoch, loss in enumerate([0.9, math.nan], start=1):
        history.apply(EpochEnded(1, epoch, {"loss": loss}))
    assert history.curve(1, "loss") == pytest.approx([0.9, math.nan], nan_ok=True)
    history.apply(TrialEnded(1, TrialState.DIVERGED, 3.0, reason="loss is not finite in epoch 2"))
    trial = history.trial(1)
    assert (trial.state, trial.value, trial.seconds, trial.reason) == (
        TrialState.DIVERGED, None, 3.0, "loss is not finite in epoch 2",
    )  # fmt: skip
    assert history.progress == {}
    assert history.stages == {1: STAGE}


def test_a_dropped_trial_leaves_the_queue_and_its_number_free() -> None:
    history = History()
    history.apply(TrialQueued(1, STAGE, {"rate": 0.01}, 7, 0.0))
    history.apply(TrialDropped(1))
    assert history.queued == {}
    _start(history, 1)
    assert len(history) == 1


def test_trials_start_in_order_and_without_gaps() -> None:
    history = History()
    with pytest.raises(ValueError, match="trial 2 started after trial 0"):
        _start(history, 2)


def test_a_late_word_on_a_trial_that_is_over_does_not_bring_it_back() -> None:
    history = _with_values(0.5)
    history.apply(TrialProgress(1, 0.9))
    assert history.progress == {}


def test_the_version_tells_of_changes_and_of_nothing_else() -> None:
    history = _with_values(0.5)
    version = history.version
    history.apply(RunStarted(8, None))
    assert history.version == version
    history.apply(FinalFigure(1, {"accuracy": 0.9}, AT))
    assert history.version != version
    assert history.final_figures[1].metrics == {"accuracy": 0.9}


def test_there_is_no_trial_number_0() -> None:
    with pytest.raises(IndexError):
        _with_values(0.5).trial(0)


# --- columns ---


def test_columns_follow_the_trials() -> None:
    history = _with_values(0.5, None, 0.7)
    _start(history, 4)
    assert history.value_column == pytest.approx([0.5, math.nan, 0.7, math.nan], nan_ok=True)
    assert history.in_state(TrialState.RUNNING).tolist() == [False, False, False, True]
    assert history.stage_column.tolist() == [1, 1, 1, 1]
    counts = history.counts()
    assert (counts[TrialState.FINISHED], counts[TrialState.RUNNING], counts[TrialState.FAILED]) == (3, 1, 0)


def test_unit_columns_grow_with_the_trials_and_have_nan_where_a_value_has_no_place() -> None:
    history = History()
    for number, value in enumerate([0.01, "relu", True, 0.1], start=1):
        _start(history, number, {"rate": value})
    _start(history, 5, {"units": 64})
    assert history.units(RATE) == pytest.approx([0.5, math.nan, math.nan, 0.75, math.nan], nan_ok=True)
    _start(history, 6, {"rate": 1.0})
    assert history.units(RATE)[5] == 1.0


def test_unit_columns_of_choices_tell_1_from_true_and_words_from_numbers() -> None:
    mixed = ChoiceParameter(name="x", choices=(1, True, "1", 2.5))
    history = History()
    for number, value in enumerate([True, 1, "1", 2.5, 3], start=1):
        _start(history, number, {"x": value})
    assert history.units(mixed) == pytest.approx([0.375, 0.125, 0.625, 0.875, math.nan], nan_ok=True)


def test_a_parameter_with_another_range_has_its_own_column() -> None:
    history = History()
    _start(history, 1, {"rate": 0.01})
    assert history.units(RATE)[0] == pytest.approx(0.5)
    assert history.units(FloatParameter(name="rate", low=0.01, high=1.0, scale=Scale.LOG))[0] == 0.0


# --- curves ---


def test_a_metric_that_comes_later_is_nan_before() -> None:
    history = History()
    _start(history, 1)
    history.apply(EpochEnded(1, 1, {"loss": 1.0}))
    history.apply(EpochEnded(1, 2, {"loss": 0.5, "val_loss": 0.6}))
    assert history.curve(1, "val_loss") == pytest.approx([math.nan, 0.6], nan_ok=True)
    assert history.curve(1, "loss").tolist() == [1.0, 0.5]
    assert history.epochs(1) == 2
    assert len(history.curve(1, "unknown")) == 0


# --- the best ---


def test_the_best_is_the_earliest_of_the_finished_with_the_best_value() -> None:
    history = _with_values(0.5, 0.9, 0.9, None, math.nan)
    _start(history, 6)
    _finish(history, 6, 0.99, TrialState.PRUNED)
    best = history.best(DIGITS.objective)
    assert best is not None
    assert best.number == 2


def test_less_is_better_for_a_loss() -> None:
    best = _with_values(0.5, 0.1, 0.9).best(new_definition("diabetes").objective)
    assert best is not None
    assert best.value == 0.1


def test_there_is_no_best_before_a_trial_has_finished() -> None:
    assert History().best(DIGITS.objective) is None
    assert _with_values(None, math.nan).best(DIGITS.objective) is None


# --- copies ---


def test_a_copy_has_the_same_content_and_its_own_life() -> None:
    history = History()
    _start(history, 1)
    history.apply(EpochEnded(1, 1, {"loss": 1.0}))
    _start(history, 2)  # before the next metric is known
    history.apply(EpochEnded(1, 2, {"loss": 0.5, "val_loss": 0.6}))
    history.apply(TrialQueued(3, STAGE, {"rate": 0.1}, 3, 0.0))
    twin = history.copy()
    for number in (1, 2):
        assert twin.curves(number).keys() == history.curves(number).keys()
        for metric, curve in history.curves(number).items():
            assert twin.curve(number, metric) == pytest.approx(curve, nan_ok=True)
    assert twin.trials == history.trials
    assert (twin.queued, twin.progress, twin.stages) == (history.queued, history.progress, history.stages)
    twin.apply(EpochEnded(2, 1, {"loss": 0.1, "val_loss": 0.2}))
    _finish(twin, 1, 0.6)
    assert history.epochs(2) == 0
    assert history.trial(1).state is TrialState.RUNNING
    assert history.state_column[0] != twin.state_column[0]


def test_a_copy_that_hears_the_same_events_stays_the_same() -> None:
    history = _with_values(0.5, 0.7)
    _start(history, 3)
    twin = history.copy()
    for event in (
        EpochEnded(3, 1, {"loss": 1.0, "val_loss": 2.0}),
        TrialEnded(3, TrialState.FINISHED, 1.0, 0.9),
        TrialQueued(4, STAGE, {"rate": 0.1}, 4, 0.0),
        TrialStarted(4, STAGE, {"rate": 0.1}, 4, AT),
        TrialProgress(4, 0.5),
    ):
        history.apply(event)
        twin.apply(event)
    assert twin.trials == history.trials
    assert (twin.queued, twin.progress, twin.version) == (history.queued, history.progress, history.version)
    assert twin.curve(3, "val_loss").tolist() == history.curve(3, "val_loss").tolist() == [2.0]
    assert twin.units(RATE).tolist() == history.units(RATE).tolist()
    assert twin.value_column == pytest.approx(history.value_column, nan_ok=True)


# --- many trials ---


def test_ten_thousand_trials_with_twenty_epochs_take_less_than_two_seconds() -> None:
    """Measured 0.8 s; every event must cost the same however many there were before."""
    history, values = History(), {"rate": 0.01}
    metrics = {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5}
    trials = 10_000
    begin = time.process_time()
    for number in range(1, trials + 1):
        history.apply(TrialStarted(number, STAGE, values, number, AT))
        for epoch in range(1, 21):
            history.apply(EpochEnded(number, epoch, metrics))
        history.apply(TrialEnded(number, TrialState.FINISHED, 1.0, 0.5))
    assert time.process_time() - begin < 2
    assert history.epochs(trials) == 20


def test_units_of_new_trials_cost_no_more_with_many_old_ones() -> None:
    history = History()
    for number in range(1, 10_001):
        history.apply(TrialStarted(number, STAGE, {"rate": 0.01}, number, AT))
    begin = time.process_time()
    column = history.units(RATE)
    whole = time.process_time() - begin
    begin = time.process_time()
    for number in range(10_001, 10_101):
        history.apply(TrialStarted(number, STAGE, {"rate": 0.01}, number, AT))
        column = history.units(RATE)
    assert (time.process_time() - begin) / 100 < whole / 10
    assert np.isfinite(column).all()
