"""What can be wrong with data, in words."""

from __future__ import annotations


class DataError(ValueError):
    """Data that cannot be looked at, read or split; the message says why in words."""
