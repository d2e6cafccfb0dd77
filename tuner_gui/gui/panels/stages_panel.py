"""The stages of the search: where it has been, where it is, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.icons import icon
from tuner_gui.gui.models.stages_model import StagesModel
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.parts.stages_view import StagesView
from tuner_gui.gui.store import Store
from tuner_gui.space.region import full_region

_HINT = "Drag a region on a plot and press Enter: it becomes the next stage, and the search goes on inside it."


class StagesPanel(QWidget):
    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Stages")
        self._store = store
        self._actions = actions
        self.model = StagesModel(store, self)
        self.view = StagesView()
        self.view.setModel(self.model)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.widen = QPushButton("Widen")
        self.widen.setToolTip("Propose a region with every interval twice as wide; Enter applies it")
        self.widen.setAccessibleName("Propose a wider region")
        self.full = QPushButton("Full space")
        self.full.setToolTip("Propose the full space again; Enter applies it")
        self.full.setAccessibleName("Propose the full space")
        self.hint = ToneLabel("secondary_text", _HINT, smaller=1, wrap=True)
        self.hint.setContentsMargins(8, 4, 8, 4)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(4, 4, 4, 4)
        buttons.setSpacing(4)
        buttons.addWidget(self.widen)
        buttons.addWidget(self.full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.hint)
        layout.addLayout(buttons)
        self.view.go_back_asked.connect(self._go_back)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.widen.clicked.connect(self._propose_wider)
        self.full.clicked.connect(self._propose_full)
        self.model.rowsInserted.connect(self._show_newest)
        store.plan_changed.connect(self._update)
        store.status_changed.connect(self._update)
        self._tint()
        self._update()

    @Slot()
    def _update(self) -> None:
        plan = self._store.plan
        read_only = self._store.status.read_only is not None
        self.hint.setVisible(len(plan.stages) == 1 and not read_only)
        narrower = plan.region != full_region(plan.space)
        self.widen.setEnabled(narrower and not read_only)
        self.full.setEnabled(narrower and not read_only)
        self.view.set_read_only(read_only=read_only)

    @Slot()
    def _show_newest(self) -> None:
        self.view.scrollToTop()

    @Slot()
    def _propose_wider(self) -> None:
        self._actions.propose_wider()

    @Slot()
    def _propose_full(self) -> None:
        self._actions.propose_full()

    @Slot(int)
    def _go_back(self, stage: int) -> None:
        self._actions.go_back(stage)

    def menu_for(self, row: int) -> QMenu:
        """The context menu of a card."""
        card = self.model.card(row)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        back = menu.addAction(f"Go back to stage {card.stage.number}")
        back.setEnabled(self.view.may_go_back_to(self.model.index(row)))
        back.setData(card.stage.number)
        back.triggered.connect(self._on_back_triggered)
        select = menu.addAction("Select its trials")
        select.setEnabled(card.trials > 0)
        select.setData(card.stage.number)
        select.triggered.connect(self._on_select_triggered)
        return menu

    @Slot(QPoint)
    def _show_menu(self, position: QPoint) -> None:
        index = self.view.indexAt(position)
        if index.isValid():
            self.menu_for(index.row()).popup(self.view.viewport().mapToGlobal(position))

    @Slot()
    def _on_back_triggered(self) -> None:
        self._go_back(_number_of(self.sender()))

    @Slot()
    def _on_select_triggered(self) -> None:
        stage = _number_of(self.sender())
        indices = (self._store.history.stage_column == stage).nonzero()[0]
        self._store.select([int(index) + 1 for index in indices])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        self.widen.setIcon(icon("widen"))
        self.full.setIcon(icon("full"))


def _number_of(sender: object) -> int:
    assert isinstance(sender, QAction)  # noqa: S101
    return int(sender.data())
