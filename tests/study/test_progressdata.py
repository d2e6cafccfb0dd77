from __future__ import annotations

import numpy as np
import pytest

from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.progressdata import StageStart, records, shown_upto, stage_starts, steps
from tuner_gui.study.stages import Origin, Stage, first_plan

START = first_plan(new_definition("digits")).stage


def history_of(*trials: tuple[int, float | None, int | None]) -> History:
    """Each with its stage, its value (None: it diverged) and the trial that it repeats."""
    history = History()
    for number, (stage, value, of) in enumerate(trials, start=1):
        where = Stage(stage, None, Origin.START, START.region)
        lineage = None if of is None else {"repeats": of}
        history.apply(TrialStarted(number, where, {"learning_rate": 0.1}, number, "", lineage=lineage))
        state = TrialState.DIVERGED if value is None else TrialState.FINISHED
        history.apply(TrialEnded(number, state, 1.0, value))
    return history


def test_only_what_was_better_than_all_before_is_a_record() -> None:
    history = history_of((1, 0.5, None), (1, None, None), (1, 0.5, None), (1, 0.7, None), (1, 0.6, None))
    assert records(history, 1).tolist() == [0, 3]
    assert records(history, -1).tolist() == [0]


def test_a_lucky_repeat_is_no_record() -> None:
    assert records(history_of((1, 0.5, None), (1, 0.9, 1), (1, 0.6, None)), 1).tolist() == [0, 2]


def test_without_a_finished_trial_there_is_none() -> None:
    assert not len(records(History(), 1))
    assert not len(records(history_of((1, None, None)), 1))


def test_a_stage_that_was_gone_back_to_begins_again() -> None:
    history = history_of(*((stage, 0.5, None) for stage in (1, 1, 2, 2, 1)))
    assert stage_starts(history) == [StageStart(0, 1), StageStart(2, 2), StageStart(4, 1)]
    assert stage_starts(History()) == []


@pytest.mark.parametrize(("count", "end"), [(0, 20), (20, 20), (21, 30), (99, 100), (101, 150), (9_999, 10_000)])
def test_the_axis_ends_at_a_round_number(count: int, end: int) -> None:
    assert shown_upto(count) == end


def test_the_line_goes_up_in_steps_and_on_to_the_last_trial() -> None:
    assert steps(np.array([0, 3]), np.array([0.2, 0.8]), 6) == [(1, 0.2), (4, 0.2), (4, 0.8), (6, 0.8)]
    assert steps(np.zeros(0, dtype=np.intp), np.zeros(0), 6) == []
