from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, NumberParameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.ticks import format_in, format_value, snap, ticks
from tuner_gui.space.unit import unit_of, value_at

RATE = FloatParameter(name="rate", low=1e-4, high=1.0, scale=Scale.LOG)
BETA = FloatParameter(name="beta", low=0.9, high=0.999, scale=Scale.LOG1M)
DROPOUT = FloatParameter(name="dropout", low=0.0, high=0.5)
UNITS = IntParameter(name="units", low=16, high=128, scale=Scale.LOG)
WIDE = IntParameter(name="wide", low=1, high=1_000_000, scale=Scale.LOG)
COUNT = IntParameter(name="count", low=0, high=100_000)
COARSE = IntParameter(name="coarse", low=16, high=128, step=16)
ODD = FloatParameter(name="odd", low=0.15, high=1.05, step=0.3)
TINY = FloatParameter(name="tiny", low=1e-12, high=1e-4, scale=Scale.LOG)
NUMBERS = [RATE, BETA, DROPOUT, UNITS, WIDE, COUNT, COARSE, ODD, TINY]


def _labels(parameter: NumberParameter, low: float = 0.0, high: float = 1.0, at_most: int = 7) -> list[str]:
    return [tick.label for tick in ticks(parameter, low, high, at_most)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (True, "true"), (64, "64"), ("relu", "relu"), (0.0, "0"), (0.01, "0.01"), (0.99, "0.99"),
        (1e-4, "1e-4"), (2.5e-7, "2.5e-7"), (-3e-5, "-3e-5"), (0.123456, "0.1235"), (12345.6, "12346"),
        (99999.9, "100000"), (1.5e6, "1.5e6"), (math.nan, "not finite"), (math.inf, "not finite"),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(value: float | str | None, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        (RATE, 1e-3, "1e-3"), (RATE, 5e-3, "5e-3"), (RATE, 0.01, "0.01"), (RATE, 1.0, "1"),
        (BETA, 0.9, "0.9"), (BETA, 0.99, "0.99"), (BETA, 0.9995, "0.9995"), (BETA, 0.99951234, "0.999512"),
        (UNITS, 64, "64"), (DROPOUT, 0.001, "0.001"), (RATE, None, "–"),
    ],
)  # fmt: skip
def test_decades_are_written_as_powers_on_log_and_nines_are_kept_on_log1m(
    parameter: NumberParameter, value: float | None, text: str
) -> None:
    assert format_in(parameter, value) == text


@pytest.mark.parametrize(
    ("parameter", "labels"),
    [
        (RATE, ["1e-4", "1e-3", "0.01", "0.1", "1"]),
        (BETA, ["0.9", "0.95", "0.98", "0.99", "0.995", "0.998", "0.999"]),
        (DROPOUT, ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
        (UNITS, ["16", "32", "64", "128"]),
        (COUNT, ["0", "20000", "40000", "60000", "80000", "100000"]),
        (COARSE, ["16", "48", "80", "112"]),
        (ODD, ["0.15", "0.45", "0.75", "1.05"]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_an_axis_shows_round_values_of_its_scale(parameter: NumberParameter, labels: list[str]) -> None:
    assert _labels(parameter) == labels


def test_choices_are_their_own_ticks() -> None:
    parameter = ChoiceParameter(name="x", choices=("relu", True, 3))
    assert ticks(parameter) == [(pytest.approx(1 / 6), "relu"), (0.5, "true"), (pytest.approx(5 / 6), "3")]


@given(st.sampled_from(NUMBERS), st.floats(0, 0.95), st.integers(0, 22), st.integers(2, 12))
def test_ticks_are_few_different_and_in_place_however_far_one_zooms_in(
    parameter: NumberParameter, low: float, halvings: int, at_most: int
) -> None:
    high = min(1.0, low + 0.5**halvings)
    placed = ticks(parameter, low, high, at_most)
    assert len(placed) <= at_most
    assert len({tick.label for tick in placed}) == len(placed)
    assert all(low - 1e-9 <= tick.unit <= high + 1e-9 for tick in placed)
    assert placed == sorted(placed)
    for tick in placed:
        assert unit_of(parameter, float(tick.label)) == pytest.approx(tick.unit, abs=2e-3 * (high - low) + 1e-9)


@pytest.mark.parametrize("parameter", [RATE, BETA, DROPOUT, TINY], ids=lambda p: p.name)
@pytest.mark.parametrize("width", [1.0, 0.3, 0.05, 1e-3, 1e-5])
def test_an_axis_of_a_free_range_is_never_bare(parameter: NumberParameter, width: float) -> None:
    assert len(_labels(parameter, 0.37 * (1 - width), 0.37 * (1 - width) + width)) >= 2


def test_doublings_thin_out_where_they_would_crowd() -> None:
    assert _labels(WIDE) == ["1", "8", "64", "512", "4096", "32768", "262144"]


# --- snapping ---


@pytest.mark.parametrize(
    ("parameter", "near", "round_value"),
    [(RATE, 0.00098, 1e-3), (RATE, 0.0203, 0.02), (BETA, 0.9902, 0.99), (DROPOUT, 0.1988, 0.2), (UNITS, 63, 64)],
)
def test_a_handle_near_a_round_value_snaps_to_it(parameter: NumberParameter, near: float, round_value: float) -> None:
    assert value_at(parameter, snap(parameter, unit_of(parameter, near))) == round_value


@pytest.mark.parametrize(("parameter", "free"), [(RATE, 0.0031622776), (BETA, 0.98711234), (DROPOUT, 0.23067812)])
def test_a_handle_far_from_any_round_value_all_but_stays_and_reads_well(
    parameter: NumberParameter, free: float
) -> None:
    unit = unit_of(parameter, free)
    snapped = snap(parameter, unit)
    assert abs(snapped - unit) < 0.002
    assert len(f"{value_at(parameter, snapped)}".strip("0.")) <= 4


@given(st.sampled_from(NUMBERS), st.floats(0, 1))
def test_snapping_moves_a_handle_little_and_keeps_it_on_the_axis(parameter: NumberParameter, unit: float) -> None:
    snapped = snap(parameter, unit)
    assert 0 <= snapped <= 1
    assert abs(snapped - unit) <= 0.012


def test_a_handle_near_an_end_snaps_to_the_end() -> None:
    assert snap(RATE, 0.005) == 0.0
    assert snap(RATE, 0.993) == 1.0


def test_in_a_narrow_log_range_where_1_2_5_are_too_far_apart_a_handle_still_finds_round_values() -> None:
    narrow = FloatParameter(name="x", low=0.1, high=0.2, scale=Scale.LOG)
    snapped = value_at(narrow, snap(narrow, unit_of(narrow, 0.1403)))
    assert snapped == 0.14


def test_choices_do_not_snap() -> None:
    assert snap(ChoiceParameter(name="x", choices=(1, 2)), 0.3) == 0.3
