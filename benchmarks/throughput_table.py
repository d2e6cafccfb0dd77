"""What the throughput benchmark measured, kept as JSON, and the tables made from it.

python -m benchmarks.throughput_table RAW.json          the tables and verdicts, then the tables in Markdown
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import verdict
from benchmarks.throughput_arm import ALONE, FUSED, KERAS_TUNER, NO_CHECKPOINTS, OPTUNA, PEERS, Figures, Setting
from benchmarks.throughput_run import Measured
from benchmarks.throughput_works import WORKS

ARMS = (FUSED, ALONE, *PEERS)
_NOTHING = "–"
_WIDTH = 140


@dataclass
class OfWork:
    """``calibration``: trials per minute of Keras under Optuna in each setting that was tried; ``setting``: the best
    of them, which the peers trained with; ``arms``: what each arm did, a repeat after the other."""

    calibration: list[tuple[Setting, float]] = field(default_factory=list)
    setting: Setting = field(default_factory=Setting)
    arms: dict[str, list[Measured]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


@dataclass
class Results:
    """``trials`` of a search; ``peer_trials``: how many of them a peer trained; ``speeds``: of the matrix product,
    floating-point operations per second, a repeat after the other."""

    machine: str
    trials: int
    peer_trials: int
    speeds: list[float] = field(default_factory=list)
    works: dict[str, OfWork] = field(default_factory=dict)

    @property
    def failures(self) -> list[str]:
        return [failure for work in self.works.values() for failure in work.failures]


def save(results: Results, path: Path) -> None:
    path.write_text(json.dumps(asdict(results), indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Results:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Results(**{**raw, "works": {name: _of_work(work) for name, work in raw["works"].items()}})


def _of_work(raw: Mapping[str, Any]) -> OfWork:
    return OfWork(
        calibration=[(Setting(**setting), rate) for setting, rate in raw["calibration"]],
        setting=Setting(**raw["setting"]),
        arms={arm: [_measured(repeat) for repeat in repeats] for arm, repeats in raw["arms"].items()},
        failures=raw["failures"],
    )


def _measured(raw: Mapping[str, Any]) -> Measured:
    return Measured([Figures(**figures) for figures in raw["processes"]], raw["memory"])


# --- figures of one arm of one work, over the repeats ---


class Arm:
    def __init__(self, results: Results, repeats: Sequence[Measured]) -> None:
        self._results = results
        self._repeats = repeats

    @property
    def rates(self) -> list[float]:
        """Trials per minute of each repeat."""
        return [measured.rate(self._results.trials) for measured in self._repeats]

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def traces(self) -> float:
        """For a whole search, scaled up if fewer trials were trained."""
        trials = self._results.trials
        return self._median(lambda m: trials * sum(figures.traces for figures in m.processes) / m.trials)

    @property
    def waste(self) -> float | None:
        if any(figures.waste is None for m in self._repeats for figures in m.processes):
            return None
        return self._median(lambda m: statistics.mean(figures.waste or 0.0 for figures in m.processes))

    @property
    def cpu_seconds(self) -> float:
        """Of a trial."""
        return self._median(lambda m: sum(figures.cpu_seconds for figures in m.processes) / m.trials)

    @property
    def megabytes(self) -> float:
        return self._median(lambda m: m.memory / 1e6)

    @property
    def share(self) -> float:
        """Of the matrix product's speed."""
        trials = self._results.trials
        speed = self._median(
            lambda m: m.rate(trials) / 60 * sum(figures.flop for figures in m.processes) / m.trials,
        )
        return speed / statistics.median(self._results.speeds)

    @property
    def value(self) -> float:
        """The median trial's accuracy: a sign that all arms train the same."""
        return self._median(lambda m: statistics.median(v for figures in m.processes for v in figures.values))

    def _median(self, figure: Callable[[Measured], float]) -> float:
        return statistics.median(figure(measured) for measured in self._repeats)


def arms_of(results: Results, work: str) -> dict[str, Arm]:
    """The arms that were measured at least once."""
    measured = results.works[work].arms
    return {arm: Arm(results, measured[arm]) for arm in ARMS if measured.get(arm)}


def best_peer(arms: Mapping[str, Arm]) -> str | None:
    return max((arm for arm in PEERS if arm in arms), key=lambda arm: arms[arm].rate, default=None)


# --- on the screen ---


def show(results: Results) -> None:
    console = Console(width=_WIDTH, highlight=False, soft_wrap=True)
    speed = statistics.median(results.speeds) / 1e9 if results.speeds else float("nan")
    console.print(f"{results.machine}; a large float32 matrix product runs at {speed:.1f} GFLOP/s")
    for work in results.works:
        _show_work(console, results, work)
    for work in results.works:
        console.print(_verdict(results, work), markup=False)


def _show_work(console: Console, results: Results, work: str) -> None:
    of_work = results.works[work]
    console.print(f"\n{work}: {WORKS[work].title}, {results.trials} trials")
    console.print("Keras under Optuna, trials / min of the first round, which chose the setting for all peers:")
    for setting, rate in of_work.calibration:
        console.print(f"{rate:8.1f}  {setting}{'  ← chosen' if setting == of_work.setting else ''}")
    table = Table("arm", box=None)
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    arms = arms_of(results, work)
    for name, arm in arms.items():
        table.add_row(name, *(figure(arm, arms.get(FUSED)) for figure in _COLUMNS.values()))
    console.print(table)
    for failure in of_work.failures:
        console.print(failure, style="red", markup=False)


def _rates(arm: Arm, _: Arm | None) -> str:
    return f"{arm.rate:,.1f} ({min(arm.rates):,.1f} – {max(arm.rates):,.1f})"


def _ratio(arm: Arm, fused: Arm | None) -> str:
    return f"{fused.rate / arm.rate:.2f}" if fused else _NOTHING


def _waste(arm: Arm, _: Arm | None = None) -> str:
    return _NOTHING if arm.waste is None else f"{arm.waste:.0%}"


_COLUMNS: Mapping[str, Callable[[Arm, Arm | None], str]] = {
    "trials / min (min – max)": _rates,
    "fused / arm": _ratio,
    "traces": lambda arm, _: f"{arm.traces:.0f}",
    "waste": _waste,
    "CPU s / trial": lambda arm, _: f"{arm.cpu_seconds:.2f}",
    "peak MB": lambda arm, _: f"{arm.megabytes:,.0f}",
    "of matmul": lambda arm, _: f"{arm.share:.1%}",
    "val_accuracy": lambda arm, _: f"{arm.value:.3f}",
}


def _verdict(results: Results, work: str) -> str:
    arms, goal = arms_of(results, work), WORKS[work].goal
    peer = best_peer(arms)
    if FUSED not in arms or peer is None:
        return f"{work}: nothing to compare (goal: at least {goal:g}; MISSED)"
    ratio = verdict(f"{work}: {FUSED} / {peer}", arms[FUSED].rate / arms[peer].rate, goal=goal, at_least=True)
    missing = [name for name in PEERS if name not in arms]
    return f"{ratio}, but nothing is known of {', '.join(missing)}" if missing else ratio


# --- in the README ---


def markdown(results: Results) -> str:
    """Two tables: the trials per minute of all arms, and what else was measured of the fused one."""
    rates = [_markdown_rates(results, work) for work in results.works]
    details = [_markdown_details(results, work) for work in results.works]
    return "\n\n".join(
        [
            _markdown_table(["Trials per minute", *_SHORT.values(), "Against the best peer", "Goal"], rates),
            _markdown_table(["Fused", "Traces", "Waste", "CPU s / trial", "Peak MB", "Of the matrix product"], details),
        ]
    )


_SHORT = {
    FUSED: "Fused",
    ALONE: "One by one",
    OPTUNA: "Keras under Optuna",
    KERAS_TUNER: "KerasTuner",
    NO_CHECKPOINTS: "… without checkpoints",
}


def _markdown_rates(results: Results, work: str) -> list[str]:
    arms, goal = arms_of(results, work), WORKS[work].goal
    cells = [f"{arms[arm].rate:,.1f}" if arm in arms else "failed" for arm in _SHORT]
    peer = best_peer(arms)
    ratio = arms[FUSED].rate / arms[peer].rate if peer and FUSED in arms else 0.0
    return [
        f"{work}: {WORKS[work].title}",
        *cells,
        f"{ratio:.1f}×",
        f"{goal:g}×" + ("" if ratio >= goal else ", missed"),
    ]


def _markdown_details(results: Results, work: str) -> list[str]:
    fused = arms_of(results, work).get(FUSED)
    if fused is None:
        return [work, *["failed"] * 5]
    return [
        work,
        f"{fused.traces:.0f}",
        _waste(fused),
        f"{fused.cpu_seconds:.2f}",
        f"{fused.megabytes:,.0f}",
        f"{fused.share:.0%}",
    ]


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


if __name__ == "__main__":
    kept = load(Path(sys.argv[1]))
    show(kept)
    print(f"\n{markdown(kept)}")
