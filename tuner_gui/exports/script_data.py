"""The part of a training script that loads the data: built-in sets as scikit-learn has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.exports.errors import ExportError
from tuner_gui.study.definition import DataSettings


@dataclass(frozen=True)
class Loading:
    """What stands in the script: imports, constants, and a function ``load_data`` that returns inputs ``[rows, …]`` and
    targets, neither split nor scaled."""

    function: str
    imports: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()


def loading_of(settings: DataSettings) -> Loading:
    """ExportError for data that a script cannot load."""
    if settings.source not in _BUILT_IN:
        raise ExportError(f"no script can be written for the data {settings.source!r}")
    return _BUILT_IN[settings.source]


def _of_scikit_learn(name: str) -> Loading:
    function = f'''\
def load_data():
    """The rows of scikit-learn's {name.removeprefix("load_").replace("_", " ")} data and their classes."""
    data = {name}()
    return data.data, data.target'''
    return Loading(function, (f"from sklearn.datasets import {name}",))


_DIABETES = '''\
def load_data():
    """The rows of scikit-learn's diabetes data, not scaled, and their targets."""
    data = load_diabetes(scaled=False)
    return data.data, data.target.reshape(-1, 1)'''

_SPIRALS = '''\
def load_data():
    """Two arms that wind around each other: points in the plane and the arm of each."""
    random = np.random.default_rng(20240)
    arm = np.arange(1200) % 2
    along = np.sqrt(random.uniform(0.02, 1.0, len(arm)))
    angle = 2 * np.pi * 1.75 * along + np.pi * arm
    places = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return places + random.normal(0.0, 0.05, places.shape), arm'''

_BUILT_IN: Mapping[str, Loading] = {
    "digits": _of_scikit_learn("load_digits"),
    "breast_cancer": _of_scikit_learn("load_breast_cancer"),
    "wine": _of_scikit_learn("load_wine"),
    "diabetes": Loading(_DIABETES, ("from sklearn.datasets import load_diabetes",)),
    "two_spirals": Loading(_SPIRALS),
}
