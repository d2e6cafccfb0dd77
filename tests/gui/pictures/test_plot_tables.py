"""The table of each plot holds the numbers that the plot draws, in the units of the parameters."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from studies import make_store

from tuner_gui.exports.errors import ExportError
from tuner_gui.gui.models.coverage_figures import Dots
from tuner_gui.gui.models.plot_table_model import sorted_rows
from tuner_gui.gui.pictures.table import PlotTable, table_of
from tuner_gui.gui.pictures.tables import (
    coverage_table,
    curves_table,
    importance_table,
    parameters_table,
    progress_table,
)
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.store import Store
from tuner_gui.search.importance import Importances, ParameterImportance
from tuner_gui.space.region import Interval
from tuner_gui.study.events import TrialState
from tuner_gui.study.plotdata import Mark


@pytest.fixture
def store(qapp: object) -> Store:
    del qapp
    return make_store(60, running=2)


def scene_of(store: Store) -> Scene:
    scene = Scene(store)
    scene.rebuild()
    return scene


def column(table: PlotTable, name: str) -> list[object]:
    return list(table.columns[table.headers.index(name)])


def test_a_row_has_the_values_of_its_trial_and_not_their_places(store: Store) -> None:
    space = store.plan.space
    table = parameters_table(scene_of(store).shown(), [space["learning_rate"]], name="slice")
    assert table.headers == ("trial", "learning_rate", "val_accuracy", "state", "stage", "in region", "dimmed")
    for number, rate, value, state in list(zip(*table.columns[:4], strict=True))[:60]:
        trial = store.history.trial(int(str(number)))
        assert (rate, state) == (trial.values["learning_rate"], str(trial.state))
        assert value == (trial.value if trial.value is not None and np.isfinite(trial.value) else None)


def test_trials_in_training_stand_where_their_latest_epoch_is(store: Store) -> None:
    table = parameters_table(scene_of(store).shown(), list(store.plan.space), name="slices")
    at = column(table, "trial").index(61)
    assert column(table, "state")[at] == "running"
    assert column(table, "val_accuracy")[at] == float(store.history.curve(61, "val_accuracy")[-1])


def test_what_the_plot_dims_the_table_says_and_whether_it_lies_in_the_region(store: Store) -> None:
    store.set_pending_extents({"learning_rate": Interval(0.003, 0.1)})
    scene = scene_of(store)
    table = parameters_table(scene.shown(), [store.plan.space["learning_rate"]], name="slice")
    rates = np.array(column(table, "learning_rate"), dtype=float)
    assert column(table, "in region") == ((rates >= 0.003) & (rates <= 0.1)).tolist()
    assert 0 < sum(map(bool, column(table, "dimmed"))) < len(rates)
    rows = np.array(column(table, "trial"), dtype=int) - 1
    assert column(table, "dimmed") == (scene.marks[rows] == Mark.OUTSIDE).tolist()


def test_the_best_so_far_never_falls_and_ends_at_the_best(store: Store) -> None:
    table = progress_table(scene_of(store).shown())
    best = [value for value in column(table, "best so far") if value is not None]
    assert best == sorted(best, key=float)  # type: ignore[arg-type]
    finished = [t.value for t in store.history.trials if t.state is TrialState.FINISHED and t.value is not None]
    assert best[-1] == max(finished)


def test_a_curve_has_a_column_for_each_epoch(store: Store) -> None:
    table = curves_table(scene_of(store).shown(), "val_loss")
    assert table.headers[-1] == "val_loss, epoch 20"
    at = column(table, "trial").index(2)
    told = [float(str(column(table, f"val_loss, epoch {epoch}")[at])) for epoch in range(1, 21)]
    assert told == store.history.curve(2, "val_loss").tolist()


def test_importance_is_told_as_shares() -> None:
    table = importance_table(Importances((ParameterImportance("units", 0.7, 0.5, 0.8, 1, 1, 2),), (), 60))
    assert [list(column) for column in table.columns] == [["units"], [0.7], [0.5], [0.8], [2]]


def test_places_that_would_be_tried_are_values(store: Store) -> None:
    space = store.plan.space
    dots = Dots(np.array([0.0, 1.0]), np.array([0.0, 0.5]), np.array([1, 3]), np.zeros(0), np.zeros(0))
    table = coverage_table("grid", dots, space["learning_rate"], space["momentum"])
    assert column(table, "learning_rate") == [1e-4, 1.0]
    assert column(table, "trials") == [1, 3]


def test_formulas_are_harmless_and_numbers_exact_in_text_and_file(tmp_path: Path) -> None:
    table = table_of("t", [("=name", ["=1+1", "a\tb", None]), ("value", [-0.1, 1e-17, True])])
    assert table.text() == "'=name\tvalue\n'=1+1\t-0.1\na b\t1e-17\n\ttrue\n"
    table.save(tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["'=name", "value"], ["'=1+1", "-0.1"], ["a\tb", "1e-17"], ["", "true"]]


def test_a_place_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"cannot be written \(No such file"):
        table_of("t", [("a", [1])]).save(tmp_path / "none" / "t.csv")


def test_sorting_puts_what_is_unknown_last_both_ways() -> None:
    assert sorted_rows([3, None, 1.5, "word", 2], descending=False) == [2, 4, 0, 3, 1]
    assert sorted_rows([3, None, 1.5, "word", 2], descending=True) == [0, 4, 2, 3, 1]
