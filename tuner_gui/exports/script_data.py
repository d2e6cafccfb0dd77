"""The part of a training script that loads, splits and prepares the data: the rows of the study, in the same parts.

What was decided about a source of a person's own (which columns are numbers, which categories there are, what is left
out) is looked up in it when the script is written, and stands in the script. What is measured (medians, means,
deviations) the script measures itself, on its training rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner_gui.exports.script_parts import Loading
from tuner_gui.exports.script_sources import of_source
from tuner_gui.exports.script_text import assigned
from tuner_gui.study.definition import DataSettings, Task


@dataclass(frozen=True)
class DataPart:
    """What stands in a script: lines of imports, groups of constants, functions. ``load_parts`` is the last of these.

    It takes the path of the source where that is a person's own, and returns (inputs, targets) of the rows to train on
    and of those to validate with; for a regression also the scale of each target. ``call`` is how it is called,
    ``outputs`` the text of how many outputs a network needs. Where it ``checks``, ``check_data(path)`` warns of other
    data than the study was begun with. ``packages`` have to be installed.
    """

    imports: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[str, ...]
    call: str
    outputs: str
    own: bool
    checks: bool
    packages: tuple[str, ...]


def data_part(settings: DataSettings, sha256: str = "") -> DataPart:
    """Reads a source of a person's own in full. ``sha256`` is of what the study was begun with, empty where nobody
    knows. ExportError, in words, where the data cannot be read."""
    loading = _BUILT_IN[settings.source] if settings.built_in else of_source(settings, sha256)
    classes = settings.kind_of_task is Task.CLASSIFICATION
    sklearn = ["from sklearn.model_selection import train_test_split"]
    if not classes or "StandardScaler" in loading.prepare:
        sklearn.append("from sklearn.preprocessing import StandardScaler")
    path = "path" if loading.own else ""
    return DataPart(
        imports=("import math", "import numpy as np", *sklearn, *loading.imports),
        constants=(*(("\n".join(loading.constants),) if loading.own else ()), _split_constants(settings)),
        functions=(
            *loading.functions,
            _ROWS_OF,
            _SPLIT_CLASSES if classes else _SPLIT_NUMBERS,
            loading.prepare,
            (_PARTS_CLASSES if classes else _PARTS_NUMBERS).replace("(path)", f"({path})"),
        ),
        call=f"load_parts({path})",
        outputs="len(scale)" if not classes else "len(CLASSES)" if loading.own else "int(train[1].max()) + 1",
        own=loading.own,
        checks=loading.checks,
        packages=loading.packages,
    )


def _split_constants(settings: DataSettings) -> str:
    return "\n".join([
        assigned("VALIDATION_SHARE", settings.validation, "of all rows"),
        assigned("TEST_SHARE", settings.test, "of all rows; held back, nothing here looks at them"),
        assigned("SPLIT_SEED", settings.seed),
    ])  # fmt: skip


_ROWS_OF = '''\
def rows_of(share, total):
    """How many of all rows a share is, rounded up."""
    return math.ceil(total * share - 1e-9)'''

_SPLIT_CLASSES = '''\
def split(targets):
    """The rows to train on and to validate with, each with its share of every class."""
    total = len(targets)
    rest, _test = train_test_split(
        np.arange(total),
        test_size=rows_of(TEST_SHARE, total),
        random_state=SPLIT_SEED,
        stratify=targets,
    )
    return train_test_split(
        rest,
        test_size=rows_of(VALIDATION_SHARE, total),
        random_state=SPLIT_SEED,
        stratify=targets[rest],
    )'''

_SPLIT_NUMBERS = '''\
def split(targets):
    """The rows to train on and to validate with."""
    total = len(targets)
    tested, validated = rows_of(TEST_SHARE, total), rows_of(VALIDATION_SHARE, total)
    rows = np.arange(total)
    rest, _test = train_test_split(rows, test_size=tested, random_state=SPLIT_SEED)
    return train_test_split(rest, test_size=validated, random_state=SPLIT_SEED)'''

_PARTS_CLASSES = '''\
def load_parts(path):
    """Inputs and classes of the rows to train on, and of those to validate with."""
    inputs, targets = load_data(path)
    train, validation = split(targets)
    inputs = prepare(inputs, train)
    return (inputs[train], targets[train]), (inputs[validation], targets[validation])'''

_PARTS_NUMBERS = '''\
def load_parts(path):
    """Inputs and targets to train on and to validate with; the scale of the targets.

    Targets are standardised; times their scale, errors are in their own units.
    """
    inputs, targets = load_data(path)
    train, validation = split(targets)
    inputs = prepare(inputs, train)
    scaler = StandardScaler().fit(targets[train])
    targets = scaler.transform(targets).astype("float32")
    parts = [(inputs[rows], targets[rows]) for rows in (train, validation)]
    return *parts, scaler.scale_'''


# --- built-in sets, as scikit-learn has them ---

_PREPARE = '''\
def prepare(inputs, train):
    """All rows, each column standardised as it is in the training rows."""
    scaler = StandardScaler().fit(inputs[train])
    return scaler.transform(inputs).astype("float32")'''


def _built_in(function: str, *imports: str) -> Loading:
    return Loading(imports=imports, constants=(), functions=(function,), prepare=_PREPARE)


def _of_scikit_learn(name: str) -> Loading:
    function = f'''\
def load_data():
    """The rows of scikit-learn's {name.removeprefix("load_").replace("_", " ")} data and their classes."""
    data = {name}()
    return data.data, data.target'''
    return _built_in(function, f"from sklearn.datasets import {name}")


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
    "diabetes": _built_in(_DIABETES, "from sklearn.datasets import load_diabetes"),
    "two_spirals": _built_in(_SPIRALS),
}
