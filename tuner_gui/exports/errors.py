"""Why something cannot leave a study, in words."""

from __future__ import annotations


class ExportError(Exception):
    """It was asked for rightly and cannot be made; the message says why."""


class ExportUsageError(Exception):
    """What was asked for makes no sense as it stands; the message says what would."""
