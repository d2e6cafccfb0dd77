"""What the time-to-target benchmark saw, kept as JSON, and the figures made from it.

python -m benchmarks.time_to_target_table RAW.json          the table and verdicts, then the table in Markdown
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.throughput_arm import Setting
from benchmarks.throughput_works import SEVEN
from benchmarks.time_to_target_arm import ARMS, OURS, PEERS, Ended
from benchmarks.time_to_target_run import Watched, rows_right

ROWS = SEVEN.rows.validation
_WIDTH = 140


@dataclass
class Results:
    """``trials`` of a random search; ``random``: that of each seed; ``arms``: each arm's searches by their seed;
    ``niced``: whether the peers trained at this program's lower priority."""

    machine: str
    trials: int
    setting: Setting
    niced: bool
    random: dict[int, Watched] = field(default_factory=dict)
    arms: dict[str, dict[int, Watched]] = field(default_factory=dict)

    def is_done(self, arm: str, seed: int, patience: float) -> bool:
        """Whether nothing would be learned from watching this search (again), with this target and patience."""
        seen = self.arms.get(arm, {}).get(seed)
        return seen is not None and (seen.seconds >= patience or seen.reached(target(self), ROWS) is not None)


def target(results: Results) -> int:
    """The rows of the validation part that are to be right: the most that half of the random searches or more reached
    with some trial."""
    return statistics.median_high(most_right(watched.ended) for watched in results.random.values())


def most_right(ended: Sequence[Ended]) -> int:
    return max(rows_right(trial.value, ROWS) for trial in ended)


# --- the file ---


def save(results: Results, path: Path) -> None:
    """By way of another file: an interruption leaves what was there before."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(asdict(results)) + "\n", encoding="utf-8")
    beside.replace(path)


def load(path: Path) -> Results:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Results(
        **{
            **raw,
            "setting": Setting(**raw["setting"]),
            "random": _by_seed(raw["random"]),
            "arms": {arm: _by_seed(searches) for arm, searches in raw["arms"].items()},
        }
    )


def _by_seed(raw: dict[str, Any]) -> dict[int, Watched]:
    return {
        int(seed): Watched([Ended(*trial) for trial in watched["ended"]], watched["seconds"], watched["cpu_seconds"])
        for seed, watched in raw.items()
    }


# --- figures ---


@dataclass(frozen=True, order=True)
class Time:
    """Seconds; ``at_least`` if the target was not reached until then."""

    seconds: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥ ' if self.at_least else ''}{self.seconds:.1f}"


@dataclass(frozen=True, order=True)
class Ratio:
    """Their time by ours; ``bound`` is "≥" where theirs is known to be longer, "≤" where ours is, "?" with both."""

    figure: float
    bound: str = ""

    def reaches(self, goal: float) -> bool:
        """Whether that is certain."""
        return self.figure >= goal and self.bound in ("", "≥")

    def __str__(self) -> str:
        return f"{self.bound} {self.figure:.1f}".strip()


def time_of(watched: Watched, right: int) -> Time:
    reached = watched.reached(right, ROWS)
    return Time(watched.seconds, at_least=True) if reached is None else Time(reached)


def median_time(times: Sequence[Time]) -> Time:
    """A lower bound as soon as a time that it rests on is one."""
    ordered = sorted(times)
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    return Time(statistics.mean(time.seconds for time in middle), any(time.at_least for time in middle))


def ratio_of(theirs: Time, ours: Time) -> Ratio:
    bounds = {(False, False): "", (True, False): "≥", (False, True): "≤", (True, True): "?"}
    return Ratio(theirs.seconds / ours.seconds, bounds[theirs.at_least, ours.at_least])


@dataclass(frozen=True)
class Line:
    """An arm over the seeds that all arms have: its times; and against this program the ratio of the medians, and each
    seed's own. Beside them, medians: the seconds of the first trial, and until the target or the end of patience the
    trials, their number per minute, and the CPU seconds."""

    times: list[Time]
    first: float
    trials: float
    rate: float
    cpu_seconds: float
    ratio: Ratio
    ratios: list[Ratio]

    @property
    def median(self) -> Time:
        return median_time(self.times)


def lines_of(results: Results) -> dict[str, Line]:
    """Nothing before a seed has been through all arms."""
    seeds = sorted(set.intersection(*(set(results.arms.get(arm, {})) for arm in ARMS)))
    if not seeds:
        return {}
    ours = _times(results, OURS, seeds)
    return {arm: _line(results, arm, seeds, ours) for arm in ARMS}


def _times(results: Results, arm: str, seeds: Sequence[int]) -> list[Time]:
    return [time_of(results.arms[arm][seed], target(results)) for seed in seeds]


def _line(results: Results, arm: str, seeds: Sequence[int], ours: Sequence[Time]) -> Line:
    searches, times = [results.arms[arm][seed] for seed in seeds], _times(results, arm, seeds)
    trials = [_until(watched, time) for watched, time in zip(searches, times, strict=True)]
    return Line(
        times,
        first=statistics.median(watched.ended[0].seconds if watched.ended else watched.seconds for watched in searches),
        trials=statistics.median(trials),
        rate=statistics.median(60 * count / time.seconds for count, time in zip(trials, times, strict=True)),
        cpu_seconds=statistics.median(watched.cpu_seconds for watched in searches),
        ratio=ratio_of(median_time(times), median_time(ours)),
        ratios=[ratio_of(time, our) for time, our in zip(times, ours, strict=True)],
    )


def _until(watched: Watched, time: Time) -> int:
    """How many trials had ended by then, the one that reached the target included."""
    return sum(trial.seconds <= time.seconds for trial in watched.ended)


# --- on the screen ---


def show(results: Results) -> None:
    console = Console(width=_WIDTH, highlight=False, soft_wrap=True)
    console.print(f"{results.machine}\npeers: {results.setting}{', at a lower priority' if results.niced else ''}")
    found = sorted(most_right(watched.ended) for watched in results.random.values())
    console.print(
        f"random search with {results.trials} trials had at best {found} of {ROWS} rows right, "
        f"one figure a seed; target: {target(results)} ({target(results) / ROWS:.4f})"
    )
    table = Table("arm", *_COLUMNS, box=None)
    for name, line in lines_of(results).items():
        table.add_row(name, *(cell(line) for cell in _COLUMNS.values()))
    console.print(table)
    for line in _verdicts(results):
        console.print(line, markup=False)


def _seconds(line: Line) -> str:
    return f"{line.median} ({min(line.times)} – {max(line.times)})"


def _ratio(line: Line) -> str:
    return f"{line.ratio}× ({min(line.ratios)} – {max(line.ratios)})"


_COLUMNS: dict[str, Callable[[Line], str]] = {
    "seconds (min – max)": _seconds,
    "arm / ours (of a seed)": _ratio,
    "not reached": lambda line: f"{sum(time.at_least for time in line.times)} of {len(line.times)}",
    "first trial, s": lambda line: f"{line.first:.1f}",
    "trials": lambda line: f"{line.trials:.0f}",
    "trials / min": lambda line: f"{line.rate:.1f}",
    "CPU s": lambda line: f"{line.cpu_seconds:.1f}",
}


def _verdicts(results: Results) -> list[str]:
    lines, goal = lines_of(results), SEVEN.goal
    if not lines:
        return ["nothing to compare yet"]
    return [
        f"{f'{peer} / {OURS}':<58} {lines[peer].ratio!s:>8}     (goal: at least {goal:g}; "
        f"{'reached' if lines[peer].ratio.reaches(goal) else 'MISSED'})"
        for peer in PEERS
    ]


# --- in the README ---


def markdown(results: Results) -> str:
    head = ["Seconds to the target", "Median (min – max)", "Trials until then", "Against this program", "Goal"]
    rows = [_markdown_row(arm, line) for arm, line in lines_of(results).items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _markdown_row(arm: str, line: Line) -> list[str]:
    cells = [arm[0].upper() + arm[1:], _seconds(line), f"{line.trials:.0f}"]
    if arm == OURS:
        return [*cells, "", ""]
    missed = "" if line.ratio.reaches(SEVEN.goal) else ", missed"
    return [*cells, _ratio(line), f"{SEVEN.goal:g}×{missed}"]


if __name__ == "__main__":
    kept = load(Path(sys.argv[1]))
    show(kept)
    print(f"\n{markdown(kept)}")
