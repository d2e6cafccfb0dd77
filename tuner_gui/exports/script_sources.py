"""How a training script reads data of a person's own: a table, arrays in an NPZ file, or folders of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tuner_gui.data import npz
from tuner_gui.data.errors import DataError
from tuner_gui.data.images import SUFFIXES
from tuner_gui.data.reading import read
from tuner_gui.data.sources import kind_of_source
from tuner_gui.exports.errors import ExportError
from tuner_gui.exports.script_parts import CLASS_NUMBERS, FILL, PIXELS, STANDARDISE, Loading, Look, look_at
from tuner_gui.exports.script_tables import csv_loading, parquet_loading
from tuner_gui.exports.script_text import assigned, indented
from tuner_gui.study.definition import DataSettings


def of_source(settings: DataSettings, sha256: str, *, images: bool = False) -> Loading:
    """``images`` is for a network that goes over images. ExportError, in words, where the source cannot be read."""
    try:
        kind = kind_of_source(Path(settings.source))
        loading = _npz(settings, images=images) if kind == "npz" else _KINDS[kind](settings)
    except DataError as error:
        raise ExportError(f"a script needs a look at the data: {error}") from error
    constants = (assigned("DATA", settings.source), *loading.constants)
    if not sha256:
        return replace(loading, constants=constants, own=True)
    return replace(
        loading,
        imports=(*loading.imports, "import hashlib", "import sys"),
        constants=(constants[0], assigned("DATA_SHA256", sha256), *loading.constants),
        functions=(*loading.functions, _FOLDER_DIGEST if kind == "images" else _FILE_DIGEST, _CHECK),
        own=True,
        checks=True,
    )


_FILE_DIGEST = """\
def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()"""

_FOLDER_DIGEST = """\
def sha256_of(folder):
    digest = hashlib.sha256()
    for _name, path in image_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()"""

_CHECK = '''\
def check_data(path):
    """Warn of other data than those that the study was begun with."""
    if sha256_of(path) != DATA_SHA256:
        print(f"{path} is not what the study was begun with", file=sys.stderr)'''


# --- arrays ---


def _npz(settings: DataSettings, *, images: bool) -> Loading:
    inputs, goal = npz.pair_of(npz.members_of(Path(settings.source)), settings.target, Path(settings.source))
    look = look_at(settings, read(settings), images=images)
    image = npz.image_shape(inputs)
    left_out = [] if image else _left_out(look)
    constants = [assigned("INPUTS", inputs.name), assigned("TARGETS", goal.name), *look.class_constants]
    constants += [assigned("LEFT_OUT", left_out, "constant or repeated columns")] if left_out else []
    floats = goal.dtype.kind == "f"
    words = [_FLOATS_AS_WORDS if floats else _AS_WORDS, CLASS_NUMBERS] if look.classes is not None else []
    return Loading(
        imports=(),
        constants=tuple(constants),
        functions=(*words, _load_arrays(look, image, leaves_out=bool(left_out))),
        prepare=PIXELS if image else STANDARDISE if look.drops else FILL,
        image=look.table.image_shape,
        pixels=image is not None,
    )


def _left_out(look: Look) -> list[int]:
    used = set(look.numbers)
    return [place for place, name in enumerate(look.table.number_names) if name not in used]


def _load_arrays(look: Look, image: tuple[int, int, int] | None, *, leaves_out: bool) -> str:
    lines = [
        '"""Inputs and targets of the rows that have a target."""',
        "with np.load(path) as arrays:",
        "    inputs, targets = arrays[INPUTS], arrays[TARGETS]",
    ]
    if look.classes is not None:
        lines += ["words = as_words(targets.reshape(len(targets)))", 'known = (words != "") & (words != "nan")']
    else:
        lines += ['targets = targets.astype("float64").reshape(len(targets), -1)']
        lines += ["known = np.isfinite(targets).all(axis=1)"]
    if image:
        lines += [f"inputs = inputs.reshape(-1, {', '.join(map(str, image))})"]
    else:
        lines += ['inputs = inputs.reshape(len(inputs), -1).astype("float64")']
        lines += ["inputs[np.isinf(inputs)] = np.nan"]
        lines += ["known &= ~np.isnan(inputs).any(axis=1)"] if look.drops else []
        lines += ["inputs = np.delete(inputs, LEFT_OUT, axis=1)"] if leaves_out else []
    wanted = "class_numbers(words[known])" if look.classes is not None else "targets[known]"
    return "\n".join(["def load_data(path):", *indented([*lines, f"return inputs[known], {wanted}"])])


_AS_WORDS = '''\
def as_words(values):
    """The classes as text."""
    return np.array([str(value) for value in values], dtype=object)'''

_FLOATS_AS_WORDS = '''\
def as_words(values):
    """The classes as text, 3.0 as 3."""
    whole = [int(value) if value == np.floor(value) else value for value in values]
    return np.array([str(value) for value in whole], dtype=object)'''


# --- folders of images ---


def _images(settings: DataSettings) -> Loading:
    look = look_at(settings, read(settings))
    height, width, channels = look.preparation.image or (0, 0, 0)
    return Loading(
        imports=("from pathlib import Path", "from PIL import Image, ImageOps"),
        constants=(
            *look.class_constants,
            assigned("SIZE", (width, height), "width and height of all images"),
            assigned("COLOURS", "L" if channels == 1 else "RGB"),
            assigned("SUFFIXES", SUFFIXES),
        ),
        functions=(_IMAGE_FILES, _READ_IMAGE, CLASS_NUMBERS, _LOAD_IMAGES),
        prepare=PIXELS,
        packages=("pillow",),
        image=look.preparation.image,
        pixels=True,
    )


_IMAGE_FILES = '''\
def image_files(folder):
    """The class and the path of each image: each class has a folder of that name."""
    folders = [entry for entry in Path(folder).iterdir() if entry.is_dir()]
    paths = [
        path
        for entry in sorted(folders, key=lambda entry: entry.name)
        for path in sorted(entry.iterdir())
        if not entry.name.startswith(".") and not path.name.startswith(".")
    ]
    return [
        (path.parent.name, path)
        for path in paths
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]'''

_READ_IMAGE = '''\
def read_image(path):
    """The pixels of an image, turned as its camera was held."""
    with Image.open(path) as image:
        turned = ImageOps.exif_transpose(image)
        return np.asarray(turned.convert(COLOURS).resize(SIZE))'''

_LOAD_IMAGES = '''\
def load_data(path):
    """Pixels from 0 to 255, and the number of the class of each image."""
    files = image_files(path)
    pixels = np.stack([read_image(image) for _name, image in files])
    words = np.array([name for name, _image in files], dtype=object)
    return pixels, class_numbers(words)'''

_KINDS: Mapping[str, Callable[[DataSettings], Loading]] = {
    "csv": csv_loading,
    "parquet": parquet_loading,
    "images": _images,
}
