"""The study file: what was committed comes back, edits can be undone after a restart, nothing is overwritten."""

from __future__ import annotations

import math
import os
import random
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from study_files import METRICS, add_trials, epochs, make_study, start, value_of, whole_trial

from tuner_gui.space.region import Interval
from tuner_gui.study.definition import new_definition, pinned_at, switched_off
from tuner_gui.study.errors import StudyFileError, StudyWriteError
from tuner_gui.study.events import (
    EpochEnded,
    FinalFigure,
    NoteAdded,
    RunStarted,
    TrialEnded,
    TrialProgress,
    TrialStarted,
    TrialState,
    WeightsKept,
)
from tuner_gui.study.file import create, open_study
from tuner_gui.study.history import History
from tuner_gui.study.schema import APPLICATION_ID, TABLES, USER_VERSION
from tuner_gui.study.stages import gone_back, redefined, refined
from tuner_gui.study.writer import KEPT_WEIGHTS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digits.tuner"


def test_trials_come_back_with_all_they_had(path: Path) -> None:
    live = History()
    with create(path, new_definition("digits")) as file:
        for number in (1, 2):
            events = whole_trial(number, file.log.plan.stage)
            for event in events:
                live.apply(event)
            file.record(events)
            file.commit()
    with open_study(path) as file:
        assert file.history.trials == live.trials
        assert file.history.stages == live.stages
        assert file.history.metric_names == list(METRICS)
        for number in (1, 2):
            for metric in METRICS:
                assert np.array_equal(file.history.curve(number, metric), live.curve(number, metric))


def test_a_curve_saved_in_pieces_is_one_curve(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        file.record([start(1, file.log.plan.stage)])
        for first in (1, 3, 6):
            file.record(epochs(1, 2 if first == 1 else 3, first=first))
            file.commit()
        file.record([TrialEnded(1, TrialState.FINISHED, 2.0, 0.5)])
    with open_study(path) as file:
        assert file.history.epochs(1) == 8


def test_numbers_that_are_not_finite_come_back(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        rows = [EpochEnded(1, 1, {"loss": math.inf, "val_loss": math.nan}), EpochEnded(1, 2, {"loss": -1e308})]
        end = TrialEnded(1, TrialState.DIVERGED, 0.1, math.nan, "the loss was not finite in epoch 2")
        file.record([start(1, file.log.plan.stage), *rows, end])
    with open_study(path) as file:
        assert file.history.curve(1, "loss").tolist() == [math.inf, -1e308]
        assert np.isnan(file.history.curve(1, "val_loss")).all()
        assert file.history.trial(1).value is None
        assert file.history.trial(1).reason == "the loss was not finite in epoch 2"


def test_a_metric_that_comes_later_leaves_the_earlier_trials_as_they_are(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        add_trials(file, range(1, 2))
        more = EpochEnded(2, 1, {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5, "extra": 7.0})
        file.record([start(2, file.log.plan.stage), more, TrialEnded(2, TrialState.FINISHED, 1.0, 0.5)])
    with open_study(path) as file:
        assert file.history.curve(2, "extra").tolist() == [7.0]
        assert np.isnan(file.history.curve(1, "extra")).all()
        assert np.isfinite(file.history.curve(1, "loss")).all()


def test_a_trial_that_was_training_when_the_program_ended_is_ended_as_cancelled(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        file.record([*whole_trial(1, file.log.plan.stage), start(2, file.log.plan.stage), *epochs(2, 2)])
    for _ in range(2):
        with open_study(path) as file:
            trial = file.history.trial(2)
            assert trial.state is TrialState.CANCELLED
            assert trial.reason == "interrupted: the program ended while it trained"
            assert file.history.epochs(2) == 2
    with open_study(path) as file:
        add_trials(file, range(3, 4))
    with open_study(path) as file:
        states = [trial.state for trial in file.history.trials]
        assert states == [TrialState.FINISHED, TrialState.CANCELLED, TrialState.FINISHED]


def test_notes_and_final_figures_come_back_the_latest_of_each_trial(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        add_trials(file, range(1, 3))
        file.record([NoteAdded(1, "odd", "2026-01-01"), NoteAdded(1, "fine after all", "2026-01-02")])
        file.record([FinalFigure(2, {"accuracy": 0.9, "loss": math.nan}, "2026-01-03")])
    with open_study(path) as file:
        assert file.history.notes == {1: "fine after all"}
        assert file.history.final_figures == {2: FinalFigure(2, {"accuracy": 0.9}, "2026-01-03")}


def test_what_says_nothing_of_a_trial_leaves_nothing_to_save(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        file.record([RunStarted(3, None), TrialProgress(1, 0.5)])
        assert not file.has_unsaved


def test_weights_are_kept_of_the_best_finished_trials(path: Path) -> None:
    numbers = range(1, KEPT_WEIGHTS + 6)
    with create(path, new_definition("digits")) as file:
        for number in numbers:
            file.record([*whole_trial(number, file.log.plan.stage), WeightsKept(number, b"w%d" % number)])
            file.commit()
    best = sorted(sorted(numbers, key=value_of, reverse=True)[:KEPT_WEIGHTS])
    with open_study(path) as file:
        assert list(file.trials_with_weights()) == best
        assert file.weights(best[0]) == b"w%d" % best[0]
        assert file.weights(min(set(numbers) - set(best))) is None


def test_weights_that_come_before_the_ending_are_judged_with_it(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        stage = file.log.plan.stage
        for number in range(1, KEPT_WEIGHTS + 2):
            file.record([start(number, stage), *epochs(number, 1), WeightsKept(number, b"w")])
            file.commit()
            assert number in file.trials_with_weights()
            file.record([TrialEnded(number, TrialState.FINISHED, 1.0, -number)])
            file.commit()
        last = KEPT_WEIGHTS + 2
        file.record([start(last, stage), WeightsKept(last, b"w"), TrialEnded(last, TrialState.FAILED, 1.0)])
        file.commit()
        assert file.trials_with_weights() == tuple(range(1, KEPT_WEIGHTS + 1))


def test_repeats_take_no_weights_from_the_trials_that_they_repeat(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        stage = file.log.plan.stage
        for number in range(1, KEPT_WEIGHTS + 9):
            repeat = TrialStarted(number, stage, {}, 0, "", lineage={"repeats": 1, "by": "search"})
            begun = start(number, stage) if number <= KEPT_WEIGHTS else repeat
            end = TrialEnded(number, TrialState.FINISHED, 1.0, float(number))
            file.record([begun, WeightsKept(number, b"w"), end])
            file.commit()
        assert file.trials_with_weights() == tuple(range(1, KEPT_WEIGHTS + 1))


def test_fewer_is_better_where_the_objective_is_a_loss(path: Path) -> None:
    with create(path, new_definition("diabetes")) as file:
        for number in range(1, KEPT_WEIGHTS + 3):
            end = TrialEnded(number, TrialState.FINISHED, 1.0, float(number))
            file.record([start(number, file.log.plan.stage), end, WeightsKept(number, b"w")])
            file.commit()
        assert file.trials_with_weights() == tuple(range(1, KEPT_WEIGHTS + 1))


def test_undo_and_redo_go_on_after_a_restart(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        plan = file.log.plan
        narrow = refined(plan, plan.region.replace("learning_rate", Interval(1e-3, 0.1)))
        log = file.log.done("Narrow learning_rate", narrow)
        pinned = redefined(narrow, pinned_at(narrow.definition, "dropout", 0.2), drawn_from=[1])
        file.save_log(log.done("Set dropout to 0.2", pinned))
    with open_study(path) as file:
        assert file.log.undo_text == "Set dropout to 0.2"
        file.save_log(file.log.undone(file.history.stages.values()))
    with open_study(path) as file:
        assert (file.log.undo_text, file.log.redo_text) == ("Narrow learning_rate", "Set dropout to 0.2")
        assert file.log.plan == narrow
        file.save_log(file.log.redone())
    with open_study(path) as file:
        assert file.log.plan == pinned
        undone = file.log.undone().undone()
        file.save_log(undone.done("Go back", gone_back(narrow, 1)))
    with open_study(path) as file:
        assert [edit.text for edit in file.log.edits] == ["New study", "Go back"]
        assert file.log.redo_text is None


def test_an_edit_rewrites_only_what_differs(path: Path) -> None:
    def rows() -> list[tuple[int, str]]:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            found = connection.execute("SELECT id, at FROM edits ORDER BY id").fetchall()
        connection.close()
        return found

    with create(path, new_definition("digits")) as file:
        for number in range(3):
            plan = file.log.plan
            other = pinned_at(plan.definition, "dropout", number / 10)
            file.save_log(file.log.done(f"Set dropout {number}", redefined(plan, other, drawn_from=[])))
        before = rows()
        file.save_log(file.log.undone())
        assert rows() == before
        file.save_log(file.log.done("Other", redefined(file.log.plan, new_definition("wine"), drawn_from=[])))
        assert rows()[:3] == before[:3]
        assert len(rows()) == 4
        assert rows()[3] != before[3]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_was_edited_undone_and_redone_the_log_comes_back(path: Path, seed: int) -> None:
    dice = random.Random(seed)
    with create(path, new_definition("digits")) as file:
        for step in range(30):
            log, plan = file.log, file.log.plan
            stages = [plan.numbered(dice.choice(plan.stages).number)]
            verb = dice.choice(["narrow", "narrow", "pin", "switch", "back", "undo", "undo", "redo"])
            if verb == "narrow":
                extent = Interval(10 ** dice.uniform(-4, -2), 10 ** dice.uniform(-2, 0))
                log = log.done(f"Narrow {step}", refined(plan, plan.region.replace("learning_rate", extent)))
            elif verb == "pin":
                pinned = pinned_at(plan.definition, "l2", dice.random())
                log = log.done(f"Pin {step}", redefined(plan, pinned, drawn_from=[]))
            elif verb == "switch" and "units" in plan.space:
                off = switched_off(plan.definition, "units")
                log = log.done(f"Switch {step}", redefined(plan, off, drawn_from=[plan.current]))
            elif verb == "back":
                log = log.done(f"Back {step}", gone_back(plan, stages[0].number))
            elif verb == "undo":
                log = log.undone(stages)
            elif verb == "redo":
                log = log.redone(stages)
            file.save_log(log)
        expected = file.log
    with open_study(path) as file:
        assert file.log == expected


def test_a_log_of_many_edits_stays_small(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        log = file.log
        for step in range(150):
            extent = Interval(1e-3, 0.1 + step / 1000)
            log = log.done(f"Edit {step}", refined(log.plan, log.plan.region.replace("learning_rate", extent)))
        file.save_log(log)
    assert path.stat().st_size < 200_000


def test_stages_from_which_trials_were_drawn_survive_the_undo_of_their_edit(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        plan = file.log.plan
        narrow = refined(plan, plan.region.replace("units", Interval(32, 64)))
        file.save_log(file.log.done("Narrow units", narrow))
        add_trials(file, range(1, 2))
        file.save_log(file.log.undone([narrow.stage]))
    with open_study(path) as file:
        assert file.log.plan.current == 1
        assert file.history.stages == {2: narrow.stage}
        assert file.log.plan.numbered(2) == narrow.stage
        assert file.history.trial(1).stage == 2


def test_an_edit_can_build_on_a_stage_that_was_undone_before_its_first_trial(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        plan = file.log.plan
        narrow = refined(plan, plan.region.replace("units", Interval(32, 64)))
        file.save_log(file.log.done("Narrow units", narrow))
        file.save_log(file.log.undone())
        file.record(whole_trial(1, narrow.stage))
    with open_study(path) as file:
        back = gone_back(file.log.plan, 2)
        file.save_log(file.log.done("Go back to stage 2", back))
    with open_study(path) as file:
        assert file.log.plan == back
        assert (file.log.plan.current, file.log.plan.stage.parent) == (3, 2)


def test_one_stage_number_never_means_two_regions(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        plan = file.log.plan
        narrow = refined(plan, plan.region.replace("units", Interval(32, 64))).stage
        other = refined(plan, plan.region.replace("units", Interval(64, 128))).stage
        file.record(whole_trial(1, narrow))
        with pytest.raises(ValueError, match="stage 2"):
            file.record(whole_trial(2, other))


@pytest.mark.parametrize(
    "events",
    [
        [TrialEnded(1, TrialState.FINISHED, 1.0, 0.5)],
        [EpochEnded(1, 1, {"loss": 1.0})],
        [WeightsKept(1, b"")],
        [NoteAdded(1, "?", "2026-01-01")],
    ],
)
def test_what_is_said_of_an_unknown_trial_is_a_mistake_of_the_program(path: Path, events: list) -> None:
    with create(path, new_definition("digits")) as file, pytest.raises(ValueError, match="trial"):
        file.record(events)


def test_an_epoch_that_is_reported_after_the_end_of_its_trial_is_passed_over(path: Path) -> None:
    with create(path, new_definition("digits")) as file:
        file.record([*whole_trial(1, file.log.plan.stage), EpochEnded(1, 4, {"loss": 1.0})])
    with open_study(path) as file:
        assert file.history.epochs(1) == 3


def test_a_new_study_never_takes_the_place_of_a_file(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(StudyFileError, match="there is a file already"):
        create(path, new_definition("digits"))
    assert path.read_text() == "precious"


def test_a_study_that_cannot_be_made_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StudyFileError, match="cannot be made"):
        create(tmp_path / "no folder" / "digits.tuner", new_definition("digits"))
    assert list(tmp_path.iterdir()) == []


def test_a_closed_study_is_one_file(path: Path) -> None:
    make_study(path, 2)
    assert [file.name for file in path.parent.iterdir()] == ["digits.tuner"]


def test_a_name_that_an_address_would_read_otherwise_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "50 % of #1? ü.tuner"
    make_study(path, 1)
    with open_study(path) as file:
        assert len(file.history) == 1
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_link_leads_to_the_study_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = make_study(tmp_path / "real" / "digits.tuner", 1)
    link = tmp_path / "link.tuner"
    link.symlink_to(target)
    with open_study(link) as file:
        add_trials(file, range(2, 3))
        assert file.path == target
        assert sorted(p.name for p in tmp_path.iterdir()) == ["link.tuner", "real"]


@pytest.mark.parametrize("moved_to", [None, "elsewhere.tuner"])
def test_a_file_that_is_moved_or_deleted_while_it_is_open_is_told(path: Path, moved_to: str | None) -> None:
    file = create(path, new_definition("digits"))
    add_trials(file, range(1, 2))
    if moved_to is None:
        path.unlink()
    else:
        path.rename(path.with_name(moved_to))
    file.record(whole_trial(2, file.log.plan.stage))
    with pytest.raises(StudyWriteError, match="moved, deleted or replaced"):
        file.commit()
    with pytest.raises(StudyWriteError):
        file.close()


def test_a_file_that_is_moved_back_gets_what_was_kept(path: Path) -> None:
    elsewhere = path.with_name("elsewhere.tuner")
    with create(path, new_definition("digits")) as file:
        path.rename(elsewhere)
        file.record(whole_trial(1, file.log.plan.stage))
        with pytest.raises(StudyWriteError):
            file.commit()
        assert file.has_unsaved
        elsewhere.rename(path)
        file.commit()
        assert not file.has_unsaved
    with open_study(path) as file:
        assert len(file.history) == 1


def test_the_header_tells_what_the_file_is(path: Path) -> None:
    make_study(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (USER_VERSION,)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert tables == set(TABLES)


def test_every_connection_is_hardened_and_every_commit_durable(path: Path) -> None:
    make_study(path)
    with open_study(path) as writer, open_study(path) as viewer:
        expected = {"trusted_schema": 0, "cell_size_check": 1, "mmap_size": 0}
        for file in (writer, viewer):
            for name, value in expected.items():
                row = file._connection.execute(f"PRAGMA {name}").fetchone()
                assert row is None or row[0] == value, name
        assert writer._connection.execute("PRAGMA synchronous").fetchone() == (3,)
        assert writer._connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)


def test_a_plain_copy_of_an_open_study_has_all_that_was_committed(path: Path) -> None:
    copy = path.with_name("copy.tuner")
    with create(path, new_definition("digits")) as file:
        add_trials(file, range(1, 6))
        # Another process: a plain read and close in this one would drop the locks that it holds.
        assert os.system(f"cp '{path}' '{copy}'") == 0
    with open_study(copy) as file:
        assert len(file.history) == 5
