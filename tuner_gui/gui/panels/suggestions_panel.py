"""What the program would do next, as cards with their evidence. A person shows, accepts or dismisses each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.store import RunState, Store
from tuner_gui.search.refine import FEWEST_TRIALS
from tuner_gui.search.suggestions import Kind, Proposal, suggestions
from tuner_gui.study.events import TrialState
from tuner_gui.study.stages import Plan

_EMPTY = (
    f"Suggestions appear here, with their evidence, once {FEWEST_TRIALS} trials have finished. "
    "Nothing is applied unasked."
)
_NONE = "Nothing to suggest now: no end of a range is in the way, and the region fits the best trials."
_ACCEPT_TIP = "Apply it as an edit, which can be undone"
_STOP_TIP = "End the search; what has finished is kept"
AGAIN_AFTER = 1.1
"""So many times as many trials are worth another look."""

SIGNS = {Kind.NARROW: "▸◂", Kind.WIDEN: "◂▸", Kind.FIX: "●", Kind.SCALE: "⋰", Kind.STOP: "■"}


class SuggestionCard(QFrame):
    """One proposal. It is kept by its place in the list, and filled anew when the proposals change."""

    accepted = Signal(object)
    shown = Signal(object)
    dismissed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.proposal: Proposal | None = None
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.title = ToneLabel(bold=True, wrap=True)
        self.reason = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.accept, self.look, self.dismiss = QPushButton("Accept"), QPushButton("Show"), QPushButton("Dismiss")
        self.look.setToolTip("Select the trials behind it, and draw its region on the plots without applying it")
        self.dismiss.setToolTip("Do not suggest this again while this study is open")
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.look, self.accept, self.dismiss):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(3)
        layout.addWidget(self.title)
        layout.addWidget(self.reason)
        layout.addLayout(buttons)
        self.accept.clicked.connect(self._on_accept)
        self.look.clicked.connect(self._on_look)
        self.dismiss.clicked.connect(self._on_dismiss)

    def show_proposal(self, proposal: Proposal, *, writable: bool, searching: bool) -> None:
        self.proposal = proposal
        self.title.setText(f"{SIGNS[proposal.kind]}  {proposal.title}")
        self.reason.setText(proposal.reason)
        stops = proposal.kind is Kind.STOP
        self.accept.setEnabled(writable and (searching if stops else proposal.plan is not None))
        self.accept.setToolTip(_STOP_TIP if stops else _ACCEPT_TIP)
        for button, verb in ((self.accept, "Accept"), (self.look, "Show"), (self.dismiss, "Dismiss")):
            button.setAccessibleName(f"{verb}: {proposal.title}")
        self.setAccessibleName(proposal.title)
        self.setAccessibleDescription(proposal.reason)

    @Slot()
    def _on_accept(self) -> None:
        self.accepted.emit(self.proposal)

    @Slot()
    def _on_look(self) -> None:
        self.shown.emit(self.proposal)

    @Slot()
    def _on_dismiss(self) -> None:
        self.dismissed.emit(self.proposal)


class SuggestionsPanel(QWidget):
    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Suggestions")
        self._store = store
        self._actions = actions
        self._seen: tuple[Plan, int, object, RunState] | None = None
        self._dismissed: set[tuple[Kind, str]] = set()
        self.cards: list[SuggestionCard] = []
        self.hint = ToneLabel("secondary_text", _EMPTY, smaller=1, wrap=True)
        self.hint.setContentsMargins(8, 6, 8, 6)
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(4, 4, 4, 4)
        self._list.setSpacing(4)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        scroll.setAccessibleName("Suggestions")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.hint)
        layout.addWidget(scroll, 1)
        store.history_paced.connect(self._refresh)
        store.plan_changed.connect(self._refresh)
        store.status_changed.connect(self._refresh)
        store.importances_changed.connect(self._refresh)

    @property
    def proposals(self) -> list[Proposal]:
        """What is shown, from the top down."""
        return [card.proposal for card in self.cards if card.proposal is not None and not card.isHidden()]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._seen = None

    @Slot()
    def _refresh(self) -> None:
        """Look again where the plan is another one, or there are clearly more trials."""
        if not self.isVisible():
            return
        store = self._store
        over = sum(number for state, number in store.history.counts().items() if state.is_over)
        if self._seen is not None:
            plan, count, known, run = self._seen
            same = plan is store.plan and known is store.importances and run is store.status.run
            if same and over < max(AGAIN_AFTER * count, FEWEST_TRIALS):
                return
        self._seen = store.plan, over, store.importances, store.status.run
        self._fill(suggestions(store.plan, store.history, store.importances))

    def _fill(self, found: list[Proposal]) -> None:
        writable = self._store.status.read_only is None
        searching = self._store.status.run in (RunState.RUNNING, RunState.PAUSED)
        shown = [proposal for proposal in found if (proposal.kind, proposal.title) not in self._dismissed]
        while len(self.cards) < len(shown):
            self._add_card()
        for index, card in enumerate(self.cards):
            card.setVisible(index < len(shown))
            if index < len(shown):
                card.show_proposal(shown[index], writable=writable, searching=searching)
        few = self._store.history.counts()[TrialState.FINISHED] < FEWEST_TRIALS
        self.hint.setText(_EMPTY if few else _NONE)
        self.hint.setVisible(not shown)

    def _add_card(self) -> None:
        card = SuggestionCard()
        card.accepted.connect(self._accept)
        card.shown.connect(self._show)
        card.dismissed.connect(self._dismiss)
        self._list.insertWidget(len(self.cards), card)
        self.cards.append(card)

    @Slot(object)
    def _accept(self, proposal: Proposal) -> None:
        self._actions.accept(proposal)

    @Slot(object)
    def _show(self, proposal: Proposal) -> None:
        """Select what it rests on; where it is a region, draw it as pending, to be changed, applied or dropped."""
        self._actions.show_proposal(proposal)

    @Slot(object)
    def _dismiss(self, proposal: Proposal) -> None:
        self._dismissed.add((proposal.kind, proposal.title))
        self._seen = None
        self._refresh()
