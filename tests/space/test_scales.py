from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.space.scales import Scale, backward, fits, forward, what_fits

VALUES = {
    Scale.LINEAR: st.floats(-1e9, 1e9),
    Scale.LOG: st.floats(1e-12, 1e12),
    Scale.LOG1M: st.floats(-1e3, 1 - 1e-9),
}


@pytest.mark.parametrize("scale", Scale)
@given(data=st.data())
def test_a_larger_value_lies_further_along_the_line(scale: Scale, data: st.DataObject) -> None:
    a, b = sorted([data.draw(VALUES[scale]), data.draw(VALUES[scale])])
    there = forward(scale, [a, b])
    assert there[0] <= there[1]
    assert not (b > a + 1e-9 * abs(a) and there[0] == there[1] and scale is not Scale.LOG1M)


@pytest.mark.parametrize("scale", Scale)
@given(data=st.data())
def test_there_and_back_is_the_same_value_up_to_rounding(scale: Scale, data: st.DataObject) -> None:
    value = data.draw(VALUES[scale])
    assert float(backward(scale, forward(scale, value))) == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_equal_steps_on_log_are_equal_factors() -> None:
    assert np.ptp(np.diff(forward(Scale.LOG, [1e-4, 1e-3, 1e-2, 1e-1, 1]))) < 1e-12


def test_equal_steps_on_log1m_are_equal_factors_of_the_averaging_window() -> None:
    windows = np.array([10, 20, 40, 80])
    assert np.ptp(np.diff(forward(Scale.LOG1M, 1 - 1 / windows))) < 1e-12


@pytest.mark.parametrize(
    ("scale", "value"), [(Scale.LOG, 0.0), (Scale.LOG, -1.0), (Scale.LOG1M, 1.0), (Scale.LOG1M, 2)]
)
def test_what_a_scale_cannot_hold_has_no_place_and_is_refused_in_words(scale: Scale, value: float) -> None:
    assert math.isnan(float(forward(scale, value)))
    assert not fits(scale, value)
    assert f"because the scale is {scale}" in what_fits(scale)


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_scale_holds_what_is_not_finite(scale: Scale, value: float) -> None:
    assert not fits(scale, value)
