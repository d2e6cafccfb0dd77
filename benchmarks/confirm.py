"""What repeating the best few with other seeds brings, against the best single run, with the same number of trials.

python -m benchmarks.confirm [--shares 0.1,0.2,0.4] [--trials 50,100,200] [--repeats 50] [--strategy NAME]

On the tables of ``benchmarks/search_tables.py``, in batches of 32; the noisy ones (australian, car, credit_g) and the
other five apart. The search gives a share of its trials to repeats just as a study does, by ``search/confirming.py``:
the last ones, in order of the means, at most five runs of each. A repeat draws a seed that was not drawn yet. The score
is the true regret of what is called the best: the share of all settings, in %, whose mean over the seeds is better;
printed are median and mean over tables and repeats.

The tables have 5 seeds of a setting, 4 in three of the others: five runs are all that is known of it, so that the means
are somewhat better here than five of very many seeds would be.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from multiprocessing import get_context

import numpy as np

from benchmarks.search_tables import NOISY, OBJECTIVE, REPORTED, Table, table
from tuner_gui.search.confirming import is_by_search
from tuner_gui.search.drawing import Drawing
from tuner_gui.search.run_state import RunState
from tuner_gui.search.strategies import STRATEGIES
from tuner_gui.study.definition import ModelSettings, SearchSettings, new_definition
from tuner_gui.study.events import TrialEnded, TrialQueued, TrialStarted, TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan, first_plan

BATCH = 32
GROUPS = {"noisy tables": NOISY, "the other five": tuple(name for name in REPORTED if name not in NOISY)}

Job = tuple[str, int, int, float, str]


def main() -> int:
    options = _parser().parse_args()
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for trials, share in product(options.trials, (0.0, *options.shares)):
            found = {}
            for group, names in GROUPS.items():
                jobs = list(product(names, range(options.repeats), [trials], [share], [options.strategy]))
                found[group] = np.array(list(pool.map(regret_of, jobs, chunksize=5)))
            found["all eight"] = np.concatenate(list(found.values()))
            how = f"{share:4.0%} repeats" if share else "single run  "
            for group, regrets in found.items():
                figures = f"median {np.median(regrets):5.2f} %, mean {regrets.mean():5.2f} %"
                print(f"{trials:>4} trials, {how}, {group:<14}: {figures}", flush=True)
    return 0


def regret_of(job: Job) -> float:
    """The true regret of what a search of so many trials calls the best."""
    name, seed, trials, share, strategy = job
    where = table(name)
    plan = _plan(where, seed, SearchSettings(strategy, confirm=share))
    history = _searched(where, plan, trials)
    best = history.best(OBJECTIVE)
    return float(where.regret[where.row(dict(best.values))]) if best is not None else 100.0


def _plan(where: Table, seed: int, search: SearchSettings) -> Plan:
    usual = new_definition("digits", seed=seed)
    return first_plan(
        replace(usual, space=where.space, objective=OBJECTIVE, search=search, model=ModelSettings(epochs=0))
    )


def _searched(where: Table, plan: Plan, trials: int) -> History:
    history, search = History(), RunState(trials, None)
    drawing, noise = Drawing(history), np.random.default_rng((plan.definition.seed, 77))
    seeds: dict[int, list[int]] = {}
    while search.started < trials:
        batch = _begun(drawing, plan, search, history)
        for queued in batch:
            row = where.row(dict(queued.values))
            order = seeds.setdefault(row, noise.permutation(where.observed.shape[1]).tolist())
            value = float(where.observed[row, order.pop()]) if order else float("nan")
            history.apply(TrialEnded(queued.trial, TrialState.FINISHED, 0.0, value))
        search.training.clear()
    return history


def _begun(drawing: Drawing, plan: Plan, search: RunState, history: History) -> list[TrialQueued]:
    """As the session does it: until the lanes are full, or what comes next waits for what trains."""
    begun: list[TrialQueued] = []
    while len(begun) < BATCH and (queued := drawing.next(plan, search)) is not None:
        history.apply(queued)
        drawing.take()
        fixed = plan.definition.fixed_beside(queued.values)
        history.apply(TrialStarted(queued.trial, queued.stage, queued.values, queued.seed, "", fixed, queued.lineage))
        search.started += 1
        search.repeats += is_by_search(queued.lineage)
        search.training.add(queued.trial)
        begun.append(queued)
    return begun


def _parser() -> argparse.ArgumentParser:
    what = (__doc__ or "").split("\n\n", 1)[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.confirm", description=what)
    parser.add_argument("--shares", type=_numbers(float), default=[0.1, 0.2, 0.3, 0.4], metavar="SHARE,…")
    parser.add_argument("--trials", type=_numbers(int), default=[50, 100, 200], metavar="N,…")
    parser.add_argument("--repeats", type=int, default=50, metavar="N")
    parser.add_argument("--strategy", choices=STRATEGIES, default="coarse-to-fine")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    return parser


def _numbers(kind: type[int | float]) -> Callable[[str], list[float]]:
    def numbers(words: str) -> list[float]:
        return [kind(word) for word in words.split(",")]

    return numbers


if __name__ == "__main__":
    raise SystemExit(main())
