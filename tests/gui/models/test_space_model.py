from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from studies import make_plan, make_store, store_of

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.models.roles import DIMMED_ROLE, OBJECT_ROLE, Role
from tuner_gui.gui.models.space_model import Column, SpaceModel
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval
from tuner_gui.study.definition import new_definition
from tuner_gui.study.edits import first_log
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan

pytestmark = pytest.mark.usefixtures("qapp")


def model_of(store: Store) -> SpaceModel:
    model = SpaceModel(store, Actions(store, [].append))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    return model


def texts(model: SpaceModel, name: str) -> list[str | None]:
    row = model.row_of(name)
    assert row is not None
    return [model.index(row, column).data() for column in (Column.RANGE, Column.SCALE, Column.TIER)]


def check(model: SpaceModel, name: str, state: Qt.CheckState) -> bool:
    row = model.row_of(name)
    assert row is not None
    return model.setData(model.index(row, Column.USE), state.value, Role.CheckStateRole)


def test_searched_parameters_come_first_in_order_and_pinned_ones_follow_by_tier() -> None:
    store = make_store(0)
    model = model_of(store)
    names = [model.index(row, Column.NAME).data() for row in range(model.rowCount())]
    assert tuple(names[: len(store.plan.space)]) == store.plan.space.names
    tiers = [model.row(row).tier or 99 for row in range(len(store.plan.space), model.rowCount())]
    assert tiers == sorted(tiers)
    assert model.index(model.rowCount() - 1, 0).data(DIMMED_ROLE) is True


def test_rows_say_what_is_searched_and_what_is_pinned() -> None:
    model = model_of(make_store(0))
    assert texts(model, "learning_rate") == ["1e-4 – 1", "log", "1"]
    assert texts(model, "batch_size") == ["32, 64, 128", "choice", "2"]
    assert texts(model, "dropout") == ["0", "pinned", "–"]


def test_a_network_of_images_has_its_own_parameters_and_words() -> None:
    store = store_of(first_log(first_plan(new_definition("digits", kind="cnn"))), History())
    model = model_of(store)
    assert texts(model, "filters") == ["8 – 64", "log", "2"]
    assert texts(model, "kernel") == ["3", "pinned", "–"]
    assert "Width of the dense layer" in model.index(model.row_of("units"), Column.NAME).data(Role.ToolTipRole)
    assert "Patterns" in model.index(model.row_of("filters"), Column.NAME).data(Role.ToolTipRole)
    assert check(model, "kernel", Qt.CheckState.Checked)
    assert texts(model, "kernel") == ["3, 5", "choice", "–"]
    assert model_of(make_store(0)).row_of("kernel") is None


def test_checking_a_row_searches_it_and_unchecking_pins_it_again() -> None:
    store = make_store(0)
    model = model_of(store)
    assert check(model, "dropout", Qt.CheckState.Checked)
    assert "dropout" in store.plan.space
    assert store.log.undo_text == "Search dropout"
    assert check(model, "dropout", Qt.CheckState.Unchecked)
    assert "dropout" not in store.plan.space
    assert not check(model, "dropout", Qt.CheckState.Unchecked)


def test_a_viewer_cannot_check_anything() -> None:
    plan_log = first_log(make_plan())
    store = Store(path=make_store(0).path, log=plan_log, history=History(), read_only="another window has it open")
    model = model_of(store)
    assert not model.flags(model.index(0, Column.USE)) & Qt.ItemFlag.ItemIsUserCheckable


def test_the_region_and_the_pending_one_are_told_in_words_too() -> None:
    store = make_store(0)
    model = model_of(store)
    store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
    row = model.row_of("learning_rate")
    assert row is not None
    index = model.index(row, Column.RANGE)
    assert "draws from 1e-4–1; pending: 1e-3–0.1" in index.data(Role.AccessibleTextRole)
    assert index.data(OBJECT_ROLE).pending == Interval(1e-3, 0.1)
    store.set_pending(None)
    assert "pending" not in index.data(Role.ToolTipRole)


def test_a_pending_region_repaints_rows_without_a_reset() -> None:
    store = make_store(0)
    model = model_of(store)
    resets, changes = [], []
    model.modelReset.connect(lambda: resets.append(1))
    model.dataChanged.connect(lambda top, bottom: changes.append((top.row(), bottom.row())))
    store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
    assert (resets, len(changes)) == ([], 1)
