"""Draws the next stage of coarse to fine on the plots, as a pending region with its reason, when it is due.

Enter takes it, Esc refuses it, a drag changes it: to a person it is a pending region like their own. Where they let
stages happen by themselves, it is applied at once, as an edit that can be undone.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Store
from tuner_gui.search.staging import Stager
from tuner_gui.space.region import Region


class StageProposer(QObject):
    def __init__(self, store: Store, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._actions = actions
        self._stager = Stager()
        self._proposed: Region | None = None
        self._stage = store.plan.current
        store.history_paced.connect(self._look)
        store.pending_changed.connect(self._on_pending)

    @Slot()
    def _look(self) -> None:
        store = self._store
        if store.pending not in (None, self._proposed) or store.status.read_only is not None:
            return  # what a person is about to do is not pushed aside
        proposal = self._stager.due(store.plan, store.history)
        if proposal is None or proposal.plan is None:
            return
        if store.plan.definition.search.stages == "by itself":
            self._actions.accept(proposal)
            return
        self._proposed, self._stage = proposal.plan.region, store.plan.current
        store.set_pending(proposal.plan.region, f"coarse to fine: {proposal.reason}")

    @Slot()
    def _on_pending(self) -> None:
        """Gone without a new stage: it was refused. Changed: it is the person's own now."""
        if self._proposed is None or self._store.pending == self._proposed:
            return
        if self._store.pending is None and self._store.plan.current == self._stage:
            self._stager.refuse(self._store.plan, self._store.history)
        self._proposed = None
