"""Packages that are asked for only by those who need them, and how they are to behave."""

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


def keep_blas_to_one_thread() -> None:
    """Linear algebra on some hundred rows gains nothing by threads, and those that spin for work hold up the window.

    Only libraries that are loaded are told: call it after the imports.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    threadpool_limits(limits=1, user_api="blas")
