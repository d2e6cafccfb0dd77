"""The view of what matters: measured while it is seen, in the background, for the whole space or the current region."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.pictures.of_lines import importance_picture
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.pictures.shown import caption_of
from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.plot_out import open_plot_menu
from tuner_gui.gui.plots.importance_plot import ImportancePlot
from tuner_gui.gui.store import Store
from tuner_gui.search.importance import Importances, gathered, measured
from tuner_gui.search.refine import format_share
from tuner_gui.space.region import full_region

WHOLE, INSIDE = "In the whole space", "In the current region"
EMPTY = (
    "What matters is measured here once enough trials have ended: how far the best trials lie from the rest on each "
    "parameter."
)
AGAIN_AFTER = 1.1
"""So many times as many trials are worth another measurement."""


class ImportanceView(QWidget):
    """Asks for a measurement when it is shown, when the region or the space changes, and when there are more trials."""

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__()
        self._store = store
        self._actions = actions
        self._asked: tuple[object, object, int] | None = None
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Importance")
        self.where = QComboBox(self)
        self.where.addItems([WHOLE, INSIDE])
        self.where.setAccessibleName("Where the importance is measured")
        self.words = ToneLabel("secondary_text")
        self.plot = ImportancePlot()
        self.pairs = ToneLabel("text", wrap=True)
        self.pairs.setContentsMargins(14, 4, 14, 8)
        self.hint = QLabel(EMPTY, self)
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.where.activated.connect(self._refresh)
        store.history_paced.connect(self._refresh)
        store.plan_changed.connect(self._refresh)
        store.importances_changed.connect(self._show)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 4, 10, 0)
        bar.addWidget(self.where)
        bar.addWidget(self.words, stretch=1)
        inner = QWidget()
        page = QVBoxLayout(inner)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.plot)
        page.addWidget(self.pairs)
        page.addStretch(1)
        inner.setBackgroundRole(QPalette.ColorRole.Base)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setAccessibleName("Importance of each parameter")
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.hint)
        layout.addWidget(scroll, stretch=1)

    def picture(self) -> Picture | None:
        if not self.plot.shown.parameters:
            return None
        return importance_picture(self.plot.shown, caption_of(self._store.plan, self._store.history))

    def numbers(self) -> PlotTable | None:
        return self.plot.numbers()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        open_plot_menu(self, self, self._store.path, event.globalPos())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._asked = None

    @Slot()
    def _refresh(self) -> None:
        """Ask for a measurement where what is shown is no longer what there is."""
        if not self.isVisible():
            return
        plan, over = self._store.plan, sum(n for s, n in self._store.history.counts().items() if s.is_over)
        region = plan.region if self.where.currentText() == INSIDE else full_region(plan.space)
        if self._asked is not None:
            space, last_region, count = self._asked
            if space == plan.space and last_region == region and over < AGAIN_AFTER * max(count, 10):
                return
        self._asked = plan.space, region, over
        known = gathered(plan.space, region, self._store.history, plan.definition.objective)
        self._actions.work_out(partial(measured, known), self._store.set_importances)

    @Slot()
    def _show(self) -> None:
        found = self._store.importances or Importances((), (), 0)
        self.hint.setVisible(not found.parameters)
        self.hint.setText(f"{EMPTY}\n\nNothing is claimed yet: it {found.reason}." if found.reason else EMPTY)
        self._scroll.setVisible(bool(found.parameters))
        self.words.setText(f"PED-ANOVA over {found.trials} trials, bars from 24 resamples" if found.parameters else "")
        self.plot.show_importances(found)
        self.pairs.setVisible(bool(found.parameters))
        pairs = [f"{' with '.join(pair.names)} ({format_share(pair.share)} of the spread)" for pair in found.pairs]
        self.pairs.setText(
            f"Act together: {', '.join(pairs)}." if pairs else "No two parameters are seen to act together so far."
        )
