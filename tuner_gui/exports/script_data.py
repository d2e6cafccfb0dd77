"""The part of a training script that loads, splits and prepares the data: the rows of the study, in the same parts.

What was decided about a source of a person's own (which columns are numbers, which categories there are, what is left
out) is looked up in it when the script is written, and stands in the script. What is measured (medians, means,
deviations) the script measures itself, on its training rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tuner_gui.exports.errors import ExportError
from tuner_gui.exports.script_named import NAMED
from tuner_gui.exports.script_parts import CHANNELS_OF_IMAGES, PIXELS_OF_IMAGES, Loading
from tuner_gui.exports.script_sources import of_source
from tuner_gui.exports.script_text import assigned
from tuner_gui.study.definition import DataSettings, ImageShape, Task


@dataclass(frozen=True)
class DataPart:
    """What stands in a script: lines of imports, groups of constants, functions. ``load_parts`` is the last of these.

    It takes the path of the source where that is a person's own, and returns (inputs, targets) of the rows to train on
    and of those to validate with; for a regression also the scale of each target. ``call`` is how it is called,
    ``outputs`` the text of how many outputs a network needs. Where it ``checks``, ``check_data(path)`` warns of other
    data than the study was begun with. ``packages`` have to be installed. ``image`` is the shape of a row of inputs.
    """

    imports: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[str, ...]
    call: str
    outputs: str
    own: bool
    checks: bool
    packages: tuple[str, ...]
    image: ImageShape | None = None


def data_part(settings: DataSettings, sha256: str = "", *, images: bool = False) -> DataPart:
    """Reads a source of a person's own in full. ``sha256`` is of what the study was begun with, empty where nobody
    knows. With ``images`` the inputs are ``[rows, height, width, channels]``, and the script has a constant ``IMAGE``.
    ExportError, in words, where the data cannot be read."""
    loading = NAMED[settings.source] if settings.built_in else of_source(settings, sha256, images=images)
    if images:
        loading = _of_images(settings, loading)
    classes = settings.kind_of_task is Task.CLASSIFICATION
    sklearn = ["from sklearn.model_selection import train_test_split"]
    if not classes or "StandardScaler" in loading.prepare:
        sklearn.append("from sklearn.preprocessing import StandardScaler")
    path = "path" if loading.own else ""
    return DataPart(
        imports=("import math", "import numpy as np", *sklearn, *loading.imports),
        constants=(*(("\n".join(loading.constants),) if loading.constants else ()), _split_constants(settings)),
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
        image=(loading.image or settings.image_shape) if images else None,
    )


def _of_images(settings: DataSettings, loading: Loading) -> Loading:
    image = loading.image or settings.image_shape
    if image is None:
        raise ExportError(f"{settings.source}: its rows are no images any more, which this network needs")
    shape = assigned("IMAGE", image, "height, width and channels")
    prepare = PIXELS_OF_IMAGES if loading.pixels else CHANNELS_OF_IMAGES
    return replace(loading, constants=(*loading.constants, shape), prepare=prepare)


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
