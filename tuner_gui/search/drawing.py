"""Which trial comes next: what a person asked for first, then what the strategy draws; a few wait in a queue."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence

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

    def next_asked(self, plan: Plan) -> TrialQueued | None:
        """Queue the next of a person's own values, if there is room; those of another space are forgotten."""
        while len(self._queue) < DRAWN_AHEAD and self._asked:
            values, lineage = self._asked.popleft()
            if set(values) == set(plan.space.names):
                return self._queued(plan, values, lineage)
        return None

    def next_drawn(self, plan: Plan) -> TrialQueued | None:
        """Queue what the strategy draws; None where it has nothing left to try.

        Raises ValueError or ImportError, in words, where it cannot draw at all.
        """
        values = self._strategy_of(plan).draw(self._question(plan))
        return None if values is None else self._queued(plan, values)

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
            if dropped.lineage is not None:
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
