"""Tables in files as pandas frames, read in pieces that can be cancelled between."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner_gui.data.columns import NOT_A_VALUE
from tuner_gui.data.errors import DataError
from tuner_gui.data.memory import refuse_beyond_memory
from tuner_gui.data.sources import cannot_read
from tuner_gui.data.textfile import TextForm, unique_names

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]

_ROWS_AT_ONCE = 50_000
# A value as text with its place in the frame, as a number, and prepared twice over.
_BYTES_A_VALUE = 48


def csv_rows(source: Path, form: TextForm, rows: int) -> pd.DataFrame:
    """The first rows as text."""
    with _csv_reader(source, form)[0] as reader:
        return _piece(reader, source, rows)


def whole_csv(source: Path, form: TextForm, *, progress: Progress, cancelled: Cancelled) -> pd.DataFrame:
    """All rows as text; DataError before they would take too much memory, or when it was cancelled."""
    import pandas as pd

    refuse_beyond_memory(form.size + form.rows_in_all * len(form.names) * _BYTES_A_VALUE, source)
    reader, raw = _csv_reader(source, form)
    pieces: list[pd.DataFrame] = []
    with reader:
        while len(piece := _piece(reader, source, _ROWS_AT_ONCE)):
            pieces.append(piece)
            _go_on(min(1.0, raw.tell() / form.size), source, progress, cancelled)
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=list(form.names))


def _go_on(done: float, source: Path, progress: Progress, cancelled: Cancelled) -> None:
    progress(done)
    if cancelled():
        raise DataError(f"{source}: reading was cancelled")


def _csv_reader(source: Path, form: TextForm) -> tuple[Any, Any]:
    import pandas as pd

    try:
        raw = source.open("rb")
    except OSError as error:
        raise cannot_read(source, error) from error
    # The separate text layer leaves the bytes' position readable, which is the progress.
    text = io.TextIOWrapper(raw, encoding=form.encoding, newline="")
    try:
        reader = pd.read_csv(
            text,
            sep=form.delimiter,
            header=0 if form.header else None,
            names=list(form.names),
            index_col=False,
            dtype=str,
            na_values=list(NOT_A_VALUE),
            skipinitialspace=True,
            iterator=True,
        )
    except (ValueError, OSError) as error:
        raw.close()
        raise DataError(f"{source}: cannot be read as a table ({error})") from error
    # Closing the reader leaves a handle that was given to it open.
    close = reader.close

    def close_both() -> None:
        close()
        text.close()

    reader.close = close_both
    return reader, raw


def _piece(reader: Any, source: Path, rows: int) -> pd.DataFrame:
    import pandas as pd

    try:
        with warnings.catch_warnings():
            # pandas would cut rows with too many fields and only warn of it.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return reader.get_chunk(rows)
    except StopIteration:
        return pd.DataFrame()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source}: begins as {error.encoding} and does not go on so (byte {error.object[error.start]:#04x}); "
            "save it as UTF-8"
        ) from error
    except pd.errors.ParserWarning as error:
        raise DataError(f"{source}: some rows have more fields than there are columns ({error})") from error
    except (ValueError, OSError, pd.errors.ParserError) as error:
        words = str(error).removeprefix("Error tokenizing data. ").strip()
        raise DataError(f"{source}: cannot be read as a table ({words})") from error


def parquet_rows(source: Path, rows: int) -> tuple[pd.DataFrame, int]:
    """The first rows, and how many there are in all."""
    with _parquet(source) as file:
        batch = next(_batches(file, source, rows), None)
        frame = _named(batch.to_pandas() if batch is not None else file.schema_arrow.empty_table().to_pandas())
        return frame, file.metadata.num_rows


def whole_parquet(source: Path, *, progress: Progress, cancelled: Cancelled) -> pd.DataFrame:
    """All rows; DataError before they would take too much memory, or when it was cancelled."""
    import pandas as pd

    with _parquet(source) as file:
        facts = file.metadata
        packed = sum(facts.row_group(number).total_byte_size for number in range(facts.num_row_groups))
        refuse_beyond_memory(packed + facts.num_rows * len(file.schema_arrow) * _BYTES_A_VALUE, source)
        pieces: list[pd.DataFrame] = []
        done = 0
        for batch in _batches(file, source, _ROWS_AT_ONCE):
            pieces.append(_named(batch.to_pandas()))
            done += batch.num_rows
            _go_on(done / max(1, facts.num_rows), source, progress, cancelled)
        if not pieces:
            raise DataError(f"{source}: no rows in it")
        return pd.concat(pieces, ignore_index=True)


def _parquet(source: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(source)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{source}: no Parquet file, or a damaged one ({_first_sentence(error)})") from error


def _batches(file: Any, source: Path, rows: int) -> Any:
    import pyarrow as pa

    try:
        yield from file.iter_batches(batch_size=rows)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{source}: a damaged Parquet file ({_first_sentence(error)})") from error


def _first_sentence(error: Exception) -> str:
    return str(error).splitlines()[0].split(". ")[0][:200]


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """With each name once, as text."""
    names, _ = unique_names([str(name) for name in frame.columns])
    frame.columns = list(names)
    return frame.reset_index(drop=True)
