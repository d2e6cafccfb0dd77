"""The best few are repeated with other seeds before one of them is called the best."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fake_engine import FakeEngine, accuracy
from session_story import Story, narrowed

from tuner_gui.search.commands import Run, SetLog, Stop, Try
from tuner_gui.search.confirming import RUNS
from tuner_gui.search.strategies.evidence import scores_of
from tuner_gui.study.definition import pinned_at, with_search
from tuner_gui.study.events import Event, RunEnded, RunStatus, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.stages import redefined

EPOCHS = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.tuner"


def noisy(trial: int, values: dict) -> TrialEnded:
    """The same values come out differently with each seed."""
    noise = 0.2 * ((trial * 0.6180339887) % 1 - 0.5)
    return TrialEnded(trial, TrialState.FINISHED, 0.5, accuracy(values) + noise)


def repeats_of(story: Story) -> Counter[int]:
    return Counter(event.lineage["repeats"] for event in story.of(TrialStarted) if event.lineage)


@pytest.mark.parametrize("lanes", [1, 7, 64])
def test_the_last_fifth_of_a_run_repeats_its_best_trials(path: Path, lanes: int) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS, lanes=lanes), confirm=0.2)
    story.play(Run(trials=60))
    started = story.of(TrialStarted)
    assert len(started) == 60
    assert [bool(event.lineage) for event in started] == [False] * 48 + [True] * 12
    values = [trial.value for trial in story.file.history.trials[:48]]
    ranked = sorted(range(48), key=lambda row: -values[row])
    repeated = repeats_of(story)
    assert ranked[0] + 1 in repeated, "the best single run is among them"
    assert all(count <= RUNS - 1 for count in repeated.values())
    assert set(repeated) <= {row + 1 for row in ranked[:12]}
    for event in started[48:]:
        first = story.file.history.trial(event.lineage["repeats"])
        assert event.values == first.values
        assert event.seed != first.seed


def test_the_best_of_the_study_is_then_a_mean(path: Path) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS, lanes=16), confirm=0.2)
    story.play(Run(trials=100))
    objective = story.file.log.plan.definition.objective
    best = story.file.history.best_standing(objective)
    assert best is not None
    assert best.runs == RUNS
    runs = [story.file.history.trial(number).value for number in story.file.history.repeats(best.trial)]
    assert best.mean == pytest.approx(sum(runs) / RUNS)
    assert best.like is not None


def test_nothing_is_repeated_while_what_was_drawn_still_trains(path: Path) -> None:
    engine = FakeEngine(noisy, epochs=EPOCHS, stuck=frozenset({3}), lanes=8)
    seen: list[int] = []

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 24:
            seen.append(len(story.of(TrialStarted)))
            engine.stuck = frozenset()
            engine.cancel(3)

    story = Story(path, engine, react, confirm=0.2)
    story.play(Run(trials=30))
    assert seen == [24]
    assert len(story.of(TrialStarted)) == 30


def test_a_short_run_has_no_repeats(path: Path) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS), confirm=0.2)
    story.play(Run(trials=19))
    assert not repeats_of(story)


def test_values_that_a_person_asks_for_are_not_followed_by_repeats(path: Path) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS), confirm=0.2)
    story.play(Run(trials=19))
    again = Story(path, FakeEngine(noisy, epochs=EPOCHS), confirm=0.2)
    values = again.file.history.trial(1).values
    again.play(Try((values,) * 25, {"repeats": 1}))
    assert repeats_of(again) == {1: 25}


def test_without_a_budget_the_best_is_repeated_as_the_search_goes_on(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 100:
            story.post(Stop())

    story = Story(path, FakeEngine(noisy, epochs=EPOCHS, lanes=4), react, confirm=0.2)
    story.play(Run())
    repeated = repeats_of(story)
    assert 16 <= sum(repeated.values()) <= 24
    assert story.file.history.best_standing(story.file.log.plan.definition.objective).runs > 1


def test_of_a_run_of_seconds_the_last_part_repeats(path: Path) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS), confirm=0.5)
    story.play(Run(seconds=1.0))
    made = [bool(event.lineage) for event in story.of(TrialStarted)]
    assert made[:5] == [False] * 5
    assert made[-5:] == [True] * 5
    assert made == sorted(made), "once begun, nothing new is drawn"


def test_a_grid_that_is_through_has_its_best_repeated_before_the_run_ends(path: Path) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS), strategy="grid", levels=1, confirm=0.2)
    story.play(Run(trials=100))
    ended = story.of(RunEnded)[0]
    assert ended.status is RunStatus.DONE
    assert "has been tried" in ended.message
    drawn = [event for event in story.of(TrialStarted) if not event.lineage]
    assert len(drawn) < 80
    assert sum(repeats_of(story).values()) == min(20, (RUNS - 1) * len(drawn))


def test_what_would_train_in_another_way_now_is_not_repeated(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 30:
            plan = story.file.log.plan
            pinned = redefined(plan, pinned_at(plan.definition, "dropout", 0.3), drawn_from=[1])
            story.post(SetLog(story.file.log.done("Set dropout to 0.3", pinned)))

    story = Story(path, FakeEngine(noisy, epochs=EPOCHS), react, confirm=0.2)
    story.play(Run(trials=60))
    assert all(number > 30 for number in repeats_of(story))
    assert sum(repeats_of(story).values()) == 12


def test_a_new_region_while_repeats_wait_drops_none_of_the_budget(path: Path) -> None:
    posted: list[bool] = []

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialStarted) and event.lineage and not posted:
            posted.append(True)
            story.post(narrowed(story.file, 1e-3, 1e-1))

    story = Story(path, FakeEngine(noisy, epochs=EPOCHS, lanes=2), react, confirm=0.2)
    story.play(Run(trials=40))
    assert len(story.of(TrialEnded)) == 40
    assert sum(repeats_of(story).values()) == 8


def test_switched_off_nothing_is_repeated_any_more(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 10:
            plan = story.file.log.plan
            search = with_search(plan.definition, type(plan.definition.search)(strategy="random", confirm=0.0))
            story.post(SetLog(story.file.log.done("Repeat nothing", type(plan)(search, plan.stages, plan.current))))

    story = Story(path, FakeEngine(noisy, epochs=EPOCHS), react, confirm=0.2)
    story.play(Run(trials=40))
    assert not repeats_of(story)


def test_as_evidence_a_trial_and_its_repeats_are_one_with_their_mean(path: Path) -> None:
    story = Story(path, FakeEngine(noisy, epochs=EPOCHS, lanes=8), confirm=0.2)
    story.play(Run(trials=40))
    history = story.file.history
    scores, told = scores_of(history, story.file.log.plan.definition.objective)
    for number in repeats_of(story):
        runs = history.repeats(number)
        assert scores[number - 1] == pytest.approx(sum(history.trial(run).value for run in runs) / len(runs))
        assert not told[[run - 1 for run in runs[1:]]].any()
    assert told.sum() == 32
