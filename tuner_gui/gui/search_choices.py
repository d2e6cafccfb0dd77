"""How the next trials are found, as checkable actions: the run bar's button and the Search menu show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.store import Store
from tuner_gui.search.strategies.grid import grid_count
from tuner_gui.search.words import PRUNING_WORDS, STRATEGY_WORDS

LEVELS = (2, 3, 4, 5, 7, 10)
PRUNING_TEXTS = {
    "none": "Train every trial to its end",
    "median": "Give up the worse half (median rule)",
    "halving": "Keep the best third (successive halving)",
}
STAGES_TEXTS = {
    "ask": "Propose the next one; I decide",
    "by itself": "Go on to the next one by itself",
    "never": "Make none",
}
SHARES = (0.0, 0.1, 0.2, 0.4)
CONFIRM_WORDS = {
    0.0: "The best is then the best single run, which owes part of its value to its seed.",
    0.1: "For results that depend little on the seed.",
    0.2: "The end of a run repeats its best trials with other seeds; the best mean is then called the best.",
    0.4: "For noisy results: small data, few epochs.",
}


def level_text(levels: int) -> str:
    return f"{levels} values of each number"


def confirm_text(share: float) -> str:
    return f"Repeat the best with {share * 100:.3g} % of the trials" if share else "Repeat nothing by itself"


# What a definition written by hand may have that is not offered, in words.
OTHER_TEXTS: Mapping[str, Callable[[Any], str]] = {"levels": level_text, "confirm": confirm_text}


class SearchChoices(QObject):
    """``changed`` says that ``text`` or ``words`` may be others."""

    changed = Signal()

    def __init__(self, store: Store, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._actions = actions
        self.strategies = self._group("strategy", {name: name for name in STRATEGY_WORDS}, STRATEGY_WORDS)
        self.prunings = self._group("pruning", PRUNING_TEXTS, PRUNING_WORDS)
        self.stages = self._group("stages", STAGES_TEXTS, {})
        self.confirms = self._group("confirm", {share: confirm_text(share) for share in SHARES}, CONFIRM_WORDS)
        self.levels = self._group("levels", {number: level_text(number) for number in LEVELS}, {})
        store.plan_changed.connect(self._update)
        store.status_changed.connect(self._update)
        self._update()

    @property
    def text(self) -> str:
        """The strategy, and what else is not as usual, in a few words."""
        search = self._store.plan.definition.search
        words = search.strategy
        if search.strategy == "grid":
            plan = self._store.plan
            words = f"grid of {grid_count(plan.space, plan.region, search.levels):,}"
        return words if search.pruning == "none" else f"{words}, {search.pruning}"

    @property
    def words(self) -> str:
        search = self._store.plan.definition.search
        return f"{STRATEGY_WORDS[search.strategy]} {PRUNING_WORDS[search.pruning]}"

    def fill(self, menu: QMenu) -> None:
        menu.setToolTipsVisible(True)
        menu.addSection("Draw the next trials by")
        menu.addActions(self.strategies.actions())
        grid = menu.addMenu("Values in a grid")
        grid.addActions(self.levels.actions())
        stages = menu.addMenu("Stages of coarse to fine")
        stages.addActions(self.stages.actions())
        menu.addSection("Trials that do badly")
        menu.addActions(self.prunings.actions())
        menu.addSection("Trials that do best")
        menu.addActions(self.confirms.actions())

    def _group(self, field: str, texts: Mapping[Any, str], words: object) -> QActionGroup:
        group = QActionGroup(self)
        for value, text in texts.items():
            action = QAction(text, group)
            action.setCheckable(True)
            action.setData(value)
            if isinstance(words, dict) and value in words:
                action.setToolTip(words[value])
        if field in OTHER_TEXTS:
            QAction(group).setCheckable(True)
        group.setObjectName(field)
        group.triggered.connect(self._on_chosen)
        return group

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        group = action.actionGroup()
        if group is not None:
            self._actions.set_search(group.objectName(), action.data())

    @Slot()
    def _update(self) -> None:
        search = self._store.plan.definition.search
        writable = self._store.status.read_only is None
        chosen = (
            (self.strategies, search.strategy),
            (self.prunings, search.pruning),
            (self.levels, search.levels),
            (self.stages, search.stages),
            (self.confirms, search.confirm),
        )
        for group, value in chosen:
            group.setEnabled(writable)
            self._check(group, value)
        self.changed.emit()

    def _check(self, group: QActionGroup, value: object) -> None:
        """Mark what holds; what a definition has that is not offered is the last entry."""
        if group.objectName() in OTHER_TEXTS:
            *offered, other = group.actions()
            is_other = value not in [action.data() for action in offered]
            other.setVisible(is_other)
            other.setData(value if is_other else None)
            other.setText(OTHER_TEXTS[group.objectName()](value))
        for action in group.actions():
            action.setChecked(action.data() == value)
