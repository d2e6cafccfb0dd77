"""The main job from end to end: the real window by mouse and keys, a real file, a real training process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from person import Person
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

from tuner_gui.gui.panels.trials_panel import TrialsPanel
from tuner_gui.space.region import Interval, contains
from tuner_gui.study.events import TrialState


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_person_narrows_a_running_search_and_finds_everything_again(
    come: Callable[[], Person], tmp_path: Path
) -> None:
    path = tmp_path / "story.tuner"
    person = come()
    person.make_study(path)
    store = person.document.store

    person.change_low("learning_rate", "1e-3")
    assert store.plan.space["learning_rate"].low == 1e-3
    assert [stage.number for stage in store.plan.stages] == [1]

    person.run(8)
    assert [trial.state for trial in store.history.trials] == [TrialState.FINISHED] * 8
    assert all(trial.values["learning_rate"] >= 1e-3 for trial in store.history.trials)
    assert max(trial.value for trial in store.history.trials) > 0.8, "nothing was learned"

    # More than are in training at once: those finish as they were drawn.
    person.start(120)
    person.drag_slice("learning_rate", 0.3, 0.6)
    assert store.pending is not None
    low, high = store.pending["learning_rate"]
    assert 1e-3 < low < high < 1
    QTest.keyClick(person.slice_of("learning_rate"), Qt.Key.Key_Return)
    assert store.plan.region["learning_rate"] == Interval(low, high)
    person.wait_for(person.is_idle)
    inside = [trial for trial in store.history.trials if trial.stage == 2]
    assert len(inside) >= 8
    assert inside == store.history.trials[-len(inside) :], "a trial of the old region came after the new one"
    assert all(contains(store.plan.space, store.plan.region, trial.values) for trial in inside)
    assert len(store.history) == 128

    QTest.keyClick(person.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.plan.region["learning_rate"] == Interval(1e-3, 1.0)
    assert store.log.redo_text is not None
    assert len(store.history) == 128
    log, trials = store.log, list(store.history.trials)
    curves = [store.history.curves(trial.number) for trial in trials]
    person.leave()

    again = come()
    again.open_study(path)
    kept = again.document.store
    assert kept.log == log
    assert kept.history.trials == trials
    for trial, expected in zip(trials, curves, strict=True):
        assert {name: list(curve) for name, curve in kept.history.curves(trial.number).items()} == {
            name: list(curve) for name, curve in expected.items()
        }
    assert again.find(TrialsPanel).findChild(QTableView).model().rowCount() == 128
    again.press("Redo")
    assert kept.plan.region["learning_rate"] == Interval(low, high)
