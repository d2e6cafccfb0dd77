"""Packages that are asked for only by those who need them."""

from __future__ import annotations

from importlib.util import find_spec


class MissingExtraError(ImportError):
    """A package that is not installed, and how to install it."""


def needs(package: str, *, extra: str, what: str) -> None:
    """Raise MissingExtraError, in words, unless the package is there."""
    if find_spec(package) is None:
        raise MissingExtraError(
            f"{what} needs the package {package}, which is not installed: pip install 'tuner-gui[{extra}]'"
        )
