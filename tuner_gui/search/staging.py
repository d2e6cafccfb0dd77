"""Coarse to fine, stage by stage: when the next stage is due, and what it would be.

The strategy draws ever closer to the best by itself. A stage makes that step visible, and a person's: it is drawn on
the plots with its reason before it holds: they take it, change it, refuse it, or let such steps happen by themselves.
"""

from __future__ import annotations

import numpy as np

from tuner_gui.search.suggestions import Kind, Proposal, region_proposals
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan

FEWEST_TRIALS = 30
"""So many trials of a stage must be over before the next one is proposed."""

AGAIN_AFTER = 1.5
"""With so many times as many, there is a better one; after a refusal too."""


class Stager:
    """Remembers what was refused. Asking costs nothing before a proposal is near, and a few milliseconds then."""

    def __init__(self) -> None:
        self._stage = 0
        self._next_at = FEWEST_TRIALS

    def due(self, plan: Plan, history: History) -> Proposal | None:
        """The next stage, once it is time for it: what the best trials ask for, a wider end before a narrower box.

        None until there are half as many trials again, whatever becomes of it.
        """
        search = plan.definition.search
        if search.strategy != "coarse-to-fine" or search.stages == "never":
            return None
        over = self._over(plan, history)
        if over < self._next_at:
            return None
        proposals = region_proposals(plan, history)
        first = [proposal for proposal in proposals if proposal.kind is Kind.WIDEN] or proposals
        self._next_at = round(AGAIN_AFTER * over)
        return first[0] if first else None

    def refuse(self, plan: Plan, history: History) -> None:
        """Not this one: nothing more is proposed until the stage has half as many trials again."""
        self._next_at = round(AGAIN_AFTER * max(self._over(plan, history), FEWEST_TRIALS))

    def _over(self, plan: Plan, history: History) -> int:
        if self._stage != plan.current:
            self._stage, self._next_at = plan.current, FEWEST_TRIALS
        of_stage = history.stage_column == plan.current
        return int(np.count_nonzero(of_stage & np.isfinite(history.value_column)))
