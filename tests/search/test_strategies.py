"""What every strategy keeps to, whatever it has learned, and what each of them does that the others do not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tuner_gui.search.strategies import STRATEGIES, Question, Strategy, strategy_for, trial_seed
from tuner_gui.search.strategies.grid import grid_count
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Value
from tuner_gui.space.region import Interval, Region, adapted, contains, full_region
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.space.unit import canonical, unit_of
from tuner_gui.study.definition import STRATEGIES as NAMES
from tuner_gui.study.definition import Direction, Objective, SearchSettings
from tuner_gui.study.events import TrialEnded, TrialQueued, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Origin, Stage

OBJECTIVE = Objective("val_accuracy", Direction.MAXIMIZE)
SPACE = Space(
    (
        FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG),
        FloatParameter(name="momentum", low=0.9, high=0.999, scale=Scale.LOG1M),
        FloatParameter(name="dropout", low=0.0, high=0.5, step=0.05),
        IntParameter(name="units", low=16, high=128, scale=Scale.LOG),
        ChoiceParameter(name="batch_size", choices=(32, 64, 128)),
        ChoiceParameter(name="activation", choices=("relu", "tanh", "elu")),
        ChoiceParameter(name="batch_norm", choices=(True, False)),
    )
)
ADAPTIVE = ("coarse-to-fine", "tpe", "gp", "cma-es")


def worth(values: dict[str, Value]) -> float:
    """Best at a rate of 0.03 with tanh, with batch normalisation a little better."""
    distance = abs(math.log10(float(values.get("learning_rate", 0.03)) / 0.03))
    return 1 - 0.2 * distance - 0.1 * (values.get("activation") != "tanh") + 0.02 * (values.get("batch_norm") is True)


class Search:
    """A history that a strategy draws for; every trial is worth what :func:`worth` says."""

    def __init__(self, name: str, space: Space = SPACE, region: Region | None = None, *, seed: int = 3) -> None:
        self.name, self.seed, self.space = name, seed, space
        self.region = region or full_region(space)
        self.history = History()
        self.strategy = strategy_for(SearchSettings(name))
        self.stage = Stage(1, None, Origin.START, self.region)

    def question(self) -> Question:
        ahead = len(self.history.queued)
        return Question(
            trial=len(self.history) + ahead + 1, seed=self.seed, space=self.space, region=self.region,
            history=self.history, objective=OBJECTIVE,
            drawn=int((self.history.stage_column == self.stage.number).sum()) + ahead,
        )  # fmt: skip

    def draw(self) -> dict[str, Value]:
        values = self.strategy.draw(self.question())
        assert values is not None
        return values

    def start(self, values: dict[str, Value]) -> None:
        self.history.apply(TrialStarted(len(self.history) + 1, self.stage, values, 0, ""))

    def end(self, number: int, state: TrialState = TrialState.FINISHED) -> None:
        value = worth(dict(self.history.trial(number).values)) if state is TrialState.FINISHED else None
        self.history.apply(TrialEnded(number, state, 0.1, value))

    def batch(self, count: int) -> list[dict[str, Value]]:
        """Drawn before any of them ends."""
        first = len(self.history) + 1
        drawn = []
        for _ in range(count):
            drawn.append(self.draw())
            self.start(drawn[-1])
        for number in range(first, first + count):
            self.end(number)
        return drawn

    def move(self, region: Region, space: Space | None = None) -> None:
        self.space, self.region = space or self.space, region
        self.stage = Stage(self.stage.number + 1, self.stage.number, Origin.NARROW, region)

    def assert_fits(self, drawn: list[dict[str, Value]]) -> None:
        for values in drawn:
            assert tuple(values) == self.space.names
            assert contains(self.space, self.region, values), values
            for parameter in self.space:
                assert canonical(parameter, values[parameter.name]) == values[parameter.name]


def narrow(space: Space) -> Region:
    return (
        full_region(space)
        .replace("learning_rate", Interval(1e-2, 1e-1))
        .replace("dropout", Interval(0.1, 0.2))
        .replace("batch_size", (64,))
        .replace("activation", ("relu", "elu"))
    )


every = pytest.mark.parametrize("name", NAMES)


@every
def test_values_lie_in_the_region_and_on_their_grids_whatever_becomes_of_region_and_space(name: str) -> None:
    search = Search(name)
    search.assert_fits(search.batch(12))
    search.move(narrow(SPACE))
    search.assert_fits(search.batch(12))
    search.move(full_region(SPACE))
    search.assert_fits(search.batch(6))
    fewer = SPACE.without("momentum").replace(ChoiceParameter(name="activation", choices=("tanh", "relu")))
    other_scale = fewer.replace(FloatParameter(name="learning_rate", low=1e-3, high=2.0))
    search.move(adapted(SPACE, other_scale, search.region), other_scale)
    search.assert_fits(search.batch(12))
    more = other_scale.with_parameter(IntParameter(name="layers", low=1, high=4))
    search.move(full_region(more), more)
    search.assert_fits(search.batch(12))


@every
def test_the_region_may_change_between_any_two_draws(name: str) -> None:
    search = Search(name)
    search.batch(10)
    for region in (narrow(SPACE), full_region(SPACE)) * 3:
        search.move(region)
        values = search.draw()
        search.assert_fits([values])
        search.start(values)


@every
def test_trials_that_fail_diverge_or_are_cancelled_do_no_harm(name: str) -> None:
    search = Search(name)
    for state in (TrialState.FAILED, TrialState.DIVERGED, TrialState.CANCELLED) * 5:
        values = search.draw()
        search.assert_fits([values])
        search.start(values)
        search.end(len(search.history), state)
    search.assert_fits(search.batch(4))


@every
def test_the_same_seed_gives_the_same_trials_and_another_seed_others(name: str) -> None:
    assert Search(name).batch(20) == Search(name).batch(20)
    assert Search(name, seed=4).batch(5) != Search(name).batch(5)


@every
def test_a_study_that_was_closed_goes_on_as_if_it_had_not_been(name: str) -> None:
    through, reopened = Search(name), Search(name)
    for search in (through, reopened):
        search.batch(12)
        search.batch(12)
    reopened.strategy = strategy_for(SearchSettings(name))
    assert reopened.batch(8) == through.batch(8)


@every
def test_a_study_goes_on_the_same_after_trials_that_ended_late_or_were_dropped(name: str) -> None:
    through, reopened = Search(name), Search(name)
    for search in (through, reopened):
        first = search.draw()
        search.start(first)
        search.history.apply(TrialQueued(2, search.stage, search.draw(), 0, 0.0))
        search.draw()
        search.history.queued.clear()
        search.batch(30)
        search.end(1)
    reopened.strategy = strategy_for(SearchSettings(name))
    assert reopened.batch(8) == through.batch(8)


def test_tpe_goes_on_the_same_with_more_trials_than_its_model_is_told_of() -> None:
    through, reopened = Search("tpe"), Search("tpe")
    for search in (through, reopened):
        for number in range(1, 481):
            search.start(random_values(SPACE, search.region, seed=1, trial=number))
            search.end(number)
    drawn = through.batch(32)  # what is left out is reviewed after these
    for values in drawn:
        reopened.start(values)
    for number in range(481, 513):
        reopened.end(number)
    late = through.batch(8)
    assert reopened.batch(8) == late
    far = [abs(math.log10(float(values["learning_rate"]) / 0.03)) for values in late]
    assert np.median(far) < 0.6  # at random: 1.24


@every
def test_queued_trials_may_be_dropped(name: str) -> None:
    search = Search(name)
    search.batch(10)
    for number in (11, 12):
        search.history.apply(TrialQueued(number, search.stage, search.draw(), 0, 0.0))
    search.history.queued.clear()
    search.assert_fits(search.batch(3))


@every
def test_a_space_of_a_single_parameter_and_a_region_of_a_single_point_are_no_trouble(name: str) -> None:
    one = Space((FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG),))
    search = Search(name, one)
    search.assert_fits([search.draw()])
    choices = Space((ChoiceParameter(name="activation", choices=("relu", "tanh", "elu")),))
    search = Search(name, choices, full_region(choices).replace("activation", ("tanh",)))
    assert search.strategy.draw(search.question()) == {"activation": "tanh"}


@pytest.mark.parametrize("name", ADAPTIVE)
def test_what_learns_finds_the_good_part(name: str) -> None:
    search = Search(name)
    for _ in range(5):
        search.batch(16)
    late = search.batch(16)
    far = [
        abs(unit_of(SPACE["learning_rate"], v["learning_rate"]) - unit_of(SPACE["learning_rate"], 0.03)) for v in late
    ]
    assert np.median(far) < 0.15  # at random: 0.31


@pytest.mark.parametrize("name", ADAPTIVE)
def test_nothing_is_tried_twice_where_values_are_few(name: str) -> None:
    few = Space((IntParameter(name="units", low=1, high=8), ChoiceParameter(name="layers", choices=(1, 2, 3, 4))))
    search = Search(name, few)
    drawn = [tuple(values.values()) for _ in range(3) for values in search.batch(8)]
    assert len(set(drawn)) >= (24 if name == "coarse-to-fine" else 22)


def test_coarse_to_fine_says_when_everything_has_been_tried() -> None:
    few = Space((IntParameter(name="units", low=1, high=3), ChoiceParameter(name="layers", choices=(1, 2))))
    search = Search("coarse-to-fine", few)
    assert len({tuple(values.values()) for values in search.batch(6)}) == 6
    assert search.strategy.draw(search.question()) is None


def test_a_narrowed_region_keeps_what_is_known_in_it() -> None:
    """After narrowing, the first draws are near the best of the trials that lie inside, not all over the region."""

    def spread(name: str) -> float:
        search = Search(name)
        for _ in range(4):
            search.batch(16)
        search.move(full_region(SPACE).replace("learning_rate", Interval(1e-3, 1.0)))
        rates = [math.log10(float(values["learning_rate"])) for values in search.batch(16)]
        return float(np.median(np.abs(np.array(rates) - math.log10(0.03))))

    for name in ADAPTIVE:
        assert spread(name) < 0.6 * spread("random"), name


# --- random ---


def draws(name: str, count: int, space: Space, **options: Any) -> list[dict[str, Value]]:
    return Search(name, space, **options).batch(count)


TIER_TWO = Space(tuple(TEXTBOOK[name].parameter for name in ("learning_rate", "momentum", "units", "batch_size")))


def test_a_random_draw_depends_on_its_number_and_the_seed_only() -> None:
    assert draws("random", 5, TIER_TWO)[4] == draws("random", 9, TIER_TWO)[4]
    assert draws("random", 5, TIER_TWO, seed=1)[4] != draws("random", 5, TIER_TWO)[4]


def test_each_decade_of_a_log_range_gets_a_quarter_of_the_trials() -> None:
    rates = np.log10([float(values["learning_rate"]) for values in draws("random", 2000, TIER_TWO)])
    shares = np.histogram(rates, bins=[-4, -3, -2, -1, 0])[0] / 2000
    assert np.abs(shares - 0.25).max() < 0.04


def test_random_tries_as_many_values_of_each_parameter_as_there_are_trials() -> None:
    assert len({values["learning_rate"] for values in draws("random", 100, TIER_TWO)}) == 100


def test_seeds_of_trials_differ_between_trials_and_studies() -> None:
    seeds = {trial_seed(study, trial) for study in range(20) for trial in range(1, 51)}
    assert len(seeds) == 1000
    assert all(0 <= seed < 2**31 for seed in seeds)


# --- Sobol ---


def test_sobol_points_leave_no_part_of_a_range_out() -> None:
    space = Space(tuple(TEXTBOOK[name].parameter for name in ("learning_rate", "momentum")))
    drawn = draws("sobol", 64, space)
    for parameter in space:
        units = [unit_of(parameter, values[parameter.name]) for values in drawn]
        assert np.histogram(units, bins=64, range=(0, 1))[0].max() == 1


def test_a_new_stage_begins_its_own_sequence() -> None:
    search = Search("sobol")
    first = search.batch(5)
    search.move(full_region(SPACE))
    assert search.batch(5) == first


# --- grid ---


def test_a_grid_tries_every_combination_once_and_then_says_so() -> None:
    space = TIER_TWO.without("momentum")
    search = Search("grid", space)
    count = grid_count(space, search.region)
    assert count == 3 * 3 * 3
    drawn = search.batch(count)
    assert len({tuple(values.values()) for values in drawn}) == count
    assert {values["learning_rate"] for values in drawn} == {1e-4, 1e-2, 1.0}
    assert search.strategy.draw(search.question()) is None
    search.move(search.region.replace("learning_rate", Interval(1e-3, 1e-1)))
    assert search.strategy.draw(search.question()) is not None  # a new region is a new grid


def test_a_grid_of_more_points_than_anyone_could_try_is_refused_in_words() -> None:
    strategy: Strategy = strategy_for(SearchSettings("grid", levels=50))
    with pytest.raises(ValueError, match=r"a grid of .* points"):
        strategy.draw(Search("grid").question())


# --- the catalogue ---


def test_the_names_that_a_definition_may_have_are_those_of_the_catalogue() -> None:
    assert tuple(STRATEGIES) == NAMES
    makers: list[Callable[[SearchSettings], Strategy]] = list(STRATEGIES.values())
    assert all(callable(maker(SearchSettings()).draw) for maker in makers)
