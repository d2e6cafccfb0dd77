"""The weights of one model as the bytes of an ``npz``, without objects: nothing in it can run code."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.training.network import Weights, start_weights
from tuner_gui.training.settings import TrialSettings


def to_npz(weights: Weights) -> bytes:
    """All arrays by name, the moving statistics of batch normalisation included."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **weights)
    return buffer.getvalue()


def from_npz(npz: bytes, trial: TrialSettings, *, inputs: int, outputs: int) -> dict[str, NDArray[Any]]:
    """The weights of a trial on such data; ValueError, in words, for bytes that do not hold exactly those."""
    try:
        with np.load(io.BytesIO(npz), allow_pickle=False) as file:
            weights = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, KeyError) as error:
        raise ValueError(f"the kept weights cannot be read: {error}") from error
    wanted = {name: array.shape for name, array in start_weights(trial, inputs, outputs).items()}
    found = {name: array.shape for name, array in weights.items()}
    if found != wanted:
        name = min(name for name, _ in found.items() ^ wanted.items())
        shapes = f"{name} is {found.get(name, 'missing')}, expected {wanted.get(name, 'none')}"
        raise ValueError(f"the kept weights are not those of this trial: {shapes}")
    return weights
