"""What sort of values a column holds. The preview and the reading ask the same questions, so they agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 50
# As many of the values must be numbers for a column of numbers with a few slips in it.
ENOUGH_NUMBERS = 0.95
_LONG_TEXT = 60
_IDENTIFIER = re.compile(r"(.*[_ .-])?(id|uuid|index|nr|no|row|key)|column 1|unnamed.*|.*[a-z]I[Dd]", re.IGNORECASE)
_DATE = re.compile(
    r"\s*(\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}( .*)?|\d{4}/\d{1,2}/\d{1,2}.*)\s*"
)
NOT_A_VALUE = ("?", "")


@dataclass(frozen=True, eq=False)
class Values:
    """A column as it was understood. ``kind`` is number, category, text, date or empty; ``numbers`` float64 with NaN
    where a value is missing, for a column of numbers alone. ``slips`` says what was taken as missing."""

    name: str
    kind: str
    numbers: NDArray[np.float64] | None
    slips: str = ""
    identifier: bool = False


def understood(name: str, series: pd.Series[Any], decimal: str = ".") -> Values:
    """What a column holds; text is looked at as text, everything else by its type."""
    import pandas as pd

    if not series.notna().any():
        return Values(name, "empty", None)
    if pd.api.types.is_bool_dtype(series.dtype):
        return Values(name, "category", None)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _of_numbers(name, series.to_numpy(dtype=np.float64, na_value=np.nan))
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return Values(name, "date", None)
    return _of_text(name, series.astype(str).where(series.notna()), decimal)


def _of_text(name: str, series: pd.Series[Any], decimal: str) -> Values:
    import pandas as pd

    plain = series.str.replace(decimal, ".", regex=False) if decimal != "." else series
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    there = series.notna().to_numpy()
    # pandas also reads "inf" and "nan" as numbers: both are spellings of what is missing.
    wrong = there & np.isnan(numbers)
    if wrong.sum() <= (1 - ENOUGH_NUMBERS) * there.sum():
        values = _of_numbers(name, numbers)
        example = str(series[wrong].iloc[0])[:40] if wrong.any() else ""
        slips = f"{int(wrong.sum()):,} values of {name!r} are no numbers, such as {example!r}" if example else ""
        return Values(
            name, values.kind, values.numbers, "; ".join(filter(None, (slips, values.slips))), values.identifier
        )
    present = series[there]
    if present.head(100).map(lambda text: bool(_DATE.fullmatch(text))).all():
        return Values(name, "date", None)
    distinct = present.nunique()
    if present.head(1000).str.len().mean() > _LONG_TEXT or (distinct > 20 and distinct > len(present) / 2):
        return Values(name, "text", None, identifier=distinct == len(present))
    mixed = int((~np.isnan(numbers)).sum())
    slips = f"{name!r} mixes {mixed:,} numbers with {int(wrong.sum()):,} words: taken as categories" if mixed else ""
    return Values(name, "category", None, slips)


def _of_numbers(name: str, numbers: NDArray[np.float64]) -> Values:
    infinite = np.isinf(numbers)
    slips = ""
    if infinite.any():
        slips = f"{name!r} holds {int(infinite.sum()):,} infinite values"
        numbers = np.where(infinite, np.nan, numbers)
    there = numbers[~np.isnan(numbers)]
    if not len(there):
        return Values(name, "empty", None, slips)
    alike = _IDENTIFIER.fullmatch(name) is not None and len(there) > 1 and bool((there == np.floor(there)).all())
    identifier = alike and len(np.unique(there)) == len(numbers)
    return Values(name, "text" if identifier else "number", numbers, slips, identifier)


def as_words(series: pd.Series[Any]) -> NDArray[Any]:
    """The values as text, objects ``[rows]``; empty where a value is missing. 3.0 is "3", as it was before a missing
    value made a column of whole numbers one of floats."""
    import pandas as pd

    # Each distinct value is put in words once: rows are many, categories few.
    if series.dtype == object:  # lists in a Parquet file, which cannot be told apart as they are
        series = series.astype(str).where(series.notna())
    places, distinct = pd.factorize(series)
    if pd.api.types.is_float_dtype(series.dtype):
        words = [f"{value:.0f}" if float(value).is_integer() else repr(float(value)) for value in distinct]
    else:
        words = [str(value).strip() for value in distinct]
    known: NDArray[Any] = np.array([*words, ""], dtype=object)
    return np.asarray(known[places])


def why_left_out(values: Values) -> str:
    """Why a column is of no use as it stands, to follow its name; empty for one that is used."""
    if values.kind == "text":
        return "looks like an identifier" if values.identifier else "is free text"
    return {"date": "holds dates", "empty": "holds no values"}.get(values.kind, "")
