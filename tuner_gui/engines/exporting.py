"""Has a Keras model made by a process that may load TensorFlow, and waits for it."""

from __future__ import annotations

import multiprocessing

from tuner_gui.training import exporting
from tuner_gui.training.exporting import Again, KerasFile, Made

__all__ = ["Again", "KerasFile", "Made", "NotMadeError", "make_keras_file"]


class NotMadeError(Exception):
    """Why there is no model, in words."""


def make_keras_file(wanted: KerasFile) -> Made:
    """Make the file; what is returned has a document. NotMadeError. A few seconds, and as long as the training takes
    where the weights were not kept."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=exporting.main, args=(there, wanted), name="export", daemon=True)
    process.start()
    there.close()
    try:
        made: Made = here.recv()
    except EOFError:
        process.join()
        made = Made(problem=f"the process that makes it ended by itself (exit code {process.exitcode})")
    finally:
        here.close()
        process.terminate()
        process.join()
    if made.document is None:
        raise NotMadeError(made.problem)
    return made
