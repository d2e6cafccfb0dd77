from __future__ import annotations

from collections.abc import Callable

import pytest
from panel_bench import Bench
from PySide6.QtCore import Qt

from tuner_gui.gui.panels.suggestions_panel import SuggestionsPanel
from tuner_gui.search.commands import SetLog, Stop
from tuner_gui.search.suggestions import Kind, Proposal
from tuner_gui.study.events import RunStarted

Maker = Callable[..., Bench]


def shown(bench: Bench) -> SuggestionsPanel:
    return bench.show(SuggestionsPanel(bench.store, bench.actions), width=240, height=420)


def test_with_few_trials_it_says_what_will_be_here(make_bench: Maker) -> None:
    panel = shown(make_bench(4))
    assert not panel.proposals
    assert panel.hint.isVisible()
    assert "once 10 trials have finished" in panel.hint.text()


@pytest.fixture
def bench(make_bench: Maker) -> Bench:
    return make_bench(80)


def test_each_suggestion_comes_with_its_evidence(bench: Bench) -> None:
    panel = shown(bench)
    narrow = next(proposal for proposal in panel.proposals if proposal.kind is Kind.NARROW)
    assert narrow.evidence
    card = next(card for card in panel.cards if card.proposal is narrow)
    assert card.reason.text() == narrow.reason


def test_showing_one_selects_its_trials_and_draws_its_region_without_applying_it(bench: Bench) -> None:
    panel = shown(bench)
    card = next(card for card in panel.cards if card.proposal is not None and card.proposal.kind is Kind.NARROW)
    bench.qtbot.mouseClick(card.look, Qt.MouseButton.LeftButton)
    assert card.proposal is not None
    assert bench.store.selection == card.proposal.evidence
    assert card.proposal.plan is not None
    assert bench.store.pending == card.proposal.plan.region
    assert not bench.posted


def test_accepting_one_is_an_edit(bench: Bench) -> None:
    panel = shown(bench)
    card = panel.cards[0]
    title = card.title.text()
    bench.qtbot.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    assert isinstance(bench.posted[-1], SetLog)
    assert bench.store.log.undo_text is not None
    assert bench.store.log.undo_text in title


def test_a_dismissed_one_does_not_come_back(bench: Bench) -> None:
    panel = shown(bench)
    before = [proposal.title for proposal in panel.proposals]
    bench.qtbot.mouseClick(panel.cards[0].dismiss, Qt.MouseButton.LeftButton)
    assert [proposal.title for proposal in panel.proposals] == before[1:]


def test_accepting_to_stop_ends_the_search_and_is_off_where_there_is_none(bench: Bench) -> None:
    panel = shown(bench)
    card = panel.cards[0]
    proposal = Proposal(Kind.STOP, "Stop searching in this region", "little to gain", (1,), None)
    card.show_proposal(proposal, writable=True, searching=False)
    assert not card.accept.isEnabled()
    bench.store.apply([RunStarted(100, None)])
    card.show_proposal(proposal, writable=True, searching=True)
    bench.qtbot.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    assert bench.posted == [Stop()]
