"""Studies to take out: one with every kind of ending, and the bundled one, which has weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from study_files import METRICS, STARTED_AT, add_trials

from tuner_gui.assets import asset
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import EpochEnded, Event, NoteAdded, TrialEnded, TrialStarted, TrialState
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.stages import Stage

FIXED = {"dropout": 0.25, "optimizer": "sgd", "batch_norm": True}
NASTY = '=HYPERLINK("http://x")<script>alert(1)</script>'


def ended(number: int, stage: Stage, state: TrialState, value: float | None, reason: str | None) -> list[Event]:
    values = {"learning_rate": 0.1 / number, "momentum": 0.95, "units": 16 + number, "batch_size": 32, "layers": 2}
    start = TrialStarted(number, stage, values, 7_000 + number, STARTED_AT, FIXED, {"repeats": 1})
    epochs = [EpochEnded(number, epoch, dict.fromkeys(METRICS, 0.5 + epoch / 100)) for epoch in (1, 2)]
    return [start, *epochs, TrialEnded(number, state, 2.5, value, reason)]


@pytest.fixture
def study_path(tmp_path: Path) -> Path:
    """Two finished trials of the digits, and one each that was pruned, diverged, failed and cancelled."""
    path = tmp_path / "digits.tuner"
    with create(path, new_definition("digits", name=f"digits {NASTY}")) as file:
        add_trials(file, range(1, 3))
        endings = [
            (TrialState.PRUNED, 0.52, "the median of others"), (TrialState.DIVERGED, None, "+not finite"),
            (TrialState.FAILED, None, NASTY), (TrialState.CANCELLED, None, None),
        ]  # fmt: skip
        for number, (state, value, reason) in enumerate(endings, start=3):
            file.record(ended(number, file.log.plan.stage, state, value, reason))
        file.record([NoteAdded(1, NASTY, STARTED_AT)])
    return path


@pytest.fixture
def study(study_path: Path) -> Iterator[StudyFile]:
    with open_study(study_path, read_only=True) as file:
        yield file


@pytest.fixture
def demo() -> Iterator[StudyFile]:
    with open_study(asset("demo.tuner"), read_only=True) as file:
        yield file
