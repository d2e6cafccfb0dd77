"""How a command ends when it cannot do what was asked."""

from __future__ import annotations

DONE = 0
FAILED = 1
BAD_USAGE = 2
INTERRUPTED = 130


class UsageError(Exception):
    """What was asked for makes no sense as it stands; the message says what would. Exit code 2."""


class CommandFailedError(Exception):
    """It made sense and could not be done; the message says why. Exit code 1."""
