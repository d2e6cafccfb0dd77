"""Engines by the names that commands and files use for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tuner_gui.engines.interface import Engine


def _local() -> Engine:
    from tuner_gui.engines.several import LocalProcesses

    return LocalProcesses()


ENGINES: Mapping[str, Callable[[], Engine]] = {"local": _local}
