"""How much memory is free, and the refusal to read what would take too much of it."""

from __future__ import annotations

import os
from pathlib import Path

from tuner_gui.data.errors import DataError

SHARE_OF_FREE = 0.5
_MEMINFO = Path("/proc/meminfo")


def free_memory() -> int | None:
    """Bytes that a process could get without swapping; None where the system does not tell."""
    try:
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf, macOS no such name
        return None


def refuse_beyond_memory(needed: float, source: object) -> None:
    """DataError where reading would take more than half of the free memory."""
    free = free_memory()
    if free is not None and needed > SHARE_OF_FREE * free:
        raise DataError(
            f"{source}: reading it would take about {format_bytes(needed)} of memory, and {format_bytes(free)} are "
            "free; at most half of that is used. Take fewer rows or columns, or close other programs"
        )


def format_bytes(count: float) -> str:
    """In words of at most four digits: "312 MB", "2.4 GB"."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit in ("bytes", "KB") or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
