"""Seconds until a search reaches what random search finds with 200 trials: this program, Optuna, KerasTuner.

python -m benchmarks.time_to_target [--seeds 10] [--trials 200] [--patience 300] [--setting RAW-OF-THROUGHPUT.json]
                                    [--same-priority] [--json RAW.json [--resume]] [--markdown]

*The study* is a new one on the digits as the program makes it, 20 epochs, objective val_accuracy after the last one,
with dropout switched on besides: 7 parameters, learning rate, momentum, units, batch size, layers, learning-rate decay
and dropout. All arms train the same networks on the same arrays and evaluate after every epoch. The peers are told the
same space: what has the scale log1m as a 1 − β on a logarithmic one.

*The target* is the same for all arms and seeds: the most of the 360 validation rows that half of the random searches,
one for each seed, or more had right with one of their 200 trials. They are run by this program, fused. One target,
because each seed's own would add the luck of its random search to every ratio. It is compared as a number of rows, and
reached by as many or more.

*The arms* take turns, seed after seed, each in fresh processes:

- this program with its default strategy, coarse to fine, goes its usual way: a study file, a session, the local engine
  with its training process at the lower priority that it always has. Nobody narrows anything.
- Optuna's TPE with the median pruner, told of every epoch; the peers' defaults hold for all that is not named here.
- KerasTuner's Hyperband, 20 epochs at most, factor 3, begun again whenever it is through.

The peers train with Keras ``fit`` in the setting that is best for ``benchmarks.throughput`` on its work "mixed", which
resembles this study most: a step per execution, no ``jit_compile``, one process per processor with a thread each. It
is read from the raw figures of that benchmark if ``--setting`` names them. The processes search together: with Optuna
over its journal file, which it advises for several processes on a machine, with KerasTuner over its own chief process.

*The clock* begins when everything is ready: TensorFlow imported, the data loaded, for this program the training process
started, for the peers all processes and what they search with. Tracing and compiling is counted for everybody. It ends
when the first trial has ended whose objective after its last epoch reaches the target, for this program when that is
saved. A trial that was pruned, or that Hyperband trains on later, counts with the last epoch that it had. A search that
has not got there after ``--patience`` seconds counts as that long, and what rests on it is printed with a "≥".

The figures are medians over the seeds, the ratio is that of the medians; in brackets, the least and the largest of a
seed. All that ended is kept in RAW.json after every search; with ``--resume`` what it holds is not run again.

It is meant for a machine that does nothing else. Where others work too, ``--same-priority`` trains the peers at this
program's lower priority, so that all give way alike; and the CPU seconds, of all processes of an arm until then, say
more than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks.arm_process import ArmFailedError
from benchmarks.throughput import count, machine
from benchmarks.throughput_arm import Setting
from benchmarks.time_to_target_arm import ARMS, RANDOM, Ended, Order
from benchmarks.time_to_target_run import Watched, watch
from benchmarks.time_to_target_table import Results, load, markdown, most_right, save, show, target, time_of

RESEMBLES = "mixed"
_WHAT, _, _HOW = (__doc__ or "").split("\n\n", 2)
# A random search ends by its trials; this only keeps one that hangs from lasting for ever.
_RANDOM_PATIENCE = 3_600.0


def main() -> int:
    options = _parser().parse_args()
    results = _begun(options)
    print(_HOW)
    try:
        _set_target(results, options)
        for seed in range(options.seeds):
            _turn(results, seed, options)
    except ArmFailedError as error:
        print(error, file=sys.stderr)
        return 1
    show(results)
    if options.markdown:
        print(f"\n{markdown(results)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.time_to_target", description=_WHAT)
    parser.add_argument("--seeds", type=count, default=10, metavar="N")
    parser.add_argument("--trials", type=count, default=200, metavar="N", help="of a random search (default: 200)")
    parser.add_argument("--patience", type=count, default=300, metavar="SECONDS", help="with a search (default: 300)")
    parser.add_argument("--setting", type=Path, metavar="PATH", help="of the peers: the best in these raw figures")
    parser.add_argument("--same-priority", action="store_true", help="the peers train at a lower priority too")
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep all raw figures in this file")
    parser.add_argument("--resume", action="store_true", help="go on with what this file holds")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown too")
    return parser


def _begun(options: argparse.Namespace) -> Results:
    """Nothing yet, or what was kept. SystemExit in words where that was measured in another way."""
    results = Results(machine(), options.trials, setting_of(options.setting), options.same_priority)
    if not options.resume:
        return results
    if options.json is None:
        raise SystemExit("--resume goes on with what --json names")
    return resumed(results, load(options.json)) if options.json.exists() else results


def resumed(asked: Results, kept: Results) -> Results:
    """What was kept, if it was measured as it is asked for now. SystemExit if not."""
    for name in ("trials", "setting", "niced"):
        if getattr(asked, name) != getattr(kept, name):
            raise SystemExit(f"kept with {name} {getattr(kept, name)}, asked for with {getattr(asked, name)}")
    return kept


def setting_of(raw: Path | None) -> Setting:
    """The best for the work that resembles this one, in raw figures of the throughput benchmark, or as it was found."""
    if raw is None:
        return Setting(processes=os.cpu_count() or 1)
    works = json.loads(raw.read_text(encoding="utf-8"))["works"]
    if RESEMBLES not in works:
        raise SystemExit(f"{raw}: no figures of the work {RESEMBLES!r}")
    return Setting(**works[RESEMBLES]["setting"])


def _set_target(results: Results, options: argparse.Namespace) -> None:
    for seed in range(options.seeds):
        if seed not in results.random:
            results.random[seed] = watch(
                Order(RANDOM, seed), patience=_RANDOM_PATIENCE, enough=lambda ended: len(ended) >= options.trials
            )
            _keep(results, options)
        _tell(RANDOM, seed, f"{most_right(results.random[seed].ended)} rows right at best")
    _tell("target", None, f"{target(results)} rows right")


def _turn(results: Results, seed: int, options: argparse.Namespace) -> None:
    """Every arm once."""
    for arm in ARMS:
        if not results.is_done(arm, seed, options.patience):
            searched = _searched(results, arm, seed, options.patience)
            results.arms.setdefault(arm, {})[seed] = searched
            _keep(results, options)
        _tell(arm, seed, f"{time_of(results.arms[arm][seed], target(results))} s")


def _searched(results: Results, arm: str, seed: int, patience: float) -> Watched:
    right = target(results)

    def enough(ended: list[Ended]) -> bool:
        return bool(ended) and most_right(ended) >= right

    return watch(Order(arm, seed, results.setting, niced=results.niced), patience=patience, enough=enough)


def _keep(results: Results, options: argparse.Namespace) -> None:
    if options.json is not None:
        save(results, options.json)


def _tell(what: str, seed: int | None, figure: str) -> None:
    print(f"{what}{'' if seed is None else f', seed {seed}'}: {figure}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
