from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter, Parameter, Value
from tuner_gui.space.region import (
    Extent,
    Interval,
    Region,
    adapted,
    as_interval,
    checked_extent,
    contains,
    contains_units,
    draw,
    extent_from_units,
    extent_mask,
    extent_share,
    full_extent,
    full_region,
    unit_bounds,
    volume,
)
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.unit import units_of, value_at

RATE = FloatParameter(name="rate", low=1e-4, high=1.0, scale=Scale.LOG)
BETA = FloatParameter(name="beta", low=0.9, high=0.999, scale=Scale.LOG1M)
DROPOUT = FloatParameter(name="dropout", low=0.0, high=0.5, step=0.1)
UNITS = IntParameter(name="units", low=16, high=128, scale=Scale.LOG)
LAYERS = IntParameter(name="layers", low=1, high=4)
BATCH = ChoiceParameter(name="batch", choices=(32, 64, 128))
SPACE = Space((RATE, BETA, DROPOUT, UNITS, LAYERS, BATCH))
NUMBERS = (RATE, BETA, DROPOUT, UNITS, LAYERS)


@st.composite
def regions(drawn: st.DrawFn) -> Region:
    extents: dict[str, Extent] = {
        p.name: extent_from_units(p, drawn(st.floats(0, 1)), drawn(st.floats(0, 1))) for p in NUMBERS
    }
    some = drawn(st.sets(st.sampled_from(BATCH.choices), min_size=1))
    return Region({**extents, "batch": tuple(choice for choice in BATCH.choices if choice in some)})


def _narrowed(**extents: Extent) -> Region:
    return Region({**full_region(SPACE).extents, **extents})


# --- drawing ---


@given(regions(), st.lists(st.floats(0, 1, exclude_max=True), min_size=6, max_size=6))
def test_a_draw_lies_in_its_region(region: Region, units: list[float]) -> None:
    values = draw(SPACE, region, units)
    assert contains(SPACE, region, values)
    assert contains(SPACE, full_region(SPACE), values)
    columns = {p.name: units_of(p, [values[p.name]]) for p in SPACE}
    assert contains_units(SPACE, region, columns).tolist() == [True]


def test_a_draw_at_the_edge_stays_inside_a_bound_with_more_digits_than_values_have() -> None:
    space, region = Space((RATE,)), Region({"rate": Interval(0.00123456789012345, 0.0999999999999987)})
    assert all(contains(space, region, draw(space, region, [u])) for u in (0.0, 1.0 - 1e-16))


def test_draws_in_a_narrowed_log_range_spread_evenly_over_its_decades() -> None:
    space, region = Space((RATE,)), Region({"rate": Interval(1e-3, 1e-1)})
    drawn = [draw(space, region, [u])["rate"] for u in np.random.default_rng(3).random(2_000)]
    assert np.mean(np.array(drawn) < 1e-2) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("extent", [Interval(2, 3), Interval(1, 2), Interval(3, 3)])
def test_every_grid_value_of_a_region_is_drawn_equally_often_and_no_other(extent: Interval) -> None:
    space, region = Space((LAYERS,)), Region({"layers": extent})
    even = (np.arange(600) + 0.5) / 600
    values, counts = np.unique([draw(space, region, [u])["layers"] for u in even], return_counts=True)
    assert values.tolist() == list(range(int(extent.low), int(extent.high) + 1))
    assert len(set(counts.tolist())) == 1


def test_every_choice_of_a_region_is_drawn_equally_often() -> None:
    space, region = Space((BATCH,)), Region({"batch": (32, 128)})
    drawn = [draw(space, region, [u])["batch"] for u in (0.0, 0.49, 0.5, 0.99)]
    assert drawn == [32, 32, 128, 128]


# --- what lies inside ---


def test_a_value_on_the_edge_is_inside_and_one_without_a_parameter_is_not() -> None:
    region = _narrowed(rate=Interval(1e-3, 1e-1))
    values: dict[str, Value] = {"rate": 1e-3, "beta": 0.9, "dropout": 0.0, "units": 16, "layers": 1, "batch": 32}
    assert contains(SPACE, region, values)
    assert not contains(SPACE, region, {**values, "rate": 0.00099})
    assert not contains(SPACE, region, {**values, "rate": True})
    assert not contains(SPACE, region, {name: value for name, value in values.items() if name != "beta"})


def test_a_choice_dropped_from_the_region_is_outside() -> None:
    mask = extent_mask(BATCH, (32, 128), units_of(BATCH, [32, 64, 128, 256]))
    assert mask.tolist() == [True, False, True, False]


def test_a_trial_without_the_parameter_lies_outside() -> None:
    assert extent_mask(RATE, Interval(1e-4, 1.0), np.array([np.nan, 0.5])).tolist() == [False, True]


def test_the_volume_is_the_product_of_the_shares() -> None:
    region = _narrowed(rate=Interval(1e-3, 1e-1), layers=Interval(2, 4), batch=(64,))
    assert volume(SPACE, region) == pytest.approx(0.5 * 0.75 / 3)
    assert volume(SPACE, full_region(SPACE)) == pytest.approx(1)


@given(regions(), st.sampled_from(SPACE.parameters))
def test_a_share_is_the_chance_that_a_draw_from_the_space_hits_the_extent(region: Region, p: Parameter) -> None:
    share = extent_share(p, region[p.name])
    space, whole = Space((p,)), full_region(Space((p,)))
    hits = sum(contains(space, region, draw(space, whole, [(k + 0.5) / 40])) for k in range(40))
    assert 0 < share <= 1
    assert hits / 40 == pytest.approx(share, abs=1 / 40 + 1e-9)


# --- from a drag on a plot ---


@given(st.sampled_from(NUMBERS), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_drag_in_either_direction_gives_an_extent_that_can_be_searched(
    p: NumberParameter, a: float, b: float
) -> None:
    extent = extent_from_units(p, a, b)
    assert extent == extent_from_units(p, b, a)
    assert p.low <= extent.low <= extent.high <= p.high
    assert checked_extent(p, extent) == extent
    assert extent.low < extent.high or p.step is not None


@given(st.sampled_from(NUMBERS), st.floats(0, 1), st.floats(0, 1))
def test_taking_up_a_region_and_letting_it_go_leaves_it_as_it_was(p: NumberParameter, a: float, b: float) -> None:
    extent = extent_from_units(p, a, b)
    assert extent_from_units(p, *unit_bounds(p, extent)) == extent


def test_narrowing_a_log_range_keeps_low_above_zero_and_below_high() -> None:
    extent = extent_from_units(RATE, 0.0, 0.0)
    assert 0 < RATE.low <= extent.low < extent.high


def test_a_drag_around_two_points_keeps_these_two_even_if_it_cuts_the_cells_of_others() -> None:
    two, three = units_of(LAYERS, [2, 3])
    assert extent_from_units(LAYERS, two - 0.2, three + 0.2) == Interval(2, 3)
    assert extent_from_units(LAYERS, two - 0.01, three + 0.01) == Interval(2, 3)


def test_a_drag_that_meets_no_point_keeps_the_one_to_which_its_middle_belongs() -> None:
    assert extent_from_units(LAYERS, 0.26, 0.30) == Interval(2, 2)
    assert extent_from_units(LAYERS, 0.95, 1.0) == Interval(4, 4)


# --- typed extents ---


@pytest.mark.parametrize(
    ("parameter", "extent", "checked"),
    [
        (RATE, Interval(1e-3, 1e-1), Interval(1e-3, 1e-1)),
        (RATE, Interval(0.0, 1e-1), Interval(1e-4, 1e-1)),
        (RATE, Interval(float("-inf"), float("inf")), Interval(1e-4, 1.0)),
        (LAYERS, Interval(1.5, 3.9), Interval(2, 3)),
        (LAYERS, Interval(2.2, 2.4), Interval(2, 2)),
        (DROPOUT, Interval(0.1, 0.3), Interval(0.1, 0.3)),
        (DROPOUT, Interval(0.11, 0.39), Interval(0.2, 0.3)),
        (BATCH, (128, 32), (32, 128)),
    ],
)
def test_an_extent_is_cut_to_the_range_and_put_on_the_grid(
    parameter: Parameter, extent: Extent, checked: Extent
) -> None:
    assert checked_extent(parameter, extent) == checked


@pytest.mark.parametrize(
    ("parameter", "extent", "expected"),
    [
        (RATE, Interval(1e-1, 1e-3), "low at most as large as high"),
        (RATE, Interval(float("nan"), 1.0), "low at most as large as high"),
        (RATE, Interval(1e-2, 1e-2), "low below high"),
        (RATE, Interval(2.0, 3.0), "a part of the full range 0.0001:1.0"),
        (RATE, (0.1, 0.2), "LOW:HIGH inside 0.0001:1.0"),
        (BATCH, (32, 256), "one or more of 32, 64, 128"),
        (BATCH, (), "one or more of 32, 64, 128"),
        (BATCH, (True,), "one or more of 32, 64, 128"),
        (BATCH, Interval(32, 128), "one or more of 32, 64, 128"),
    ],
)
def test_an_extent_that_leaves_nothing_to_search_is_refused(
    parameter: Parameter, extent: Extent, expected: str
) -> None:
    with pytest.raises(SpaceError) as refused:
        checked_extent(parameter, extent)
    assert refused.value.expected == expected
    assert refused.value.key == parameter.name


def test_choices_have_no_interval() -> None:
    with pytest.raises(TypeError):
        as_interval((32, 64))


def test_the_full_extent_of_a_step_that_does_not_meet_high_ends_on_its_last_point() -> None:
    assert full_extent(FloatParameter(name="x", low=0.0, high=1.0, step=0.3)) == Interval(0.0, 0.9)


# --- when the space changes ---


def _after(parameter: Parameter, extent: Extent, *, before: Parameter) -> Extent:
    return adapted(Space((before,)), Space((parameter,)), Region({before.name: extent}))[parameter.name]


def test_what_was_fully_open_stays_so_when_the_range_grows_or_shrinks() -> None:
    wider = FloatParameter(name="rate", low=1e-6, high=10.0, scale=Scale.LOG)
    smaller = FloatParameter(name="rate", low=1e-3, high=0.1, scale=Scale.LOG)
    for parameter in (wider, smaller):
        assert _after(parameter, full_extent(RATE), before=RATE) == full_extent(parameter)


def test_a_narrowed_extent_keeps_its_values_under_another_scale_and_is_cut_to_another_range() -> None:
    linear = FloatParameter(name="rate", low=1e-4, high=1.0)
    assert _after(linear, Interval(1e-3, 1e-1), before=RATE) == Interval(1e-3, 1e-1)
    upper = FloatParameter(name="rate", low=1e-2, high=1.0, scale=Scale.LOG)
    assert _after(upper, Interval(1e-3, 1e-1), before=RATE) == Interval(1e-2, 1e-1)


def test_an_extent_of_which_nothing_is_left_opens_fully() -> None:
    far = FloatParameter(name="rate", low=2.0, high=3.0)
    assert _after(far, Interval(1e-3, 1e-1), before=RATE) == full_extent(far)


def test_an_extent_of_another_kind_opens_fully() -> None:
    numbers = IntParameter(name="batch", low=32, high=128)
    assert _after(numbers, (32, 64), before=BATCH) == full_extent(numbers)
    assert _after(BATCH, Interval(32, 64), before=numbers) == full_extent(BATCH)


def test_chosen_choices_stay_chosen_when_another_is_added_or_goes() -> None:
    more = ChoiceParameter(name="batch", choices=(16, 32, 64, 128))
    fewer = ChoiceParameter(name="batch", choices=(64, 128))
    assert _after(more, (32, 64), before=BATCH) == (32, 64)
    assert _after(fewer, (32, 64), before=BATCH) == (64,)


def test_an_int_extent_lands_on_the_grid_of_a_new_step() -> None:
    coarse = IntParameter(name="units", low=16, high=128, step=16)
    assert _after(coarse, Interval(20, 70), before=UNITS) == Interval(32, 64)


def test_a_parameter_that_is_new_is_fully_open_and_one_that_went_is_forgotten() -> None:
    region = adapted(Space((RATE,)), Space((BETA,)), full_region(Space((RATE,))))
    assert dict(region.extents) == {"beta": full_extent(BETA)}


def test_values_at_the_ends_of_a_unit_bound_are_the_ends_of_the_extent() -> None:
    low, high = unit_bounds(RATE, Interval(1e-3, 1e-1))
    assert (value_at(RATE, low), value_at(RATE, high)) == (1e-3, 1e-1)
