"""A trial of a person's own model as a Keras file with the preparation of its data inside."""

from __future__ import annotations

import json
import math
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tuner_gui.study.own_model import KeptModel
from tuner_gui.training import own_file
from tuner_gui.training.data import Split
from tuner_gui.training.exporting import Again, KerasFile, Made
from tuner_gui.training.lane_state import arrays_from_npz
from tuner_gui.training.own_build import batch_size, built
from tuner_gui.training.own_file import OwnFile, OwnFileError
from tuner_gui.training.own_network import OwnNetwork
from tuner_gui.training.prepared_model import prepared_own_model
from tuner_gui.training.quiet import swallowed

_PYTHON = ("builtins", "__main__")


def made_own(wanted: KerasFile, model: KeptModel, split: Split) -> Made:
    """Save the model at ``wanted.path``. OwnFileError or ValueError, in words, where there is none to save, or Keras
    would not open what it saved."""
    with tempfile.TemporaryDirectory(prefix="tuner-") as folder, swallowed():
        place = Path(folder) / Path(model.path).name
        place.write_bytes(model.text.encode())
        try:
            network, value = trained_network(own_file.load(place, model.sha256), wanted, split)
            _save(network, split, wanted.path)
        except OwnFileError as error:
            raise ValueError(str(error).replace(str(place), model.path)) from None
    needed, unsafe = custom_parts(Path(wanted.path))
    return Made(split.preparation.document(), value=value, needed=needed, unsafe=unsafe)


def trained_network(file: OwnFile, wanted: KerasFile, split: Split) -> tuple[OwnNetwork, float | None]:
    """The network with the weights that were kept, or trained again, and then its objective. OwnFileError or
    ValueError, in words."""
    seed = wanted.again.seed if wanted.again is not None else 0
    hp, network = built(file, split, wanted.hyperparameters, seed=seed)
    if wanted.npz is None:
        if wanted.again is None:
            raise ValueError("the weights were not kept")
        batch = batch_size(wanted.hyperparameters, hp)
        return network, _train(network, wanted.again, len(split.train), batch)
    try:
        network.set_weights(arrays_from_npz(wanted.npz))
    except (ValueError, KeyError) as error:
        raise ValueError(
            "the kept weights are not those of the model that its file builds; perhaps the file was changed after the "
            f"study was begun ({str(error).splitlines()[0][:200]})"
        ) from None
    return network, None


def _train(network: OwnNetwork, again: Again, rows: int, batch: int) -> float:
    """As a trial is trained; returns the objective after the last epoch."""
    shuffle, metrics = np.random.default_rng(again.seed), {}
    for _ in range(again.epochs):
        order = shuffle.permutation(rows)
        for start in range(0, rows, batch):
            network.train(order[start : start + batch])
        metrics = network.end_epoch()
    value = metrics.get(again.objective, math.nan)
    if not math.isfinite(metrics.get("val_loss", math.nan)):
        raise ValueError("trained again, the trial diverged")
    return value


def _save(network: OwnNetwork, split: Split, path: str) -> None:
    """ValueError, in words, where Keras cannot save the model or cannot open what it saved."""
    model = prepared_own_model(network, split.preparation)
    module = vars(sys.modules[own_file.MODULE])
    own = {name: value for name, value in module.items() if callable(value)}
    try:
        model.save(path)
        keras.saving.load_model(path, custom_objects=own, safe_mode=False)
    except Exception as error:  # noqa: BLE001 - whatever Keras raises of a person's layers
        said = " ".join(str(error).split())[:400]
        raise ValueError(
            f"Keras cannot save this model so that it opens again ({type(error).__name__}: {said}); "
            "a layer or model of your own needs a get_config"
        ) from None


def custom_parts(path: Path) -> tuple[tuple[str, ...], bool]:
    """The names of the layers and functions in a saved model that are not Keras' own, and whether it holds a lambda."""
    with zipfile.ZipFile(path) as archive:
        document = json.loads(archive.read("config.json"))
    found: dict[str, None] = {}
    unsafe = False
    for entry in _objects(document):
        module, name = str(entry.get("module") or ""), str(entry["class_name"])
        if name == "__lambda__":
            unsafe = True
        elif module == own_file.MODULE:
            found[name] = None
        elif name == "function" and module in _PYTHON and isinstance(entry.get("config"), str):
            found[entry["config"]] = None
    return tuple(found), unsafe


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every object in a configuration of Keras."""
    if isinstance(document, dict):
        if "class_name" in document:
            yield document
        for entry in document.values():
            yield from _objects(entry)
    elif isinstance(document, list):
        for entry in document:
            yield from _objects(entry)
