"""Which trial comes next: what a person asked for, then what the strategy draws, at the end repeats of the best.

A few wait in a queue.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence

from tuner_gui.search.confirming import is_by_search, next_to_repeat, repeat_of, repeats_left, values_to_repeat
from tuner_gui.search.run_state import RunState
from tuner_gui.search.strategies import Question, Strategy, Values, strategy_for, trial_seed
from tuner_gui.space.parameters import Value
from tuner_gui.space.region import contains
from tuner_gui.study.definition import SearchSettings
from tuner_gui.study.events import TrialQueued
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan

# One trial is drawn ahead, so that the engine never waits for a draw.
DRAWN_AHEAD = 1


class Drawing:
    """Tells what happens by what it returns; the session publishes it. The history must hear of each queued trial."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._queue: deque[TrialQueued] = deque()
        self._asked: deque[tuple[Values, Mapping[str, Value]]] = deque()
        self._strategy: tuple[SearchSettings, Strategy] | None = None

    def __len__(self) -> int:
        """How many trials are queued."""
        return len(self._queue)

    @property
    def has_asked(self) -> bool:
        """Whether a person's own values wait, queued ones not counted."""
        return bool(self._asked)

    def warm_up(self, plan: Plan) -> None:
        """Have the strategy ready before the first draw; where it cannot draw, that draw will say so."""
        with contextlib.suppress(ImportError):
            self._strategy_of(plan)

    def ask(self, points: Sequence[Mapping[str, Value]], lineage: Mapping[str, Value]) -> None:
        """Put a person's own values first."""
        self._asked.extend((dict(point), lineage) for point in points)

    def forget_asked(self) -> None:
        self._asked.clear()

    def next(self, plan: Plan, search: RunState) -> TrialQueued | None:
        """Queue the next trial, if there is room for one and the run wants it. Where everything has been tried, the run
        is told so.

        Raises ValueError or ImportError, in words, where the strategy cannot draw at all.
        """
        asked = self._next_asked(plan)
        if asked is not None or len(self) >= DRAWN_AHEAD or not search.wants_more(queued=len(self)):
            return asked
        share = plan.definition.search.confirm
        if repeats_left(search, share, self._history, queued=len(self)):
            if self._waits(search):
                return None
            if (trial := next_to_repeat(plan, self._history)) is not None:
                return self._queued(plan, values_to_repeat(plan, trial), repeat_of(trial))
        return self._next_drawn(plan, search)

    def _waits(self, search: RunState) -> bool:
        """What still trains may be better than all that has ended. A run without an end waits for nothing."""
        if search.trials is None and search.deadline is None:
            return False
        return any(not is_by_search(self._history.trial(number).lineage) for number in search.training)

    def _next_drawn(self, plan: Plan, search: RunState) -> TrialQueued | None:
        if not search.drawn_out:
            values = self._strategy_of(plan).draw(self._question(plan))
            if values is not None:
                return self._queued(plan, values)
            search.drawn_out = True
            return self.next(plan, search)  # repeats may be left
        search.exhausted = "everything that this strategy would try in this region has been tried"
        return None

    def _next_asked(self, plan: Plan) -> TrialQueued | None:
        """The next of a person's own values; those of another space are forgotten."""
        while len(self._queue) < DRAWN_AHEAD and self._asked:
            values, lineage = self._asked.popleft()
            if set(values) == set(plan.space.names):
                return self._queued(plan, values, lineage)
        return None

    def take(self) -> TrialQueued:
        """The first of the queue, which starts now."""
        return self._queue.popleft()

    def drop(self, *, keep: int = 0) -> list[int]:
        """Give up all but the first ``keep`` queued trials, and return their numbers, which go to the next draws.

        What a person asked for is not given up: it is queued again.
        """
        numbers = []
        while len(self._queue) > keep:
            dropped = self._queue.pop()
            if dropped.lineage is not None and not is_by_search(dropped.lineage):
                self._asked.appendleft((dict(dropped.values), dropped.lineage))
            numbers.append(dropped.trial)
        return numbers

    def still_meant(self, before: Plan, plan: Plan) -> int:
        """How many of the queue, from its front, are as well drawn under another plan."""
        if before.definition.search != plan.definition.search:
            return 0
        names, count = set(plan.space.names), 0
        for queued in self._queue:
            # A stage that the plan lost (by undo) or moved must get no trial: its number may go to another one.
            fits = queued.stage in plan.stages and set(queued.values) == names
            if not fits or not contains(plan.space, plan.region, queued.values):
                break
            count += 1
        return count

    def _strategy_of(self, plan: Plan) -> Strategy:
        settings = plan.definition.search
        if self._strategy is None or self._strategy[0] != settings:
            strategy = strategy_for(settings)
            strategy.prepare()
            self._strategy = settings, strategy
        return self._strategy[1]

    def _question(self, plan: Plan) -> Question:
        of_stage = int((self._history.stage_column == plan.current).sum())
        return Question(
            trial=self._next_number,
            seed=plan.definition.seed,
            space=plan.space,
            region=plan.region,
            history=self._history,
            objective=plan.definition.objective,
            drawn=of_stage + sum(queued.stage.number == plan.current for queued in self._queue),
        )

    def _queued(self, plan: Plan, values: Values, lineage: Mapping[str, Value] | None = None) -> TrialQueued:
        number = self._next_number
        seed = trial_seed(plan.definition.seed, number)
        queued = TrialQueued(number, plan.stage, values, seed, time.monotonic(), lineage)
        self._queue.append(queued)
        return queued

    @property
    def _next_number(self) -> int:
        return len(self._history) + len(self._queue) + 1
