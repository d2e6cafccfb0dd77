"""What sort of source a path is, and whether it can be read at all."""

from __future__ import annotations

from pathlib import Path

from tuner_gui.data.errors import DataError
from tuner_gui.study.codec import TABLE_SUFFIXES

KINDS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".npz": "npz"}


def kind_of_source(source: Path) -> str:
    """csv, parquet, npz or images; DataError for what is none of them, is not there or cannot be read."""
    try:
        if source.is_dir():
            if source.suffix.lower() in KINDS:
                raise DataError(f"{source}: a folder, where a file was expected by its name")
            return "images"
        if not source.exists():
            raise DataError(f"{source}: there is no such file or folder")
        if not source.is_file():
            raise DataError(f"{source}: neither a file nor a folder")
        size = source.stat().st_size
        with source.open("rb"):
            pass
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise cannot_read(source, error) from error
    kind = KINDS.get(source.suffix.lower())
    if kind is None:
        raise DataError(f"{source}: expected a name that ends in {', '.join(TABLE_SUFFIXES)}, or a folder of images")
    if size == 0:
        raise DataError(f"{source}: the file is empty")
    return kind


def cannot_read(source: Path, error: Exception) -> DataError:
    """The error of the system, in its own words, as one of data."""
    return DataError(f"{source}: cannot be read ({getattr(error, 'strerror', None) or error})")
