"""The preview is compared with what a region really draws."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tuner_gui.gui.models.preview_figures import figures
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter
from tuner_gui.space.preview import averaging_window
from tuner_gui.space.region import Extent, Interval, Region, as_interval, draw, full_extent, unit_bounds
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.space.unit import unit_of, value_at

DRAWS = 4000
RATE = TEXTBOOK["learning_rate"].parameter
MOMENTUM = TEXTBOOK["momentum"].parameter
UNITS = TEXTBOOK["units"].parameter
CASES: list[tuple[Parameter, Extent]] = [
    (RATE, full_extent(RATE)),
    (RATE, Interval(2e-3, 0.5)),
    (MOMENTUM, full_extent(MOMENTUM)),
    (UNITS, full_extent(UNITS)),
    (UNITS, Interval(20, 40)),
    (FloatParameter(name="x", low=0.0, high=0.5), Interval(0.1, 0.4)),
    (FloatParameter(name="x", low=0.0, high=1.0, step=0.1), Interval(0.2, 0.9)),
    (IntParameter(name="n", low=1, high=6), Interval(1, 6)),
]


def drawn_places(parameter: Parameter, extent: Extent) -> np.ndarray:
    """Where values that the region really draws lie in the extent, ``[DRAWS]``."""
    space, region = Space((parameter,)), Region({parameter.name: extent})
    low, high = unit_bounds(parameter, as_interval(extent))
    values = [draw(space, region, [(i + 0.5) / DRAWS])[parameter.name] for i in range(DRAWS)]
    return (np.array([unit_of(parameter, value) for value in values]) - low) / (high - low)


def counted(places: np.ndarray, edges: list[float]) -> list[float]:
    return [float(n) / len(places) for n in np.histogram(places, bins=edges)[0]]


@pytest.mark.parametrize(("parameter", "extent"), CASES)
def test_shares_are_those_of_real_draws(parameter: Parameter, extent: Extent) -> None:
    shown = figures(parameter, extent)
    edges = [*(stretch.low for stretch in shown.stretches), 1.0]
    assert shown.lane.shares == pytest.approx(counted(drawn_places(parameter, extent), edges), abs=0.004)


@pytest.mark.parametrize(("parameter", "extent"), CASES[:5])
def test_the_other_scale_shows_what_it_would_really_draw(parameter: Parameter, extent: Extent) -> None:
    shown = figures(parameter, extent)
    assert shown.other is not None
    assert not isinstance(parameter, ChoiceParameter)
    linear = dataclasses.replace(parameter, scale=Scale.LINEAR)
    space, region = Space((linear,)), Region({parameter.name: extent})
    values = [draw(space, region, [(i + 0.5) / DRAWS])[parameter.name] for i in range(DRAWS)]
    low, high = unit_bounds(parameter, as_interval(extent))
    places = (np.array([unit_of(parameter, value) for value in values]) - low) / (high - low)
    edges = [*(stretch.low for stretch in shown.stretches), 1.0]
    assert shown.other.shares == pytest.approx(counted(np.clip(places, 0, 1), edges), abs=0.006)


def test_a_learning_rate_gets_a_quarter_of_the_trials_in_each_decade_and_linear_would_not() -> None:
    shown = figures(RATE, full_extent(RATE))
    assert shown.lane.shares == pytest.approx([0.25] * 4)
    assert shown.other is not None
    assert shown.other.shares[-1] == pytest.approx(0.9, abs=0.001)
    assert "linear would spend 90%" in shown.remarks[0]


def test_the_windows_of_momentum_stand_where_their_beta_stands() -> None:
    shown = figures(MOMENTUM, full_extent(MOMENTUM))
    assert [tick.label for tick in shown.windows] == ["10", "100", "1,000"]
    for tick in shown.windows:
        beta = value_at(MOMENTUM, tick.unit)
        assert isinstance(beta, float)
        assert averaging_window(beta) == pytest.approx(float(tick.label.replace(",", "")), rel=1e-6)


def test_samples_and_ticks_stay_inside_the_picture() -> None:
    for parameter, extent in CASES:
        shown = figures(parameter, extent)
        lanes = [shown.lane] if shown.other is None else [shown.lane, shown.other]
        for lane in lanes:
            assert ((lane.samples >= 0) & (lane.samples <= 1)).all()
        assert all(-1e-6 <= tick.unit <= 1 + 1e-6 for tick in [*shown.ticks, *shown.windows])


def test_a_linear_range_over_decades_is_compared_with_log() -> None:
    shown = figures(FloatParameter(name="x", low=1e-4, high=1.0), Interval(1e-4, 1.0))
    assert shown.other is not None
    assert shown.other.scale == "log"


def test_choices_share_evenly_and_only_those_of_the_region_are_shown() -> None:
    batch = TEXTBOOK["batch_size"].parameter
    shown = figures(batch, (64, 128))
    assert [stretch.label for stretch in shown.stretches] == ["64", "128"]
    assert shown.lane.shares == [0.5, 0.5]
