"""One trial: what came of it, with which values, its curves, its final figure, and what a person noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.delegates.state_sign import SIGN_SIZE, paint_state, tone_of
from tuner_gui.gui.parts.labels import ElidedLabel, ToneLabel
from tuner_gui.gui.parts.notes import NotesEdit
from tuner_gui.gui.parts.sparkline import Sparkline, curves_of
from tuner_gui.gui.parts.values_list import ValuesList
from tuner_gui.gui.store import Batch, Store
from tuner_gui.gui.theme import current_theme
from tuner_gui.gui.try_dialog import TryDialog
from tuner_gui.search.progress import format_duration
from tuner_gui.space.parameters import Value
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import applies
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import Objective
from tuner_gui.study.events import FinalFigure, TrialState
from tuner_gui.study.history import History, Trial
from tuner_gui.study.writer import KEPT_WEIGHTS

_EMPTY = "Click a trial in a plot or in the table.\nIts values, curves and notes will be here."
_WHY_APART = (
    "No trial was chosen by the test part, so its figure is honest. Ask for it once, for the trial you keep: "
    "choosing by it would make it a second validation part."
)
_NOT_KEPT = f"Only the best {KEPT_WEIGHTS} trials keep the weights that this needs."
_MOST_CURVES = 2


class StateSign(QWidget):
    """The sign of a state, beside the word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = TrialState.RUNNING
        self.setFixedSize(QSize(int(SIGN_SIZE) + 3, int(SIGN_SIZE) + 3))

    def show_state(self, state: TrialState) -> None:
        self._state = state
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_state(painter, QPointF(self.width() / 2, self.height() / 2), self._state, current_theme())
        painter.end()


class TrialPanel(QWidget):
    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Trial")
        self._store = store
        self._actions = actions
        self._shown: int | None = None
        self._make_widgets()
        empty = ToneLabel("secondary_text", _EMPTY, wrap=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout(self)
        self._area = self._in_scroll_area()
        self._pages.addWidget(self._area)
        self._pages.addWidget(empty)
        self.notes.note_written.connect(self._on_note_written)
        self.ask.clicked.connect(self._ask_final_figure)
        self.again.clicked.connect(self._ask_values)
        self.prune.clicked.connect(self._on_prune)
        self.protect.clicked.connect(self._on_protect)
        store.selection_changed.connect(self._update)
        store.plan_changed.connect(self._update)
        store.history_paced.connect(self._on_history_changed)
        self._update()

    @property
    def trial(self) -> Trial | None:
        """The trial that is shown: the one in focus of the selection."""
        selection = self._store.selection
        return self._store.history.trial(selection[0]) if selection else None

    def _make_widgets(self) -> None:
        self._sign = StateSign()
        self.title = ToneLabel(bold=True)
        self.state = ToneLabel()
        self.others = ElidedLabel("secondary_text", smaller=1)
        self.value = ToneLabel(smaller=-6, bold=True)
        self.metric_name = ElidedLabel("secondary_text")
        self.facts = ElidedLabel("secondary_text", smaller=1)
        self.runs = ToneLabel("secondary_text", smaller=1, wrap=True)
        self.reason = ToneLabel("bad", wrap=True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sparklines = [Sparkline() for _ in range(_MOST_CURVES)]
        self.legend = ToneLabel("secondary_text", "solid: validation   dashed: training", smaller=1)
        self.values, self.pinned = ValuesList(), ValuesList("secondary_text")
        self.final = ToneLabel(wrap=True)
        self.why_apart = ToneLabel("secondary_text", _WHY_APART, smaller=1, wrap=True)
        self.ask = QPushButton("Find the final figure")
        self.ask.setToolTip("Evaluate this trial on the test part; works for the best few, whose weights are kept")
        self.prune = QPushButton("Prune")
        self.prune.setToolTip("Give this trial up now; its curve so far stays and counts as evidence")
        self.protect = QPushButton("Protect")
        self.protect.setCheckable(True)
        self.protect.setToolTip("Keep this trial from being given up by the pruning rule")
        self.again = QPushButton("Try again with…")
        self.again.setToolTip("Train these values, or others near them, with one or several new seeds")
        self.notes = NotesEdit()

    def _in_scroll_area(self) -> QScrollArea:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(5)
        layout.addLayout(_row(self._sign, self.title, self.state, self.others, stretched=self.others))
        layout.addLayout(_row(self.value, self.metric_name, stretched=self.metric_name))
        layout.addWidget(self.runs)
        layout.addWidget(self.facts)
        layout.addWidget(self.reason)
        self._training = QWidget()
        buttons = _row(self.prune, self.protect, stretched=None)
        buttons.setContentsMargins(0, 0, 0, 0)
        self._training.setLayout(buttons)
        layout.addWidget(self._training)
        layout.addLayout(_row(*self.sparklines, stretched=None))
        layout.addWidget(self.legend)
        layout.addWidget(self.values)
        layout.addLayout(_row(self.again, QWidget(), stretched=None))
        layout.addWidget(self.notes)
        layout.addWidget(_heading("Final figure, on the test part"))
        layout.addWidget(self.final)
        layout.addWidget(self.why_apart)
        layout.addLayout(_row(self.ask, QWidget(), stretched=None))
        layout.addWidget(_heading("Pinned"))
        layout.addWidget(self.pinned)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    @Slot(Batch)
    def _on_history_changed(self, batch: Batch) -> None:
        trial = self.trial
        if trial is not None and (trial.number in batch.trials or self._has_news_of_repeats(trial, batch)):
            self._update()

    def _has_news_of_repeats(self, trial: Trial, batch: Batch) -> bool:
        roots = self._store.history.root_column
        return any(roots[number - 1] == roots[trial.number - 1] for number in batch.ended)

    @Slot()
    def _update(self) -> None:
        trial = self.trial
        self._pages.setCurrentIndex(1 if trial is None else 0)
        if trial is None:
            self.notes.show_note(None, "")
            return
        if trial.number != self._shown:
            self._shown = trial.number
            self._area.verticalScrollBar().setValue(0)
        self._show_head(trial)
        self._show_curves(trial)
        self._show_values(trial)
        self._show_final(trial)
        self.again.setEnabled(self._store.status.read_only is None)
        self.notes.setReadOnly(self._store.status.read_only is not None)
        self.notes.show_note(trial.number, self._store.history.notes.get(trial.number, ""))

    def _show_head(self, trial: Trial) -> None:
        objective = self._store.plan.definition.objective
        best = self._store.history.best(objective)
        others = len(self._store.selection) - 1
        self._sign.show_state(trial.state)
        self.title.setText(f"Trial {trial.number}")
        self.state.setText(str(trial.state))
        self.state.set_tone(tone_of(trial.state) if trial.state is not TrialState.FINISHED else "secondary_text")
        self.others.setText(f"and {others} more selected" if others else "")
        is_best = best is not None and best.number == trial.number
        curve = self._store.history.curve(trial.number, objective.metric)
        so_far = trial.state is TrialState.RUNNING and len(curve) > 0
        self.value.setText(format_value(float(curve[-1]) if so_far else trial.value))
        what = "  ★ the best so far" if is_best else " so far" if so_far else ""
        self.metric_name.setText(f"{objective.metric}{what}")
        self.runs.setText(_runs_words(self._store.history, objective, trial))
        self.runs.setVisible(bool(self.runs.text()))
        self.facts.setText(self._facts(trial))
        self.reason.setText(trial.reason or "")
        self.reason.setVisible(bool(trial.reason))
        is_running = trial.state is TrialState.RUNNING and self._store.status.read_only is None
        self._training.setVisible(is_running)
        self.prune.setAccessibleName(f"Prune trial {trial.number}")
        self.protect.setAccessibleName(f"Protect trial {trial.number} from pruning")
        self.protect.setChecked(trial.number in self._store.history.protected)

    def _facts(self, trial: Trial) -> str:
        epochs, planned = self._store.history.epochs(trial.number), self._store.plan.definition.model.epochs
        facts = [f"stage {trial.stage}", f"{epochs} of {planned} epochs" if epochs < planned else f"{epochs} epochs"]
        if trial.seconds is not None:
            facts.append(format_duration(trial.seconds))
        facts += [words for words in (_lineage_words(trial.lineage),) if words]
        facts.append(f"started {_local(trial.started_at)}")
        return " · ".join(facts)

    def _show_curves(self, trial: Trial) -> None:
        definition = self._store.plan.definition
        curves = curves_of(self._store.history, trial.number, definition.objective.metric)[:_MOST_CURVES]
        measured = self._store.history.epochs(trial.number) > 0
        for number, sparkline in enumerate(self.sparklines):
            sparkline.setVisible(measured and number < len(curves))
            if number < len(curves):
                sparkline.show_curves(curves[number], epochs=definition.model.epochs)
        self.legend.setVisible(measured)

    def _show_values(self, trial: Trial) -> None:
        """What was drawn for the trial, in order of the space; then what was pinned and is read by its optimizer."""
        definition = self._store.plan.definition
        values, space = trial.values, definition.space
        drawn = [(p.name, format_in(p, values[p.name])) for p in space if p.name in values]
        drawn += [(name, format_value(value)) for name, value in values.items() if name not in space]
        everything = definition.hyperparameters(values)
        optimizer, kind = frozenset({str(everything["optimizer"])}), definition.model.kind
        rest = [(n, format_value(v)) for n, v in everything.items() if n not in values and applies(n, optimizer, kind)]
        self.values.show_values(drawn)
        self.pinned.show_values(rest)

    def _show_final(self, trial: Trial) -> None:
        figure = self._store.history.final_figures.get(trial.number)
        finished = trial.state is TrialState.FINISHED
        self.final.setText(_final_words(figure) if figure else "" if finished else "Only for finished trials.")
        self.final.setVisible(figure is not None or not finished)
        self.why_apart.setVisible(finished and figure is None)
        self.ask.setVisible(finished and figure is None)
        kept = trial.number in self._store.trials_with_weights()
        self.ask.setEnabled(kept and self._store.status.read_only is None)
        self.why_apart.setText(_WHY_APART if kept else _NOT_KEPT)

    @Slot(int, str)
    def _on_note_written(self, trial: int, text: str) -> None:
        self._actions.add_note(trial, text)

    @Slot()
    def _ask_values(self) -> None:
        if self.trial is None:
            return
        dialog = TryDialog(self._store.plan.space, _values_in(self._store.plan.space, self.trial), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.asked.connect(self._try)
        dialog.open()

    @Slot(object, int)
    def _try(self, values: dict[str, Value], times: int) -> None:
        trial = self.trial
        if trial is None:
            return
        same = all(trial.value_of(name) == value for name, value in values.items())
        self._actions.try_values(values, times=times, lineage={"repeats" if same else "from": trial.number})

    @Slot()
    def _on_prune(self) -> None:
        if self.trial is not None:
            self._actions.prune([self.trial.number])

    @Slot(bool)
    def _on_protect(self, on: bool) -> None:
        if self.trial is not None:
            self._actions.protect([self.trial.number], on=on)

    @Slot()
    def _ask_final_figure(self) -> None:
        if self.trial is not None:
            self._actions.ask_final_figure(self.trial.number)


def _row(*widgets: QWidget, stretched: QWidget | None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1 if stretched in (None, widget) else 0)
    return row


def _values_in(space: Space, trial: Trial) -> dict[str, Value]:
    """What the trial had of the parameters that are searched now."""
    return {name: value for name in space.names if (value := trial.value_of(name)) is not None}


def _runs_words(history: History, objective: Objective, trial: Trial) -> str:
    """Where the trial has repeats: their mean with its spread, and what cannot be told from it."""
    first = int(history.root_column[trial.number - 1])
    standings = history.standings(objective)
    if standings.runs(first) < 2:
        return ""
    standing = standings.standing(first)
    numbers = ", ".join(f"#{number}" for number in history.repeats(first + 1))
    words = f"mean {standing.value_words} over {standing.runs_words}: {numbers}"
    return f"{words}. It {standing.like_words}." if standing.like_words else words


def _lineage_words(lineage: Mapping[str, Value] | None) -> str:
    """Where values come from that no strategy drew."""
    if not lineage:
        return ""
    if "repeats" in lineage:
        return f"repeats #{lineage['repeats']}"
    return f"changed from #{lineage['from']}" if "from" in lineage else "by hand"


def _heading(text: str) -> ToneLabel:
    heading = ToneLabel("text", text, bold=True)
    heading.setContentsMargins(0, 6, 0, 0)
    return heading


def _final_words(figure: FinalFigure) -> str:
    metrics = ", ".join(f"{name} {format_value(value)}" for name, value in figure.metrics.items())
    return f"{metrics}, found {_local(figure.at)}"


def _local(at: str) -> str:
    """A moment in UTC as the clock on the wall shows it."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
