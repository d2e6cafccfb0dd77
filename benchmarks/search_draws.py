"""How long a strategy thinks before a trial, with few and many trials behind it, in batches as a fused search runs.

Two spaces: seven parameters of every kind and scale, and a table, where every value is on a grid and none may be drawn
twice. What the trials are worth plays no part in the time: it is made up.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.search_tables import OBJECTIVE, table
from tuner_gui.search.strategies import Question, Strategy, Values, strategy_for
from tuner_gui.search.strategies.spread import random_values
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.region import full_region
from tuner_gui.space.scales import Scale
from tuner_gui.space.space import Space
from tuner_gui.space.unit import unit_of
from tuner_gui.study.definition import SearchSettings
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Origin, Stage

SEVEN = Space(
    (
        FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG),
        FloatParameter(name="momentum", low=0.9, high=0.999, scale=Scale.LOG1M),
        FloatParameter(name="dropout", low=0.0, high=0.5),
        IntParameter(name="units", low=16, high=128, scale=Scale.LOG),
        IntParameter(name="layers", low=1, high=4),
        ChoiceParameter(name="batch_size", choices=(32, 64, 128)),
        ChoiceParameter(name="activation", choices=("relu", "tanh", "elu")),
    )
)
TABLE = "vehicle"
BATCH, BATCHES = 32, 16
SEED = 0


@dataclass(frozen=True)
class Thought:
    """Milliseconds of a draw on the processor: the median, and the mean, in which the first draw after each batch of
    results counts."""

    median: float
    mean: float


def thought(strategy: str, space: Space, *, past: int) -> Thought:
    """Of the draws that follow after ``past`` finished trials."""
    drawer, study = strategy_for(SearchSettings(strategy)), _Study(space, past)
    drawer.prepare()
    taken: list[float] = []
    for batch in range(BATCHES + 1):
        seconds = study.batch(drawer)
        if batch:  # in the first one all that is kept between draws is made
            taken += seconds
    return Thought(1_000 * statistics.median(taken), 1_000 * statistics.mean(taken))


def spaces() -> dict[str, Space]:
    return {"7 parameters": SEVEN, f"the table {TABLE}": table(TABLE).space}


class _Study:
    def __init__(self, space: Space, past: int) -> None:
        self._space, self._history = space, History()
        self._stage = Stage(1, None, Origin.START, full_region(space))
        self._noise = np.random.default_rng(SEED)
        for number in range(1, past + 1):
            self._start(random_values(space, self._stage.region, seed=SEED, trial=number))
            self._end(number)

    def batch(self, drawer: Strategy) -> list[float]:
        """Draw a batch, then end it; the processor's seconds of each draw."""
        first, seconds = len(self._history) + 1, []
        for _ in range(BATCH):
            question = self._question()
            began = time.thread_time()
            values = drawer.draw(question)
            seconds.append(time.thread_time() - began)
            if values is None:
                raise ValueError("nothing left to try")
            self._start(values)
        for number in range(first, first + BATCH):
            self._end(number)
        return seconds

    def _question(self) -> Question:
        drawn = len(self._history)
        return Question(
            trial=drawn + 1, seed=SEED, space=self._space, region=self._stage.region, history=self._history,
            objective=OBJECTIVE, drawn=drawn,
        )  # fmt: skip

    def _start(self, values: Values) -> None:
        self._history.apply(TrialStarted(len(self._history) + 1, self._stage, values, 0, ""))

    def _end(self, number: int) -> None:
        values = self._history.trial(number).values
        places = np.array([unit_of(parameter, values[parameter.name]) for parameter in self._space])
        worth = 1 - float(np.square(places - 0.4) @ (1 / np.arange(1, len(places) + 1)))
        self._history.apply(
            TrialEnded(number, TrialState.FINISHED, 0.1, worth + 0.02 * float(self._noise.standard_normal()))
        )
