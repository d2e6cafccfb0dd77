"""Coarse to fine at the real window: its stages are taken, changed and refused by mouse, a running trial is pruned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from person import Person
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

from tuner_gui.gui.panels.trial_panel import TrialPanel
from tuner_gui.gui.panels.trials_panel import TrialsPanel
from tuner_gui.gui.plots.footer import ExploreFooter
from tuner_gui.space.region import contains
from tuner_gui.space.scales import Scale
from tuner_gui.study.events import TrialState

LEFT = Qt.MouseButton.LeftButton


def widest(person: Person) -> str:
    """The number whose pending extent is widest: there is room to drag an end of it."""
    drags = [person.slice_of(name).drags[0] for name in person.document.store.plan.space.names]
    lengths = {drag.parameter.name: drag.spans[0][1] - drag.spans[0][0] for drag in drags if drag.has_edges}
    return max(lengths, key=lambda name: lengths[name])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_person_takes_changes_and_refuses_what_coarse_to_fine_proposes(
    come: Callable[[], Person], tmp_path: Path
) -> None:
    person = come()
    person.make_study(tmp_path / "stages.tuner")
    store, footer = person.document.store, person.find(ExploreFooter)
    assert store.plan.definition.search.strategy == "coarse-to-fine"
    person.start(3_000)

    # Taken as it is.
    person.wait_for(lambda: store.pending is not None)
    proposed = store.pending
    assert "coarse to fine: " in footer.text
    assert store.plan.current == 1
    QTest.mouseClick(footer.apply_button, LEFT)
    assert (store.plan.current, store.plan.region) == (2, proposed)

    # Changed: one end is dragged elsewhere first, and then it is the person's own.
    person.wait_for(lambda: store.pending is not None)
    proposed = store.pending
    name = widest(person)
    plot = person.slice_of(name)
    low, high = plot.drags[0].spans[0]
    person.drag_slice(name, high, low + 0.5 * (high - low))
    assert store.pending is not None
    changed = store.pending
    assert changed != proposed
    assert "coarse to fine" not in footer.text
    QTest.mouseClick(footer.apply_button, LEFT)
    assert (store.plan.current, store.plan.region) == (3, changed)

    # Refused: nothing changes, and it does not come back at once.
    person.wait_for(lambda: store.pending is not None)
    over = sum(trial.stage == 3 and trial.state.is_over for trial in store.history.trials)
    QTest.mouseClick(footer.drop_button, LEFT)
    assert store.pending is None
    assert (store.plan.current, store.plan.region) == (3, changed)
    of_stage = lambda: sum(t.stage == 3 and t.state.is_over for t in store.history.trials)  # noqa: E731
    person.wait_for(lambda: store.pending is not None or of_stage() > 1.4 * over)
    assert store.pending is None

    person.press("Stop")
    person.wait_for(person.is_idle)
    for trial in store.history.trials:
        assert contains(store.plan.space, store.plan.numbered(trial.stage).region, trial.values)
    assert [stage.number for stage in store.plan.stages] == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_running_trial_is_pruned_by_hand_and_the_others_go_on(come: Callable[[], Person], tmp_path: Path) -> None:
    person = come()
    person.make_study(tmp_path / "prune.tuner")
    store, panel = person.document.store, person.find(TrialPanel)
    person.start(200)
    person.wait_for(lambda: len(store.history.progress) > 8 and len(store.history) > 30)
    number = max(store.history.progress)
    person.wait_for(lambda: number in store.history.progress and store.history.epochs(number) >= 2)

    table = person.find(TrialsPanel).findChild(QTableView)
    row = next(r for r in range(table.model().rowCount()) if table.model().index(r, 0).data() == str(number))
    table.scrollTo(table.model().index(row, 0))
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.model().index(row, 0)).center())
    assert store.selection == (number,)
    QTest.mouseClick(panel.prune, LEFT)
    person.wait_for(lambda: number not in store.history.progress)
    pruned = store.history.trial(number)
    assert (pruned.state, pruned.reason) == (TrialState.PRUNED, "by hand")
    assert 2 <= store.history.epochs(number) < 20
    assert pruned.value == pytest.approx(store.history.curve(number, "val_accuracy")[-1])

    person.wait_for(lambda: store.history.counts()[TrialState.FINISHED] >= 40)
    assert store.history.counts()[TrialState.PRUNED] == 1
    assert store.history.counts()[TrialState.FAILED] == 0
    person.press("Stop")
    person.wait_for(person.is_idle)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_space_changes_under_a_running_search_nothing_is_lost_and_all_can_be_undone(
    come: Callable[[], Person], tmp_path: Path
) -> None:
    person = come()
    person.make_study(tmp_path / "space.tuner")
    store, actions = person.document.store, person.document.actions
    person.start(3_000)
    person.wait_for(lambda: store.history.counts()[TrialState.FINISHED] >= 12)
    first = store.plan.definition

    def goes_on() -> None:
        """Some trials of the space as it is now are over."""
        stage = store.plan.current
        person.wait_for(lambda: sum(t.stage == stage and t.state.is_over for t in store.history.trials) >= 4)

    actions.switch("dropout", on=True)
    goes_on()
    drawn = [trial for trial in store.history.trials if trial.stage == store.plan.current]
    assert all("dropout" in trial.values for trial in drawn)
    dropout = store.plan.space["dropout"]
    units = store.history.units(dropout)
    assert (units[:12] == 0.0).all(), "those before have the value that they ran with"

    actions.set_parameter(replace(store.plan.space["units"], scale=Scale.LINEAR))
    goes_on()
    actions.set_parameter(replace(store.plan.space["batch_size"], choices=(32, 64)))
    goes_on()
    assert all(trial.values["batch_size"] != 128 for trial in store.history.trials if trial.stage == store.plan.current)
    actions.switch("momentum", on=False)
    goes_on()
    latest = [trial for trial in store.history.trials if trial.stage == store.plan.current]
    assert all("momentum" not in trial.values and "momentum" in trial.fixed for trial in latest)

    person.press("Stop")
    person.wait_for(person.is_idle)
    trials = list(store.history.trials)
    for _ in range(4):
        QTest.keyClick(person.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.plan.definition == first
    assert store.history.trials == trials
    for _ in range(4):
        actions.redo()
    assert "dropout" in store.plan.space
    assert "momentum" not in store.plan.space
