"""TensorFlow as the training process loads it; the tests of other packages run before it and without it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tuner_gui.training.process import load_tensorflow


@pytest.fixture(scope="session", autouse=True)
def _tensorflow() -> None:
    load_tensorflow(threads=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """For a person's own file, in a process that has not seen KerasTuner or what stands for it."""
    for name in list(sys.modules):
        if name.split(".")[0] in ("keras_tuner", "kerastuner"):
            monkeypatch.delitem(sys.modules, name)
    return tmp_path


def pytest_collection_finish() -> None:
    """Loaded by an import at the top of a test file, TensorFlow has not the settings of the training process, and a
    trial is no longer the same to the last bit among others."""
    if "tensorflow" in sys.modules:
        pytest.exit("a test file imports TensorFlow at its top: import what needs it inside of the tests", returncode=1)
