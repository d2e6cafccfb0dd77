"""The smooth estimate over two parameters: where the best part lies, and where nothing is claimed."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, Parameter
from tuner_gui.study.estimate import Estimate, contour, estimate, shares_of

X = FloatParameter(name="x", low=0.0, high=1.0)
Y = FloatParameter(name="y", low=0.0, high=1.0)
COLORS = ChoiceParameter(name="color", choices=("red", "green", "blue"))


def tried(count: int, *, noise: float = 0.02, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Even places, and scores that are best at (0.3, 0.7)."""
    random = np.random.default_rng(seed)
    xs, ys = random.random(count), random.random(count)
    return xs, ys, -((xs - 0.3) ** 2) - (ys - 0.7) ** 2 + random.normal(0, noise, count)


def made(x: Parameter, y: Parameter, xs: np.ndarray, ys: np.ndarray, scores: np.ndarray) -> Estimate:
    found = estimate(x, y, xs, ys, scores)
    assert found is not None
    return found


def at(grid: np.ndarray, x: float, y: float) -> float:
    rows, columns = grid.shape
    return float(grid[min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)])


@pytest.mark.parametrize("count", [60, 1000, 10_000])
def test_the_best_place_of_the_estimate_is_near_the_true_one(count: int) -> None:
    shares = made(X, Y, *tried(count)).shares
    row, column = np.unravel_index(int(shares.argmax()), shares.shape)
    assert abs((column + 0.5) / shares.shape[1] - 0.3) < 0.15
    assert abs((row + 0.5) / shares.shape[0] - 0.7) < 0.15


def test_nothing_is_claimed_far_from_what_was_tried() -> None:
    xs, ys, scores = tried(200)
    corner = (xs < 0.5) & (ys < 0.5)
    evidence = made(X, Y, xs[corner], ys[corner], scores[corner]).evidence
    assert at(evidence, 0.25, 0.25) > 0.9
    assert at(evidence, 0.95, 0.95) == 0
    assert at(evidence, 0.1, 0.95) == 0


def test_one_trial_claims_less_than_several_at_its_place() -> None:
    one = made(X, Y, np.array([0.5]), np.array([0.5]), np.array([1.0]))
    many = made(X, Y, np.full(20, 0.5), np.full(20, 0.5), np.ones(20))
    assert 0 < at(one.evidence, 0.5, 0.5) < 0.5 < at(many.evidence, 0.5, 0.5)


def test_the_metrics_own_scale_and_outliers_play_no_part() -> None:
    xs, ys, scores = tried(300)
    plain, bent = made(X, Y, xs, ys, scores), made(X, Y, xs, ys, np.exp(9 * scores) - 5)
    assert np.array_equal(plain.shares, bent.shares)
    scores = scores.copy()
    worst = int(scores.argmin())
    scores[worst] = -1e12
    assert np.array_equal(made(X, Y, xs, ys, scores).shares, plain.shares)


def test_what_diverged_counts_as_the_worst_and_what_says_nothing_not_at_all() -> None:
    xs, ys, scores = tried(400)
    right = xs > 0.6
    shares = made(X, Y, xs, ys, np.where(right, -np.inf, scores)).shares
    assert at(shares, 0.85, 0.7) < 0.25 < at(made(X, Y, xs, ys, scores).shares, 0.85, 0.7)
    assert at(made(X, Y, xs, ys, np.where(right, np.nan, scores)).evidence, 0.95, 0.5) == 0


def test_choices_are_not_mixed() -> None:
    random = np.random.default_rng(1)
    colors, ys = random.integers(0, 3, 600), random.random(600)
    # Green is good, both of its neighbours are bad.
    scores = (colors == 1) + random.normal(0, 0.01, 600)
    found = made(COLORS, Y, (colors + 0.5) / 3, ys, scores)
    red, green, blue = (at(found.shares, x, 0.5) for x in (1 / 6, 0.5, 5 / 6))
    assert green > 0.8
    assert red < 0.4
    assert blue < 0.4
    assert at(found.evidence, 1 / 3 - 0.01, 0.5) == at(found.evidence, 1 / 3 + 0.01, 0.5) == 0


def test_a_choice_that_was_never_tried_has_no_estimate() -> None:
    xs, ys, scores = tried(90)
    colors = np.where(xs < 0.5, 0.5, 1.5) / 3
    evidence = made(X, COLORS, ys, colors, scores).evidence
    assert at(evidence, 0.5, 0.5) > 0.5
    assert at(evidence, 0.5, 5 / 6) == 0


def test_without_trials_there_is_no_estimate() -> None:
    nothing = np.zeros(0)
    assert estimate(X, Y, nothing, nothing, nothing) is None
    assert estimate(X, Y, np.array([0.5]), np.array([np.nan]), np.array([1.0])) is None


def test_equal_values_share_their_place() -> None:
    assert shares_of(np.array([2.0, 1.0, 2.0, 3.0])).tolist() == [0.5, 0.0, 0.5, 1.0]


def test_ten_thousand_trials_cost_a_few_milliseconds() -> None:
    data = tried(10_000)

    def seconds() -> float:
        began = time.process_time()
        contour(made(X, Y, *data), 0.75)
        return time.process_time() - began

    # 1.7 ms where this was written; the bound only catches another order of magnitude.
    assert min(seconds() for _ in range(7)) < 0.02


def test_the_contour_runs_around_the_best_part_where_the_share_is_its_level() -> None:
    found = made(X, Y, *tried(3000))
    pieces = contour(found, 0.75)
    distances = np.hypot(pieces[:, 0] - 0.3, pieces[:, 1] - 0.7)
    # A quarter of the trials lies in a circle of this radius.
    assert len(pieces) > 20
    assert np.abs(distances - np.sqrt(0.25 / np.pi)).max() < 0.07


def test_noise_alone_has_no_best_quarter() -> None:
    random = np.random.default_rng(4)
    found = made(X, Y, random.random(2000), random.random(2000), random.random(2000))
    assert not len(contour(found, 0.75))


def test_no_contour_where_nothing_was_tried() -> None:
    xs, ys, scores = tried(400)
    left = xs < 0.3
    pieces = contour(made(X, Y, xs[left], ys[left], scores[left]), 0.75)
    assert len(pieces)
    assert pieces[:, [0, 2]].max() < 0.45
