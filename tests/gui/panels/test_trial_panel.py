from __future__ import annotations

from collections.abc import Callable

import numpy as np
from panel_bench import Bench
from PySide6.QtCore import Qt
from studies import trial_events

from tuner_gui.gui.panels.trial_panel import TrialPanel
from tuner_gui.gui.parts.sparkline import curves_of, stretches
from tuner_gui.search.commands import AddNote, AskFinalFigure
from tuner_gui.study.events import FinalFigure, NoteAdded, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.writer import KEPT_WEIGHTS

Maker = Callable[..., Bench]
AT = "2025-01-01T12:00:00+00:00"


def opened(bench: Bench, *selection: int) -> TrialPanel:
    panel = bench.show(TrialPanel(bench.store, bench.actions), width=340, height=700)
    bench.store.select(selection)
    return panel


def first(bench: Bench, state: TrialState) -> int:
    return next(t.number for t in bench.store.history.trials if t.state is state)


class TestWhatIsShown:
    def test_nothing_is_selected_and_the_panel_says_what_will_be_here(self, make_bench: Maker) -> None:
        panel = opened(make_bench())
        assert panel._pages.currentIndex() == 1

    def test_the_trial_in_focus_is_shown_with_all_its_values(self, make_bench: Maker) -> None:
        bench = make_bench()
        number = first(bench, TrialState.FINISHED)
        panel = opened(bench, number, 2, 3)
        trial = bench.store.history.trial(number)
        assert panel.title.text() == f"Trial {number}"
        assert panel.others.text() == "and 2 more selected"
        assert [name for name, _ in panel.values.texts()] == list(bench.store.plan.space.names)
        assert dict(panel.values.texts())["units"] == str(trial.values["units"])
        pinned = dict(panel.pinned.texts())
        assert pinned["optimizer"] == "sgd"
        assert "beta1" not in pinned  # nothing reads it under sgd

    def test_the_best_one_is_called_so(self, make_bench: Maker) -> None:
        bench = make_bench()
        best = bench.store.history.best(bench.store.plan.definition.objective)
        assert best is not None
        panel = opened(bench, best.number)
        assert "best so far" in panel.metric_name.text()

    def test_a_diverged_trial_says_why(self, make_bench: Maker) -> None:
        bench = make_bench(100)
        number = first(bench, TrialState.DIVERGED)
        panel = opened(bench, number)
        assert panel.reason.isVisible()
        assert panel.reason.text() == bench.store.history.trial(number).reason
        assert panel.value.text() == "–"

    def test_markup_in_a_reason_is_shown_as_text(self, make_bench: Maker) -> None:
        panel = opened(make_bench(), 1)
        assert panel.reason.textFormat() is Qt.TextFormat.PlainText

    def test_a_trial_in_training_is_followed(self, make_bench: Maker) -> None:
        bench = make_bench(5)
        events = trial_events(bench.store.plan, 6)
        bench.store.apply(events[:4])
        panel = opened(bench, 6)
        assert "3 of 20 epochs" in panel.facts.text()
        before = panel.value.text()
        bench.store.apply(events[4:9])
        bench.store.settle()
        assert "8 of 20 epochs" in panel.facts.text()
        assert panel.value.text() != before
        assert "after 8 epochs" in panel.sparklines[0].accessibleDescription()


class TestRepeats:
    def test_their_mean_its_spread_and_their_numbers_stand_under_the_value(self, make_bench: Maker) -> None:
        bench = make_bench(20)
        number = best(bench)
        trial = bench.store.history.trial(number)
        panel = opened(bench, number)
        assert not panel.runs.isVisible()
        for again, value in ((21, 0.90), (22, 0.92)):
            started = TrialStarted(again, bench.store.plan.stage, trial.values, 7, AT, trial.fixed, {"repeats": number})
            bench.store.apply([started, TrialEnded(again, TrialState.FINISHED, 1.0, value)])
        bench.store.settle()
        assert panel.runs.isVisible()
        assert "over 3 seeds" in panel.runs.text()
        assert f"#{number}, #21, #22" in panel.runs.text()
        bench.store.select([22])
        assert f"repeats #{number}" in panel.facts.text()
        assert "over 3 seeds" in panel.runs.text()


def best(bench: Bench) -> int:
    """The best trial: its weights are kept."""
    return bench.store.history.ranked(bench.store.plan.definition.objective, 1)[0]


class TestFinalFigure:
    def test_it_is_asked_for_by_a_button_that_says_why_it_is_apart(self, make_bench: Maker) -> None:
        bench = make_bench()
        number = best(bench)
        panel = opened(bench, number)
        assert "second validation part" in panel.why_apart.text()
        bench.qtbot.mouseClick(panel.ask, Qt.MouseButton.LeftButton)
        assert bench.posted == [AskFinalFigure(number)]
        bench.store.apply([FinalFigure(number, {"loss": 0.0812, "accuracy": 0.9806}, AT)])
        assert panel.final.text().startswith("loss 0.0812, accuracy 0.9806, found 2025-01-01")
        assert not panel.ask.isVisible()

    def test_it_is_off_where_the_weights_were_not_kept_and_says_so(self, make_bench: Maker) -> None:
        bench = make_bench(30)
        ranked = bench.store.history.ranked(bench.store.plan.definition.objective, KEPT_WEIGHTS + 1)
        for number, kept in ((ranked[0], True), (ranked[-2], True), (ranked[-1], False)):
            panel = opened(bench, number)
            assert panel.ask.isEnabled() == kept
        assert f"best {KEPT_WEIGHTS}" in panel.why_apart.text()

    def test_only_finished_trials_have_one(self, make_bench: Maker) -> None:
        bench = make_bench(5, running=1)
        panel = opened(bench, 6)
        assert not panel.ask.isVisible()


class TestNotes:
    def test_a_note_is_kept_when_the_field_is_left(self, make_bench: Maker) -> None:
        bench = make_bench()
        number = best(bench)
        panel = opened(bench, number)
        panel.notes.setFocus()
        bench.qtbot.keyClicks(panel.notes, "steady")
        bench.qtbot.keyClick(panel.notes, Qt.Key.Key_Tab)
        assert bench.posted == [AddNote(number, "steady")]

    def test_a_note_is_kept_a_moment_after_the_last_key(self, make_bench: Maker) -> None:
        bench = make_bench()
        panel = opened(bench, 3)
        panel.notes._timer.setInterval(1)
        panel.notes.setFocus()
        bench.qtbot.keyClicks(panel.notes, "steady")
        bench.qtbot.waitUntil(lambda: bool(bench.posted))
        assert bench.posted[-1] == AddNote(3, "steady")

    def test_another_selection_keeps_the_note_with_its_own_trial(self, make_bench: Maker) -> None:
        bench = make_bench()
        panel = opened(bench, 3)
        panel.notes.setFocus()
        bench.qtbot.keyClicks(panel.notes, "steady")
        bench.store.select([4])
        assert bench.posted == [AddNote(3, "steady")]
        assert panel.notes.toPlainText() == ""
        bench.store.apply([NoteAdded(3, "steady", AT)])
        bench.store.select([3])
        assert panel.notes.toPlainText() == "steady"
        assert len(bench.posted) == 1

    def test_events_do_not_overwrite_what_is_being_typed(self, make_bench: Maker) -> None:
        bench = make_bench(3, running=1)
        panel = opened(bench, 4)
        panel.notes.setFocus()
        bench.qtbot.keyClicks(panel.notes, "half a sen")
        bench.store.apply([NoteAdded(4, "half", AT)])
        assert panel.notes.toPlainText() == "half a sen"


class TestCurves:
    def test_the_objective_comes_first_then_the_loss(self, make_bench: Maker) -> None:
        history = make_bench(2).store.history
        assert [curves.metric for curves in curves_of(history, 1, "val_accuracy")] == ["accuracy", "loss"]
        assert [curves.metric for curves in curves_of(history, 1, "val_loss")] == ["loss", "accuracy"]
        assert np.array_equal(curves_of(history, 1, "val_loss")[0].validation, history.curve(1, "val_loss"))

    def test_a_curve_breaks_where_it_is_not_finite(self) -> None:
        values = np.array([0.0, 1.0, np.nan, 0.5, 0.25, np.inf])
        parts = stretches(values, low=0.0, high=1.0, epochs=11)
        assert [part.tolist() for part in parts] == [[[0.0, 0.0], [0.1, 1.0]], [[0.3, 0.5], [0.4, 0.25]]]

    def test_a_flat_curve_lies_in_the_middle(self) -> None:
        assert stretches(np.full(3, 0.1), low=0.1, high=0.1, epochs=3)[0][:, 1].tolist() == [0.5] * 3
