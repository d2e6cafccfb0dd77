"""How much the training process grows with the trials that it has finished.

python -m benchmarks.memory_growth [--trials 3000] [--warm-up 500]

Short trials on the digits data, of all widths, depths and mini-batch sizes, fused, through a session and a study file.
The resident memory of the training process is noted whenever 25 more trials have ended. What grows during the warm-up
is not counted: programs of all shapes are traced in it.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence

import numpy as np
import psutil

from benchmarks.measure import verdict
from benchmarks.throughput_session import SearchFailedError, search
from benchmarks.throughput_works import Work
from tuner_gui.study.events import Event, TrainerLoad, TrialEnded

GOAL_MB = 50.0
NOTE_EVERY = 25
# One reading can be off by what is being sent at that moment.
READINGS = 4

WORK = Work(
    name="growth",
    title="digits, widths 16–128, 1–3 layers, batch 32 / 64 / 128, SGD and Adam, 2 epochs",
    goal=GOAL_MB,
    epochs=2,
    searched=("learning_rate", "momentum", "units", "layers", "batch_size", "optimizer"),
)


class Memory:
    """Readings of a process, in MB, and how many trials had ended at each of them."""

    def __init__(self, process: psutil.Process) -> None:
        self.ended: list[int] = []
        self.megabytes: list[float] = []
        self.traces = 0
        self._process = process
        self._count = 0

    def take(self, event: Event) -> None:
        if isinstance(event, TrainerLoad):
            self.traces = event.traces
        elif isinstance(event, TrialEnded):
            self._count += 1
            if self._count % NOTE_EVERY == 0:
                self.ended.append(self._count)
                self.megabytes.append(self._process.memory_info().rss / 1e6)

    def after(self, warm_up: int) -> tuple[list[int], list[float]]:
        """What was read when at least so many trials had ended."""
        first = next(index for index, ended in enumerate(self.ended) if ended >= warm_up)
        return self.ended[first:], self.megabytes[first:]


def growth(ended: Sequence[int], megabytes: Sequence[float]) -> float:
    """MB per 1,000 trials, from the first readings to the last ones."""
    trials = statistics.mean(ended[-READINGS:]) - statistics.mean(ended[:READINGS])
    return 1000 * (statistics.median(megabytes[-READINGS:]) - statistics.median(megabytes[:READINGS])) / trials


def main() -> None:
    options = _options()
    with search(WORK.definition(seed=0), fused=True) as running:
        running.warm_up()
        process = running.training_process
        memory = Memory(process)
        running.run(options.trials, memory.take)
        if running.training_process.pid != process.pid:
            raise SearchFailedError("the training process was replaced: its memory says nothing")
    ended, megabytes = memory.after(options.warm_up)
    print(f"{WORK.title}; {options.trials:,} trials, {memory.traces} traces")
    print(f"resident after {ended[0]:,} trials: {megabytes[0]:,.0f} MB, after {ended[-1]:,}: {megabytes[-1]:,.0f} MB")
    print(
        f"largest: {max(memory.megabytes):,.0f} MB; straight line: {1000 * np.polyfit(ended, megabytes, 1)[0]:.1f} MB"
    )
    print(verdict("growth per 1,000 finished trials", growth(ended, megabytes), goal=GOAL_MB, unit="MB"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory_growth", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--trials", type=int, default=3_000, metavar="N")
    parser.add_argument("--warm-up", type=int, default=500, metavar="N", help="trials before the first reading")
    options = parser.parse_args()
    least = max(options.warm_up, 0) + 2 * READINGS * NOTE_EVERY
    if options.trials < least:
        parser.error(f"--trials {options.trials}: expected at least {least}, so that there is something to compare")
    return options


if __name__ == "__main__":
    main()
