from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
from training_lab import a_job, curves_of, end_of, opened, small_split, train_all, train_one

from tuner_gui.study.definition import METRICS, Task
from tuner_gui.study.events import EpochEnded, Event, TrialProgress, TrialState, WeightsKept


@pytest.fixture(scope="module")
def trainer() -> Any:
    from tuner_gui.training.trainer import Trainer

    return Trainer(small_split())


def fresh(task: Task = Task.CLASSIFICATION, **options: Any) -> Any:
    from tuner_gui.training.trainer import Trainer

    return Trainer(small_split(task, **options))


@pytest.mark.parametrize("task", list(Task))
def test_a_trial_reports_its_epochs_and_the_objective_after_the_last(task: Task) -> None:
    objective = "val_accuracy" if task is Task.CLASSIFICATION else "val_r2"
    events = train_one(fresh(task), a_job(4, epochs=5, objective=objective))
    assert [type(event) for event in events[-2:]] == [WeightsKept, type(end_of(events))]
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [1, 2, 3, 4, 5]
    curves = curves_of(events)
    assert all(tuple(metrics) == METRICS[task] for metrics in curves)
    assert end_of(events).state is TrialState.FINISHED
    assert end_of(events).value == curves[-1][objective]
    assert curves[-1]["loss"] < curves[0]["loss"]


def test_regression_is_reported_in_original_units() -> None:
    """The targets of the small data were divided by 20: errors are given in what they were before."""
    metrics = curves_of(train_one(fresh(Task.REGRESSION), a_job(epochs=30, objective="val_mae")))[-1]
    assert metrics["val_r2"] > 0.3
    # Of normal errors, the mean absolute one is 0.8 of the root of the mean square.
    assert metrics["val_mae"] == pytest.approx(20 * 0.8 * math.sqrt(metrics["val_loss"]), rel=0.25)


def test_training_never_opens_the_test_part(trainer: Any) -> None:
    """The test part of the small data fails the test as soon as anyone asks for it."""
    for values in ({}, {"batch_norm": False}, {"dropout": 0.2}):
        assert end_of(train_one(trainer, a_job(**values))).state is TrialState.FINISHED
    with pytest.raises(AssertionError, match="opened"):
        small_split().test()


def test_new_rates_widths_and_batch_sizes_trace_nothing() -> None:
    trainer = fresh()
    train_one(trainer, a_job())
    traces = trainer.traces
    assert traces == 2  # one for training, one for evaluation
    jobs = [
        a_job(2, learning_rate=0.3, momentum=0.99, learning_rate_decay=0.5, seed=99),
        a_job(3, units=31),
        a_job(4, batch_size=50),
        a_job(5, batch_size=1_000, epochs=1),
        a_job(6, batch_norm_momentum=0.8, epochs=4),
    ]
    assert {end_of(events).state for events in train_all(trainer, *jobs)} == {TrialState.FINISHED}
    assert trainer.traces == traces
    train_all(trainer, a_job(7, layers=1), a_job(8, layers=1, units=5), a_job(9))
    assert trainer.traces == traces + 2


def test_a_trial_is_the_same_to_the_last_bit_whatever_was_trained_before(trainer: Any) -> None:
    job = a_job(seed=2**40 + 11, dropout=0.25, l2=1e-3, optimizer="adam", learning_rate=0.01)
    diverging = a_job(2, dropout=0.25, l2=1e-3, optimizer="adam", learning_rate=1e30)
    wider = a_job(3, dropout=0.4, l2=1e-2, optimizer="adam", units=40, batch_size=7)
    first, _, _, again = train_all(trainer, job, diverging, wider, job)
    elsewhere = train_one(fresh(), job)
    for other in (again, elsewhere):
        assert curves_of(other) == curves_of(first)
        assert weights_of(other) == weights_of(first)
    assert curves_of(train_one(trainer, a_job(seed=12, dropout=0.25, l2=1e-3, optimizer="adam"))) != curves_of(first)


def weights_of(events: list[Event]) -> bytes:
    return next(event.npz for event in events if isinstance(event, WeightsKept))


def test_a_loss_that_is_not_finite_ends_the_trial_with_its_place(trainer: Any) -> None:
    events = train_one(trainer, a_job(learning_rate=1e30, batch_norm=False))
    end = end_of(events)
    assert end.state is TrialState.DIVERGED
    assert end.reason is not None
    assert end.reason.startswith(("loss became NaN at epoch 1, step ", "loss became infinite at epoch 1, step "))
    assert end.reason.endswith(" of 7")
    assert end.value is None
    assert not any(isinstance(event, WeightsKept) for event in events)
    assert end_of(train_one(trainer, a_job(batch_norm=False))).state is TrialState.FINISHED


def test_a_validation_loss_that_is_not_finite_ends_the_trial_too() -> None:
    split = small_split()
    split.validation.inputs[3, 2] = np.inf
    from tuner_gui.training.trainer import Trainer

    events = train_one(Trainer(split), a_job(batch_norm=False))
    assert end_of(events).state is TrialState.DIVERGED
    assert end_of(events).reason == "validation loss became NaN at epoch 1"
    assert math.isnan(curves_of(events)[0]["val_loss"])


def test_a_cancelled_trial_ends_at_the_next_chunk(trainer: Any) -> None:
    events: list[Event] = []
    answers = iter([True, True, False])
    trainer.train(a_job(epochs=1_000), report=events.append, go_on=lambda: next(answers))
    assert end_of(events).state is TrialState.CANCELLED
    assert len(curves_of(events)) < 3


def test_a_pause_is_not_counted_in_the_seconds_of_a_trial(trainer: Any) -> None:
    events: list[Event] = []
    held = iter([True])

    def hold_once() -> bool:
        if next(held, False):
            until = time.monotonic() + 0.4
            while time.monotonic() < until:
                pass
        return True

    began = time.monotonic()
    trainer.train(a_job(), report=events.append, go_on=hold_once)
    assert time.monotonic() - began - end_of(events).seconds == pytest.approx(0.4, abs=0.05)


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
    job: Any, reason: str, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tuner_gui.training.trainer as module

    real = module.start_weights

    def within_memory(settings: Any, inputs: int, outputs: int) -> Any:
        # Taking this much in earnest could bring the machine to a halt.
        if settings.units > 10_000:
            raise MemoryError("Unable to allocate 26.8 GiB")
        return real(settings, inputs, outputs)

    monkeypatch.setattr(module, "start_weights", within_memory)
    end = end_of(train_one(trainer, job))
    assert end.state is TrialState.FAILED
    assert end.reason is not None
    assert "\n" not in end.reason
    assert reason in end.reason
    assert end_of(train_one(trainer, a_job())).state is TrialState.FINISHED


def test_chunks_of_a_long_epoch_are_short_and_signs_of_life_frequent() -> None:
    trainer = fresh(rows=60_000)
    times: list[float] = []
    events: list[Event] = []

    def note() -> bool:
        times.append(time.monotonic())
        return True

    trainer.train(a_job(batch_size=32, epochs=1), report=events.append, go_on=note)
    gaps = np.diff(times)
    assert len(gaps) > 5
    # Generous: the machine may be busy with other things.
    assert np.median(gaps) < 0.15
    fractions = [event.fraction for event in events if isinstance(event, TrialProgress)]
    assert len(fractions) >= len(gaps) // 3
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] <= 1


def test_the_final_figure_is_that_of_the_kept_weights_on_the_test_part() -> None:
    from tuner_gui.training.trainer import Trainer

    split = opened(small_split())
    trainer = Trainer(split)
    job = a_job(l2=0.01)
    events = train_one(trainer, job)
    test, validation = split.test(), split.validation
    # The validation part in the place of the test part must give the metrics of the last epoch.
    test.inputs.resize(validation.inputs.shape, refcheck=False)
    test.targets.resize(validation.targets.shape, refcheck=False)
    test.inputs[:], test.targets[:] = validation.inputs, validation.targets
    found = trainer.final_figure(job.hyperparameters, weights_of(events))
    last = curves_of(events)[-1]
    assert found == {"test_loss": last["val_loss"], "test_accuracy": last["val_accuracy"]}


def test_a_final_figure_in_the_middle_of_a_trial_leaves_it_as_it_is() -> None:
    from tuner_gui.training.trainer import Trainer

    trainer = Trainer(opened(small_split()))
    undisturbed = train_one(trainer, a_job())
    other = train_one(trainer, a_job(seed=8))
    events: list[Event] = []

    def look() -> bool:
        trainer.final_figure(a_job().hyperparameters, weights_of(other))
        return True

    trainer.train(a_job(), report=events.append, go_on=look)
    assert weights_of(events) == weights_of(undisturbed)
