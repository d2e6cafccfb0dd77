"""A document with a real thread, a real file and a real training process (one that needs no TensorFlow)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import fake_trainer
import pytest
from pytestqt.qtbot import QtBot

from tuner_gui.engines.local import LocalEngine
from tuner_gui.gui.document import Document
from tuner_gui.gui.store import RunState
from tuner_gui.space.region import Interval, contains
from tuner_gui.study.definition import new_definition
from tuner_gui.study.file import create, open_study

Open = Callable[[Path], Document]

ENGINE = partial(LocalEngine, target=fake_trainer.main)


@pytest.fixture
def open_document(qtbot: QtBot) -> Iterator[Open]:
    documents: list[Document] = []

    def opened(path: Path) -> Document:
        document = Document(path, engine=ENGINE, definition=None if path.exists() else new_definition("digits"))
        documents.append(document)
        with qtbot.waitSignal(document.opened):
            document.open()
        return document

    yield opened
    for document in documents:
        assert document.close()


def run(qtbot: QtBot, document: Document, trials: int) -> None:
    store, goal = document.store, len(document.store.history) + trials
    document.actions.run(trials=trials)
    qtbot.waitUntil(lambda: len(store.history) == goal and store.status.run is RunState.IDLE, timeout=20_000)


def test_a_new_study_searches_and_is_found_again_as_it_was(qtbot: QtBot, open_document: Open, tmp_path: Path) -> None:
    document = open_document(tmp_path / "new.tuner")
    run(qtbot, document, 4)
    values = [dict(trial.values) for trial in document.store.history.trials]
    assert len(values) == 4
    document.close()
    again = open_document(tmp_path / "new.tuner")
    assert [dict(trial.values) for trial in again.store.history.trials] == values
    assert again.store.status.read_only is None


def test_a_region_applied_in_the_window_holds_for_the_next_trials(
    qtbot: QtBot, open_document: Open, tmp_path: Path
) -> None:
    document = open_document(tmp_path / "new.tuner")
    run(qtbot, document, 2)
    document.store.set_pending_extents({"learning_rate": Interval(0.01, 0.02)})
    document.actions.apply_pending()
    run(qtbot, document, 3)
    plan, history = document.store.plan, document.store.history
    assert [trial.stage for trial in history.trials] == [1, 1, 2, 2, 2]
    assert all(contains(plan.space, plan.region, trial.values) for trial in history.trials[2:])


def test_a_second_window_gets_a_viewer(open_document: Open, tmp_path: Path) -> None:
    open_document(tmp_path / "new.tuner")
    viewer = open_document(tmp_path / "new.tuner")
    assert viewer.store.status.read_only == "another window has it open"


def test_a_file_that_is_no_study_is_refused_in_words_and_left_alone(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "letter.tuner"
    path.write_text("Dear Sir or Madam")
    document = Document(path, engine=ENGINE)
    with qtbot.waitSignal(document.refused) as refused:
        document.open()
    assert "letter.tuner" in refused.args[0]
    assert document.close()
    assert path.read_text() == "Dear Sir or Madam"


def test_closing_in_the_middle_of_a_search_keeps_what_finished(
    qtbot: QtBot, open_document: Open, tmp_path: Path
) -> None:
    document = open_document(tmp_path / "new.tuner")
    document.actions.run(trials=None)
    qtbot.waitUntil(lambda: len(document.store.history) >= 3, timeout=20_000)
    assert document.close()
    kept = open_study(tmp_path / "new.tuner")
    assert sum(trial.state == "finished" for trial in kept.history.trials) >= 2
    kept.close()


def test_warming_up_makes_the_process_ready_before_anyone_runs(
    qtbot: QtBot, open_document: Open, tmp_path: Path
) -> None:
    create(tmp_path / "new.tuner", new_definition("wine")).close()
    document = open_document(tmp_path / "new.tuner")
    document.warm_up()
    qtbot.waitUntil(lambda: document.store.status.trainer_ready, timeout=20_000)
    assert "wine" in document.store.status.trainer
