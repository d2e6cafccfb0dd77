"""What every benchmark needs: whole commands timed in turn, medians, and one line per figure with its goal."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

IMPORT_TENSORFLOW = [sys.executable, "-c", "import tensorflow"]


def quiet_environment() -> dict[str, str]:
    """The environment of a measured command: no screen needed, no chatter of TensorFlow."""
    return {"QT_QPA_PLATFORM": "offscreen", **os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}


def seconds_of(command: Sequence[str]) -> float:
    """Wall-clock seconds of a whole command, from its start to its end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, env=quiet_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def interleaved(measures: Mapping[str, Callable[[], float]], *, runs: int) -> dict[str, list[float]]:
    """Each measure ``runs`` times, in turn, after one uncounted round, so that a slow spell hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for run in range(runs + 1):
        for name, measure in measures.items():
            seconds = measure()
            if run:
                taken[name].append(seconds)
    return taken


def line(what: str, values: Sequence[float], unit: str = "s") -> str:
    low, high = min(values), max(values)
    return f"{what:<58} {statistics.median(values):8.3f} {unit}   ({low:.3f} – {high:.3f})"


def ratio_line(what: str, ours: Sequence[float], theirs: Sequence[float], *, goal: float) -> str:
    """The ratio of the medians against its goal (at most)."""
    ratio = statistics.median(ours) / statistics.median(theirs)
    return verdict(what, ratio, goal=goal)


def verdict(what: str, figure: float, *, goal: float, unit: str = "", at_least: bool = False) -> str:
    """The figure against its goal: the most that it may be, or ``at_least``."""
    reached = figure >= goal if at_least else figure <= goal
    bound = "at least" if at_least else "at most"
    return f"{what:<58} {figure:8.3f} {unit:<3} (goal: {bound} {goal:g}; {'reached' if reached else 'MISSED'})"
