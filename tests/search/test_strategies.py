from __future__ import annotations

import numpy as np

from tuner_gui.search.strategies import STRATEGIES, RandomSearch, trial_seed
from tuner_gui.space.region import Interval, contains, full_region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.history import History

SPACE = Space(tuple(TEXTBOOK[name].parameter for name in ("learning_rate", "momentum", "units", "batch_size")))


def draws(count: int, *, seed: int = 0, region: object = None) -> list[dict]:
    strategy = RandomSearch()
    where = region or full_region(SPACE)
    numbers = range(1, count + 1)
    return [strategy.draw(trial=n, seed=seed, space=SPACE, region=where, history=History()) for n in numbers]


def test_a_draw_depends_on_its_number_and_the_seed_only() -> None:
    assert draws(5)[4] == draws(9)[4]
    assert draws(5, seed=1)[4] != draws(5)[4]


def test_every_draw_lies_in_the_region() -> None:
    region = full_region(SPACE).replace("learning_rate", Interval(1e-3, 2e-3)).replace("batch_size", (64,))
    assert all(contains(SPACE, region, values) for values in draws(200, region=region))


def test_each_decade_of_a_log_range_gets_a_quarter_of_the_trials() -> None:
    rates = np.log10([values["learning_rate"] for values in draws(2000)])
    shares = np.histogram(rates, bins=[-4, -3, -2, -1, 0])[0] / 2000
    assert np.abs(shares - 0.25).max() < 0.04


def test_random_tries_as_many_values_of_each_parameter_as_there_are_trials() -> None:
    assert len({values["learning_rate"] for values in draws(100)}) == 100


def test_seeds_of_trials_differ_between_trials_and_studies() -> None:
    seeds = {trial_seed(study, trial) for study in range(20) for trial in range(1, 51)}
    assert len(seeds) == 1000
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_the_design_s_name_for_random_search_is_known() -> None:
    assert isinstance(STRATEGIES["random"](), RandomSearch)
