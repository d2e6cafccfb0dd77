"""How a training script reads a table of a person's own: CSV and its kin, and Parquet."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner_gui.data.frames import whole_csv, whole_parquet
from tuner_gui.data.reading import table_of
from tuner_gui.data.textfile import TextForm, form_of
from tuner_gui.exports.script_parts import CLASS_NUMBERS, FILL, STANDARDISE, Loading, Look, look_at
from tuner_gui.exports.script_text import assigned, indented, literal
from tuner_gui.study.definition import DataSettings


@dataclass(frozen=True)
class _Reading:
    """What differs between the kinds of tables: constants, and the functions ``read_table``, ``as_numbers`` and
    ``as_words`` of the script. ``as_classes`` is empty where the words of the target are its classes."""

    packages: tuple[str, ...]
    constants: tuple[str, ...]
    read_table: str
    as_numbers: str
    as_words: str
    as_classes: str = ""


def csv_loading(settings: DataSettings) -> Loading:
    """DataError where the table cannot be read."""
    source = Path(settings.source)
    form = form_of(source)
    frame = whole_csv(source, form, progress=_ignore, cancelled=_never)
    options = _csv_options(source, form)
    named = form.header and _pandas_names(source, options) == list(form.names)
    header = [] if named else ["names=COLUMNS,", f"header={0 if form.header else None},"]
    plain = "column" if form.decimal == "." else f'column.str.replace({literal(form.decimal)}, ".", regex=False)'
    reading = _Reading(
        packages=("pandas",),
        constants=() if named else (assigned("COLUMNS", list(form.names)),),
        read_table=_read_csv(options, header),
        as_numbers=_NUMBERS_OF_TEXT.replace("PLAIN", plain),
        as_words=_WORDS_OF_TEXT,
    )
    return _loading(look_at(settings, table_of(frame, settings, form.decimal)), reading)


def parquet_loading(settings: DataSettings) -> Loading:
    """DataError where the table cannot be read."""
    import pandas as pd

    source = Path(settings.source)
    frame = whole_parquet(source, progress=_ignore, cancelled=_never)
    names = list(frame.columns)
    look = look_at(settings, table_of(frame, settings))
    renamed = _parquet_names(source) != names
    of_floats = look.classes is not None and pd.api.types.is_float_dtype(frame[settings.target].dtype)
    reading = _Reading(
        packages=("pandas", "pyarrow"),
        constants=(assigned("COLUMNS", names),) if renamed else (),
        read_table=_PARQUET_RENAMED if renamed else _PARQUET,
        as_numbers=_NUMBERS,
        as_words=_WORDS,
        as_classes=_CLASSES_OF_FLOATS if of_floats else "",
    )
    return _loading(look, reading)


def _ignore(_share: float) -> None:
    pass


def _never() -> bool:
    return False


# --- reading ---


def _csv_options(source: Path, form: TextForm) -> dict[str, Any]:
    """The arguments of ``pandas.read_csv`` by which it sees what this program sees."""
    options: dict[str, Any] = {"sep": form.delimiter} if form.delimiter != "," else {}
    with source.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    if marked or form.encoding != "utf-8-sig":
        options["encoding"] = form.encoding
    return {**options, "dtype": str, "na_values": ["?"], "skipinitialspace": True, "index_col": False}


def _read_csv(options: Mapping[str, Any], header: Sequence[str]) -> str:
    texts = {name: "str" if value is str else literal(value) for name, value in options.items()}
    arguments = ["path,", *header, *(f"{name}={text}," for name, text in texts.items())]
    about = '"""All columns as text; an empty field or a question mark is a missing value."""'
    return "\n".join(["def read_table(path):", *indented([about, "return pd.read_csv(", *indented(arguments), ")"])])


def _pandas_names(source: Path, options: Mapping[str, Any]) -> list[str]:
    """What pandas calls the columns of a header where it is not told."""
    import pandas as pd

    return [str(name) for name in pd.read_csv(source, nrows=0, **options).columns]


def _parquet_names(source: Path) -> list[object]:
    import pyarrow.parquet as pq

    return list(pq.read_schema(source).empty_table().to_pandas().columns)


# --- what is made of it ---


def _loading(look: Look, reading: _Reading) -> Loading:
    unused = _unused(look) if look.drops else ([], [])
    constants = [assigned("TARGET", look.settings.target), *look.class_constants]
    constants += [assigned("NUMBERS", look.numbers)] if look.numbers else []
    constants += [assigned("CATEGORIES", look.categories)] if look.categories else []
    about = "constant or repeated, and no input; rows without them are left out too"
    constants += [assigned("UNUSED_NUMBERS", unused[0], about)] if unused[0] else []
    constants += [assigned("UNUSED_CATEGORIES", unused[1], about)] if unused[1] else []
    return Loading(
        imports=("import pandas as pd",),
        constants=(*reading.constants, *constants),
        functions=_functions(look, reading, unused),
        prepare=_prepare(look),
        packages=reading.packages,
    )


def _functions(look: Look, reading: _Reading, unused: tuple[list[str], list[str]]) -> tuple[str, ...]:
    classes = look.classes is not None
    functions = [reading.read_table]
    functions += [reading.as_numbers] if look.numbers or unused[0] or not classes else []
    functions += [reading.as_words] if look.categories or unused[1] or (classes and not reading.as_classes) else []
    functions += [reading.as_classes, CLASS_NUMBERS] if classes else []
    functions += [_is_complete(look, unused)] if look.drops else []
    functions += [_inputs_of(look), _load_classes(look, reading) if classes else _load_numbers(look)]
    return tuple(filter(None, functions))


def _unused(look: Look) -> tuple[list[str], list[str]]:
    """The columns of numbers and of categories that are no inputs, and in which a gap counts all the same."""
    numbers = [name for name in look.table.number_names if name not in look.numbers]
    return numbers, [name for name in look.table.categories if name not in look.categories]


def _inputs_of(look: Look) -> str:
    columns = "[as_numbers(frame[name]) for name in NUMBERS]"
    if not look.categories:
        lines = ['"""The columns of numbers; NaN where one is missing."""', f"return np.column_stack({columns})"]
    else:
        about = "Numbers, NaN where one is missing, then" if look.numbers else "A column of"
        about += " a column of 0 and 1 for each category." if look.numbers else " 0 and 1 for each category."
        lines = [f'"""{about}"""', f"columns = {columns if look.numbers else '[]'}", *_CATEGORY_LINES]
    return "\n".join(["def inputs_of(frame):", *indented(lines)])


_CATEGORY_LINES = (
    "for name, values in CATEGORIES.items():",
    "    words = as_words(frame[name])",
    "    columns += [words == value for value in values]",
    'return np.column_stack(columns).astype("float64")',
)


def _is_complete(look: Look, unused: tuple[list[str], list[str]]) -> str:
    lines = ['"""Which rows have a value in every column of numbers and of categories."""']
    for used, rest, kind, gap in (
        (look.numbers, unused[0], "NUMBERS", "np.isnan(as_numbers(frame[name]))"),
        (look.categories, unused[1], "CATEGORIES", 'as_words(frame[name]) == ""'),
    ):
        names = [*([f"*{kind}"] if used else []), *([f"*UNUSED_{kind}"] if rest else [])]
        if names:
            listed = f"[{', '.join(names)}]" if len(names) > 1 else names[0].removeprefix("*")
            lines.append(f"gaps {'=' if len(lines) == 1 else '+='} [{gap} for name in {listed}]")
    return "\n".join(["def is_complete(frame):", *indented([*lines, "return ~np.any(gaps, axis=0)"])])


def _load_classes(look: Look, reading: _Reading) -> str:
    complete = " & is_complete(frame)" if look.drops else ""
    words = "as_classes" if reading.as_classes else "as_words"
    known = f'(words != ""){complete}' if complete else 'words != ""'
    lines = [
        f'"""Inputs and the number of the class of each row that {"is complete" if look.drops else "has one"}."""',
        "frame = read_table(path)",
        f"words = {words}(frame[TARGET])",
        f"known = {known}",
        "return inputs_of(frame[known]), class_numbers(words[known])",
    ]
    return "\n".join(["def load_data(path):", *indented(lines)])


def _load_numbers(look: Look) -> str:
    complete, which = (" & is_complete(frame)", "is complete") if look.drops else ("", "has one")
    lines = [
        f'"""Inputs and the target, in its own units, of each row that {which}."""',
        "frame = read_table(path)",
        "targets = as_numbers(frame[TARGET])",
        f"known = ~np.isnan(targets){complete}",
        "return inputs_of(frame[known]), targets[known].reshape(-1, 1)",
    ]
    return "\n".join(["def load_data(path):", *indented(lines)])


def _prepare(look: Look) -> str:
    if not look.categories:
        return STANDARDISE if look.drops else FILL
    if not look.numbers:
        return _PREPARE_CATEGORIES
    return _PREPARE_MIXED.replace("FILLED\n", "" if look.drops else f"{_FILLED}\n").replace(
        "ABOUT",
        "numbers are standardised" if look.drops else "a missing number is the median, then all are standardised",
    )


_PREPARE_MIXED = '''\
def prepare(inputs, train):
    """All rows: ABOUT.

    The statistics are those of the training rows. Categories stay 0 and 1.
    """
    numbers, flags = np.split(inputs, [len(NUMBERS)], axis=1)
FILLED
    scaler = StandardScaler().fit(numbers[train])
    return np.hstack([scaler.transform(numbers), flags]).astype("float32")'''

_FILLED = """\
    medians = np.nanmedian(numbers[train], axis=0)
    numbers = np.where(np.isnan(numbers), medians, numbers)"""

_PREPARE_CATEGORIES = '''\
def prepare(inputs, _train):
    """All rows; categories need no statistics of the training rows."""
    return inputs.astype("float32")'''

_NUMBERS_OF_TEXT = '''\
def as_numbers(column):
    """The values as floats; NaN where one is missing, infinite or no number."""
    numbers = pd.to_numeric(PLAIN, errors="coerce")
    numbers = numbers.to_numpy("float64", na_value=np.nan)
    return np.where(np.isinf(numbers), np.nan, numbers)'''

_WORDS_OF_TEXT = '''\
def as_words(column):
    """The values as text without blanks around them; empty where one is missing."""
    return column.fillna("").str.strip().to_numpy(object)'''

_PARQUET = '''\
def read_table(path):
    """All columns, of the types that they have in the file."""
    return pd.read_parquet(path)'''

_PARQUET_RENAMED = '''\
def read_table(path):
    """All columns, of the types that they have in the file, each name once."""
    frame = pd.read_parquet(path)
    frame.columns = COLUMNS
    return frame'''

_NUMBERS = '''\
def as_numbers(column):
    """The values as floats; NaN where one is missing, infinite or no number."""
    if not pd.api.types.is_numeric_dtype(column):
        texts = column.astype(str).where(column.notna())
        column = pd.to_numeric(texts, errors="coerce")
    numbers = column.to_numpy("float64", na_value=np.nan)
    return np.where(np.isinf(numbers), np.nan, numbers)'''

_WORDS = '''\
def as_words(column):
    """The values as text without blanks around them; empty where one is missing."""
    known = zip(column, column.notna(), strict=True)
    words = [str(value).strip() if there else "" for value, there in known]
    return np.array(words, dtype=object)'''

_CLASSES_OF_FLOATS = '''\
def as_classes(column):
    """The values as text, 3.0 as 3; empty where one is missing."""
    values = [float(value) for value in column.fillna(np.nan)]
    words = [f"{value:.0f}" if value.is_integer() else repr(value) for value in values]
    return np.where(column.notna(), np.array(words, dtype=object), "")'''
