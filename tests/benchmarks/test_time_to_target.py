"""The arithmetic of the time-to-target benchmark, what it keeps and goes on with; nothing is searched here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.throughput_arm import Setting
from benchmarks.throughput_works import SEVEN
from benchmarks.time_to_target import resumed, setting_of
from benchmarks.time_to_target_arm import ARMS, HYPERBAND, OPTUNA, OURS, RANDOM, Ended, Order, definition_of
from benchmarks.time_to_target_run import Watched, orders_of, rows_right
from benchmarks.time_to_target_table import (
    ROWS,
    Ratio,
    Results,
    Time,
    lines_of,
    load,
    markdown,
    median_time,
    ratio_of,
    save,
    target,
)
from tuner_gui.study.checks import check_definition
from tuner_gui.study.definition import new_definition, switched_on

BOTH = Setting(processes=2)


def watched(*ended: tuple[float, int], seconds: float) -> Watched:
    """Trials by their seconds and their rows right."""
    return Watched([Ended(at, right / ROWS) for at, right in ended], seconds)


def results() -> Results:
    """A target of 350 rows; Optuna gets there in one of two seeds, Hyperband in none within 100 s; seed 2 is not
    through all arms."""
    random = {seed: watched((1.0, 300), (2.0, right), seconds=9.0) for seed, right in enumerate((349, 350, 352))}
    reached = watched((1.0, 340), (5.0, 350), (6.0, 351), seconds=6.1)
    never = watched((9.0, 349), seconds=100.0)
    arms = {
        OURS: {0: reached, 1: reached, 2: reached},
        OPTUNA: {0: watched((8.0, 20), (60.0, 350), seconds=60.2), 1: never},
        HYPERBAND: {0: never, 1: never},
    }
    return Results("2 processors", trials=2, setting=BOTH, niced=False, random=random, arms=arms)


def test_the_target_is_the_most_that_half_of_the_random_searches_reached() -> None:
    some = results()
    assert target(some) == 350
    some.random[3] = watched((1.0, 351), seconds=2.0)
    assert target(some) == 351
    some.random[4] = watched((1.0, 300), seconds=2.0)
    assert target(some) == 350


def test_an_accuracy_counts_as_rows_whatever_a_sum_of_float32_made_of_it() -> None:
    assert rows_right(350 / 360 - 3e-7, 360) == rows_right(350 / 360 + 3e-7, 360) == 350
    assert rows_right(None, 360) < 0


def test_the_target_is_reached_by_the_first_trial_that_ends_with_as_many_rows_or_more() -> None:
    search = watched((1.0, 349), (2.0, 351), (3.0, 350), seconds=3.1)
    assert search.reached(350, ROWS) == 2.0
    assert search.reached(352, ROWS) is None


def test_a_trial_without_a_value_reaches_nothing() -> None:
    assert Watched([Ended(1.0, None)], 2.0).reached(0, ROWS) is None


def test_a_median_is_a_lower_bound_only_if_it_rests_on_one() -> None:
    never = Time(100.0, at_least=True)
    assert median_time([never, Time(3.0), Time(5.0)]) == Time(5.0)
    assert median_time([never, Time(5.0), never]) == never
    assert median_time([never, Time(4.0)]) == Time(52.0, at_least=True)


def test_a_ratio_says_which_side_of_it_is_known() -> None:
    ours, theirs = Time(5.0), Time(60.0)
    assert ratio_of(theirs, ours) == Ratio(12.0)
    assert str(ratio_of(replace(theirs, at_least=True), ours)) == "≥ 12.0"
    assert str(ratio_of(theirs, replace(ours, at_least=True))) == "≤ 12.0"


def test_only_what_is_certain_reaches_a_goal() -> None:
    assert Ratio(10.0).reaches(10.0)
    assert Ratio(10.0, "≥").reaches(10.0)
    assert not Ratio(9.9, "≥").reaches(10.0)
    assert not Ratio(12.0, "≤").reaches(10.0)
    assert not Ratio(12.0, "?").reaches(10.0)


def test_medians_are_over_the_seeds_that_every_arm_has_been_through() -> None:
    lines = lines_of(results())
    assert lines[OURS].times == [Time(5.0), Time(5.0)]
    assert lines[OPTUNA].ratio == Ratio(80.0 / 5.0, "≥")
    assert lines[OPTUNA].ratios == [Ratio(12.0), Ratio(20.0, "≥")]
    assert lines[OPTUNA].trials == 1.5
    assert lines[HYPERBAND].ratio == Ratio(20.0, "≥")


def test_nothing_is_compared_before_a_seed_is_through() -> None:
    some = results()
    del some.arms[HYPERBAND]
    assert lines_of(some) == {}


def test_the_markdown_marks_lower_bounds() -> None:
    rows = markdown(results()).splitlines()
    assert "| Optuna TPE, median pruner | ≥ 80.0 (60.0 – ≥ 100.0) | 2 | ≥ 16.0× (12.0 – ≥ 20.0) | 10× |" in rows


def test_what_was_seen_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "raw.json"
    save(results(), path)
    assert load(path) == results()


def test_a_search_is_done_when_it_got_there_or_was_watched_long_enough() -> None:
    some = results()
    assert some.is_done(OURS, 0, patience=100.0)
    assert some.is_done(OPTUNA, 1, patience=100.0)
    assert not some.is_done(OPTUNA, 1, patience=200.0)
    assert not some.is_done(HYPERBAND, 2, patience=100.0)


def test_a_search_that_stopped_at_a_lower_target_is_run_again() -> None:
    some = results()
    some.random = {0: watched((1.0, 355), seconds=2.0)}
    assert not some.is_done(OURS, 0, patience=100.0)


def test_what_was_kept_goes_on_only_as_it_was_measured() -> None:
    kept = results()
    assert resumed(results(), kept) is kept
    with pytest.raises(SystemExit, match="niced False, asked for with True"):
        resumed(replace(kept, niced=True), kept)


def test_the_peers_setting_is_the_best_of_the_throughput_benchmark(tmp_path: Path) -> None:
    raw = tmp_path / "throughput.json"
    setting = {"jit_compile": False, "whole_epochs": True, "processes": 3, "onednn": False}
    raw.write_text(json.dumps({"works": {"mixed": {"setting": setting}}}), encoding="utf-8")
    assert setting_of(raw) == Setting(**setting)
    raw.write_text(json.dumps({"works": {}}), encoding="utf-8")
    with pytest.raises(SystemExit, match="mixed"):
        setting_of(raw)


def test_the_study_is_a_new_one_with_dropout_besides() -> None:
    new, ours = switched_on(new_definition("digits", seed=3), "dropout"), definition_of(OURS, 3)
    assert (ours.space, ours.model.epochs, ours.search) == (
        new.space,
        new.model.epochs,
        replace(new.search, confirm=0.0),
    )
    assert ours.hyperparameters({}) == new.hyperparameters({})
    assert len(ours.space) == 7
    assert definition_of(RANDOM, 3).search.strategy == "random"
    check_definition(ours)


def test_a_peers_processes_search_together_and_this_program_has_one() -> None:
    workers = {arm: [order.worker for order in orders_of(Order(arm, 0, BOTH))] for arm in ARMS}
    assert workers == {OURS: [0], OPTUNA: [0, 1], HYPERBAND: [None, 0, 1]}
    assert [order.worker for order in orders_of(Order(HYPERBAND, 0, Setting()))] == [0]


@pytest.mark.slow
def test_a_peers_network_has_the_dropout_and_the_decay_that_were_drawn() -> None:
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)  # as the training process does: later tests in this process compare to the last bit
    from benchmarks.peers.training import Training

    told: list[float] = []
    training = Training(SEVEN, 0, Setting(), lambda _, value: told.append(value))
    training.begin()
    drawn = {"learning_rate": 0.1, "learning_rate_decay": 0.5, "units": 16, "layers": 2, "dropout": 0.25}
    model = training.build(drawn)
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.25, 0.25]
    history = training.fit(model, drawn, epochs=4, initial_epoch=2)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1 / (1 + 0.5 * 3))
    assert told == [history.history["val_accuracy"][-1]]
