"""Asking a person whether their model file may be run, once for each content of it."""

from __future__ import annotations

import sys
from pathlib import Path

from tuner_gui.commands.errors import CommandFailedError, UsageError
from tuner_gui.engines.trust import ModelFile, NotTrustedError, TrustStore, difference, read_model_file

_WHY = "A model file is a program: it can do on this machine whatever you can."


def trusted_file(path: Path, *, trust: bool) -> ModelFile:
    """The file, if it may be run as it is now: trusted before, by ``trust``, or by the answer given in a terminal.

    UsageError where there is no file or nobody to ask, CommandFailedError where the answer was no.
    """
    store = TrustStore()
    try:
        file = read_model_file(path)
    except NotTrustedError as error:
        raise UsageError(str(error)) from None
    if store.is_trusted(file):
        return file
    earlier = store.earlier(file)
    if not trust:
        _ask(file, earlier)
    try:
        store.trust(file)
    except OSError as error:
        raise CommandFailedError(f"what is trusted cannot be remembered: {error}") from None
    return file


def _ask(file: ModelFile, earlier: str | None) -> None:
    state = "was not run here before" if earlier is None else "has changed since it was trusted"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"{file.path} {state}, and there is nobody to ask. {_WHY} Look at it, then start again with --trust"
        )
    print(f"{file.path} {state}. {_WHY}\n", file=sys.stderr)
    print(visible(file.text if earlier is None else difference(earlier, file)), file=sys.stderr)
    print(f"\nSHA-256 {file.sha256}\nRun it? Type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise CommandFailedError(f"{file.path} was not run")


def visible(text: str) -> str:
    """The text with all that a terminal would act on, or that would hide what is there, written out as escapes."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
