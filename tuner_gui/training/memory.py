"""How much memory there is, and keeping a person's file from taking all of it. No TensorFlow."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

LEAST_LIMIT = 2_000_000_000
"""Bytes that a process may have in any case: TensorFlow does not start with much less."""


def available_bytes() -> int | None:
    """What can be taken now without pushing anything out; None where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def resident_bytes() -> int:
    """How much memory this process holds now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0


def limit_memory() -> None:
    """From now on more than what is available ends in a MemoryError at the line that asks for it, and not in the
    system's choice of a process to kill.

    On Linux only, and not beside a GPU, whose driver reserves far more than it uses.
    """
    available = available_bytes()
    if sys.platform != "linux" or available is None or Path("/dev/nvidia0").exists():
        return
    import resource

    limit = max(available, LEAST_LIMIT)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
