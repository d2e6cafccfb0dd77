"""The coverage preview: what grid, random search and Sobol points would try with the budget, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.delegates.row_delegate import RowDelegate
from tuner_gui.gui.models import coverage_figures
from tuner_gui.gui.models.coverage_figures import NAMES, Figures
from tuner_gui.gui.parts.budget_box import BudgetBox
from tuner_gui.gui.parts.fields import QuietComboBox
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.plots.coverage_plot import CoveragePlot
from tuner_gui.gui.qactions import WindowActions
from tuner_gui.gui.search_choices import LEVELS
from tuner_gui.gui.store import RunState, Store
from tuner_gui.search.words import STRATEGY_WORDS
from tuner_gui.worker.background import Background

PAUSE_MS = 120
"""A budget that is being typed is worth one answer, not one for each digit."""

ROW_HEIGHT, MOST_ROWS = 24, 7

_EMPTY = (
    "Nothing is searched.\nCheck a parameter in Space, and what a number of trials would try of it is shown here "
    "before anything runs."
)


class StrategyCard(QWidget):
    """One strategy: its picture, how many trials it takes, and a button to search by it."""

    chosen = Signal(str)

    def __init__(self, strategy: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strategy = strategy
        self.plot = CoveragePlot(strategy)
        self.name = ToneLabel("text", strategy, bold=True)
        self.name.setToolTip(STRATEGY_WORDS[strategy])
        self.mark = ToneLabel("good", "✓ used by the study")
        self.takes = ToneLabel("secondary_text", wrap=True)
        self.takes.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        # Two lines, whatever is said, so that the three pictures keep one size.
        self.takes.setMinimumHeight(2 * self.takes.fontMetrics().lineSpacing() + 2)
        self.use = QPushButton("Use")
        self.use.setAccessibleName(f"Search by {strategy}")
        self.use.setToolTip(f"Search by {strategy} from the next trial on; can be undone")
        self.use.setAutoDefault(False)
        head = QHBoxLayout()
        head.addWidget(self.name)
        head.addWidget(self.mark)
        head.addStretch(1)
        head.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.takes)
        self.use.clicked.connect(self._on_use)

    def show_use(self, *, used: bool, possible: bool) -> None:
        self.mark.setVisible(used)
        self.use.setEnabled(possible and not used)

    @Slot()
    def _on_use(self) -> None:
        self.chosen.emit(self.strategy)


class CoverageDialog(QDialog):
    """Stays open beside the window and follows its plan, its pending region and its budget."""

    def __init__(
        self, store: Store, actions: Actions, window_actions: WindowActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Coverage preview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(980, 690)
        self._store = store
        self._actions = actions
        self._verbs = window_actions
        self._shown: Figures | None = None
        self._pair = ("", "")
        self._background = Background(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._make_widgets()
        self._lay_out()
        # What was chosen here is taken back here as well.
        self.addActions([window_actions.run, window_actions.undo, window_actions.redo])
        self._connect()
        self._update()

    @property
    def shown(self) -> Figures | None:
        """The numbers that are shown; None before the first ones are there."""
        return self._shown

    def _make_widgets(self) -> None:
        self.budget = BudgetBox()
        self.levels = QuietComboBox("Values of each number in a grid")
        self.x_box, self.y_box = QuietComboBox("Parameter along x"), QuietComboBox("Parameter along y")
        for box in (self.x_box, self.y_box):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._against = ToneLabel("secondary_text", "against")
        self.swap = QToolButton()
        self.swap.setText("⇄")
        self.swap.setToolTip("Swap the axes")
        self.swap.setAccessibleName("Swap the axes")
        self.swap.setAutoRaise(True)
        self.swap.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lesson = ToneLabel("text", "Working out what would be tried …", smaller=-1, wrap=True)
        self.cards = {strategy: StrategyCard(strategy) for strategy in NAMES}
        for card in self.cards.values():
            card.plot.study = self._store.path
        self.remarks = ToneLabel("secondary_text", wrap=True)
        self.table = _make_table()
        self.empty = ToneLabel("secondary_text", _EMPTY, wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        content = QWidget()
        page = QVBoxLayout(content)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(10)
        page.addWidget(self.lesson)
        cards = QHBoxLayout()
        cards.setSpacing(18)
        for card in self.cards.values():
            cards.addWidget(card, 1)
        page.addLayout(cards, 1)
        page.addWidget(self.remarks)
        page.addWidget(self.table)
        self.pages = QStackedWidget()
        self.pages.addWidget(content)
        self.pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(10)
        layout.addLayout(self._controls())
        layout.addWidget(self.pages, 1)

    def _controls(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.addWidget(self.budget)
        bar.addSpacing(12)
        for widget in (ToneLabel("secondary_text", "a grid with"), self.levels):
            bar.addWidget(widget)
        bar.addWidget(ToneLabel("secondary_text", "of each number"))
        bar.addStretch(1)
        for item in (self.y_box, self._against, self.x_box, self.swap):
            bar.addWidget(item)
        return bar

    def _connect(self) -> None:
        self._background.done.connect(self._on_done)
        self._pause.timeout.connect(self._ask)
        self._store.plan_changed.connect(self._update)
        self._store.pending_changed.connect(self._update)
        self._store.status_changed.connect(self._update_controls)
        self._verbs.changed.connect(self._update)
        self.budget.valueChanged.connect(self._on_budget)
        self.levels.activated.connect(self._on_levels)
        self.x_box.activated.connect(self._on_axis)
        self.y_box.activated.connect(self._on_axis)
        self.swap.clicked.connect(self._on_swap)
        for card in self.cards.values():
            card.chosen.connect(self._on_use)

    # --- what is asked ---

    @Slot()
    def _update(self) -> None:
        """The plan, the pending region or the budget may be others."""
        self._update_controls()
        is_empty = not len(self._store.plan.space)
        self.pages.setCurrentIndex(1 if is_empty else 0)
        if is_empty:
            self._shown = None
            self._show_pair((), "")
        elif self.isVisible() and (self._shown is None or self._shown.asked != self._question()):
            self._pause.start()

    @Slot()
    def _ask(self) -> None:
        if len(self._store.plan.space):
            self._background.ask(partial(coverage_figures.figures, self._question()))

    def _question(self) -> coverage_figures.Preview:
        return coverage_figures.asked_of(self._store.plan, self._verbs.trials, self._store.pending)

    @Slot(object)
    def _on_done(self, found: object) -> None:
        # An answer to an older question is replaced by the next one, which is on its way.
        if isinstance(found, Figures) and found.asked.space == self._store.plan.space:
            self._shown = found
            self._show_pair(found.asked.space.names, *coverage_figures.kept_pair(found.asked.space, *self._pair))
            self._show()

    # --- what is shown ---

    def _show(self) -> None:
        shown = self._shown
        if shown is None:
            return
        space, region = shown.asked.space, shown.asked.region
        x, y = space[self._pair[0]], space[self._pair[1]] if self._pair[1] else None
        tone = "pending" if region != self._store.plan.region else "region"
        for found in shown.found:
            card = self.cards[found.strategy]
            where = coverage_figures.dots(space, found, x.name, y.name if y is not None else None)
            card.plot.show_dots(where, region, x, y, tone=tone)
            card.takes.setText(coverage_figures.takes(shown, found.strategy))
            card.plot.setAccessibleDescription(card.takes.text())
        self.lesson.setText(coverage_figures.lesson(shown, x.name))
        self._fill_table(shown)
        self._update_controls()

    def _fill_table(self, shown: Figures) -> None:
        rows = coverage_figures.rows(shown)
        self.table.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = self.table.item(row, column)
                if item is None:
                    self.table.setItem(row, column, QTableWidgetItem(text))
                else:
                    item.setText(text)
        # As high as its rows, up to seven of them: the pictures take what is left.
        shown_rows = min(max(len(rows), 1), MOST_ROWS)
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + shown_rows * ROW_HEIGHT + 4)

    def _show_pair(self, names: Sequence[str], x: str, y: str = "") -> None:
        """Have two of the names chosen in the boxes; there is no y where only one parameter is searched."""
        self._pair = x, y
        for box, name in ((self.x_box, x), (self.y_box, y)):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(names if name else [])
                box.setCurrentText(name)
        for widget in (self.y_box, self._against, self.swap):
            widget.setVisible(bool(y))
        self.x_box.setEnabled(bool(y))

    @Slot()
    def _update_controls(self) -> None:
        status, search = self._store.status, self._store.plan.definition.search
        writable = status.read_only is None
        with QSignalBlocker(self.budget):
            self.budget.setValue(self._verbs.trials or 0)
        self._offer_levels(search.levels)
        self.budget.setEnabled(writable and status.run is RunState.IDLE)
        self.levels.setEnabled(writable)
        for strategy, card in self.cards.items():
            card.show_use(used=strategy == search.strategy, possible=writable)
        if self._shown is not None:
            pending = self._shown.asked.region != self._store.plan.region
            said = coverage_figures.remarks(self._shown, search.strategy, pending=pending)
            self.remarks.setText(" ".join(said))
            self.remarks.setVisible(bool(said))

    def _offer_levels(self, chosen: int) -> None:
        """The usual ones, what the study has, and the most that keep to the budget."""
        offered = sorted({*LEVELS, chosen, *([self._shown.fitting] if self._shown is not None else [])})
        if [self.levels.itemData(index) for index in range(self.levels.count())] != offered:
            self.levels.clear()
            for count in offered:
                self.levels.addItem(f"{count} values", count)
        self.levels.setCurrentIndex(offered.index(chosen))

    # --- what a person does ---

    @Slot()
    def _on_budget(self) -> None:
        self._verbs.set_trials(self.budget.trials)

    @Slot()
    def _on_levels(self) -> None:
        self._actions.set_search("levels", self.levels.currentData())

    @Slot()
    def _on_axis(self) -> None:
        """The other axis takes what this one had."""
        x, y = self.x_box.currentText(), self.y_box.currentText()
        if x == y:
            x, y = (self._pair[1], y) if self.sender() is self.y_box else (x, self._pair[0])
        self._turn_to(x, y)

    @Slot()
    def _on_swap(self) -> None:
        self._turn_to(*reversed(self._pair))

    def _turn_to(self, x: str, y: str) -> None:
        if self._shown is not None:
            self._show_pair(self._shown.asked.space.names, x, y)
            self._show()

    @Slot(str)
    def _on_use(self, strategy: str) -> None:
        self._actions.set_search("strategy", strategy)

    # --- Qt ---

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Also how a dialog closes by Esc: nothing goes on behind it."""
        super().hideEvent(event)
        self._pause.stop()
        self._background.close()


def _make_table() -> QTableWidget:
    table = QTableWidget(0, len(NAMES) + 1)
    table.setAccessibleName("Distinct values of each parameter and their largest gap, by strategy")
    table.setHorizontalHeaderLabels(coverage_figures.headings())
    table.setItemDelegate(RowDelegate(table))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.verticalHeader().setVisible(False)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table
