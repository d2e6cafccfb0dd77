"""The title of the objective's axis, with a menu that chooses what it spans."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from tuner_gui.gui.parts.menu_button import MenuButton
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.space.scales import Scale
from tuner_gui.study.plotdata import Spread, log_scale_of

_WORDS = {
    Spread.TYPICAL: "Typical values (far outliers at the edge)",
    Spread.ALL: "All values",
    Spread.BEST_HALF: "Best half",
}


class ValueMenu(MenuButton):
    """Reads and sets ``spread`` and ``log`` of a scene; ``chosen`` after either was changed."""

    chosen = Signal()

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self.setToolTip("What the axis of the objective spans")
        self._spreads: dict[QAction, Spread] = {}
        self._log = QAction(self)
        self._log.setCheckable(True)
        self._make_menu()
        self.refresh()

    def refresh(self) -> None:
        """Name the metric and show what is chosen."""
        scale = self._scene.scale
        arrow = "↑" if scale.sign > 0 else "↓"
        suffix = ", best half" if self._scene.spread is Spread.BEST_HALF else ""
        self.show_choice(f"{arrow} {scale.metric}{suffix}  ({scale.direction})")
        self.setAccessibleName(f"Axis of {scale.metric}, {scale.direction}")
        is_loss = log_scale_of(scale.metric) is Scale.LOG
        self._log.setText("Log scale" if is_loss else f"Log scale of 1 − {scale.metric}")
        self._log.setChecked(self._scene.log)
        for action, spread in self._spreads.items():
            action.setChecked(spread is self._scene.spread)

    def _make_menu(self) -> None:
        menu, group = QMenu(self), QActionGroup(self)
        for spread, words in _WORDS.items():
            action = QAction(words, group)
            action.setCheckable(True)
            self._spreads[action] = spread
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self._log)
        menu.triggered.connect(self._choose)
        self.setMenu(menu)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        self._scene.spread = self._spreads.get(action, self._scene.spread)
        self._scene.log = self._log.isChecked()
        self._scene.rebuild()
        self.refresh()
        self.chosen.emit()
