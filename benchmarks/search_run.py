"""One search in a table, by the program's own strategies and history: what was chosen after each trial."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from benchmarks.search_tables import OBJECTIVE, Table, table
from tuner_gui.search.strategies import Question, Strategy, strategy_for
from tuner_gui.space.parameters import Value
from tuner_gui.space.region import full_region
from tuner_gui.study.definition import SearchSettings
from tuner_gui.study.events import TrialEnded, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Origin, Stage


@dataclass(frozen=True)
class Searched:
    """``regret`` ``[trials]``: the true regret, in %, of the best trial so far as it was observed; ``milliseconds`` of
    a draw on the processor, which other work on the machine does not lengthen."""

    regret: NDArray[np.float64]
    milliseconds: float


def searched(strategy: str, name: str, seed: int, *, trials: int, batch: int) -> Searched:
    """``batch`` trials are drawn before the result of any of them is known."""
    where, drawer = table(name), strategy_for(SearchSettings(strategy))
    drawer.prepare()
    history, rows, spent = History(), [], 0.0
    noise = np.random.default_rng((seed, 77))
    stage = Stage(1, None, Origin.START, full_region(where.space))
    while len(rows) < trials:
        first = len(rows)
        for _ in range(min(batch, trials - first)):
            began = time.thread_time()
            values = _draw(drawer, where, stage, history, seed)
            spent += time.thread_time() - began
            history.apply(TrialStarted(len(history) + 1, stage, values, 0, ""))
            rows.append(where.row(values))
        for number in range(first + 1, len(rows) + 1):
            value = float(noise.choice(where.seeds(rows[number - 1])))
            history.apply(TrialEnded(number, TrialState.FINISHED, 0.0, value))
    best = _first_of_best(history.value_column)
    return Searched(where.regret[np.array(rows)[best]], 1_000 * spent / trials)


def _draw(drawer: Strategy, where: Table, stage: Stage, history: History, seed: int) -> dict[str, Value]:
    question = Question(
        trial=len(history) + 1, seed=seed, space=where.space, region=stage.region, history=history,
        objective=OBJECTIVE, drawn=len(history),
    )  # fmt: skip
    values = drawer.draw(question)
    if values is None:
        raise ValueError("nothing left to try")
    return values


def _first_of_best(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The index of the best value so far, after each, ``[n]``; the earliest of equals."""
    is_record = np.concatenate([[True], values[1:] > np.maximum.accumulate(values)[:-1]])
    return np.maximum.accumulate(np.where(is_record, np.arange(len(values)), 0))


def all_searched(
    strategy: str, names: Sequence[str], *, repeats: int, trials: int, batch: int, processes: int
) -> list[Searched]:
    """Every table with every seed, in several processes."""
    jobs = list(product([strategy], names, range(repeats), [trials], [batch]))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_job, jobs, chunksize=max(1, len(jobs) // (8 * processes))))


def _job(job: tuple[str, str, int, int, int]) -> Searched:
    strategy, name, seed, trials, batch = job
    return searched(strategy, name, seed, trials=trials, batch=batch)
