from __future__ import annotations

from pathlib import Path

import pytest

from tuner_gui.space.region import Interval
from tuner_gui.study.definition import new_definition, pinned_at
from tuner_gui.study.edits import EditLog, first_log
from tuner_gui.study.events import TrialStarted
from tuner_gui.study.file import create, open_study
from tuner_gui.study.stages import Plan, first_plan, redefined, refined


@pytest.fixture
def log() -> EditLog:
    return first_log(first_plan(new_definition("digits")))


def _narrow(plan: Plan, low: float, high: float) -> Plan:
    return refined(plan, plan.region.replace("learning_rate", Interval(low, high)))


def test_a_new_study_has_nothing_to_undo_or_redo(log: EditLog) -> None:
    assert (log.undo_text, log.redo_text) == (None, None)
    assert log.undone() is log
    assert log.redone() is log


def test_undo_and_redo_bring_back_the_plans_and_name_the_edits(log: EditLog) -> None:
    one = log.done("Narrow rate", _narrow(log.plan, 1e-3, 0.1))
    two = one.done("Set dropout", redefined(one.plan, pinned_at(one.plan.definition, "dropout", 0.3), drawn_from=()))
    assert two.undo_text == "Set dropout"
    back = two.undone().undone()
    assert back.plan == log.plan
    assert (back.undo_text, back.redo_text) == (None, "Narrow rate")
    assert back.redone().redone().plan == two.plan


def test_an_edit_after_undo_drops_what_could_have_been_redone(log: EditLog) -> None:
    undone = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1)).undone()
    other = undone.done("Narrow further", _narrow(undone.plan, 1e-2, 0.1))
    assert other.redo_text is None
    assert [edit.text for edit in other.edits] == ["New study", "Narrow further"]


def test_an_edit_that_changes_nothing_is_no_edit_and_keeps_redo(log: EditLog) -> None:
    undone = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1)).undone()
    assert undone.done("Nothing", undone.plan) is undone
    assert undone.redo_text == "Narrow"


def test_undo_leaves_stages_from_which_trials_were_drawn(log: EditLog) -> None:
    narrow = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1))
    undone = narrow.undone(drawn_from=[narrow.plan.stage])
    assert undone.plan.current == 1
    assert undone.plan.numbered(2) == narrow.plan.stage
    assert undone.redone(drawn_from=[narrow.plan.stage]).plan == narrow.plan


def test_undo_forgets_a_stage_without_trials_so_that_its_number_is_free(log: EditLog) -> None:
    undone = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1)).undone()
    assert [stage.number for stage in undone.plan.stages] == [1]
    assert _narrow(undone.plan, 1e-2, 0.1).current == 2


def test_a_stage_that_gets_its_first_trial_after_its_undo_keeps_its_number(log: EditLog) -> None:
    narrow = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1))
    undone = narrow.undone()
    knowing = undone.knowing([narrow.plan.stage])
    other = _narrow(knowing.plan, 1e-2, 0.1)
    assert other.current == 3
    assert other.numbered(2) == narrow.plan.stage
    assert knowing.redo_text == "Narrow"


def test_stages_that_the_plan_knows_change_nothing(log: EditLog) -> None:
    narrow = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1))
    assert narrow.knowing(narrow.plan.stages) is narrow


def test_an_opened_study_knows_the_stage_of_every_trial(tmp_path: Path, log: EditLog) -> None:
    narrow = log.done("Narrow", _narrow(log.plan, 1e-3, 0.1))
    values = {"learning_rate": 0.01}
    with create(tmp_path / "s.tuner", log.plan.definition) as file:
        file.record([TrialStarted(1, narrow.plan.stage, values, 0, "2026-01-01T00:00:00+00:00")])
        file.commit()
    for read_only in (True, False):
        with open_study(tmp_path / "s.tuner", read_only=read_only) as file:
            assert file.log.plan.numbered(2) == narrow.plan.stage
            assert file.log.plan.current == 1
