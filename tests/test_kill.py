"""The window is killed at any moment: what it had shown as saved is in the file, and no process goes on training."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from tuner_gui.study.events import TrialState
from tuner_gui.study.file import open_study

SCRIPT = Path(__file__).with_name("window_process.py")


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, str(SCRIPT), str(path), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def read_until(process: subprocess.Popen[str], word: str, times: int = 1) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    while sum(line.startswith(word) for line in lines) < times:
        line = process.stdout.readline()
        assert line, f"the window ended by itself after {lines}"
        lines.append(line.strip())
    return lines


def kill(process: subprocess.Popen[str]) -> tuple[list[str], list[psutil.Process]]:
    """Kill the window; returns the lines that were still in the pipe, and the processes that it had started."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert process.stdout is not None
    rest = process.stdout.read().splitlines()
    process.stdout.close()
    process.wait()
    return rest, children


def over(lines: list[str]) -> set[int]:
    return {int(line.split()[1]) for line in lines if line.startswith("over ")}


def assert_gone(children: list[psutil.Process], seconds: float = 3.0) -> None:
    _, alive = psutil.wait_procs(children, timeout=seconds)
    assert not alive, f"still running: {alive}"


@pytest.mark.slow
def test_a_killed_window_loses_nothing_that_it_had_shown_as_saved(tmp_path: Path) -> None:
    path = tmp_path / "study.tuner"
    random = np.random.default_rng(7)
    acknowledged: set[int] = set()
    for _ in range(5):
        process = start(path)
        lines = read_until(process, "over", times=int(random.integers(1, 40)))
        rest, children = kill(process)
        acknowledged |= over(lines + rest)
        assert children
        assert_gone(children)
        kept = open_study(path)
        assert kept.read_only_reason is None
        states = {trial.number: trial.state for trial in kept.history.trials}
        kept.close()
        assert acknowledged <= {number for number, state in states.items() if state is TrialState.FINISHED}
        assert TrialState.RUNNING not in states.values()


@pytest.mark.slow
def test_no_tensorflow_is_left_three_seconds_after_the_window_was_killed(tmp_path: Path) -> None:
    process = start(tmp_path / "study.tuner", "tensorflow")
    read_until(process, "over", times=2)
    began = time.monotonic()
    _, children = kill(process)
    assert_gone(children)
    assert time.monotonic() - began < 3.5
