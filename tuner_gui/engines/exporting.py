"""Has a Keras model made by a process that may load TensorFlow, and waits for it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from typing import Any

from tuner_gui.training import exporting
from tuner_gui.training.exporting import KerasFile, Made

__all__ = ["KerasFile", "NotMadeError", "make_keras_file"]


class NotMadeError(Exception):
    """Why there is no model, in words."""


def make_keras_file(wanted: KerasFile) -> Mapping[str, Any]:
    """Make the file; returns the document of the preparation in it. NotMadeError. A few seconds."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=exporting.main, args=(there, wanted), name="export", daemon=True)
    process.start()
    there.close()
    try:
        made = here.recv()
    except EOFError:
        process.join()
        made = Made(problem=f"the process that makes it ended by itself (exit code {process.exitcode})")
    finally:
        here.close()
        process.terminate()
        process.join()
    if made.document is None:
        raise NotMadeError(made.problem)
    document: Mapping[str, Any] = made.document
    return document
