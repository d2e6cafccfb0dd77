"""Files of an older minor version open as they are, and get what is newer when something is written to them."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.schema import LATER, MAJOR, USER_VERSION

FIXED = {"dropout": 0.1, "activation": "relu"}


def add_trial(file: StudyFile, number: int, **more: object) -> None:
    stage = file.log.plan.stage
    values = {"learning_rate": 0.1}
    file.record([TrialStarted(number, stage, values, 1, "2026-01-01T00:00:00+00:00", **more)])  # type: ignore[arg-type]
    file.record([TrialEnded(number, TrialState.FINISHED, 1.0, 0.5)])
    file.commit()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A study of version 1.0 with a trial."""
    path = tmp_path / "old.tuner"
    with create(path, new_definition("digits")) as file:
        add_trial(file, 1)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for table in LATER:
            connection.execute(f"DROP TABLE {table}")
        connection.execute(f"PRAGMA user_version={MAJOR << 16}")
        connection.commit()
    return path


def version_of(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_older_file_can_be_looked_at_and_stays_as_it_is(old: Path) -> None:
    before = old.read_bytes()
    with open_study(old, read_only=True) as file:
        assert len(file.history) == 1
        assert file.history.trial(1).lineage is None
    assert old.read_bytes() == before


def test_it_gets_what_is_newer_with_the_first_trial_that_needs_it(old: Path) -> None:
    with open_study(old) as file:
        add_trial(file, 2, fixed=FIXED, lineage={"repeats": 1})
        add_trial(file, 3, fixed=FIXED)
    assert version_of(old) == USER_VERSION
    with open_study(old) as file:
        trials = file.history.trials
        assert [trial.lineage for trial in trials] == [None, {"repeats": 1}, None]
        assert [dict(trial.fixed) for trial in trials] == [{}, FIXED, FIXED]
        assert trials[2].value_of("dropout") == 0.1
        assert trials[2].value_of("learning_rate") == 0.1
        assert trials[0].value_of("dropout") is None


def test_what_is_fixed_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "s.tuner"
    with create(path, new_definition("digits")) as file:
        for number in range(1, 4):
            add_trial(file, number, fixed=FIXED)
        add_trial(file, 4, fixed={**FIXED, "dropout": 0.2})
    with open_study(path) as file:
        add_trial(file, 5, fixed={**FIXED, "dropout": 0.2})
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT first_trial FROM fixed ORDER BY 1").fetchall() == [(1,), (4,)]
