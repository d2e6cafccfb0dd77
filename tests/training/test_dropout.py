from __future__ import annotations

from typing import Any

import numpy as np
import pytest

ROWS, UNITS = 400, 250


def kept(
    seed: int = 1, step: int = 0, layer: int = 0, rate: float = 0.3, shape: tuple[int, int] = (ROWS, UNITS)
) -> Any:
    """Which units stay, 0 or 1, ``[rows, units]``, after a check of the factor that makes up for the others."""
    factors = lanes_of_factors([seed], [step], layer, [rate], shape)[0]
    assert set(np.unique(factors)) <= {0.0, 1 / (1 - rate)}
    return (factors > 0).astype(float)


def lanes_of_factors(
    seeds: list[int], steps: list[int], layer: int, rates: list[float], shape: tuple[int, int] = (ROWS, UNITS)
) -> Any:
    from tuner_gui.training.layers import dropout_factors

    size, lane_rates = np.array([len(seeds), *shape], np.int32), np.array(rates)[:, None, None]
    return np.asarray(dropout_factors(np.array(seeds, np.uint32), np.array(steps), layer, size, lane_rates))


def correlation(left: Any, right: Any) -> float:
    return float(np.corrcoef(left.ravel(), right.ravel())[0, 1])


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5])
def test_the_share_of_units_dropped_is_the_rate_in_every_row_and_unit(rate: float) -> None:
    dropped = 1 - kept(rate=rate)
    spread = np.sqrt(rate * (1 - rate))
    assert abs(dropped.mean() - rate) < 4 * spread / np.sqrt(ROWS * UNITS)
    # Rows and units deviate as much as independent draws would: neither more nor less.
    assert dropped.mean(axis=1).std() == pytest.approx(spread / np.sqrt(UNITS), rel=0.2)
    assert dropped.mean(axis=0).std() == pytest.approx(spread / np.sqrt(ROWS), rel=0.2)


def test_a_rate_of_zero_keeps_every_unit_as_it_is() -> None:
    assert (lanes_of_factors([1], [0], 0, [0.0]) == 1.0).all()


def test_masks_of_other_steps_layers_and_trials_have_nothing_in_common() -> None:
    mask = kept()
    others = [kept(step=1), kept(step=2), kept(layer=1), kept(seed=2), kept(step=1, layer=1)]
    neighbours = [np.roll(mask, 1, axis=0), np.roll(mask, 1, axis=1)]
    for other in others + neighbours:
        assert abs(correlation(mask, other)) < 4 / np.sqrt(ROWS * UNITS)


def test_a_lane_has_its_mask_whatever_stands_beside_it_and_however_wide_the_bucket_is() -> None:
    alone = lanes_of_factors([5], [9], 1, [0.3], (16, 20))[0]
    beside = lanes_of_factors([8, 5], [2, 9], 1, [0.1, 0.3], (64, 32))[1]
    np.testing.assert_array_equal(alone, beside[:16, :20])
