"""One line that says how things stand: saved, the training process, the run and how long it takes, the best trial."""

from __future__ import annotations

import time
from datetime import datetime

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from tuner_gui.gui.parts.labels import FittingLabel, ToneLabel
from tuner_gui.gui.parts.progress_strip import ProgressStrip
from tuner_gui.gui.run_pace import RunClock, Work, rate_words
from tuner_gui.gui.store import Batch, RunState, Store
from tuner_gui.search.progress import time_left, words_left
from tuner_gui.study.events import RunStatus, TrainerLoad, TrialState
from tuner_gui.study.history import STATE_CODES
from tuner_gui.study.standing import Standing

_TICK_MS = 1000
_RECENT = 64
_LOST = (TrialState.FAILED, TrialState.DIVERGED)
# What counts as trained; that a process died with sixty trials makes no search faster.
_TRAINED = (TrialState.FINISHED, TrialState.PRUNED, TrialState.DIVERGED)
# With fewer of them no rate is said: one from one trial is not worth reading.
_FEWEST_TRAINED = 3
_ENDS = {RunStatus.DONE: "done", RunStatus.STOPPED: "stopped", RunStatus.FAILED: "failed"}


class StatusLine(QWidget):
    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._last_end = time.monotonic()
        self._run_began: float | None = None
        self._begin_run()
        self.saved = ToneLabel("secondary_text")
        self.trainer = FittingLabel("secondary_text")
        self.strip = ProgressStrip()
        self.progress = ToneLabel()
        self.best = QToolButton()
        self.best.setAutoRaise(True)
        self.best.setToolTip("Select the best trial")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 4, 0)
        layout.setSpacing(14)
        for widget, stretch in (
            (self.saved, 0),
            (self.trainer, 1),
            (self.strip, 0),
            (self.progress, 0),
            (self.best, 0),
        ):
            layout.addWidget(widget, stretch)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self.best.clicked.connect(self._select_best)
        store.status_changed.connect(self._on_status_changed)
        store.load_changed.connect(self._show_training)
        store.history_paced.connect(self._on_history_changed)
        store.plan_changed.connect(self._show_best)
        self._on_status_changed()
        self._show_best()

    def text(self) -> str:
        """All of the line, as it is read out."""
        parts = [self.saved.text(), self.trainer.text(), self.progress.text(), self.best.text()]
        return " · ".join(part for part in parts if part)

    @Slot()
    def _on_status_changed(self) -> None:
        run = self._store.status.run
        self._show_saved()
        if run is RunState.RUNNING and self._run_began is None:
            self._run_began = self._last_end = time.monotonic()
            self._begin_run()
        if run is RunState.RUNNING:
            self._clock.go()
        else:
            self._clock.hold()
        if run is RunState.IDLE:
            self._run_began = None
            self.progress.setMinimumWidth(0)
        self._set_ticking()
        self._show_training()
        self._show_progress()

    def _begin_run(self) -> None:
        self._clock, self._trained_work, self._all_work = RunClock(), Work(), Work()
        self._trained = 0
        self._per_minute: float | None = None

    def _set_ticking(self) -> None:
        """Time runs down only while a search runs, and only where somebody can see it."""
        if self._store.status.run is RunState.RUNNING and self.isVisible():
            self._tick.start()
        else:
            self._tick.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_ticking()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    @Slot(Batch)
    def _on_history_changed(self, batch: Batch) -> None:
        if self._store.status.run is not RunState.IDLE:
            self._note_pace(batch)
        if batch.ended:
            self._last_end = time.monotonic()
            self._show_best()
        self._show_progress()

    def _note_pace(self, batch: Batch) -> None:
        self._trained += sum(self._store.history.trial(number).state in _TRAINED for number in batch.ended)
        if self._per_minute is None:
            self._on_tick()
        else:
            self._note_work()

    def _note_work(self) -> None:
        at, training = self._clock.seconds, self._in_training()
        self._trained_work.note(self._trained + training, at)
        self._all_work.note(self._over() + training, at)

    @Slot()
    def _on_tick(self) -> None:
        """Once a second: a rate that changed with every trial could not be read. A silence counts as well."""
        self._note_work()
        self._per_minute = self._trained_work.per_minute() if self._trained >= _FEWEST_TRAINED else None
        self._show_training()
        self._show_progress()

    @Slot()
    def _show_training(self) -> None:
        """What the training process is, or while a search runs, how busy it is and what comes of it."""
        status, load = self._store.status, self._store.load
        process = _trainer_words(status.trainer, ready=status.trainer_ready)
        running = status.run is not RunState.IDLE
        rate = rate_words(self._per_minute) if running and self._per_minute is not None else ""
        programs, lanes = _load_words(load) if running and load is not None and load.lanes else ("", "")
        lengths = [_joined(programs, lanes, rate), _joined(lanes, rate), rate or lanes]
        self.trainer.show_lengths(*(length or process for length in lengths))
        self.trainer.setToolTip("\n".join(part for part in (lengths[0], _traced_words(load), process) if part))

    def _show_saved(self) -> None:
        status = self._store.status
        if status.read_only is not None:
            self.saved.setText("viewer, nothing is saved")
        elif status.saving_failed is not None:
            self.saved.setText("not saved")
        else:
            self.saved.setText(f"saved {_clock(status.saved_at)}" if status.saved_at else "all saved")
        self.saved.set_tone("bad" if status.saving_failed else "secondary_text")

    @Slot()
    def _show_progress(self) -> None:
        status = self._store.status
        running = status.run is not RunState.IDLE
        self.strip.setVisible(running and status.budget is not None and status.budget.trials is not None)
        if not running:
            self.progress.setText(self._idle_words())
            return
        over, lost, trials = self._over(), self._lost(), status.budget.trials if status.budget else None
        words = [f"{over:,} of {trials:,}" if trials is not None else f"{over:,} done"]
        if lost:
            words.append(f"{lost:,} failed")
        if status.run is RunState.RUNNING:
            words += self._left_words(trials, over)
        else:
            words.append("paused" if status.run is RunState.PAUSED else "stopping …")
        self.progress.setText(", ".join(words))
        # Never narrower again in this run: what stands beside it would jump to and fro with every trial.
        self.progress.setMinimumWidth(max(self.progress.minimumWidth(), self.progress.sizeHint().width()))
        if trials is not None:
            self.strip.show_progress(over - lost + self._in_training(), lost, trials)

    def _idle_words(self) -> str:
        end, total = self._store.status.last_end, len(self._store.history)
        count = _counted(total, "trial")
        if end is None:
            return count
        words = f"{_ENDS[end.status]}, {count}"
        return f"{words}: {end.message}" if end.message and end.status is RunStatus.FAILED else words

    def _over(self) -> int:
        """How many trials of this run are over, in whatever way."""
        counts = self._store.history.counts() if len(self._store.history) else {}
        over = sum(n for state, n in counts.items() if state.is_over)
        return max(0, over - self._store.status.over_at_start)

    def _in_training(self) -> float:
        """What the trials in training are worth in whole ones: the shares of their epochs that are done."""
        return sum(map(self._store.share_done, self._store.history.progress))

    def _lost(self) -> int:
        """How many of this run failed or diverged. All trials of earlier runs were over when it began."""
        states = self._store.history.state_column[self._store.status.over_at_start :]
        return int(np.isin(states, [STATE_CODES[state] for state in _LOST]).sum())

    def _left_words(self, trials: int | None, over: int) -> list[str]:
        now = time.monotonic()
        budget = self._store.status.budget
        most = None
        if budget is not None and budget.seconds is not None and self._run_began is not None:
            most = max(0.0, budget.seconds - (now - self._run_began))
        if trials is None:
            return [words_left((most, most))] if most is not None else []
        left = self._left_by_work(trials - over) or self._left_by_durations(trials - over, now)
        if left is None:
            return []
        low, high = left
        if most is not None:
            low, high = min(low, most), min(high, most)
        return [words_left((low, high))]

    def _left_by_work(self, remaining: int) -> tuple[float, float] | None:
        """Where several trials train at once, by how fast the work of all lanes gets done."""
        load, training = self._store.load, len(self._store.history.progress)
        if training < 2:
            return None
        lanes = min(load.lanes, training) if load is not None and load.lanes else training
        return self._all_work.seconds_for(max(0.0, remaining - self._in_training()), lanes=lanes)

    def _left_by_durations(self, remaining: int, now: float) -> tuple[float, float] | None:
        recent = self._store.history.trials[-_RECENT:]
        durations = [trial.seconds for trial in recent if trial.seconds is not None]
        left = time_left(durations, remaining, max(1, len(self._store.history.progress)))
        if left is None:
            return None
        # While TensorFlow starts nothing trains, and no time that trials need goes by.
        since = now - self._last_end if self._store.history.progress else 0.0
        return left[0] - since, left[1] - since

    @Slot()
    def _show_best(self) -> None:
        best = self._store.history.best_standing(self._store.plan.definition.objective)
        self.best.setVisible(best is not None)
        if best is None:
            return
        runs = f", {best.runs_words}" if best.runs > 1 else ""
        doubt = f"; {_counted(len(best.like), 'other')} as good" if best.like else ""
        self.best.setText(f"best {best.value_words} (#{best.trial}{runs}{doubt})")
        self.best.setAccessibleName(f"Select the best trial, {best.trial}")
        self.best.setToolTip(_best_words(best))

    @Slot()
    def _select_best(self) -> None:
        best = self._store.history.best(self._store.plan.definition.objective)
        if best is not None:
            self._store.select([best.number])


def _best_words(best: Standing) -> str:
    """What the name of the best trial rests on."""
    if best.runs < 2:
        return f"#{best.trial} has the best value in one run. Whether it is the best, repeats with other seeds show."
    words = f"#{best.trial} has the best mean over {best.runs} seeds; ± is the spread between them."
    return f"{words}\nIt {best.like_words}." if best.like_words else words


def _trainer_words(trainer: str, *, ready: bool) -> str:
    if ready:
        return f"training process ready: {trainer}" if trainer else "training process ready"
    return {
        "not started": "training process not started",
        "starting TensorFlow": "starting TensorFlow, a few seconds, once",
    }.get(trainer, f"training process: {trainer}")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _load_words(load: TrainerLoad) -> tuple[str, str]:
    return _counted(load.programs, "program"), _counted(load.lanes, "lane")


def _traced_words(load: TrainerLoad | None) -> str:
    """What fusing costs, for those who want to know."""
    if load is None or not load.traces:
        return ""
    share = 100 * load.waste
    masked = "less than 1 %" if share < 1 else f"{share:.0f} %"
    return f"{_counted(load.traces, 'traced function')}, reused; {masked} of the arithmetic is masked"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _clock(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M")
