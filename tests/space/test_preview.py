from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter
from tuner_gui.space.preview import averaging_window, preview, shares
from tuner_gui.space.region import Interval, Region, draw, extent_from_units, full_extent
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.unit import units_of, values_at

RATE = FloatParameter(name="rate", low=1e-4, high=1.0, scale=Scale.LOG)
BETA = FloatParameter(name="beta", low=0.9, high=0.999, scale=Scale.LOG1M)
DROPOUT = FloatParameter(name="dropout", low=0.0, high=0.5)
UNITS = IntParameter(name="units", low=16, high=128, scale=Scale.LOG)
LAYERS = IntParameter(name="layers", low=1, high=3)
HUNDRED = IntParameter(name="hundred", low=1, high=100)
STEPPED = FloatParameter(name="stepped", low=0.001, high=1.0, step=0.003, scale=Scale.LOG)
UNEVEN = IntParameter(name="uneven", low=16, high=126, step=10, scale=Scale.LOG)
NUMBERS = [RATE, BETA, DROPOUT, UNITS, LAYERS, HUNDRED, STEPPED, UNEVEN]


def _shares(parameter: NumberParameter) -> dict[str, float]:
    return {share.label: round(share.share, 3) for share in shares(parameter, full_extent(parameter))}


def test_each_decade_of_a_log_range_has_its_share() -> None:
    assert _shares(RATE) == {"1e-4 – 1e-3": 0.25, "1e-3 – 0.01": 0.25, "0.01 – 0.1": 0.25, "0.1 – 1": 0.25}


def test_half_of_a_log1m_range_lies_above_0_99() -> None:
    assert _shares(BETA) == {"0.9 – 0.99": 0.5, "0.99 – 0.999": 0.5}


def test_a_linear_range_shows_its_fifths_and_few_whole_numbers_each_their_own() -> None:
    assert _shares(DROPOUT) == {"0 – 0.1": 0.2, "0.1 – 0.2": 0.2, "0.2 – 0.3": 0.2, "0.3 – 0.4": 0.2, "0.4 – 0.5": 0.2}
    assert _shares(LAYERS) == {"1": 0.333, "2": 0.333, "3": 0.333}


def test_stretches_of_whole_numbers_do_not_overlap() -> None:
    assert list(_shares(UNITS)) == ["16 – 31", "32 – 63", "64 – 128"]
    assert list(_shares(HUNDRED)) == ["1 – 20", "21 – 40", "41 – 60", "61 – 80", "81 – 100"]


@given(st.sampled_from(NUMBERS), st.floats(0, 1), st.floats(0, 1))
def test_shares_add_up_to_one_and_adjoin_in_any_region(parameter: NumberParameter, a: float, b: float) -> None:
    parts = shares(parameter, extent_from_units(parameter, a, b))
    assert sum(part.share for part in parts) == pytest.approx(1)
    assert all(part.share > 0 for part in parts)
    assert [part.low for part in parts[1:]] == pytest.approx([part.high for part in parts[:-1]], abs=1e-12)
    assert len({part.label for part in parts}) == len(parts)


@pytest.mark.parametrize("parameter", NUMBERS, ids=lambda p: p.name)
def test_shares_are_what_draws_do(parameter: NumberParameter) -> None:
    space = Space((parameter,))
    extent = extent_from_units(parameter, 0.2, 0.9)
    even = (np.arange(1_000) + 0.5) / 1_000
    drawn = units_of(parameter, [draw(space, Region({parameter.name: extent}), [u])[parameter.name] for u in even])
    for part in shares(parameter, extent):
        assert np.mean((drawn >= part.low) & (drawn < part.high)) == pytest.approx(part.share, abs=0.0021)


@pytest.mark.parametrize("parameter", NUMBERS, ids=lambda p: p.name)
def test_samples_are_values_that_can_be_drawn_from_the_region(parameter: NumberParameter) -> None:
    extent = extent_from_units(parameter, 0.3, 0.8)
    samples = preview(parameter, extent, samples=50).samples
    assert len(samples) == 50
    assert all(extent.low <= value <= extent.high for value in values_at(parameter, samples))  # type: ignore[operator]
    if parameter.step is not None:
        assert units_of(parameter, values_at(parameter, samples)) == pytest.approx(samples)


def test_the_remarks_say_what_linear_would_do() -> None:
    assert preview(RATE, full_extent(RATE)).remarks == ["linear would spend 90% of the trials between 0.1 and 1"]
    assert preview(UNITS, full_extent(UNITS)).remarks == ["linear would spend 58% of the trials between 64 and 128"]
    within_a_decade = Interval(0.02, 0.05)
    assert preview(RATE, within_a_decade).remarks == []


def test_there_is_no_remark_where_linear_would_do_about_the_same() -> None:
    parameter = FloatParameter(name="x", low=1.0, high=12.0, scale=Scale.LOG)
    assert preview(parameter, full_extent(parameter)).remarks == []


def test_the_remarks_name_the_averaging_window_of_the_region() -> None:
    remarks = preview(BETA, Interval(0.9, 0.99)).remarks
    assert remarks == ["averages over the last 10 to 100 steps"]
    assert "averages over the last 10 to 1000 steps" in preview(BETA, full_extent(BETA)).remarks


def test_a_linear_range_over_decades_is_warned_of_and_a_region_within_one_is_not() -> None:
    parameter = FloatParameter(name="rate", low=1e-4, high=1.0)
    assert "spans decades" in preview(parameter, full_extent(parameter)).remarks[0]
    assert preview(parameter, Interval(0.2, 1.0)).remarks == []


def test_choices_share_equally_among_those_in_the_region() -> None:
    parameter = ChoiceParameter(name="x", choices=(32, 64, True, 1))
    shown = preview(parameter, (32, True))
    assert [(part.label, part.share) for part in shown.shares] == [("32", 0.5), ("true", 0.5)]
    assert values_at(parameter, shown.samples) == [32, True]


@pytest.mark.parametrize(("beta", "steps"), [(0.9, 10), (0.99, 100), (0.999, 1000), (0.9995, 2000)])
def test_the_averaging_window_doubles_from_0_999_to_0_9995(beta: float, steps: float) -> None:
    assert averaging_window(beta) == pytest.approx(steps)
