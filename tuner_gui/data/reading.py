"""A source read in full: inputs and targets, not yet split or prepared. Never in the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tuner_gui.data import builtin, npz
from tuner_gui.data.columns import as_words, understood, why_left_out
from tuner_gui.data.errors import DataError
from tuner_gui.data.frames import whole_csv, whole_parquet
from tuner_gui.data.images import folder_of, left_out_words, read_images, shape_of
from tuner_gui.data.keras_sets import read_set
from tuner_gui.data.sources import kind_of_source
from tuner_gui.data.textfile import form_of
from tuner_gui.study.definition import IMAGE_SHAPES, KERAS_DATA, DataSettings, ImageShape, Task
from tuner_gui.study.errors import one_of

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]

# One for each part of the split.
FEWEST_OF_A_CLASS = 3
FEWEST_ROWS = 10


@dataclass(frozen=True, eq=False)
class Table:
    """Rows as they were read. ``numbers`` is float64 ``[rows, numbers]`` with NaN where a value is missing;
    ``categories`` are text, objects ``[rows]`` each, empty where missing; ``pixels`` is uint8
    ``[rows, height, width, channels]``, and then there are no other inputs. ``image`` is the shape of a row where its
    numbers are those of an image, one after the other.

    ``targets`` are class numbers, int64 ``[rows]``, with the classes as ``target_names``, or float64
    ``[rows, outputs]``. ``all_columns`` keeps constant columns, as built-in data has always had them.
    """

    targets: NDArray[Any]
    target_names: tuple[str, ...]
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    number_names: tuple[str, ...] = ()
    categories: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    pixels: NDArray[np.uint8] | None = None
    all_columns: bool = False
    warnings: tuple[str, ...] = ()
    image: ImageShape | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def image_shape(self) -> ImageShape | None:
        """What a row is as an image; None where it is none."""
        if self.pixels is None:
            return self.image
        height, width, channels = self.pixels.shape[1:]
        return height, width, channels


def _ignore(_share: float) -> None:
    pass


def _never() -> bool:
    return False


def read(settings: DataSettings, *, progress: Progress = _ignore, cancelled: Cancelled = _never) -> Table:
    """Read all of it. ``progress`` is told shares from 0 to 1 in the same thread.

    DataError says in words what is wrong, that it would take more than half of the free memory, or that ``cancelled``
    said yes.
    """
    if settings.source in builtin.LOADERS:
        return _built_in(settings)
    if settings.source in KERAS_DATA:
        return _of_keras(settings, progress, cancelled)
    source = Path(settings.source)
    kind = kind_of_source(source)
    try:
        if kind == "csv":
            form = form_of(source)
            frame = whole_csv(source, form, progress=progress, cancelled=cancelled)
            return table_of(frame, settings, form.decimal)
        if kind == "parquet":
            return table_of(whole_parquet(source, progress=progress, cancelled=cancelled), settings)
        if kind == "npz":
            return _arrays(source, settings)
        return _images(source, settings, progress, cancelled)
    except MemoryError as error:
        raise DataError(f"{source}: there is not enough memory to read it") from error


def _built_in(settings: DataSettings) -> Table:
    inputs, targets = builtin.LOADERS[settings.source]()
    if settings.kind_of_task is Task.CLASSIFICATION:
        columns, names = builtin.names_of(settings.source, inputs.shape[1], int(targets.max()) + 1)
    else:
        columns, _ = builtin.names_of(settings.source, inputs.shape[1], 0)
        names = tuple(f"y{number}" for number in range(targets.shape[1]))
    return Table(targets, names, inputs, columns, all_columns=True, image=IMAGE_SHAPES.get(settings.source))


def _of_keras(settings: DataSettings, progress: Progress, cancelled: Cancelled) -> Table:
    source = settings.source
    inputs, goal, names = read_set(source, progress=progress, cancelled=cancelled)
    if settings.kind_of_task is Task.REGRESSION:
        targets, _ = _checked_targets(goal.astype(np.float64), settings)
        return Table(targets, ("price",), inputs.astype(np.float64), names)
    targets, numbers = class_numbers(goal.reshape(len(goal)), source)
    return Table(targets, tuple(names[int(number)] for number in numbers) if names else numbers, pixels=inputs)


# --- tables ---


def table_of(frame: pd.DataFrame, settings: DataSettings, decimal: str = ".") -> Table:
    """The inputs and targets of a frame, and what was left out of it."""
    source, target = settings.source, settings.target
    if target not in frame.columns:
        raise DataError(f"{source}: no column {target!r} to predict: expected {one_of(frame.columns, target)}")
    told: list[str] = []
    goal, kept = _target(frame[target], settings, decimal, told)
    found = [understood(str(name), frame[name], decimal) for name in frame.columns if name != target]
    told += [f"{values.slips}: counted as missing" for values in found if values.slips and values.kind == "number"]
    told += [values.slips for values in found if values.slips and values.kind == "category"]
    told += [f"{values.name!r} {why_left_out(values)}: left out" for values in found if why_left_out(values)]
    numeric = [values for values in found if values.kind == "number" and values.numbers is not None]
    numbers = np.empty((len(frame), len(numeric)))
    for place, values in enumerate(numeric):
        numbers[:, place] = values.numbers
    words = {values.name: as_words(frame[values.name]) for values in found if values.kind == "category"}
    if settings.missing == "drop":
        kept &= _complete(numbers, words)
        told += [f"{int((~kept).sum()):,} rows with missing values are left out"] if not kept.all() else []
    if not numeric and not words:
        raise DataError(f"{source}: no column is left to predict {target!r} from ({'; '.join(told)})")
    categories = {name: values[kept] for name, values in words.items()}
    targets, names = _checked_targets(goal[kept], settings)
    return Table(
        targets, names, numbers[kept], tuple(values.name for values in numeric), categories, warnings=tuple(told)
    )


def _complete(numbers: NDArray[np.float64], words: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    complete: NDArray[np.bool_] = np.asarray(~np.isnan(numbers).any(axis=1), dtype=bool)
    for values in words.values():
        complete &= values != ""
    return complete


def _target(
    series: pd.Series[Any], settings: DataSettings, decimal: str, told: list[str]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The target of all rows as words or as numbers, and which rows have one."""
    if settings.kind_of_task is Task.CLASSIFICATION:
        goal: NDArray[Any] = as_words(series)
        kept = goal != ""
    else:
        values = understood(str(series.name), series, decimal)
        if values.numbers is None and values.kind != "empty":
            example = as_words(series.dropna().head(1))[0]
            raise DataError(
                f"{settings.source}: the target {settings.target!r} holds words, such as {example!r}; "
                "a regression needs numbers"
            )
        goal = np.full(len(series), np.nan) if values.numbers is None else values.numbers
        kept = ~np.isnan(goal)
    missing = int((~kept).sum())
    if missing:
        told.append(f"{missing:,} {'row has' if missing == 1 else 'rows have'} no target and are left out")
    return goal, np.asarray(kept, dtype=bool)


def _checked_targets(goal: NDArray[Any], settings: DataSettings) -> tuple[NDArray[Any], tuple[str, ...]]:
    source, target = settings.source, settings.target
    if len(goal) < FEWEST_ROWS:
        counted = "1 row is" if len(goal) == 1 else f"{len(goal)} rows are" if len(goal) else "no row is"
        raise DataError(f"{source}: {counted} left to learn from; at least {FEWEST_ROWS} are needed")
    if settings.kind_of_task is Task.REGRESSION:
        values = goal.reshape(len(goal), -1).astype(np.float64)
        if (values == values[0]).all():
            raise DataError(f"{source}: the target {target!r} is the same in every row; there is nothing to predict")
        return values, _numbered(target or "y", values.shape[1])
    return class_numbers(goal, f"{source}: the target {target!r}")


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return (name,) if count == 1 else tuple(f"{name}{number}" for number in range(count))


def class_numbers(words: NDArray[Any], what: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The number of each row's class, and the classes' names in order: of numbers by size, else by alphabet."""
    distinct, numbers, counts = np.unique(words.astype(str), return_inverse=True, return_counts=True)
    if len(distinct) < 2:
        raise DataError(f"{what} has one class, {str(distinct[0])!r}; there is nothing to tell apart")
    rare = counts < FEWEST_OF_A_CLASS
    if rare.any():
        first, count = str(distinct[rare][0]), int(counts[rare][0])
        raise DataError(
            f"{what}: {int(rare.sum()):,} of {len(distinct):,} classes have fewer than {FEWEST_OF_A_CLASS} rows, "
            f"such as {first!r} with {count}; each needs one for training, validation and test"
        )
    order = _in_order([str(name) for name in distinct])
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places[numbers.reshape(-1)], tuple(str(distinct[place]) for place in order)


def _in_order(names: list[str]) -> list[int]:
    try:
        keys: list[Any] = [float(name) for name in names]
    except ValueError:
        keys = list(names)
    return sorted(range(len(names)), key=lambda place: keys[place])


# --- arrays and images ---


def _arrays(source: Path, settings: DataSettings) -> Table:
    members = npz.members_of(source)
    pair = npz.pair_of(members, settings.target, source)
    npz.refuse_large(pair, source)
    inputs, goal = (npz.array(source, member) for member in pair)
    told: list[str] = []
    if settings.kind_of_task is Task.CLASSIFICATION:
        if goal.ndim == 2 and goal.shape[1] > 1:
            raise DataError(f"{source}: the target {pair[1].name!r} has {goal.shape[1]} columns; classes need one")
        goal = goal.reshape(len(goal))
        goal = np.array([str(int(v) if goal.dtype.kind == "f" and v == np.floor(v) else v) for v in goal], dtype=object)
        kept = (goal != "nan") & (goal != "")
    else:
        if goal.dtype.kind not in "biuf":
            raise DataError(f"{source}: the target {pair[1].name!r} holds words; a regression needs numbers")
        goal = goal.astype(np.float64).reshape(len(goal), -1)
        kept = np.isfinite(goal).all(axis=1)
    if not kept.all():
        told.append(f"{int((~kept).sum()):,} rows have no target and are left out")
    if npz.image_shape(pair[0]):
        targets, names = _checked_targets(goal[kept], settings)
        pixels = inputs.reshape(len(inputs), *(npz.image_shape(pair[0]) or ()))
        return Table(targets, names, pixels=pixels[kept], warnings=tuple(told))
    numbers = inputs.reshape(len(inputs), -1).astype(np.float64)
    if (infinite := np.isinf(numbers)).any():
        told.append(f"{pair[0].name!r} holds {int(infinite.sum()):,} infinite values: counted as missing")
        numbers[infinite] = np.nan
    if settings.missing == "drop":
        kept &= _complete(numbers, {})
    targets, names = _checked_targets(goal[kept], settings)
    columns = tuple(f"{pair[0].name}{number}" for number in range(numbers.shape[1]))
    image = npz.grid_shape(pair[0])
    return Table(targets, names, numbers[kept], columns, warnings=tuple(told), image=image)


def _images(source: Path, settings: DataSettings, progress: Progress, cancelled: Cancelled) -> Table:
    if settings.kind_of_task is not Task.CLASSIFICATION:
        raise DataError(f"{source}: folders of images are classes; a regression needs a table")
    folder = folder_of(source, cancelled=cancelled)
    words = np.array([name for name, _ in folder.files], dtype=object)
    targets, names = class_numbers(words, f"{source}: the folder")
    shape = shape_of(folder, settings.size)
    pixels = read_images(folder, shape, source, progress=progress, cancelled=cancelled)
    return Table(targets, names, pixels=pixels, warnings=left_out_words(folder))
