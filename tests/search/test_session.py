"""What a session does with commands, reports and a file. A script posts commands as events come out."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from fake_engine import FakeEngine, finished
from session_story import Story, narrowed, values_of

from tuner_gui.search import session as session_module
from tuner_gui.search.commands import AddNote, AskFinalFigure, Close, Pause, Resume, Run, SetLog, Stop
from tuner_gui.search.run_state import RunState
from tuner_gui.space.region import Interval, contains
from tuner_gui.study.definition import new_definition, pinned_at
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    NoteAdded,
    Notice,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStatus,
    Saved,
    SavingFailed,
    TrainerLoad,
    TrialDropped,
    TrialEnded,
    TrialQueued,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.file import create, open_study
from tuner_gui.study.stages import redefined, refined
from tuner_gui.study.writer import KEPT_WEIGHTS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.tuner"


def test_a_run_of_five_trains_five_and_ends_once(path: Path) -> None:
    story = Story(path, FakeEngine())
    story.play(Run(trials=5))
    assert [event.trial for event in story.of(TrialEnded)] == [1, 2, 3, 4, 5]
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.DONE]
    assert story.engine.is_closed


def test_the_same_seed_gives_the_same_trials_and_another_seed_others(tmp_path: Path) -> None:
    stories = [Story(tmp_path / f"{i}.tuner", FakeEngine(), seed=seed) for i, seed in enumerate((3, 3, 4))]
    for story in stories:
        story.play(Run(trials=6))
    same, again, other = (values_of(story) for story in stories)
    assert same == again
    assert same != other
    assert stories[0].engine.seeds == stories[1].engine.seeds
    assert len(set(stories[0].engine.seeds.values())) == 6


def test_two_runs_of_three_give_the_same_trials_as_one_of_six(tmp_path: Path) -> None:
    whole = Story(tmp_path / "whole.tuner", FakeEngine())
    whole.play(Run(trials=6))
    for _ in range(2):
        part = Story(tmp_path / "parts.tuner", FakeEngine())
        part.play(Run(trials=3))
    kept = open_study(tmp_path / "parts.tuner")
    assert {t.number: dict(t.values) for t in kept.history.trials} == values_of(whole)
    kept.close()


def test_a_region_applied_while_the_search_runs_holds_from_the_next_draw_on(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 4:
            story.post(narrowed(story.file, 0.01, 0.1))

    story = Story(path, FakeEngine(), react)
    events = story.play(Run(trials=14))
    applied = next(i for i, e in enumerate(events) if isinstance(e, TrialQueued) and e.stage.number == 2)
    later = [event for event in events[applied:] if isinstance(event, TrialQueued)]
    assert len(later) >= 8
    assert all(0.01 <= event.values["learning_rate"] <= 0.1 for event in later)
    assert all(event.stage.number == 2 for event in later)
    assert len(story.of(TrialEnded)) == 14


def test_a_queued_trial_outside_the_new_region_is_dropped_and_its_number_drawn_again(path: Path) -> None:
    engine = FakeEngine(stuck=frozenset({1}))

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialQueued) and event.trial == 2 and not story.of(TrialDropped):
            rate = event.values["learning_rate"]
            away = (1e-4, 2e-4) if rate > 0.01 else (0.5, 1.0)
            story.post(narrowed(story.file, *away))
        if isinstance(event, TrialDropped) and event.trial == 2:
            engine.stuck = frozenset()
            engine.cancel(1)

    story = Story(path, engine, react)
    story.play(Run(trials=3))
    plan = story.file.log.plan
    assert [event.trial for event in story.of(TrialDropped)] == [2]
    second = values_of(story)[2]
    assert contains(plan.space, plan.region, second)
    assert len(story.of(TrialStarted)) == 3


def test_a_trial_queued_in_a_stage_that_is_undone_is_drawn_again(path: Path) -> None:
    """Otherwise the next stage gets the number of one that has a trial."""
    engine = FakeEngine(stuck=frozenset({1}))
    file = create(path, new_definition("digits"))
    first = file.log
    narrow = first.done("Narrow", refined(first.plan, first.plan.region.replace("learning_rate", Interval(0.5, 1.0))))
    undone = narrow.undone()
    other = undone.done("Other", refined(undone.plan, undone.plan.region.replace("learning_rate", Interval(0.4, 1.0))))
    file.close()

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialQueued) and event.trial == 2 and not story.of(TrialDropped):
            assert event.values["learning_rate"] < 0.4
            story.post(SetLog(narrow))
        elif isinstance(event, TrialQueued) and event.stage == narrow.plan.stage:
            for command in (SetLog(undone), SetLog(other), AddNote(1, "all edits are made")):
                story.post(command)
        elif isinstance(event, NoteAdded):
            engine.stuck = frozenset()
            engine.cancel(1)

    story = Story(path, engine, react)
    story.play(Run(trials=3))
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.DONE]
    assert {event.trial: event.stage for event in story.of(TrialStarted)} == {
        1: first.plan.stage, 2: other.plan.stage, 3: other.plan.stage,
    }  # fmt: skip


def test_a_value_that_is_pinned_while_a_trial_trains_holds_for_the_next_one(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, EpochEnded) and (event.trial, event.epoch) == (2, 1):
            plan = story.file.log.plan
            pinned = redefined(plan, pinned_at(plan.definition, "dropout", 0.3), drawn_from=[1])
            story.post(SetLog(story.file.log.done("Set dropout to 0.3", pinned)))
        if isinstance(event, Saved) and story.file.log.undo_text == "Set dropout to 0.3" and engine.stuck:
            engine.stuck = frozenset()
            engine.cancel(2)

    engine = FakeEngine(stuck=frozenset({2}))
    story = Story(path, engine, react)
    story.play(Run(trials=4))
    dropouts = [d.hyperparameters({})["dropout"] for d in story.engine.trained_under.values()]
    assert dropouts == [0.0, 0.0, 0.3, 0.3]


@pytest.mark.parametrize("lanes", [1, 3])
def test_nothing_starts_while_paused_and_resume_goes_on(path: Path, lanes: int) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 2:
            story.post(Pause())
        if isinstance(event, RunPaused):
            assert story.engine.is_paused
            story.started_when_paused = len(story.of(TrialStarted))
            story.post(Resume())
        if isinstance(event, RunResumed):
            assert len(story.of(TrialStarted)) == story.started_when_paused

    story = Story(path, FakeEngine(lanes=lanes), react)
    story.play(Run(trials=5))
    assert len(story.of(RunPaused)) == len(story.of(RunResumed)) == 1
    assert len(story.of(TrialEnded)) == 5


def test_stop_cancels_what_trains_keeps_what_finished_and_a_new_run_goes_on(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, EpochEnded) and event.trial == 3:
            story.post(Stop())

    story = Story(path, FakeEngine(stuck=frozenset({3})), react)
    story.play(Run(trials=10))
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.STOPPED]
    assert [event.state for event in story.of(TrialEnded)] == ["finished", "finished", "cancelled"]
    again = Story(path, FakeEngine())
    again.play(Run(trials=2))
    assert [event.trial for event in again.of(TrialStarted)] == [4, 5]


def test_an_engine_that_does_not_answer_a_stop_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "STOP_PATIENCE", 0.05)

    def react(story: Story, event: Event) -> None:
        if isinstance(event, EpochEnded):
            story.post(Stop())

    engine = FakeEngine(stuck=frozenset({1}))
    engine.deaf = True
    story = Story(path, engine, react)
    story.play(Run(trials=2))
    assert engine.is_closed
    assert [event.state for event in story.of(TrialEnded)] == [TrialState.CANCELLED]
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.STOPPED]


@pytest.mark.parametrize("lanes", [1, 30])
def test_a_run_with_seconds_ends_by_itself(path: Path, lanes: int) -> None:
    story = Story(path, FakeEngine(lanes=lanes))
    story.play(Run(seconds=0.2))
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.DONE]
    assert story.of(TrialEnded)
    assert len(story.of(TrialEnded)) == len(story.of(TrialStarted))


def test_a_diverged_trial_is_kept_as_such_and_the_search_goes_on(path: Path) -> None:
    def outcome(trial: int, values: dict) -> TrialEnded:
        if trial == 2:
            return TrialEnded(2, TrialState.DIVERGED, 0.1, reason="loss became NaN at epoch 1, step 7")
        return finished(trial, values)

    Story(path, FakeEngine(outcome)).play(Run(trials=4))
    kept = open_study(path)
    assert [trial.state for trial in kept.history.trials] == ["finished", "diverged", "finished", "finished"]
    assert kept.history.trial(2).reason == "loss became NaN at epoch 1, step 7"
    kept.close()


def test_five_failures_in_a_row_pause_the_search_and_say_why(path: Path) -> None:
    def outcome(trial: int, values: dict) -> TrialEnded:
        return TrialEnded(trial, TrialState.FAILED, 0.1, reason="out of memory")

    def react(story: Story, event: Event) -> None:
        if isinstance(event, RunPaused):
            story.post(Stop())

    story = Story(path, FakeEngine(outcome), react)
    story.play(Run(trials=50))
    (paused,) = story.of(RunPaused)
    assert "5 trials in a row failed" in paused.reason
    assert "out of memory" in paused.reason
    assert len(story.of(TrialEnded)) == 5


def test_an_engine_that_never_gets_ready_fails_the_run_with_its_reason(path: Path) -> None:
    engine = FakeEngine()
    engine.never_ready = True
    engine.fail("TensorFlow could not be loaded")
    story = Story(path, engine)
    story.play(Run(trials=3))
    (ended,) = story.of(RunEnded)
    assert (ended.status, ended.message) == (RunStatus.FAILED, "TensorFlow could not be loaded")


def test_a_mistake_in_the_loop_still_ends_the_run_and_closes_the_engine(path: Path) -> None:
    def outcome(trial: int, values: dict) -> TrialEnded:
        raise ZeroDivisionError("a mistake")

    story = Story(path, FakeEngine(outcome))
    with pytest.raises(ZeroDivisionError):
        story.play(Run(trials=3))
    (ended,) = story.of(RunEnded)
    assert ended.status is RunStatus.FAILED
    assert "a mistake" in ended.message
    assert story.engine.is_closed


def test_closing_in_the_middle_of_a_run_ends_it_once(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, EpochEnded):
            story.post(Close())

    story = Story(path, FakeEngine(stuck=frozenset({1})), react)
    story.play(Run(trials=5))
    assert len(story.of(RunStarted)) == len(story.of(RunEnded)) == 1
    kept = open_study(path)
    assert [trial.state for trial in kept.history.trials] == [TrialState.CANCELLED]
    kept.close()


def test_a_study_without_parameters_says_that_there_is_nothing_to_search(tmp_path: Path) -> None:
    from dataclasses import replace

    from tuner_gui.space.space import Space

    path = tmp_path / "empty.tuner"
    create(path, replace(new_definition("digits"), space=Space())).close()
    story = Story(path, FakeEngine())
    story.play(Run(trials=3))
    (ended,) = story.of(RunEnded)
    assert ended.status is RunStatus.FAILED
    assert "nothing to search" in ended.message


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "RETRY_SAVING_AFTER", 0.05)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_full_disk_pauses_the_search_and_nothing_is_lost_when_there_is_room_again(
    path: Path, impatient: None, lanes: int
) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialStarted) and event.trial == 3:
            story.file.failures = 3

    story = Story(path, FakeEngine(lanes=lanes), react)
    story.play(Run(trials=6))
    (paused,) = story.of(RunPaused)
    assert story.of(SavingFailed)
    assert "the disk is full" in paused.reason
    assert [event.trial for event in story.of(TrialEnded)] == [1, 2, 3, 4, 5, 6]
    kept = open_study(path)
    assert [trial.state for trial in kept.history.trials] == [TrialState.FINISHED] * 6
    kept.close()


def test_a_trial_that_was_emitted_as_finished_is_in_the_file(path: Path) -> None:
    seen: list[int] = []

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded):
            other = open_study(path, read_only=True)
            seen.append(sum(trial.state is TrialState.FINISHED for trial in other.history.trials))
            other.close()

    Story(path, FakeEngine(), react).play(Run(trials=4))
    assert seen == [1, 2, 3, 4]


def test_notes_and_edits_are_saved_without_a_run(path: Path) -> None:
    Story(path, FakeEngine()).play(Run(trials=1))
    story = Story(path, FakeEngine())
    story.play(AddNote(1, "looks odd"), narrowed(story.file, 0.01, 0.1), until_run_ends=False)
    kept = open_study(path)
    assert kept.history.notes == {1: "looks odd"}
    assert kept.log.undo_text == "Narrow"
    assert kept.log.plan.region["learning_rate"] == Interval(0.01, 0.1)
    kept.close()
    assert story.of(Saved)


def test_a_viewer_refuses_to_search_and_says_why(path: Path) -> None:
    holder = create(path, new_definition("digits"))
    story = Story(path, FakeEngine())
    story.play(Run(trials=1), until_run_ends=False)
    holder.close()
    (notice,) = story.of(Notice)
    assert "viewer" in notice.text
    assert not story.of(RunStarted)


def test_asking_for_a_final_figure_of_weights_that_were_not_kept_says_so(path: Path) -> None:
    def outcome(trial: int, values: dict) -> TrialEnded:
        return TrialEnded(trial, TrialState.FINISHED, 0.1, value=trial / 10)

    Story(path, FakeEngine(outcome)).play(Run(trials=KEPT_WEIGHTS + 1))
    story = Story(path, FakeEngine())
    story.play(AskFinalFigure(1), until_run_ends=False)
    (notice,) = story.of(Notice)
    assert "#1" in notice.text


# --- many at once ---


def test_a_run_of_five_with_room_for_thirty_starts_five(path: Path) -> None:
    story = Story(path, FakeEngine(lanes=30))
    story.play(Run(trials=5))
    for kind in (TrialQueued, TrialStarted, TrialEnded):
        assert [event.trial for event in story.of(kind)] == [1, 2, 3, 4, 5]


def test_many_at_once_are_the_trials_that_would_have_come_one_by_one(tmp_path: Path) -> None:
    stories = [Story(tmp_path / f"{lanes}.tuner", FakeEngine(lanes=lanes)) for lanes in (1, 30)]
    for story in stories:
        story.play(Run(trials=70))
    alone, together = stories
    assert values_of(alone) == values_of(together)
    assert alone.engine.seeds == together.engine.seeds


def test_thirty_trials_that_start_and_end_together_cost_one_commit(path: Path) -> None:
    commits: dict[type, set[int]] = {}

    def react(story: Story, event: Event) -> None:
        commits.setdefault(type(event), set()).add(story.file.commits)

    story = Story(path, FakeEngine(lanes=30), react)
    story.play(Run(trials=30))
    assert commits[TrialStarted] == {0}
    assert commits[EpochEnded] == commits[TrainerLoad] == commits[TrialEnded] == {1}
    kept = [event for event in story.events if isinstance(event, EpochEnded | TrialEnded)]
    assert kept == sorted(kept, key=lambda event: event.trial), "in the order in which it was reported"


def test_whenever_the_program_is_killed_what_it_had_shown_as_finished_is_kept(path: Path, tmp_path: Path) -> None:
    shown: list[Path] = []

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded):
            copy = tmp_path / f"killed{event.trial}.tuner"
            for ending in ("", "-journal"):
                copy.with_name(copy.name + ending).write_bytes(path.with_name(path.name + ending).read_bytes())
            shown.append(copy)

    Story(path, FakeEngine(lanes=8), react).play(Run(trials=20))
    assert len(shown) == 20
    for count, copy in enumerate(shown, start=1):
        with open_study(copy) as kept:
            trials = kept.history.trials[:count]
            assert [trial.state for trial in trials] == [TrialState.FINISHED] * count
            assert all(kept.history.epochs(trial.number) == 2 for trial in trials)


@pytest.mark.parametrize("deaf", [False, True])
def test_a_stop_with_sixty_in_training_ends_all_of_them_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, deaf: bool
) -> None:
    monkeypatch.setattr(session_module, "STOP_PATIENCE", 0.05)

    def react(story: Story, event: Event) -> None:
        if isinstance(event, EpochEnded) and event.trial == 60:
            before.append(story.file.commits)
            story.post(Stop())

    before: list[int] = []
    engine = FakeEngine(stuck=frozenset(range(1, 100)), lanes=60, epochs=1)
    engine.deaf = deaf
    story = Story(path, engine, react)
    story.play(Run(trials=90))
    assert [event.state for event in story.of(TrialEnded)] == [TrialState.CANCELLED] * 60
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.STOPPED]
    # The ends, the end of the run and the closing of the study: however slow the disk is, it is asked a few times.
    assert story.file.commits - before[0] <= 4


def test_a_new_region_drops_what_is_queued_and_lets_those_in_training_finish(path: Path) -> None:
    engine = FakeEngine(lanes=20)

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialStarted) and event.trial == 20:
            story.post(narrowed(story.file, 0.9, 1.0))

    story = Story(path, engine, react)
    story.play(Run(trials=30))
    stages = [event.stage.number for event in story.of(TrialStarted)]
    assert stages == [1] * 20 + [2] * 10
    assert [event.trial for event in story.of(TrialDropped)] == [21]
    assert [event.state for event in story.of(TrialEnded)] == [TrialState.FINISHED] * 30


def test_those_that_fail_at_once_are_no_row_while_others_between_them_train(path: Path) -> None:
    def outcome(trial: int, values: dict) -> TrialEnded:
        return TrialEnded(trial, TrialState.FAILED, 0.1, reason="out of memory")

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 20:
            story.post(Stop())

    engine = FakeEngine(outcome, stuck=frozenset(range(1, 30, 2)), lanes=20)
    story = Story(path, engine, react)
    story.play(Run(trials=20))
    assert sum(event.state is TrialState.FAILED for event in story.of(TrialEnded)) == 10
    assert story.of(RunPaused) == []


def test_a_row_of_failures_goes_by_the_numbers_of_the_trials() -> None:
    state = RunState(trials=None, deadline=None)
    assert [state.failures_in_a_row(trial) for trial in (3, 1, 7, 4, 2)] == [1, 1, 1, 2, 4]


def test_when_the_time_is_up_the_session_sleeps_until_what_trains_is_over(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, RunStarted):
            timer.start()

    class Asked(FakeEngine):
        times = 0

        def events(self) -> list[Event]:
            self.times += 1
            return super().events()

    engine = Asked(stuck=frozenset({1, 2, 3}), lanes=3)
    story = Story(path, engine, react)
    timer = threading.Timer(0.4, story.post, [Stop()])
    story.play(Run(seconds=0.05))
    timer.join()
    assert engine.times < 30
    assert len(story.of(TrialStarted)) == 3
