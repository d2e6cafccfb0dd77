"""What a person's file prints while it trains goes nowhere, but for its end, which helps to understand a failure."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator

KEPT = 400


class Tail(io.TextIOBase):
    """Takes any amount of text and keeps the last few hundred characters of it."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._text = ""

    def write(self, text: str) -> int:
        self._text = (self._text + text[-self._kept :])[-self._kept :]
        return len(text)

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def text(self) -> str:
        return self._text.strip()


@contextlib.contextmanager
def swallowed() -> Iterator[Tail]:
    """Prints of this process, from all its threads, within the block."""
    tail = Tail()
    with contextlib.redirect_stdout(tail), contextlib.redirect_stderr(tail):
        yield tail


def close_terminal() -> None:
    """What native code and programs started by the file write goes nowhere either. For good."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.dup2(nowhere, descriptor)
    os.close(nowhere)
