from __future__ import annotations

import pytest
from leaks import freed_on_close
from pytestqt.qtbot import QtBot
from studies import make_store

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.importance import INSIDE, ImportanceView
from tuner_gui.gui.store import Store
from tuner_gui.space.region import Interval
from tuner_gui.study.stages import refined

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


def shown(qtbot: QtBot, store: Store) -> ImportanceView:
    view = ImportanceView(store, Actions(store, print))
    qtbot.addWidget(view)
    view.resize(700, 420)
    with qtbot.waitExposed(view):
        view.show()
    return view


def test_it_ranks_the_parameters_and_says_what_the_textbook_thinks(qtbot: QtBot) -> None:
    store = make_store(80)
    view = shown(qtbot, store)
    sentences = view.plot.sentences()
    assert len(sentences) == len(store.plan.space)
    assert all(" of 6, the textbook puts it in tier " in sentence for sentence in sentences)
    assert view.plot.accessibleDescription().startswith(sentences[0])
    assert not view.hint.isVisible()


def test_with_few_trials_it_claims_nothing_and_says_why(qtbot: QtBot) -> None:
    view = shown(qtbot, make_store(8))
    assert not view.plot.sentences()
    assert view.hint.isVisible()
    assert "needs 20 trials" in view.hint.text()


def test_inside_the_region_only_its_trials_count(qtbot: QtBot) -> None:
    store = make_store(80)
    plan = refined(store.plan, store.plan.region.replace("learning_rate", Interval(1e-2, 1.0)))
    store.set_log(store.log.done("Narrow", plan))
    view = shown(qtbot, store)
    whole = store.importances
    view.where.setCurrentText(INSIDE)
    view.where.activated.emit(1)
    inside = store.importances
    assert whole is not None
    assert inside is not None
    assert 20 <= inside.trials < whole.trials


def test_the_view_is_freed(qapp: object) -> None:
    del qapp
    store = make_store(10)
    actions = Actions(store, print)
    freed_on_close(lambda: ImportanceView(store, actions))
