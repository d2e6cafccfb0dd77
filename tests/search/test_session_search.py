"""How a session draws, prunes and comes to an end by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from session_story import Story, narrowed, values_of

from tuner_gui.search.commands import Protect, Prune, Run, SetLog, Try
from tuner_gui.search.pruning import Pruner
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.definition import STRATEGIES, pinned_at, with_search
from tuner_gui.study.events import (
    EpochEnded,
    Event,
    Notice,
    RunEnded,
    RunStatus,
    TrialDropped,
    TrialEnded,
    TrialQueued,
    TrialStarted,
    TrialState,
)
from tuner_gui.study.file import open_study
from tuner_gui.study.stages import redefined


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.tuner"


def switched(story: Story, **search: object) -> SetLog:
    plan = story.file.log.plan
    settings = replace(plan.definition.search, **search)  # type: ignore[arg-type]
    return SetLog(
        story.file.log.done("Search otherwise", replace(plan, definition=with_search(plan.definition, settings)))
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_fills_a_run(path: Path, strategy: str) -> None:
    story = Story(path, FakeEngine(lanes=4), strategy=strategy)
    story.play(Run(trials=15))
    assert [event.trial for event in story.of(TrialEnded)] == list(range(1, 16))


def test_a_grid_ends_the_run_when_it_is_through_and_says_so(path: Path) -> None:
    story = Story(path, FakeEngine(lanes=4), strategy="grid", levels=1)
    story.play(Run())
    assert len(story.of(TrialEnded)) == 3 * 3  # the choices of batch_size and layers, one value of each number
    assert len({tuple(values.items()) for values in values_of(story).values()}) == 9
    (end,) = story.of(RunEnded)
    assert end.status is RunStatus.DONE
    assert "has been tried" in end.message


def test_a_run_of_fewer_trials_than_the_grid_has_goes_on_where_it_was(path: Path) -> None:
    for _ in range(2):
        story = Story(path, FakeEngine(), strategy="grid", levels=1)
        story.play(Run(trials=4))
    values = [tuple(trial.values.items()) for trial in story.file.history.trials]
    assert len(set(values)) == 8


def test_a_grid_that_nobody_could_finish_fails_the_run_in_words(path: Path) -> None:
    story = Story(path, FakeEngine(), strategy="grid", levels=100)
    story.play(Run(trials=3))
    (end,) = story.of(RunEnded)
    assert end.status is RunStatus.FAILED
    assert "a grid of" in end.message


def test_another_strategy_draws_from_the_next_trial_on(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 3:
            story.post(switched(story, strategy="grid", levels=1))

    story = Story(path, FakeEngine(), react)
    story.play(Run(trials=8))
    # A grid of one level has a single rate. Trial 4, which had been drawn at random, may have started before the edit.
    started = {event.trial: event.values["learning_rate"] for event in story.of(TrialStarted)}
    assert all(started[trial] == 0.01 for trial in range(5, 9))


class Strict(Pruner):
    """Gives up every trial after its first epoch."""

    def reason(self, trial: int, epoch: int, value: float) -> str:
        del trial, value
        return "too strict" if epoch == 1 else ""


def test_a_pruned_trial_keeps_its_curve_its_value_and_the_reason(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner_gui.search.pruning.pruner_for", lambda *_: Strict())
    story = Story(path, FakeEngine(stuck=frozenset({1, 2})), pruning="median")
    story.play(Run(trials=2))
    for ended in story.of(TrialEnded):
        assert (ended.state, ended.reason) == (TrialState.PRUNED, "too strict")
    assert story.file.history.epochs(1) == 2
    assert story.file.history.trial(1).value is not None


def test_a_trial_that_a_person_protects_is_not_pruned_and_one_they_prune_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuner_gui.search.pruning.pruner_for", lambda *_: Strict())
    engine = FakeEngine(stuck=frozenset({1, 2}), lanes=2)

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialStarted) and event.trial == 1:
            story.session._obey(Protect(1))
        if isinstance(event, TrialEnded) and event.trial == 2:
            story.post(Prune(1))

    story = Story(path, engine, react, pruning="median")
    story.play(Run(trials=2))
    reasons = {event.trial: event.reason for event in story.of(TrialEnded)}
    assert reasons == {2: "too strict", 1: "by hand"}
    assert len([event for event in story.of(EpochEnded) if event.trial == 1]) == 2


def point(story: Story, rate: float) -> dict[str, object]:
    """Values for every parameter that is searched."""
    plan = story.file.log.plan
    values = random_values(plan.space, plan.region, seed=9, trial=1)
    return {**values, "learning_rate": rate}


def test_values_that_a_person_asks_for_are_trained_next_and_on_top_of_the_budget(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 2:
            story.post(Try((point(story, 0.011), point(story, 0.012)), {"by": "hand"}))

    story = Story(path, FakeEngine(), react)
    story.play(Run(trials=6))
    assert len(story.of(TrialEnded)) == 8
    rates = {event.trial: event.values["learning_rate"] for event in story.of(TrialStarted)}
    # The one after trial 2 had been handed over when it was asked.
    assert [rates[4], rates[5]] == [0.011, 0.012]
    lineages = [trial.lineage for trial in story.file.history.trials]
    assert [number for number, lineage in enumerate(lineages, start=1) if lineage == {"by": "hand"}] == [4, 5]


def test_asked_without_a_search_they_are_trained_and_nothing_else(path: Path) -> None:
    story = Story(path, FakeEngine())
    story.play(Try((point(story, 0.02),), {"by": "hand"}))
    assert [event.values["learning_rate"] for event in story.of(TrialStarted)] == [0.02]
    assert [event.status for event in story.of(RunEnded)] == [RunStatus.DONE]


def test_what_is_asked_for_one_after_the_other_is_trained_in_that_order(path: Path) -> None:
    story = Story(path, FakeEngine())
    rates = [0.05, 0.01, 0.04, 0.02, 0.03]
    story.play(*(Try((point(story, rate),), {"by": "hand"}) for rate in rates))
    assert [event.values["learning_rate"] for event in story.of(TrialStarted)] == rates


def test_a_new_region_does_not_drop_what_a_person_asked_for(path: Path) -> None:
    engine = FakeEngine(stuck=frozenset({1}))

    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialStarted) and event.trial == 1:
            story.post(Try((point(story, 0.9),), {"by": "hand"}))
        if isinstance(event, TrialQueued) and event.lineage and len(story.of(TrialDropped)) == 1:
            story.post(narrowed(story.file, 1e-4, 1e-3))
        if isinstance(event, TrialQueued) and event.stage.number == 2:
            engine.stuck = frozenset()
            engine.cancel(1)

    story = Story(path, engine, react)
    story.play(Run(trials=3))
    asked = [event for event in story.of(TrialStarted) if event.lineage]
    assert [event.values["learning_rate"] for event in asked] == [0.9]


def test_values_that_do_not_fit_the_space_are_refused_in_words(path: Path) -> None:
    story = Story(path, FakeEngine())
    story.play(Try(({"learning_rate": 0.1},), {"by": "hand"}), Run(trials=1))
    assert any("do not fit" in event.text for event in story.of(Notice))
    assert len(story.of(TrialStarted)) == 1


def test_a_trial_remembers_what_was_fixed_when_it_ran(path: Path) -> None:
    def react(story: Story, event: Event) -> None:
        if isinstance(event, TrialEnded) and event.trial == 2:
            plan = story.file.log.plan
            pinned = redefined(plan, pinned_at(plan.definition, "dropout", 0.3), drawn_from=[1])
            story.post(SetLog(story.file.log.done("Set dropout to 0.3", pinned)))

    story = Story(path, FakeEngine(), react)
    story.play(Run(trials=5))
    kept = open_study(path)
    dropouts = [trial.value_of("dropout") for trial in kept.history.trials]
    kept.close()
    assert dropouts[0] == 0.0
    assert dropouts[-1] == 0.3
    assert all("learning_rate" not in trial.fixed for trial in story.file.history.trials)


def test_a_parameter_that_is_searched_only_later_has_its_value_in_trials_before(path: Path) -> None:
    story = Story(path, FakeEngine())
    story.play(Run(trials=3))
    dropout = TEXTBOOK["dropout"].parameter
    assert story.file.history.units(dropout).tolist() == [0.0, 0.0, 0.0]
