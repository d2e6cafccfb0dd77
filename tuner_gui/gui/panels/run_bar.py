"""The toolbar: run, pause, stop and for how long; the region's verbs; undo and redo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.parts.budget_box import BudgetBox
from tuner_gui.gui.parts.labels import ElidedLabel
from tuner_gui.gui.parts.menu_button import MenuButton
from tuner_gui.gui.qactions import WindowActions
from tuner_gui.gui.search_choices import SearchChoices
from tuner_gui.gui.store import RunState, Store


class SearchButton(MenuButton):
    """Says how the next trials are found, and opens the menu in which that is chosen."""

    def __init__(self, store: Store, choices: SearchChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._choices = choices
        menu = QMenu(self)
        choices.fill(menu)
        self.setMenu(menu)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        choices.changed.connect(self._update)
        self._update()

    @Slot()
    def _update(self) -> None:
        self.show_choice(self._choices.text)
        self.setAccessibleName(f"Strategy: {self._choices.text}")
        self.setToolTip(self._choices.words)
        self.setEnabled(self._store.status.read_only is None)


class RunBar(QToolBar):
    def __init__(
        self, store: Store, actions: Actions, window_actions: WindowActions, parent: QWidget | None = None
    ) -> None:
        super().__init__("Run bar", parent)
        self._store = store
        self._actions = actions
        self._window_actions = window_actions
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.budget = BudgetBox()
        self.budget.setValue(window_actions.trials or 0)
        self.reason = ElidedLabel("warning")
        self.reason.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.reason.setContentsMargins(8, 0, 8, 0)
        acts = window_actions
        self.addActions([acts.run, acts.pause, acts.stop])
        self.addWidget(self.budget)
        self.search = SearchButton(store, window_actions.search)
        self.search.menu().addSeparator()
        self.search.menu().addAction(acts.coverage)
        self.addWidget(self.search)
        self.addWidget(self.reason)
        self.addActions([acts.suggest, acts.apply])
        self.addSeparator()
        self.addActions([acts.undo, acts.redo])
        for button in self.findChildren(QToolButton):
            if button.defaultAction() is not None:
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.budget.valueChanged.connect(self._on_budget_changed)
        window_actions.changed.connect(self._update)
        self._update()

    @Slot()
    def _on_budget_changed(self) -> None:
        self._window_actions.set_trials(self.budget.trials)

    @Slot()
    def _update(self) -> None:
        idle = self._store.status.run is RunState.IDLE
        self.budget.setEnabled(idle and self._store.status.read_only is None)
        with QSignalBlocker(self.budget):
            self.budget.setValue(self._window_actions.trials or 0)
        # That a study is read-only the banner says already.
        told = idle and self._store.status.read_only is None
        self.reason.setText((self._window_actions.off_reason if told else None) or "")
        for button in self.findChildren(QToolButton):
            action = button.defaultAction()
            if action is not None:
                button.setAccessibleName(action.text())
                button.setAccessibleDescription(action.toolTip())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._window_actions.refresh_icons()
