"""All that a trial is in the middle of its training: weights, the optimizer's averages, and how far it has come.

Its random numbers need no state: they are functions of the trial's seed, the epoch and the step.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.training.network import Weights, is_trained, start_weights, weight_names, weight_shapes
from tuner_gui.training.settings import TrialSettings

SLOTS = ("average", "square")
_NO_SQUARE = ("sgd",)


@dataclass(frozen=True)
class LaneState:
    """``averages`` holds what :mod:`tuner_gui.training.optimizers` keeps for each trained weight, by
    ``slot:weight``, with the weight's shape; ``epoch`` how many epochs are over."""

    weights: Weights
    averages: Weights
    epoch: int = 0


def slot_names(trial: TrialSettings) -> tuple[str, ...]:
    """The averages that a trial's own optimizer keeps."""
    return SLOTS[:1] if trial.optimizer in _NO_SQUARE else SLOTS


def start_state(trial: TrialSettings, inputs: int, outputs: int) -> LaneState:
    """The state before the first step."""
    weights = start_weights(trial, inputs, outputs)
    averages = {
        f"{slot}:{name}": np.zeros_like(weights[name])
        for slot in slot_names(trial)
        for name in weight_names(trial)
        if is_trained(name)
    }
    return LaneState(weights, averages)


def weights_to_npz(weights: Weights) -> bytes:
    """All arrays by name, the moving statistics of batch normalisation included; nothing in it can run code."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **weights)
    return buffer.getvalue()


def weights_from_npz(npz: bytes, trial: TrialSettings, *, inputs: int, outputs: int) -> dict[str, NDArray[Any]]:
    """The weights of a trial on such data; ValueError, in words, for bytes that do not hold exactly those."""
    weights = _read(npz, "the kept weights")
    _check_shapes(weights, weight_shapes(trial, inputs, outputs), "the kept weights")
    return weights


def arrays_from_npz(npz: bytes) -> dict[str, NDArray[Any]]:
    """The arrays that :func:`weights_to_npz` got, of any model; ValueError, in words, for other bytes."""
    return _read(npz, "the kept weights")


def state_to_npz(state: LaneState) -> bytes:
    """A whole state, to train on from."""
    return weights_to_npz({**state.weights, **state.averages, "epoch": np.array(state.epoch)})


def state_from_npz(npz: bytes, trial: TrialSettings, *, inputs: int, outputs: int) -> LaneState:
    """The inverse of :func:`state_to_npz`; ValueError, in words, where the bytes are not a state of such a trial."""
    arrays = _read(npz, "the kept state")
    epoch = arrays.pop("epoch", None)
    if epoch is None or epoch.shape != () or epoch < 0:
        raise ValueError("the kept state cannot be read: it does not say after which epoch it was kept")
    shapes = weight_shapes(trial, inputs, outputs)
    averages = {f"{slot}:{name}": shapes[name] for slot in slot_names(trial) for name in shapes if is_trained(name)}
    _check_shapes(arrays, {**shapes, **averages}, "the kept state")
    return LaneState(
        {name: arrays[name] for name in shapes}, {name: arrays[name] for name in averages}, epoch=int(epoch)
    )


def _read(npz: bytes, what: str) -> dict[str, NDArray[Any]]:
    try:
        with np.load(io.BytesIO(npz), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, KeyError) as error:
        raise ValueError(f"{what} cannot be read: {error}") from error


def _check_shapes(arrays: Weights, wanted: Mapping[str, tuple[int, ...]], what: str) -> None:
    found = {name: array.shape for name, array in arrays.items()}
    if found != wanted:
        name = min(name for name, _ in found.items() ^ wanted.items())
        shapes = f"{name} is {found.get(name, 'missing')}, expected {wanted.get(name, 'none')}"
        are = "are not those" if what.endswith("s") else "is not that"
        raise ValueError(f"{what} {are} of this trial: {shapes}")
