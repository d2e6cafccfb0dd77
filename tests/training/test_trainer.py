from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from training_lab import Lab, a_job, curves_of, end_of, opened, small_split, weights_kept

from tuner_gui.study.definition import METRICS, Task
from tuner_gui.study.events import EpochEnded, TrialProgress, TrialState, WeightsKept


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab()


@pytest.mark.parametrize("task", list(Task))
def test_a_trial_reports_its_epochs_and_the_objective_after_the_last(task: Task) -> None:
    objective = "val_accuracy" if task is Task.CLASSIFICATION else "val_r2"
    events = Lab(small_split(task)).train_one(a_job(4, epochs=5, objective=objective))
    assert [type(event) for event in events[-2:]] == [WeightsKept, type(end_of(events))]
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [1, 2, 3, 4, 5]
    curves = curves_of(events)
    assert all(tuple(metrics) == METRICS[task] for metrics in curves)
    assert end_of(events).state is TrialState.FINISHED
    assert end_of(events).value == curves[-1][objective]
    assert curves[-1]["loss"] < curves[0]["loss"]


def test_regression_is_reported_in_original_units() -> None:
    """The targets of the small data were divided by 20: errors are given in what they were before."""
    metrics = curves_of(Lab(small_split(Task.REGRESSION)).train_one(a_job(epochs=30, objective="val_mae")))[-1]
    assert metrics["val_r2"] > 0.3
    # Of normal errors, the mean absolute one is 0.8 of the root of the mean square.
    assert metrics["val_mae"] == pytest.approx(20 * 0.8 * math.sqrt(metrics["val_loss"]), rel=0.25)


def test_training_never_opens_the_test_part(lab: Lab) -> None:
    """The test part of the small data fails the test as soon as anyone asks for it."""
    for values in ({}, {"batch_norm": False}, {"dropout": 0.2}):
        assert end_of(lab.train_one(a_job(**values))).state is TrialState.FINISHED
    with pytest.raises(AssertionError, match="opened"):
        small_split().test()


def test_new_rates_widths_batch_sizes_and_any_number_of_lanes_trace_nothing() -> None:
    lab = Lab(fresh=True)
    lab.train_one(a_job())
    traces = lab.trainer.traces
    assert traces == 2  # one for training, one for evaluation
    jobs = [
        a_job(2, learning_rate=0.3, momentum=0.99, learning_rate_decay=0.5, seed=99),
        a_job(3, units=31),
        a_job(4, batch_size=50),
        a_job(5, batch_size=1_000, epochs=1),
        a_job(6, batch_norm_momentum=0.8, epochs=4),
        *(a_job(number) for number in range(10, 30)),
    ]
    assert {end_of(events).state for events in lab.train(*jobs)} == {TrialState.FINISHED}
    assert lab.trainer.traces == traces
    lab.train(a_job(7, layers=1), a_job(8, layers=1, units=5), a_job(9))
    assert lab.trainer.traces == traces + 2
    assert lab.loads()[-1].traces == traces + 2


def test_the_kinds_that_a_study_searches_share_a_traced_function() -> None:
    lab, searched = Lab(fresh=True), frozenset({"optimizer", "batch_norm", "dropout", "l2"})
    jobs = [
        replace(a_job(1, optimizer="adam", batch_norm=False), searched=searched),
        replace(a_job(2, optimizer="sgd", dropout=0.3), searched=searched),
        replace(a_job(3, optimizer="rmsprop", l2=0.01), searched=searched),
    ]
    assert {end_of(events).state for events in lab.train(*jobs)} == {TrialState.FINISHED}
    assert lab.trainer.traces == 2


def test_a_trial_is_the_same_to_the_last_bit_whatever_was_trained_before() -> None:
    job = a_job(seed=2**40 + 11, dropout=0.25, l2=1e-3, optimizer="adam", learning_rate=0.01)
    diverging = a_job(2, dropout=0.25, l2=1e-3, optimizer="adam", learning_rate=1e30)
    wider = a_job(3, dropout=0.4, l2=1e-2, optimizer="adam", units=40, batch_size=7)
    lab = Lab()
    first, _, _, again = lab.train_in_turn(job, diverging, wider, job)
    elsewhere = Lab(fresh=True).train_one(job)
    for other in (again, elsewhere):
        assert curves_of(other) == curves_of(first)
        assert weights_kept(other) == weights_kept(first)
    assert curves_of(lab.train_one(a_job(seed=12, dropout=0.25, l2=1e-3, optimizer="adam"))) != curves_of(first)


def test_a_loss_that_is_not_finite_ends_the_trial_with_its_place(lab: Lab) -> None:
    events = lab.train_one(a_job(learning_rate=1e30, batch_norm=False))
    end = end_of(events)
    assert end.state is TrialState.DIVERGED
    assert end.reason is not None
    assert end.reason.startswith(("loss became NaN at epoch 1, step ", "loss became infinite at epoch 1, step "))
    assert end.reason.endswith(" of 7")
    assert end.value is None
    assert not any(isinstance(event, WeightsKept) for event in events)
    assert end_of(lab.train_one(a_job(batch_norm=False))).state is TrialState.FINISHED


def test_a_validation_loss_that_is_not_finite_ends_the_trial_too() -> None:
    split = small_split()
    split.validation.inputs[3, 2] = np.inf
    events = Lab(split).train_one(a_job(batch_norm=False))
    assert end_of(events).state is TrialState.DIVERGED
    assert end_of(events).reason == "validation loss became NaN at epoch 1"
    assert math.isnan(curves_of(events)[0]["val_loss"])


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (a_job(units=0), r"units = 0: expected a whole number"),
        (a_job(activation="sigmoid"), r"activation = 'sigmoid': expected one of relu"),
        (a_job(warp=9), r"warp = 'warp': expected a hyperparameter"),
        (a_job(objective="val_mae"), r"objective 'val_mae': expected one of loss, accuracy"),
        (a_job(units=60_000, layers=2, batch_norm=False), r"out of memory"),
    ],
)
def test_a_trial_that_cannot_be_trained_fails_with_a_reason_and_the_next_one_trains(
    job: Any, reason: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tuner_gui.training.program as module

    real = module.start_state

    def within_memory(settings: Any, inputs: int, outputs: int) -> Any:
        # Taking this much in earnest could bring the machine to a halt.
        if settings.units > 10_000:
            raise MemoryError("Unable to allocate 26.8 GiB")
        return real(settings, inputs, outputs)

    monkeypatch.setattr(module, "start_state", within_memory)
    monkeypatch.setattr("tuner_gui.training.planner.start_state", within_memory)
    end = end_of(lab.train_one(job))
    assert end.state is TrialState.FAILED
    assert end.reason is not None
    assert "\n" not in end.reason
    assert reason in end.reason
    assert end_of(lab.train_one(a_job())).state is TrialState.FINISHED


@pytest.mark.slow
def test_chunks_of_a_long_epoch_are_short_and_signs_of_life_frequent() -> None:
    lab = Lab(small_split(rows=200_000))
    lab.submit(a_job(batch_size=32, epochs=1))
    gaps = []
    while program := lab.trainer._next(wait=False):
        began = time.monotonic()
        lab.trainer._work_on(program)
        gaps.append(time.monotonic() - began)
    # The first ones trace and measure; the machine may be busy with other things.
    assert len(gaps) > 8
    assert np.median(gaps[2:]) < 0.15
    fractions = [event.fraction for event in lab.events if isinstance(event, TrialProgress)]
    assert len(fractions) >= sum(gaps[2:]) / 0.6
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] <= 1


def test_the_final_figure_is_that_of_the_kept_weights_on_the_test_part() -> None:
    split = opened(small_split())
    lab = Lab(split)
    job = a_job(l2=0.01)
    events = lab.train_one(job)
    test, validation = split.test(), split.validation
    # The validation part in the place of the test part must give the metrics of the last epoch.
    test.inputs.resize(validation.inputs.shape, refcheck=False)
    test.targets.resize(validation.targets.shape, refcheck=False)
    test.inputs[:], test.targets[:] = validation.inputs, validation.targets
    found = lab.trainer.final_figure(job.hyperparameters, weights_kept(events))
    last = curves_of(events)[-1]
    assert found == {"test_loss": last["val_loss"], "test_accuracy": last["val_accuracy"]}


def test_a_final_figure_in_the_middle_of_a_trial_leaves_it_as_it_is() -> None:
    lab = Lab(opened(small_split()))
    undisturbed = lab.train_one(a_job())
    other = lab.train_one(a_job(seed=8))
    lab.submit(a_job())
    first = len(lab.events)
    while program := lab.trainer._next(wait=False):
        lab.trainer._work_on(program)
        lab.trainer.final_figure(a_job().hyperparameters, weights_kept(other))
    assert weights_kept(lab.of(1, first)) == weights_kept(undisturbed)


def test_a_trial_given_up_between_a_chunk_and_its_return_ends_though_training_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody would look at it again before training goes on: its end must not wait for that."""
    from tuner_gui.training.program import Program

    lab, work = Lab(), Program.work

    def work_and_be_told(program: Program) -> None:
        work(program)
        lab.trainer.pause()
        lab.trainer.give_up(1, TrialState.CANCELLED)

    monkeypatch.setattr(Program, "work", work_and_be_told)
    assert end_of(lab.train_one(a_job(1, epochs=1_000))).state is TrialState.CANCELLED
