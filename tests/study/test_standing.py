from __future__ import annotations

import time

import numpy as np
import pytest

from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan
from tuner_gui.study.standing import student_975

DIGITS = new_definition("digits")
STAGE = first_plan(DIGITS).stage


def _history(*runs: tuple[float, float, int | None]) -> History:
    """Trials of a learning rate, a value, and the number of the trial that they repeat."""
    history = History()
    for number, (rate, value, of) in enumerate(runs, start=1):
        lineage = None if of is None else {"repeats": of}
        history.apply(TrialStarted(number, STAGE, {"learning_rate": rate}, number, "", lineage=lineage))
        state = TrialState.FINISHED if np.isfinite(value) else TrialState.DIVERGED
        history.apply(TrialEnded(number, state, 1.0, value if np.isfinite(value) else None))
    return history


def test_once_the_best_run_was_repeated_the_best_mean_wins() -> None:
    history = _history((0.1, 0.95, None), (0.2, 0.94, None), (0.1, 0.85, 1), (0.2, 0.93, 2))
    best = history.best_standing(DIGITS.objective)
    assert best is not None
    assert (best.trial, best.runs, best.mean) == (2, 2, pytest.approx(0.935))
    assert history.ranked(DIGITS.objective, 5) == [2, 1]


def test_a_single_run_does_not_beat_the_mean_of_those_that_were_better_in_theirs() -> None:
    """The sixth best single run looks better than means only because it was not repeated."""
    history = _history((0.1, 0.95, None), (0.3, 0.93, None), (0.1, 0.90, 1), (0.1, 0.91, 1))
    assert history.ranked(DIGITS.objective, 5) == [1, 2]


def test_a_new_best_run_has_the_name_until_it_was_repeated_too() -> None:
    history = _history((0.1, 0.95, None), (0.1, 0.85, 1), (0.3, 0.96, None))
    best = history.best_standing(DIGITS.objective)
    assert best is not None
    assert (best.trial, best.runs) == (3, 1)


def test_for_a_loss_less_is_better() -> None:
    loss = new_definition("diabetes").objective
    history = _history((0.1, 0.10, None), (0.2, 0.12, None), (0.1, 0.30, 1), (0.2, 0.13, 2))
    best = history.best(loss)
    assert best is not None
    assert best.number == 2


def test_a_repeat_of_a_repeat_counts_for_the_first() -> None:
    history = _history((0.1, 0.95, None), (0.1, 0.85, 1), (0.1, 0.75, 2))
    assert history.repeats(3) == [1, 2, 3]
    assert history.ranked(DIGITS.objective, 5) == [1]


def test_what_has_other_values_is_no_repeat_whatever_it_says() -> None:
    history = _history((0.1, 0.95, None), (0.2, 0.85, 1), (0.1, 0.9, 9))
    assert [len(history.repeats(number)) for number in (1, 2, 3)] == [1, 1, 1]


def test_a_repeat_that_diverged_is_no_run_of_the_mean() -> None:
    history = _history((0.1, 0.95, None), (0.1, np.nan, 1))
    best = history.best_standing(DIGITS.objective)
    assert best is not None
    assert (best.runs, best.mean) == (1, 0.95)


def test_what_seeds_alone_can_make_is_not_told_apart() -> None:
    near = _history(*((rate, value, None) for rate, value in ((0.1, 0.95), (0.2, 0.94), (0.3, 0.70))))
    for of, rate, values in ((1, 0.1, (0.91, 0.93)), (2, 0.2, (0.92, 0.90)), (3, 0.3, (0.71, 0.69))):
        for value in values:
            number = len(near) + 1
            near.apply(TrialStarted(number, STAGE, {"learning_rate": rate}, number, "", lineage={"repeats": of}))
            near.apply(TrialEnded(number, TrialState.FINISHED, 1.0, value))
    best = near.best_standing(DIGITS.objective)
    assert best is not None
    assert (best.trial, best.like) == (1, (2,))
    assert best.spread == pytest.approx(0.02)


def test_nothing_is_said_of_the_noise_with_too_few_repeats() -> None:
    best = _history((0.1, 0.95, None), (0.2, 0.94, None), (0.1, 0.94, 1)).best_standing(DIGITS.objective)
    assert best is not None
    assert best.like is None


def test_two_of_the_same_noise_are_told_apart_about_one_time_in_twenty() -> None:
    random, apart = np.random.default_rng(3), 0
    for _ in range(600):
        values = random.normal(0.9, 0.01, size=10)
        runs = [(0.1, values[0], None), (0.2, values[1], None)]
        runs += [(0.1, value, 1) for value in values[2:6]] + [(0.2, value, 2) for value in values[6:]]
        best = _history(*runs).best_standing(DIGITS.objective)
        assert best is not None
        apart += not best.like
    assert 0.02 < apart / 600 < 0.09


@pytest.mark.parametrize(("free", "exact"), [(3, 3.1824), (5, 2.5706), (10, 2.2281), (100, 1.9840)])
def test_students_quantile_is_that_of_the_tables(free: int, exact: float) -> None:
    assert student_975(free) == pytest.approx(exact, rel=0.01)


def test_ten_thousand_trials_stand_within_milliseconds() -> None:
    random = np.random.default_rng(0)
    history = _history(*((0.1, float(value), None) for value in random.random(10_000)))
    began = time.perf_counter()
    for _ in range(20):
        history.ended += 1  # as if another trial had ended
        history.best(DIGITS.objective)
    assert (time.perf_counter() - began) / 20 < 0.01
