"""The form of a text file with a table in it: encoding, delimiter, decimal mark, header; seen from its beginning."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tuner_gui.data.errors import DataError
from tuner_gui.data.sources import cannot_read

SAMPLE_BYTES = 1_000_000
SAMPLE_ROWS = 2_000
DELIMITERS = (";", "\t", "|", ",")
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_WITH_COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*")
_WITH_POINT = re.compile(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*")


@dataclass(frozen=True)
class TextForm:
    """``names`` are the columns', each once; ``rows`` the first ones as text, without the header. ``rows_in_all`` is
    an estimate from the size of the file, exact where all of it was seen."""

    encoding: str
    delimiter: str
    decimal: str
    header: bool
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    size: int
    rows_in_all: int
    whole: bool
    warnings: tuple[str, ...] = ()


def form_of(source: Path) -> TextForm:
    """Look at the beginning of a text file. DataError says why it is no table."""
    try:
        size = source.stat().st_size
        with source.open("rb") as file:
            raw = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise cannot_read(source, error) from error
    whole = len(raw) == size
    text, encoding = _decoded(raw, source, whole=whole)
    text = _whole_lines(text, source, whole=whole)
    delimiter = _delimiter(text, source)
    lines = _rows(text, delimiter, source)
    header = not any(_NUMBER.fullmatch(field) or _WITH_COMMA.fullmatch(field) for field in lines[0])
    seen = lines[: SAMPLE_ROWS + header]
    rows = seen[1:] if header else seen
    _refuse_ragged(seen, source)
    names, warnings = _names(seen[0], header=header)
    warnings = (*warnings, *_short_rows(rows, len(names)))
    if not rows:
        raise DataError(f"{source}: a header, and no rows below it")
    share = size / max(1, len(raw))
    in_all = len(lines) - header if whole else int(len(lines) * share)
    decimal = _decimal(rows, delimiter)
    return TextForm(encoding, delimiter, decimal, header, names, tuple(rows), size, in_all, whole, warnings)


def _decoded(raw: bytes, source: Path, *, whole: bool) -> tuple[str, str]:
    """The text and its encoding: UTF-16 where it says so, else UTF-8, else Windows-1252."""
    if not raw:
        raise DataError(f"{source}: the file is empty")
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            # The last character of a sample may be cut in two.
            text = codecs.getincrementaldecoder(encoding)().decode(raw, final=whole)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise DataError(f"{source}: holds NUL bytes, which no text has; is it a table in another format?")
        return text, encoding
    expected = "UTF-16, as its first bytes say" if utf16 else "UTF-8 or Windows-1252"
    raise DataError(f"{source}: the text is not {expected}; save it as UTF-8")


def _whole_lines(text: str, source: Path, *, whole: bool) -> str:
    if not text.strip():
        raise DataError(f"{source}: nothing but blank lines")
    if whole:
        return text
    end = text.rfind("\n")
    if end < 0:
        raise DataError(f"{source}: the first line is longer than {SAMPLE_BYTES:,} bytes; that is no table")
    return text[: end + 1]


def _delimiter(text: str, source: Path) -> str:
    """What splits the first lines into as many fields each; else what the sniffer finds, or a comma."""
    lines = text.replace("\r", "\n").split("\n")[:50]
    for delimiter in DELIMITERS:
        counts = {len(row) for row in _rows("\n".join(lines), delimiter, source)}
        if len(counts) == 1 and counts.pop() > 1:
            return delimiter
    try:
        found = csv.Sniffer().sniff("\n".join(lines), "".join(DELIMITERS)).delimiter
    except csv.Error:
        found = ","
    return found if found in lines[0] else max(DELIMITERS[::-1], key=lines[0].count)


def _rows(text: str, delimiter: str, source: Path) -> list[tuple[str, ...]]:
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error as error:
        raise DataError(f"{source}: cannot be read as a table ({error})") from error


def _refuse_ragged(rows: list[tuple[str, ...]], source: Path) -> None:
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) > width:
            raise DataError(f"{source}: row {number} has {len(row)} fields, and the first row has {width}")
    if width < 2:
        raise DataError(f"{source}: one column; a table needs a target and at least one column to predict it from")


def _short_rows(rows: list[tuple[str, ...]], width: int) -> tuple[str, ...]:
    short = sum(len(row) < width for row in rows)
    some = "1 row has" if short == 1 else f"{short:,} rows have"
    return (f"{some} fewer fields than there are columns: the rest counts as missing",) if short else ()


def _names(first: tuple[str, ...], *, header: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A name for each column, each once, and what was done to make them so."""
    if not header:
        return tuple(f"column {number}" for number in range(1, len(first) + 1)), ()
    return unique_names([name.strip() or f"column {number}" for number, name in enumerate(first, 1)])


def unique_names(names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names with a number behind those that came before, and a warning for each name that came twice."""
    warnings = tuple(f"{times} columns are called {name!r}" for name, times in Counter(names).items() if times > 1)
    taken: set[str] = set()
    for place, name in enumerate(names):
        number, own = 2, name
        while own in taken:
            own, number = f"{name} ({number})", number + 1
        taken.add(own)
        names[place] = own
    return tuple(names), tuple(f"{words}: later ones got a number" for words in warnings)


def _decimal(rows: list[tuple[str, ...]], delimiter: str) -> str:
    """A comma where more numbers are written with it than with a point; thousands are never guessed."""
    if delimiter == ",":
        # Quoted numbers with a comma are possible, and "1,234" in them may as well be a thousand.
        return "."
    fields = [field for row in rows[:200] for field in row]
    commas = sum(bool(_WITH_COMMA.fullmatch(field)) for field in fields)
    return "," if commas > sum(bool(_WITH_POINT.fullmatch(field)) for field in fields) else "."
