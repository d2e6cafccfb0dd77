"""The progress bar of a search in a terminal."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tuner_gui.commands.progress import Tally, other_words, trial_words
from tuner_gui.study.events import Event, TrialEnded, TrialState

# Of a thousand events a second nobody could read more, and each time the best trial is looked up.
SHOW_EVERY = 0.1


class Bar:
    """A bar for the run with what is done, running and failed, the best value and a range for the time left.

    A trial that failed gets a line with the reason. The others are counted: fifty a second may end.
    """

    def __init__(self, tally: Tally, console: Console) -> None:
        self._tally = tally
        self._began = time.monotonic()
        self._shown = 0.0
        self._progress = Progress(
            BarColumn(bar_width=None), TextColumn("{task.description}", markup=False), console=console, expand=True
        )
        self._task = self._progress.add_task("starting", total=None)
        self._progress.start()

    def take(self, event: Event) -> None:
        self._tally.take(event)
        words = other_words(event)
        if isinstance(event, TrialEnded) and event.state is TrialState.FAILED:
            words = trial_words(self._tally, event)
        if words:
            self._progress.console.print(words, markup=False, highlight=False)
        if time.monotonic() - self._shown >= SHOW_EVERY:
            self.refresh()

    def refresh(self) -> None:
        self._shown = time.monotonic()
        completed, total = self._done()
        self._progress.update(self._task, description=self.words(), completed=completed, total=total)

    def close(self) -> None:
        self.refresh()
        self._progress.stop()

    def words(self) -> str:
        tally = self._tally
        of = "" if tally.total is None else f"/{tally.total}"
        bad = [f"{n} {state}" for state, n in tally.ended.items() if state in (TrialState.FAILED, TrialState.DIVERGED)]
        running = f"{len(tally.running)} running"
        parts = [f"{tally.over}{of} trials", running, tally.rate_words(), *bad, tally.best_words(), tally.left_words()]
        return " · ".join(part for part in parts if part)

    def _done(self) -> tuple[float, float | None]:
        """How far the run is, and of how much: by trials where their number is given, by time where that is."""
        tally = self._tally
        if tally.total is not None:
            return tally.over + sum(tally.running.values()), tally.total
        if tally.budget is not None and tally.budget.seconds is not None:
            passed = time.monotonic() - self._began
            return min(passed, tally.budget.seconds), tally.budget.seconds
        return 0, None
