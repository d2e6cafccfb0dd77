"""Opening a study of 10,000 trials against importing TensorFlow; keeping a trial against Optuna's SQLite storage.

python -m benchmarks.bench_study_file [RUNS]
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.big_study import events_of_trial, write_big_study
from benchmarks.measure import IMPORT_TENSORFLOW, interleaved, line, ratio_line, seconds_of
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, Parameter
from tuner_gui.space.scales import Scale
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialStarted
from tuner_gui.study.file import StudyFile, create, open_study

TRIALS = 10_000
KEPT = 60


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _opening(folder, runs)
        _keeping(folder)


def _opening(folder: Path, runs: int) -> None:
    path = folder / "big.tuner"
    write_big_study(path, trials=TRIALS)
    taken = interleaved(
        {"tensorflow": partial(seconds_of, IMPORT_TENSORFLOW), "open": partial(_seconds_to_open, path)}, runs=runs
    )
    print(line("import tensorflow", taken["tensorflow"]))
    size = path.stat().st_size / 1e6
    print(line(f"open {TRIALS:,} trials × 20 epochs × 4 metrics ({size:.1f} MB)", taken["open"]))
    print(
        ratio_line(
            "opening / import tensorflow (bench_start adds painting)", taken["open"], taken["tensorflow"], goal=0.5
        )
    )


def _seconds_to_open(path: Path) -> float:
    began = time.perf_counter()
    file = open_study(path)
    seconds = time.perf_counter() - began
    file.close()
    return seconds


def _keeping(folder: Path) -> None:
    """The same made-up trials, in turn: 6 parameters, 20 epochs, one ending, on the disk when it returns."""
    with create(folder / "ours.tuner", new_definition("digits")) as file:
        numbers = iter(range(1, 10**6))
        trials = ([*events_of_trial(file.log.plan, number)] for number in numbers)
        # Optuna keeps one number per step, we keep four; both get the trial already made.
        waiting: list[list[Event]] = []
        optuna = _OptunaStorage(folder)
        taken = interleaved(
            {
                "ours": partial(_keep_ours, file, trials, waiting),
                "optuna": partial(_keep_theirs, optuna, waiting),
            },
            runs=KEPT,
        )
        milliseconds = {name: [1e3 * value for value in values] for name, values in taken.items()}
    print(line("keep a trial of 20 epochs, committed", milliseconds["ours"], "ms"))
    print(line("the same trial in Optuna's RDBStorage on SQLite", milliseconds["optuna"], "ms"))
    print(ratio_line("keeping a trial / Optuna", taken["ours"], taken["optuna"], goal=0.1))


def _keep_ours(file: StudyFile, trials: Iterator[list[Event]], waiting: list[list[Event]]) -> float:
    events = next(trials)
    waiting.append(events)
    began = time.perf_counter()
    file.record(events)
    file.commit()
    return time.perf_counter() - began


def _keep_theirs(storage: _OptunaStorage, waiting: list[list[Event]]) -> float:
    events = waiting.pop()
    began = time.perf_counter()
    storage.keep(events)
    return time.perf_counter() - began


class _OptunaStorage:
    """Optuna's SQLite storage as it comes, driven through the calls that its own study makes for a trial."""

    def __init__(self, folder: Path) -> None:
        import optuna

        optuna.logging.set_verbosity(logging.ERROR)
        self._optuna = optuna
        self._storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'theirs.db'}")
        direction = optuna.study.StudyDirection.MAXIMIZE
        self._study = self._storage.create_new_study([direction], "bench")
        self._distributions = {p.name: self._distribution(p) for p in new_definition("digits").space}

    def keep(self, events: list[Event]) -> None:
        optuna, storage = self._optuna, self._storage
        trial = storage.create_new_trial(self._study)
        for event in events:
            if isinstance(event, TrialStarted):
                for name, value in event.values.items():
                    distribution = self._distributions[name]
                    storage.set_trial_param(trial, name, distribution.to_internal_repr(value), distribution)
            elif isinstance(event, EpochEnded):
                storage.set_trial_intermediate_value(trial, event.epoch, event.metrics["val_accuracy"])
            elif isinstance(event, TrialEnded):
                storage.set_trial_state_values(trial, optuna.trial.TrialState.COMPLETE, [event.value])

    def _distribution(self, parameter: Parameter) -> Any:
        kinds = self._optuna.distributions
        if isinstance(parameter, ChoiceParameter):
            return kinds.CategoricalDistribution(parameter.choices)
        log = parameter.scale is Scale.LOG
        kind = kinds.FloatDistribution if isinstance(parameter, FloatParameter) else kinds.IntDistribution
        return kind(parameter.low, parameter.high, log=log)


if __name__ == "__main__":
    os.nice(5)
    main()
