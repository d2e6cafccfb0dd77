"""The stages of a search as a list of cards, the newest first, with how many trials each has and its best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Slot

from tuner_gui.gui.models.roles import DIMMED_ROLE, OBJECT_ROLE, Index, Role
from tuner_gui.gui.store import Batch, Store
from tuner_gui.space.region import Extent, adapted
from tuner_gui.space.space import Space
from tuner_gui.space.ticks import format_value
from tuner_gui.study.stages import Origin, Stage, describe_extent, lineage
from tuner_gui.study.standing import Standing

_TITLES = {
    Origin.START: "Start",
    Origin.NARROW: "Narrowed",
    Origin.WIDEN: "Widened",
    Origin.SPACE: "Ranges edited",
}


@dataclass(frozen=True)
class Card:
    """What one card shows. ``left`` tells that the search no longer builds on this stage."""

    stage: Stage
    space: Space
    extents: tuple[Extent, ...]
    current: bool
    left: bool
    trials: int
    best: Standing | None

    @property
    def title(self) -> str:
        if self.stage.origin is Origin.BACK:
            return self.stage.note[:1].upper() + self.stage.note[1:]
        return _TITLES[self.stage.origin]

    @property
    def note(self) -> str:
        return "" if self.stage.origin is Origin.BACK else self.stage.note

    @property
    def figures(self) -> str:
        if not self.trials:
            return "no trials yet"
        words = f"{self.trials:,} trial{'s' if self.trials > 1 else ''}"
        if self.best is not None:
            words += f" · best {format_value(self.best.mean)} (#{self.best.trial})"
        return words

    @property
    def badge(self) -> str:
        return "now" if self.current else "left" if self.left else ""

    def spoken(self) -> str:
        """The card in one line, for screen readers."""
        where = {"now": "current stage, ", "left": "left behind, ", "": ""}[self.badge]
        parts = [f"stage {self.stage.number}", where + self.title, self.note, self.figures]
        return ", ".join(part for part in parts if part)

    def region_words(self) -> str:
        """One line for each parameter: its name and what the stage draws from."""
        return "\n".join(
            f"{p.name}  {describe_extent(self.space, p.name, extent)}"
            for p, extent in zip(self.space, self.extents, strict=True)
        )


class StagesModel(QAbstractListModel):
    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._counts: dict[int, int] = {}
        self._best: dict[int, Standing] = {}
        self._count_all()
        self._cards = self._make_cards()
        store.plan_changed.connect(self._on_plan_changed)
        store.history_paced.connect(self._on_history_changed)

    def card(self, row: int) -> Card:
        return self._cards[row]

    def row_of(self, stage: int) -> int | None:
        return next((i for i, card in enumerate(self._cards) if card.stage.number == stage), None)

    # --- Qt ---

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        card = self._cards[index.row()]
        match role:
            case Role.DisplayRole:
                return f"{card.stage.number} {card.title}"
            case Role.AccessibleTextRole:
                return card.spoken()
            case Role.ToolTipRole:
                return card.region_words()
        if role == DIMMED_ROLE:
            return card.left
        return card if role == OBJECT_ROLE else None

    # --- following the store ---

    @Slot()
    def _on_plan_changed(self) -> None:
        cards = self._make_cards()
        new = [c for c in cards if self.row_of(c.stage.number) is None]
        only_new_on_top = [c.stage.number for c in cards[len(new) :]] == [c.stage.number for c in self._cards]
        if not only_new_on_top:
            self.beginResetModel()
            self._cards = cards
            self.endResetModel()
            return
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._cards = [*new, *self._cards]
            self.endInsertRows()
        self._take_over(cards)

    @Slot(Batch)
    def _on_history_changed(self, batch: Batch) -> None:
        history = self._store.history
        for number in batch.started:
            stage = history.trial(number).stage
            self._counts[stage] = self._counts.get(stage, 0) + 1
        if batch.ended:
            self._best = self._find_best()
        if batch.started or batch.ended:
            # Only what a trial can change: a region's miniature takes longer than all the rest.
            self._take_over([self._counted(card) for card in self._cards])

    def _take_over(self, cards: list[Card]) -> None:
        """Exchange cards of the same stages, and tell which ones changed."""
        changed = [row for row, (old, card) in enumerate(zip(self._cards, cards, strict=True)) if old != card]
        self._cards = cards
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _counted(self, card: Card) -> Card:
        number = card.stage.number
        return replace(card, trials=self._counts.get(number, 0), best=self._best.get(number))

    def _make_cards(self) -> list[Card]:
        plan = self._store.plan
        ancestors = set(lineage(plan))
        return [
            Card(
                stage=stage,
                space=plan.space,
                extents=tuple(adapted(plan.space, plan.space, stage.region).extents.values()),
                current=stage.number == plan.current,
                left=stage.number not in ancestors,
                trials=self._counts.get(stage.number, 0),
                best=self._best.get(stage.number),
            )
            for stage in reversed(plan.stages)
        ]

    def _count_all(self) -> None:
        history = self._store.history
        self._counts = {stage: int(n) for stage, n in enumerate(np.bincount(history.stage_column)) if n}
        self._best = self._find_best()

    def _find_best(self) -> dict[int, Standing]:
        """The best of each stage, by the mean where it was repeated."""
        history = self._store.history
        standings = history.standings(self._store.plan.definition.objective)
        stages, first = np.unique(history.stage_column[standings.order], return_index=True)
        rows = standings.order[first]
        return {int(stage): standings.standing(int(row)) for stage, row in zip(stages, rows, strict=True)}
