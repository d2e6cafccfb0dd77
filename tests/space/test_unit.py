from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter
from tuner_gui.space.region import draw, full_region
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.unit import canonical, cell, grid_size, unit_of, units_of, value_at, values_at

ENDS = {
    Scale.LINEAR: st.floats(-1e9, 1e9),
    Scale.LOG: st.floats(1e-12, 1e9),
    Scale.LOG1M: st.one_of(st.floats(-10, 0.999), st.integers(1, 11).map(lambda nines: round(1 - 10.0**-nines, 12))),
}
UNITS = st.floats(0, 1)


@st.composite
def float_parameters(drawn: st.DrawFn) -> FloatParameter:
    scale = drawn(st.sampled_from(Scale))
    low, high = sorted([drawn(ENDS[scale]), drawn(ENDS[scale])])
    step = drawn(st.none() | st.floats(1e-3, 1).map(lambda share: share * (high - low)))
    try:
        return FloatParameter(name="x", low=low, high=high, scale=scale, step=step)
    except SpaceError:
        assume(False)  # noqa: FBT003
        raise


@st.composite
def int_parameters(drawn: st.DrawFn) -> IntParameter:
    scale = drawn(st.sampled_from([Scale.LINEAR, Scale.LOG]))
    low = drawn(st.integers(1 if scale is Scale.LOG else -1000, 10_000))
    width = drawn(st.integers(1, 100_000))
    return IntParameter(name="x", low=low, high=low + width, scale=scale, step=drawn(st.integers(1, width)))


CHOICES = st.lists(st.sampled_from([0, 1, 2.5, "relu", "tanh", True, False]), min_size=2, unique_by=repr)
PARAMETERS = st.one_of(
    float_parameters(), int_parameters(), CHOICES.map(lambda some: ChoiceParameter(name="x", choices=tuple(some)))
)


def _draws(parameter: Parameter, count: int = 4_000, seed: int = 1) -> list[float]:
    """Values of the parameter alone, as a search draws them from the full region."""
    space = Space((parameter,))
    region = full_region(space)
    return [draw(space, region, [u])["x"] for u in np.random.default_rng(seed).random(count)]  # type: ignore[misc]


# --- value → unit → value ---


@given(PARAMETERS, UNITS)
def test_value_to_unit_to_value_is_exact(parameter: Parameter, unit: float) -> None:
    value = value_at(parameter, unit)
    again = value_at(parameter, unit_of(parameter, value))
    assert (again, type(again)) == (value, type(value))


@given(st.one_of(float_parameters(), int_parameters()), UNITS)
def test_values_stay_inside_the_range_and_grow_with_the_coordinate(parameter: NumberParameter, unit: float) -> None:
    low, middle, high = values_at(parameter, [0.0, unit, 1.0])
    assert low == parameter.low
    assert low <= middle <= high <= parameter.high  # type: ignore[operator]
    assert parameter.step is not None or high == parameter.high


@given(st.integers(1, 10**11), st.integers(-16, 0))
def test_a_typed_decimal_on_a_log_scale_is_kept_to_the_last_digit(mantissa: int, exponent: int) -> None:
    value = float(f"{mantissa}e{exponent}")
    parameter = FloatParameter(name="x", low=1e-20, high=1e12, scale=Scale.LOG)
    assert canonical(parameter, value) == value


@pytest.mark.parametrize("value", [0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.99999, 0.9999999999])
def test_the_nines_people_write_are_exact_on_log1m(value: float) -> None:
    parameter = FloatParameter(name="x", low=0.5, high=1 - 1e-11, scale=Scale.LOG1M)
    assert canonical(parameter, value) == value
    assert unit_of(parameter, canonical(parameter, value)) == unit_of(parameter, value)


def test_an_end_with_more_digits_than_the_rounding_is_reached_exactly() -> None:
    parameter = FloatParameter(name="x", low=0.123456789012345678, high=0.987654321098765432, step=None)
    assert values_at(parameter, [0.0, 1.0]) == [parameter.low, parameter.high]
    assert canonical(parameter, parameter.low) == parameter.low


def test_a_coordinate_beyond_the_unit_interval_gives_the_nearest_end() -> None:
    parameter = FloatParameter(name="x", low=1e-4, high=1, scale=Scale.LOG)
    assert values_at(parameter, [-0.5, 1.5]) == [1e-4, 1.0]


def test_no_place_is_no_value() -> None:
    with pytest.raises(ValueError, match="NaN"):
        values_at(FloatParameter(name="x", low=0, high=1), [0.5, math.nan])


def test_values_without_a_place_get_nan_and_values_outside_a_place_outside() -> None:
    parameter = FloatParameter(name="x", low=0.1, high=1, scale=Scale.LOG)
    inside, none, missing, below = units_of(parameter, [0.1, 0.0, None, 0.01])  # type: ignore[list-item]
    assert inside == 0
    assert np.isnan([none, missing]).all()
    assert below < 0
    assert np.isnan(units_of(ChoiceParameter(name="x", choices=("a", "b")), ["c"])).all()


# --- equal lengths get equal shares ---


def test_each_decade_of_a_learning_rate_gets_a_quarter_of_the_draws() -> None:
    parameter = FloatParameter(name="x", low=1e-4, high=1.0, scale=Scale.LOG)
    borders = units_of(parameter, [1e-4, 1e-3, 1e-2, 1e-1, 1])
    assert np.diff(borders) == pytest.approx([0.25] * 4, abs=1e-12)
    counts, _ = np.histogram(_draws(parameter), bins=[1e-4, 1e-3, 1e-2, 1e-1, 1])
    assert counts / counts.sum() == pytest.approx([0.25] * 4, abs=0.03)


@pytest.mark.parametrize(("scale", "above"), [(Scale.LOG1M, 0.5), (Scale.LINEAR, 1 / 11)])
def test_half_of_the_betas_lie_above_0_99_on_log1m_and_a_tenth_on_linear(scale: Scale, above: float) -> None:
    parameter = FloatParameter(name="x", low=0.9, high=0.999, scale=scale)
    assert 1 - unit_of(parameter, 0.99) == pytest.approx(above, abs=1e-12)
    assert np.mean(np.array(_draws(parameter)) > 0.99) == pytest.approx(above, abs=0.03)


@pytest.mark.parametrize(
    "parameter",
    [
        IntParameter(name="x", low=1, high=4),
        IntParameter(name="x", low=-2, high=2),
        IntParameter(name="x", low=16, high=128, step=16),
        FloatParameter(name="x", low=0.1, high=0.5, step=0.1),
        ChoiceParameter(name="x", choices=(32, 64, 128)),
    ],
    ids=repr,
)
def test_the_ends_of_a_grid_are_drawn_as_often_as_what_lies_between(parameter: Parameter) -> None:
    counts = Counter(_draws(parameter))
    assert len(counts) == grid_size(parameter)
    shares = np.array(list(counts.values())) / 4_000
    assert shares == pytest.approx(np.full(len(counts), 1 / len(counts)), abs=0.03)


def test_each_doubling_of_a_log_int_gets_about_the_same_share_and_no_value_is_lost() -> None:
    parameter = IntParameter(name="x", low=16, high=128, scale=Scale.LOG)
    drawn = Counter(_draws(parameter))
    assert set(drawn) == set(range(16, 129))
    doublings = [sum(drawn[n] for n in range(start, 2 * start)) for start in (16, 32, 64)]
    assert np.array(doublings) / 4_000 == pytest.approx([1 / 3] * 3, abs=0.04)


@given(int_parameters() | float_parameters().filter(lambda p: (p.step or 0) > 1e-8 * max(1, abs(p.high))), st.data())
def test_a_draw_in_the_cell_of_a_grid_point_gives_that_point(parameter: NumberParameter, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, (grid_size(parameter) or 1) - 1))
    value = canonical(parameter, parameter.low + index * (parameter.step or 1))
    low, high = cell(parameter, value, value)  # type: ignore[arg-type]
    width = high - low
    assert width > 0
    assert values_at(parameter, [low + 0.001 * width, high - 0.001 * width]) == [value, value]


# --- grids ---


def test_a_step_gives_clean_decimals_and_a_range_that_it_does_not_meet_ends_below_high() -> None:
    parameter = FloatParameter(name="x", low=0.1, high=1.0, step=0.2)
    assert sorted(set(values_at(parameter, np.linspace(0, 1, 999)))) == [0.1, 0.3, 0.5, 0.7, 0.9]  # type: ignore[type-var]
    assert grid_size(parameter) == 5


def test_a_step_that_rounding_would_miss_still_reaches_high() -> None:
    assert values_at(FloatParameter(name="x", low=0.0, high=0.3, step=0.1), [1.0]) == [0.3]
    assert grid_size(FloatParameter(name="x", low=0.1, high=0.7, step=0.1)) == 7


def test_the_first_point_of_a_grid_is_low_itself() -> None:
    parameter = FloatParameter(name="x", low=0.12345678901234, high=0.9, step=0.1)
    assert value_at(parameter, 0.0) == parameter.low


def test_ints_come_back_as_ints_and_choices_as_they_were_given() -> None:
    assert type(value_at(IntParameter(name="x", low=1, high=64, scale=Scale.LOG), 0.5)) is int
    choices = ChoiceParameter(name="x", choices=(True, 1, "1"))
    assert [type(value) for value in values_at(choices, [0.1, 0.5, 0.9])] == [bool, int, str]


def test_a_free_range_is_no_grid() -> None:
    assert grid_size(FloatParameter(name="x", low=0, high=1)) is None
