"""What the writers of a script's parts hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

from tuner_gui.data.preparation import CategoryColumn, Classes, NumberColumn, Preparation, fitted
from tuner_gui.data.reading import Table
from tuner_gui.data.splitting import split_rows
from tuner_gui.exports.script_text import assigned
from tuner_gui.study.definition import DataSettings, ImageShape


@dataclass(frozen=True)
class Loading:
    """How the rows are loaded: ``functions``, of which ``load_data`` returns inputs ``[rows, …]`` and targets, neither
    split nor standardised, and ``prepare(inputs, train)``, which gives all rows as a network sees them.

    Where the source is a person's ``own``, ``load_data`` takes its path; where it ``checks``, there is a
    ``check_data(path)``, which warns of other data than the study was begun with. ``packages`` have to be installed.
    ``image`` is the shape of a row that is an image; where it has ``pixels``, they are from 0 to 255.
    """

    imports: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[str, ...]
    prepare: str
    packages: tuple[str, ...] = ()
    own: bool = False
    checks: bool = False
    image: ImageShape | None = None
    pixels: bool = False


@dataclass(frozen=True)
class Look:
    """A source of a person's own, read in full when the script is written, with its preparation."""

    settings: DataSettings
    table: Table
    preparation: Preparation

    @property
    def drops(self) -> bool:
        """Whether rows with missing values are left out."""
        return self.settings.missing == "drop"

    @property
    def classes(self) -> list[str] | None:
        """None for a regression."""
        target = self.preparation.target
        return list(target.names) if isinstance(target, Classes) else None

    @property
    def class_constants(self) -> tuple[str, ...]:
        return () if self.classes is None else (assigned("CLASSES", self.classes),)

    @property
    def numbers(self) -> list[str]:
        return [column.name for column in self.preparation.columns if isinstance(column, NumberColumn)]

    @property
    def categories(self) -> dict[str, list[str]]:
        columns = self.preparation.columns
        return {column.name: list(column.values) for column in columns if isinstance(column, CategoryColumn)}


def look_at(settings: DataSettings, table: Table, *, images: bool = False) -> Look:
    """``images`` is for a network that goes over images. DataError where the rows cannot be split, or nothing is left
    to learn from."""
    train, _, _ = split_rows(table.targets, settings)
    return Look(settings, table, fitted(table, settings.kind_of_task, train, images=images))


CLASS_NUMBERS = '''\
def class_numbers(words):
    """The number of each row's class; ends the script where one is not known."""
    numbers = {name: number for number, name in enumerate(CLASSES)}
    unknown = set(words) - set(numbers)
    if unknown:
        raise SystemExit(f"{min(unknown)!r} is none of the classes {CLASSES}")
    return np.array([numbers[word] for word in words])'''

FILL = '''\
def prepare(inputs, train):
    """All rows: a missing number is the median, then each column is standardised.

    Medians, means and deviations are those of the training rows.
    """
    inputs = np.where(np.isnan(inputs), np.nanmedian(inputs[train], axis=0), inputs)
    scaler = StandardScaler().fit(inputs[train])
    return scaler.transform(inputs).astype("float32")'''

STANDARDISE = '''\
def prepare(inputs, train):
    """All rows, each column standardised as it is in the training rows."""
    scaler = StandardScaler().fit(inputs[train])
    return scaler.transform(inputs).astype("float32")'''

_PIXELS = '''\
def prepare(pixels, train):
    """All {rows}: pixels from 0 to 1, minus their mean, divided by their deviation.

    Both are over all pixels of the training rows.
    """
    counts = np.bincount(pixels[train].ravel(), minlength=256)
    values = np.arange(256) / 255
    mean = float(counts @ values / counts.sum())
    scale = float(np.sqrt(counts @ (values - mean) ** 2 / counts.sum())) or 1.0
    {name} = pixels.reshape({shape}).astype("float32")
    return ({name} / 255 - mean) / scale'''

PIXELS = _PIXELS.format(rows="rows, flat", name="flat", shape="len(pixels), -1")

PIXELS_OF_IMAGES = _PIXELS.format(rows="images", name="images", shape="-1, *IMAGE")

CHANNELS_OF_IMAGES = '''\
def prepare(inputs, train):
    """All rows as images, each channel standardised; a missing number is the mean.

    Means and deviations are over all training rows.
    """
    channels = inputs[train].reshape(-1, IMAGE[-1])
    mean, scale = np.nanmean(channels, axis=0), np.nanstd(channels, axis=0)
    images = inputs.reshape(-1, *IMAGE)
    images = np.where(np.isnan(images), mean, images)
    return ((images - mean) / np.where(scale > 0, scale, 1)).astype("float32")'''
