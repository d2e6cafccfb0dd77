"""TensorFlow as the training process loads it; the tests of other packages run before it and without it."""

from __future__ import annotations

import pytest

from tuner_gui.training.process import load_tensorflow


@pytest.fixture(scope="session", autouse=True)
def _tensorflow() -> None:
    load_tensorflow(threads=1)
