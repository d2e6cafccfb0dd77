"""Trials per minute: this program, fused and one by one, against Keras ``fit`` under Optuna and under KerasTuner.

python -m benchmarks.throughput [--work S,M,L,mixed] [--repeats 5] [--trials 64] [--peer-trials 16] [--json RAW.json]
                                [--markdown]

All arms search at random over the same space, train the same networks on the same arrays, and evaluate after every
epoch. The arms take turns, each in a fresh process, and the medians over the repeats are compared.

*This program* goes its usual way: a study file, a session, the local engine with its training process, which runs at
a lower priority as it always does. *Peers*: Optuna with its study in memory, ``clear_session`` before each trial;
KerasTuner's RandomSearch as shipped, and with its checkpoint callback removed. A trial whose loss is not finite ends
at once here, and after the epoch in the peers.

The peers get the best of ``jit_compile`` on and off, one step or a whole epoch per execution, one process with all
threads or one process per processor with a thread each, and oneDNN on and off (off is tried with the two settings that
were best with it). Which is best is found for each work with Keras under Optuna, a few trials a setting; the figures
of that round are printed and not counted. All else is as Keras has it by default. Processes of one arm search
independently, with seeds of their own; they start together, and their rates are added.

What is counted begins when everything is ready: TensorFlow imported, the data loaded, for this program also the
training process started. It ends with the last trial, for this program when the run has ended and all is saved.
Tracing and compiling is counted for everybody. A peer may train fewer trials; its rate is scaled up to a whole search,
in which its first trial, the slowest, counts once.

CPU seconds and memory are of all processes of an arm: for this program the one that searches and the one that trains.
The memory is the largest sum of their resident memory, where pages that they share count several times. The share of
the machine's speed counts the arithmetic of matrix products at each trial's own widths, against the speed of a float32
matrix product, 1024 × 1024 × 1024, with all threads, measured in turn with the arms.

It is meant for a machine that does nothing else, for which this program's lower priority would make way: how busy the
processors were before the first arm is printed with the figures.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.arm_process import ArmFailedError
from benchmarks.throughput_arm import OPTUNA, OURS, PEERS, Order, Setting
from benchmarks.throughput_run import Measured, matrix_product_speed, measure
from benchmarks.throughput_table import OfWork, Results, markdown, save, show
from benchmarks.throughput_works import WORKS

CALIBRATION_TRIALS = 4
CALIBRATION_SEED = 1_000
_WHAT, _, _HOW = (__doc__ or "").split("\n\n", 2)


def main() -> int:
    options = _parser().parse_args()
    results = Results(machine(), options.trials, min(options.peer_trials, options.trials))
    print(_HOW)
    for work in options.work:
        results.works[work] = OfWork()
        _calibrate(results, work)
        for repeat in range(options.repeats):
            _round(results, work, repeat)
            if options.json is not None:
                save(results, options.json)
    show(results)
    if options.markdown:
        print(f"\n{markdown(results)}")
    return 1 if results.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=_WHAT)
    parser.add_argument("--work", type=_works, default=list(WORKS), metavar=",".join(WORKS), help="default: all")
    parser.add_argument("--repeats", type=count, default=5, metavar="N")
    parser.add_argument("--trials", type=count, default=64, metavar="N", help="of a search (default: 64)")
    parser.add_argument("--peer-trials", type=count, default=16, metavar="N", help="trained by a peer (default: 16)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep all raw figures in this file")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown too")
    return parser


def _works(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in WORKS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r}: expected some of {', '.join(WORKS)}")
    return names


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1 up")
    return int(text)


def machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "optuna", "keras-tuner"))
    busy = psutil.cpu_percent(interval=2.0)
    return f"{os.cpu_count()} processors, {busy:.0f} % busy beforehand, Python {platform.python_version()}, {packages}"


def _calibrate(results: Results, work: str) -> None:
    """Find the peers' best setting for this work."""
    tried = [
        Setting(jit_compile, whole_epochs, processes)
        for jit_compile, whole_epochs, processes in itertools.product(
            (False, True), (False, True), sorted({1, os.cpu_count() or 1})
        )
    ]
    rates = _try_settings(results, work, tried)
    best = sorted(rates, key=lambda setting: rates[setting], reverse=True)[:2]
    rates |= _try_settings(results, work, [replace(setting, onednn=False) for setting in best])
    if not rates:
        raise SystemExit(f"{work}: Keras under Optuna trains in no setting")
    of_work = results.works[work]
    of_work.calibration = list(rates.items())
    of_work.setting = max(rates, key=lambda setting: rates[setting])


def _try_settings(results: Results, work: str, settings: Sequence[Setting]) -> dict[Setting, float]:
    rates = {}
    for setting in settings:
        trials = max(CALIBRATION_TRIALS, setting.processes)
        measured = _measure(results, Order(OPTUNA, work, trials, CALIBRATION_SEED, setting), str(setting))
        if measured is not None:
            rates[setting] = measured.rate(results.trials)
    return rates


def _round(results: Results, work: str, repeat: int) -> None:
    """Every arm once, and the matrix product."""
    of_work = results.works[work]
    results.speeds.append(matrix_product_speed())
    orders = [
        *(Order(arm, work, results.trials, repeat) for arm in OURS),
        *(Order(arm, work, results.peer_trials, repeat, of_work.setting) for arm in PEERS),
    ]
    for order in orders:
        measured = _measure(results, order, f"repeat {repeat + 1}")
        if measured is not None:
            of_work.arms.setdefault(order.arm, []).append(measured)


def _measure(results: Results, order: Order, what: str) -> Measured | None:
    """None if the arm failed, which is told, kept, and makes the whole benchmark fail."""
    try:
        measured = measure(order)
    except ArmFailedError as error:
        failure = f"{order.work}, {order.arm}, {what}: {error}"
        results.works[order.work].failures.append(failure)
        print(failure, file=sys.stderr, flush=True)
        return None
    rate = measured.rate(results.trials)
    print(f"{order.work}, {order.arm}, {what}: {rate:,.1f} trials / min", file=sys.stderr, flush=True)
    return measured


if __name__ == "__main__":
    sys.exit(main())
