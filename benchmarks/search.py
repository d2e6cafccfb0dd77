"""What the strategies find in tables of real networks, one at a time and in batches as a fused search runs.

python -m benchmarks.search [--strategies a,b] [--tables reported|tuning|other] [--batch 32] [--repeats 50]
                            [--trials 200]
python -m benchmarks.search --draws [--strategies a,b]

One seed of each setting is observed, the best observed one is chosen, and its score is its *true regret*: the share of
all settings, in %, whose mean over the seeds is better. The figures are medians over tables and repeats. The tables are
described in ``benchmarks/search_tables.py``. With ``--draws`` it is only measured how long a draw takes, with 200 and
with 10,000 trials behind it (``benchmarks/search_draws.py``).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmarks.measure import verdict
from benchmarks.search_draws import spaces, thought
from benchmarks.search_run import Searched, all_searched
from benchmarks.search_tables import OTHER_SHAPE, REPORTED, TUNING
from tuner_gui.search.strategies import STRATEGIES
from tuner_gui.study.definition import SearchSettings

TABLES = {"reported": REPORTED, "tuning": TUNING, "other": OTHER_SHAPE}
MOMENTS = (10, 25, 50, 100, 200)
GOALS = {50: 1.8, 100: 0.8, 200: 0.4}
RANDOM = "random"
MOST_TRIALS_TO_RANDOM = 60
MOST_MILLISECONDS = 0.3
MOST_MILLISECONDS_AFTER = {200: 0.3, 10_000: 1.0}
"""The goals for the strategy that a new study has; others have none."""


@dataclass(frozen=True)
class Line:
    """The median regret after each of the moments, with the interval in which it lies 9 times in 10 when repeats are
    drawn again; ``reached`` is the first trial whose median is what random has after all its trials."""

    strategy: str
    medians: dict[int, float]
    spread: dict[int, tuple[float, float]]
    reached: int | None
    milliseconds: float


def main() -> int:
    options = _parser().parse_args()
    return _draws(options.strategies) if options.draws else _searches(options)


def _draws(strategies: Sequence[str]) -> int:
    for strategy, (past, goal), (name, space) in product(strategies, MOST_MILLISECONDS_AFTER.items(), spaces().items()):
        taken = thought(strategy, space, past=past)
        what = f"{strategy}, {past:,} trials, {name}"
        is_usual = strategy == SearchSettings().strategy
        shown = verdict(what, taken.median, goal=goal, unit="ms") if is_usual else f"{what:<58} {taken.median:8.3f} ms"
        print(f"{shown}, mean {taken.mean:.3f} ms", flush=True)
    return 0


def _searches(options: argparse.Namespace) -> int:
    names, results = TABLES[options.tables], {}
    for strategy in dict.fromkeys((RANDOM, *options.strategies)):
        results[strategy] = all_searched(
            strategy, names, repeats=options.repeats, trials=options.trials, batch=options.batch,
            processes=options.processes,
        )  # fmt: skip
        line = line_of(strategy, results[strategy], results[RANDOM])
        print(words(line), flush=True)
        if options.tables == "reported" and options.batch > 1 and strategy == options.strategies[0]:
            print("\n".join(_verdicts(line)))
    return 0


def line_of(strategy: str, found: Sequence[Searched], by_random: Sequence[Searched]) -> Line:
    regret = np.array([one.regret for one in found])
    moments = [moment for moment in MOMENTS if moment <= regret.shape[1]]
    target = float(np.median([one.regret[-1] for one in by_random]))
    median = np.median(regret, axis=0)
    reached = np.flatnonzero(median <= target)
    resampled = np.random.default_rng(0).integers(len(regret), size=(500, len(regret)))
    spread = {}
    for moment in moments:
        medians = np.median(regret[:, moment - 1][resampled], axis=1)
        spread[moment] = (float(np.quantile(medians, 0.05)), float(np.quantile(medians, 0.95)))
    return Line(
        strategy, {moment: float(median[moment - 1]) for moment in moments}, spread,
        int(reached[0]) + 1 if len(reached) else None, float(np.median([one.milliseconds for one in found])),
    )  # fmt: skip


def words(line: Line) -> str:
    shown = "  ".join(
        f"{moment}: {line.medians[moment]:.2f} ({low:.2f}–{high:.2f})" for moment, (low, high) in line.spread.items()
    )
    reached = "not reached" if line.reached is None else f"after {line.reached}"
    return f"{line.strategy:<15} {shown}  random's end {reached}, {line.milliseconds:.2f} ms a draw"


def _verdicts(line: Line) -> list[str]:
    lines = [
        verdict(f"  regret after {moment} trials", line.medians[moment], goal=goal, unit="%")
        for moment, goal in GOALS.items()
        if moment in line.medians
    ]
    lines.append(verdict("  trials to reach random's end", line.reached or np.inf, goal=MOST_TRIALS_TO_RANDOM))
    return [*lines, verdict("  a draw", line.milliseconds, goal=MOST_MILLISECONDS, unit="ms")]


def _parser() -> argparse.ArgumentParser:
    what = (__doc__ or "").split("\n\n", 1)[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=what)
    parser.add_argument("--strategies", type=_strategies, default=list(STRATEGIES), metavar="NAME,…")
    parser.add_argument("--draws", action="store_true", help="measure how long a draw takes, and nothing else")
    parser.add_argument("--tables", choices=list(TABLES), default="reported")
    parser.add_argument("--batch", type=int, default=32, metavar="N", help="drawn before any result; 1: one at a time")
    parser.add_argument("--repeats", type=int, default=50, metavar="N")
    parser.add_argument("--trials", type=int, default=200, metavar="N")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    return parser


def _strategies(words_given: str) -> list[str]:
    names = words_given.split(",")
    for name in names:
        if name not in STRATEGIES:
            raise argparse.ArgumentTypeError(f"{name!r}: expected some of {', '.join(STRATEGIES)}")
    return names


if __name__ == "__main__":
    raise SystemExit(main())
