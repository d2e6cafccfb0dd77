"""The quick surface must be the Gaussian process that scikit-learn computes with the same kernel."""

from __future__ import annotations

import numpy as np
import pytest

from tuner_gui.search.strategies.frame import Frame
from tuner_gui.search.strategies.surface import Shape, Surface, features, relevance
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter
from tuner_gui.space.region import full_region
from tuner_gui.space.space import Space

SPACE = Space(
    (
        FloatParameter(name="learning_rate", low=0.0, high=1.0),
        FloatParameter(name="momentum", low=0.0, high=0.9),
        ChoiceParameter(name="activation", choices=("relu", "tanh", "elu")),
    )
)
FRAME = Frame(SPACE, full_region(SPACE))
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture
def data() -> Arrays:
    """Places and scores of 30 trials, and places of 40 others. Only the first parameter and the choice matter."""
    random = np.random.default_rng(0)
    points, others = random.random((30, 3)), random.random((40, 3))
    scores = np.sin(5 * points[:, 0]) + (points[:, 2] < 1 / 3) + 0.1 * random.standard_normal(30)
    return points, (scores - scores.mean()) / scores.std(), others


def shape_of(points: np.ndarray, scores: np.ndarray) -> Shape:
    return Shape(relevance(FRAME, points, scores), features(FRAME, points), scores)


def by_scikit_learn(
    shape: Shape, points: np.ndarray, scores: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the doubt at other places."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern

    kernel = shape.level * Matern(length_scale=1.0, nu=2.5)
    noise = shape.level * (shape.noise + 1e-6)
    process = GaussianProcessRegressor(kernel, optimizer=None, alpha=noise)
    process.fit(features(FRAME, points) * shape.scales, scores)
    mean, doubt = process.predict(features(FRAME, others) * shape.scales, return_std=True)
    return mean, doubt


def test_mean_and_doubt_are_those_of_scikit_learn(data: Arrays) -> None:
    points, scores, others = data
    shape = shape_of(points, scores)
    surface = Surface(shape, features(FRAME, points), scores, features(FRAME, others))
    mean, doubt = by_scikit_learn(shape, points, scores, others)
    np.testing.assert_allclose(surface._mean, mean, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(np.sqrt(shape.level * surface._share_of_doubt), doubt, rtol=1e-6)


def test_what_is_on_its_way_takes_away_doubt_and_moves_nothing(data: Arrays) -> None:
    """As if it had come out as the surface says; several at once or one after the other."""
    points, scores, others = data
    shape = shape_of(points, scores)
    ahead = others[:6]
    expected, _ = by_scikit_learn(shape, points, scores, ahead)
    mean, doubt = by_scikit_learn(shape, np.vstack([points, ahead]), np.concatenate([scores, expected]), others)
    for parts in ([ahead], [ahead[:1], ahead[1:4], ahead[4:]]):
        surface = Surface(shape, features(FRAME, points), scores, features(FRAME, others))
        for part in parts:
            surface.believe(features(FRAME, part))
        np.testing.assert_allclose(surface._mean, mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(np.sqrt(shape.level * surface._share_of_doubt), doubt, rtol=1e-3)


def test_a_place_that_is_on_its_way_promises_less_than_before(data: Arrays) -> None:
    points, scores, others = data
    surface = Surface(shape_of(points, scores), features(FRAME, points), scores, features(FRAME, others))
    before = surface.improvement().copy()
    best = int(np.argmax(before))
    surface.believe(features(FRAME, others[best : best + 1]))
    assert surface.improvement()[best] < 0.6 * before[best]


def test_what_matters_is_found_without_fitting_a_length_to_each(data: Arrays) -> None:
    points, scores, _ = data
    first, second, *choice = relevance(FRAME, points, scores)
    assert second < 0.6 * first
    assert len(set(choice)) == 1
    assert len(choice) == 3


def test_values_without_an_order_are_equally_far_from_each_other() -> None:
    places = features(FRAME, np.array([[0.5, 0.5, 1 / 6], [0.5, 0.5, 3 / 6], [0.5, 0.5, 5 / 6]]))
    distances = [np.linalg.norm(places[a] - places[b]) for a, b in ((0, 1), (1, 2), (0, 2))]
    assert distances == pytest.approx([0.5] * 3)
