"""The arithmetic of the throughput benchmark; nothing is trained here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.measure import verdict
from benchmarks.throughput_arm import FUSED, NO_CHECKPOINTS, OPTUNA, Figures, Setting
from benchmarks.throughput_run import Measured
from benchmarks.throughput_table import OfWork, Results, arms_of, best_peer, load, markdown, save
from benchmarks.throughput_works import DIGITS, MADE_UP_L, MADE_UP_M, WORKS, Work, flop_per_epoch, register_data
from tuner_gui.data import builtin
from tuner_gui.study.checks import check_definition
from tuner_gui.study.definition import BUILT_IN_DATA


def measured(*processes: Figures) -> Measured:
    return Measured([*processes], memory=500_000_000)


def results() -> Results:
    """The fused arm at 120 trials per minute, peers at 6 and 12."""
    arms = {
        FUSED: [measured(Figures(trials=4, first=1.0, seconds=2.0, flop=8e9, traces=2, waste=0.25, values=[0.9]))],
        OPTUNA: [measured(Figures(trials=2, first=10.0, seconds=20.0, flop=4e9, traces=6, values=[0.8]))],
        NO_CHECKPOINTS: [measured(Figures(trials=1, first=5.0, seconds=5.0, flop=2e9, traces=3, values=[0.7]))],
    }
    setting = Setting(whole_epochs=True, processes=2)
    of_work = OfWork(calibration=[(setting, 12.0)], setting=setting, arms=arms)
    return Results("2 processors", trials=4, peer_trials=2, speeds=[8e10], works={"S": of_work})


def test_a_peers_first_trial_counts_once_and_the_rates_of_its_processes_add_up() -> None:
    one = Figures(trials=4, first=8.0, seconds=14.0)
    assert measured(one).rate(4) == pytest.approx(4 * 60 / 14)
    assert measured(one).rate(16) == pytest.approx(16 * 60 / (8 + 15 * 2))
    assert measured(one, one).rate(32) == pytest.approx(2 * measured(one).rate(16))


def test_one_trial_is_scaled_by_itself() -> None:
    assert measured(Figures(trials=1, first=3.0, seconds=3.5)).rate(10) == pytest.approx(20.0)


def test_flop_counts_the_products_of_a_step_but_no_gradient_of_the_inputs() -> None:
    of_row = 64 * 16 * (2 + 2) + 16 * 16 * (2 + 4) + 16 * 10 * (2 + 4)
    validation = 2 * (64 * 16 + 16 * 16 + 16 * 10)
    expected = 1_077 * of_row + 360 * validation
    assert flop_per_epoch({"units": 16, "layers": 2}, DIGITS) == expected


@pytest.fixture
def _made_up_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up data, known to this test only."""
    for known in (BUILT_IN_DATA, builtin.LOADERS):
        for rows in (MADE_UP_M, MADE_UP_L):
            monkeypatch.setitem(known, rows.source, None)
    register_data()


@pytest.mark.usefixtures("_made_up_data")
@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_every_work_is_a_study_that_the_program_takes(work: Work) -> None:
    check_definition(work.definition(seed=0))


@pytest.mark.usefixtures("_made_up_data")
def test_made_up_data_is_split_into_the_rows_that_it_says() -> None:
    first, again = MADE_UP_M.load(), MADE_UP_M.load()
    assert (first.train.inputs == again.train.inputs).all()
    assert set(first.validation.targets) == set(range(10))


def test_what_was_measured_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "raw.json"
    save(results(), path)
    assert load(path) == results()


def test_the_best_peer_and_the_share_of_the_machine() -> None:
    arms = arms_of(results(), "S")
    assert best_peer(arms) == NO_CHECKPOINTS
    assert arms[FUSED].rate == pytest.approx(120.0)
    assert arms[FUSED].share == pytest.approx(2 * 2e9 / 8e10)
    assert arms[OPTUNA].traces == 12


def test_the_markdown_says_what_failed_and_what_missed_its_goal() -> None:
    rates = markdown(results()).splitlines()[2]
    assert "| 120.0 | failed | 6.0 | failed | 12.0 | 10.0× | 20×, missed |" in rates


def test_a_goal_can_be_the_least() -> None:
    assert verdict("ratio", 20.0, goal=20.0, at_least=True).endswith("(goal: at least 20; reached)")
    assert verdict("ratio", 19.9, goal=20.0, at_least=True).endswith("(goal: at least 20; MISSED)")
    assert verdict("ratio", 19.9, goal=20.0).endswith("(goal: at most 20; reached)")
