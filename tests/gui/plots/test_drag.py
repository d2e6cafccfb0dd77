"""What a drag along an axis means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.gui.plots.drag import (
    Grab,
    Held,
    choices_between,
    extent_after,
    grab_at,
    grab_rectangle,
    held_from,
    nudged,
    tidied,
    toggled,
)
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter
from tuner_gui.space.region import Interval, as_interval, full_extent
from tuner_gui.space.scales import Scale
from tuner_gui.space.unit import unit_of

RATE = FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG)
MOMENTUM = FloatParameter(name="momentum", low=0.9, high=0.999, scale=Scale.LOG1M)
UNITS = IntParameter(name="units", low=16, high=128, scale=Scale.LOG)
LAYERS = IntParameter(name="layers", low=1, high=5)
BATCH = ChoiceParameter(name="batch_size", choices=(32, 64, 128))
PIXEL = 1 / 200

units = st.floats(0, 1)
numbers = st.sampled_from([RATE, MOMENTUM, UNITS, LAYERS])


def sweep(parameter: NumberParameter | ChoiceParameter, start: float, end: float, *, snapping: bool = True) -> object:
    held = held_from(parameter, full_extent(parameter), Grab.BACKGROUND, start)
    return extent_after(parameter, held, end, pixel=PIXEL, snapping=snapping)


def test_a_sweep_ends_at_round_values() -> None:
    assert sweep(RATE, 0.254, 0.7465) == Interval(1e-3, 0.1)
    assert sweep(RATE, 0.7465, 0.254) == Interval(1e-3, 0.1)


def test_between_round_values_it_ends_at_the_shortest_number_of_its_pixel() -> None:
    low, high = as_interval(sweep(RATE, 0.2875, 0.612))
    assert f"{low:.2g}" == f"{low:.12g}"
    assert abs(unit_of(RATE, low) - 0.2875) <= PIXEL
    assert abs(unit_of(RATE, high) - 0.612) <= PIXEL


def test_with_alt_it_ends_exactly_where_the_mouse_is() -> None:
    low, _ = as_interval(sweep(RATE, 0.2512, 0.6, snapping=False))
    assert unit_of(RATE, low) == pytest.approx(0.2512, abs=1e-6)


def test_log1m_values_keep_their_nines() -> None:
    interval = sweep(MOMENTUM, unit_of(MOMENTUM, 0.99) + 0.004, 1.2)
    assert interval == Interval(0.99, 0.999)


def test_whole_numbers_are_swept_whole() -> None:
    low, high = as_interval(sweep(LAYERS, 0.3, 0.75))
    assert (low, high) == (2, 4)
    assert isinstance(low, int)


@given(numbers, units, units)
def test_every_sweep_gives_an_interval_inside_the_range(parameter: NumberParameter, start: float, end: float) -> None:
    low, high = as_interval(sweep(parameter, start, end))
    assert parameter.low <= low <= high <= parameter.high
    assert low < high or parameter.step is not None


@given(numbers, units, units, units, units)
def test_a_moved_band_stays_inside_the_range(
    parameter: NumberParameter, a: float, b: float, start: float, now: float
) -> None:
    extent = sweep(parameter, a, b)
    held = held_from(parameter, extent, Grab.BAND, start)
    low, high = as_interval(extent_after(parameter, held, now, pixel=PIXEL))
    assert parameter.low <= low <= high <= parameter.high


def test_a_moved_band_keeps_its_width_on_the_scale() -> None:
    held = held_from(RATE, Interval(1e-3, 1e-2), Grab.BAND, 0.4)
    moved = as_interval(extent_after(RATE, held, 0.6, pixel=PIXEL))
    width = unit_of(RATE, moved.high) - unit_of(RATE, moved.low)
    assert width == pytest.approx(0.25, abs=2 * PIXEL)
    assert unit_of(RATE, moved.low) == pytest.approx(0.45, abs=6 * PIXEL)


def test_a_band_of_whole_numbers_keeps_its_values_until_it_has_moved_a_step() -> None:
    held = held_from(LAYERS, Interval(2, 3), Grab.BAND, 0.5)
    assert extent_after(LAYERS, held, 0.52, pixel=PIXEL, snapping=False) == Interval(2, 3)
    assert extent_after(LAYERS, held, 0.71, pixel=PIXEL, snapping=False) == Interval(3, 4)


def test_dragging_one_edge_leaves_the_other_exactly() -> None:
    extent = Interval(0.00123456, 0.1)
    held = held_from(RATE, extent, Grab.HIGH, unit_of(RATE, 0.1))
    moved = as_interval(extent_after(RATE, held, 0.55, pixel=PIXEL, snapping=False))
    assert moved.low == pytest.approx(0.00123456, rel=1e-9)


def test_an_edge_dragged_over_the_other_turns_the_interval_round() -> None:
    held = held_from(RATE, Interval(1e-3, 1e-2), Grab.LOW, 0.25)
    assert extent_after(RATE, held, 0.75, pixel=PIXEL) == Interval(1e-2, 0.1)


# --- what a press grabs ---


def test_edges_are_grabbed_near_them_and_the_band_between_them_only_if_it_is_pending() -> None:
    edges = (0.3, 0.6)
    assert grab_at(0.29, edges, reach=0.03, movable=True) is Grab.LOW
    assert grab_at(0.62, edges, reach=0.03, movable=True) is Grab.HIGH
    assert grab_at(0.45, edges, reach=0.03, movable=True) is Grab.BAND
    assert grab_at(0.45, edges, reach=0.03, movable=False) is Grab.BACKGROUND
    assert grab_at(0.1, edges, reach=0.03, movable=True) is Grab.BACKGROUND


def test_a_drag_from_the_end_of_the_full_range_sweeps_something_new() -> None:
    assert grab_at(0.0, (0.0, 1.0), reach=0.03, movable=True) is Grab.BACKGROUND
    assert grab_at(1.0, (0.0, 1.0), reach=0.03, movable=True) is Grab.BACKGROUND


def test_a_thin_band_can_still_be_moved_and_stretched() -> None:
    edges = (0.50, 0.51)
    grabs = {grab_at(u / 1000, edges, reach=0.03, movable=True) for u in range(470, 541)}
    assert grabs == {Grab.LOW, Grab.BAND, Grab.HIGH}


def test_a_rectangle_is_grabbed_at_corners_edges_and_inside() -> None:
    edges = ((0.2, 0.6), (0.3, 0.7))
    grab = {
        place: grab_rectangle(*place, edges, reach=(0.02, 0.02), movable=True)
        for place in ((0.2, 0.3), (0.2, 0.5), (0.4, 0.7), (0.4, 0.5), (0.9, 0.3), (0.2, 0.1))
    }
    assert grab[0.2, 0.3] == (Grab.LOW, Grab.LOW)
    assert grab[0.2, 0.5] == (Grab.LOW, None)
    assert grab[0.4, 0.7] == (None, Grab.HIGH)
    assert grab[0.4, 0.5] == (Grab.BAND, Grab.BAND)
    assert grab[0.9, 0.3] == (Grab.BACKGROUND, Grab.BACKGROUND)
    assert grab[0.2, 0.1] == (Grab.BACKGROUND, Grab.BACKGROUND)


def test_a_rectangle_open_along_y_is_grabbed_at_its_upright_edges_anywhere() -> None:
    edges = ((0.2, 0.6), (0.0, 1.0))
    assert grab_rectangle(0.6, 0.01, edges, reach=(0.02, 0.02), movable=False) == (Grab.HIGH, None)
    assert grab_rectangle(0.4, 0.5, edges, reach=(0.02, 0.02), movable=False) == (Grab.BACKGROUND,) * 2


# --- choices ---


def test_choices_are_swept_by_their_cells_and_toggled_one_by_one() -> None:
    assert choices_between(BATCH, 0.9, 0.4) == (64, 128)
    assert sweep(BATCH, 0.05, 0.1) == (32,)
    assert toggled(BATCH, (32, 64, 128), 1) == (32, 128)
    assert toggled(BATCH, (128,), 0) == (32, 128)


def test_the_last_choice_cannot_be_taken_out() -> None:
    assert toggled(BATCH, (64,), 1) == (64,)


# --- the keyboard ---


def test_arrow_keys_move_a_handle_by_a_hundredth_and_shift_to_round_values() -> None:
    fine = as_interval(nudged(RATE, Interval(1e-3, 1e-1), Grab.LOW, 1, coarse=False))
    assert fine.low == pytest.approx(1e-3 * 10 ** (4 * 0.01), rel=0.03)
    assert fine.high == 0.1
    assert nudged(RATE, Interval(1e-3, 1e-1), Grab.HIGH, -1, coarse=True) == Interval(1e-3, 5e-2)


def test_arrow_keys_move_whole_numbers_by_at_least_one() -> None:
    assert nudged(LAYERS, Interval(1, 5), Grab.LOW, 1, coarse=False) == Interval(2, 5)
    assert nudged(UNITS, Interval(16, 128), Grab.LOW, 1, coarse=False) == Interval(17, 128)


@given(numbers, st.sampled_from([Grab.LOW, Grab.HIGH]), st.sampled_from([-1, 1]), st.booleans())
def test_a_handle_never_passes_the_other_one(
    parameter: NumberParameter, handle: Grab, direction: int, coarse: bool
) -> None:
    extent = as_interval(full_extent(parameter))
    for _ in range(130):
        extent = as_interval(nudged(parameter, extent, handle, direction, coarse=coarse))
        assert parameter.low <= extent.low <= extent.high <= parameter.high
        assert extent.low < extent.high or parameter.step is not None


def test_tidied_numbers_have_the_fewest_digits_within_reach() -> None:
    assert tidied(RATE, 0.0123456, within=0.005) == 0.012
    assert tidied(MOMENTUM, 0.98765, within=0.02) in {0.987, 0.988, 0.99}
    offset = FloatParameter(name="x", low=1000.0, high=1001.0)
    assert tidied(offset, 1000.2371, within=0.005) == 1000.24


def test_a_press_remembers_the_bounds_of_its_time() -> None:
    held = held_from(UNITS, Interval(32, 64), Grab.LOW, 0.3)
    assert isinstance(held, Held)
    assert held.high == pytest.approx(unit_of(UNITS, 64))
