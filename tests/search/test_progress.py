from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.search.progress import format_duration, time_left, words_left

seconds = st.floats(0.001, 1e6)


def test_nothing_is_promised_before_three_trials_are_over() -> None:
    assert time_left([2.0, 2.0], 10) is None
    assert time_left([2.0, 2.0, math.nan, 0.0], 10) is None
    assert time_left([2.0, 2.0, 2.0], 10) is not None


@given(st.lists(seconds, min_size=3, max_size=40), st.integers(0, 1000), st.integers(1, 8))
def test_the_range_is_ordered_and_never_negative(durations: list[float], remaining: int, at_once: int) -> None:
    found = time_left(durations, remaining, at_once)
    assert found is not None
    low, high = found
    assert 0 <= low <= high
    assert math.isfinite(high)


def test_equal_trials_leave_no_doubt() -> None:
    assert time_left([3.0] * 5, 10) == pytest.approx((30.0, 30.0))


def test_only_the_latest_trials_count_after_a_refinement_made_them_faster() -> None:
    found = time_left([100.0] * 200 + [1.0] * 30, 10)
    assert found == pytest.approx((10.0, 10.0))


def test_side_by_side_trials_finish_sooner_but_the_last_ones_leave_lanes_idle() -> None:
    one, four = time_left([4.0, 4.0, 4.0], 8), time_left([4.0, 4.0, 4.0], 8, at_once=4)
    assert one is not None
    assert four is not None
    assert four[0] == pytest.approx(one[0] / 4)
    assert one[1] / 4 < four[1] < one[1]


def test_the_range_holds_in_most_simulated_runs() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        known, coming = rng.lognormal(1.0, 0.4, 10), rng.lognormal(1.0, 0.4, 20)
        found = time_left(known.tolist(), 20)
        assert found is not None
        held += found[0] <= coming.sum() <= found[1]
    assert held / 300 >= 0.8


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ((1200.0, 2100.0), "20–35 min left"),
        ((9.6, 10.4), "about 10 s left"),
        ((0.0, 0.0), "nearly done"),
        ((-5.0, 40.0), "less than 40 s left"),
        ((5400.0, 7200.0), "1.5–2 h left"),
        ((3 * 86400.0, 4 * 86400.0), "3–4 d left"),
        ((0.1, 0.4), "about 1 s left"),
    ],
)
def test_ranges_in_words(left: tuple[float, float], words: str) -> None:
    assert words_left(left) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (185.0, "3 min 5 s"),
        (3599.6, "1 h"),
        (7800.0, "2 h 10 min"),
        (90000.0, "1 d 1 h"),
        (math.nan, "–"),
        (-1.0, "–"),
    ],
)
def test_durations_in_words(duration: float, words: str) -> None:
    assert format_duration(duration) == words
