"""Trials per minute and time left, from made-up moments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tuner_gui.gui.run_pace import RunClock, Work, rate_words


def noted(done: Callable[[float], float], *, until: float, start: float = 0.0, every: float = 0.1) -> Work:
    """Work that was noted every tenth of a second."""
    work = Work()
    for at in np.arange(start, until + every / 2, every):
        work.note(done(float(at)), float(at))
    return work


def lanes_at(at: float, *, lanes: int, duration: float, trials: int = 10**9, staggered: bool = False) -> float:
    """The work of lanes that are refilled: each trains for ``duration``, then the next trial."""
    offsets = np.arange(lanes) / lanes if staggered else np.zeros(lanes)
    return float(min(np.sum(at / duration + offsets) - offsets.sum(), trials))


@pytest.mark.parametrize(
    ("per_minute", "words"),
    [
        (1243.4, "1,240 trials/min"), (996, "1,000 trials/min"), (212.6, "213 trials/min"), (60, "60 trials/min"),
        (3.44, "3.4 trials/min"), (1, "1 trial/min"), (0.2, "12 trials/h"), (0.004, "0.2 trials/h"),
    ],
)  # fmt: skip
def test_rates_are_read_at_a_glance(per_minute: float, words: str) -> None:
    assert rate_words(per_minute) == words


class TestTrialsPerMinute:
    def test_it_is_that_of_the_last_seconds(self) -> None:
        work = noted(lambda at: 0.2 * at if at < 60 else 12 + 20 * (at - 60), until=75)
        assert work.per_minute() == pytest.approx(1200, rel=0.01)

    def test_lanes_that_end_together_do_not_make_it_dance(self) -> None:
        rates = [
            noted(lambda at: lanes_at(at, lanes=16, duration=7), until=until).per_minute() for until in range(8, 40)
        ]
        assert rates == pytest.approx([60 * 16 / 7] * len(rates), rel=1e-3)

    def test_slow_trials_have_a_rate_above_nothing_that_keeps_still(self) -> None:
        """One lane, five minutes for each trial; all that is known of one comes after each of its 20 epochs."""
        rates = [noted(lambda at: np.floor(at / 15) / 20, until=until).per_minute() for until in range(900, 1100, 13)]
        assert rates == pytest.approx([0.2] * len(rates), rel=0.05)

    def test_it_falls_towards_nothing_while_nothing_happens(self) -> None:
        rates = [noted(lambda at: min(10 * at, 300), until=until).per_minute() for until in (30, 33, 36, 60, 300)]
        assert rates[0] == pytest.approx(600)
        assert rates == sorted(rates, reverse=True)
        assert (rates[-1] or 0) < 2

    def test_the_time_before_the_first_work_is_no_speed(self) -> None:
        work = noted(lambda at: max(0.0, 5 * (at - 40)), until=50)
        assert work.per_minute() == pytest.approx(300, rel=0.02)

    def test_nothing_is_said_at_first(self) -> None:
        assert Work().per_minute() is None
        assert noted(lambda at: at, until=4).per_minute() is None

    def test_trials_that_were_lost_are_no_work(self) -> None:
        assert (noted(lambda at: at if at < 30 else 2.0, until=33).per_minute() or 0) < 5

    def test_long_runs_cost_no_more_than_short_ones(self) -> None:
        assert len(noted(lambda at: 50 * at, until=3000)._samples) == 2400


class TestTimeLeft:
    def test_it_is_known_before_the_first_trial_ends(self) -> None:
        work = noted(lambda at: lanes_at(at, lanes=20, duration=120), until=30)
        left = work.seconds_for(20 * 0.75, lanes=20)
        assert left is not None
        assert left[0] <= 90 <= left[1] <= 180

    def test_the_last_trials_of_refilled_lanes_are_allowed_for(self) -> None:
        work = noted(lambda at: lanes_at(at, lanes=64, duration=60, staggered=True), until=120)
        left = work.seconds_for(1000 - 128, lanes=64)
        assert left is not None
        steady = (1000 - 128) * 60 / 64
        assert left[0] <= steady <= steady + 30 <= left[1] <= 1.3 * steady

    def test_nothing_is_said_while_the_speed_is_not_known_or_nothing_moves(self) -> None:
        assert Work().seconds_for(10, lanes=4) is None
        assert noted(lambda at: 1 + at, until=4).seconds_for(10, lanes=4) is None
        assert noted(lambda _: 5.0, until=20).seconds_for(10, lanes=4) is None


def test_the_clock_stands_still_while_it_is_held() -> None:
    now = [100.0]
    clock = RunClock(lambda: now[0])
    assert clock.seconds == 0
    clock.go()
    now[0] += 5
    clock.hold()
    now[0] += 1000
    assert clock.seconds == 5
    clock.go()
    clock.go()
    now[0] += 2
    assert clock.seconds == 7
