"""Loads a person's own Python file, in a training process only, and says in words what is wrong with it.

What is run is exactly the bytes whose SHA-256 a person trusted: they are read once, compared and compiled. The file's
folder is not searched for other modules, because those were neither shown nor trusted. No TensorFlow.
"""

from __future__ import annotations

import hashlib
import linecache
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tuner_gui.space.parameters import Value
from tuner_gui.study.own_model import BUILD_MODEL, ENTRIES
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.stand_ins import EnoughLoadedError, HyperModel, put_in_place

MODULE = "tuner_own_model"
_MOST_WORDS = 600


class OwnFileError(Exception):
    """A person's file cannot be used, or failed; the message names the file, its line where there is one, and why."""


@dataclass(frozen=True)
class OwnFile:
    """A loaded file. ``entry`` says what ``call`` is: ``build_model(hp)`` or ``objective(trial)``."""

    path: Path
    entry: str
    call: Callable[[Any], Any]
    direction: str = ""

    def error(self, error: BaseException, values: Mapping[str, Value]) -> OwnFileError:
        """What the file raised, with the place in it and the values that it had."""
        return OwnFileError(_with_values(_raised(error, self.path), values))

    def refusal(self, why: str, values: Mapping[str, Value]) -> OwnFileError:
        """What is wrong with what the file returned."""
        return OwnFileError(_with_values(f"{self.path}: {why}", values))


def load(path: Path, sha256: str) -> OwnFile:
    """The file, run up to the end or to where it would begin its own search. OwnFileError where that cannot be."""
    text = _text(path, sha256)
    put_in_place(text)
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module
    linecache.cache[str(path)] = (len(text), None, text.splitlines(keepends=True), str(path))
    began: EnoughLoadedError | None = None
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 - what this program is asked to do
    except EnoughLoadedError as stop:
        began = stop
    except BaseException as error:  # noqa: BLE001 - SystemExit among them: the file must not end this process
        raise OwnFileError(_raised(error, path)) from None
    return _entry(path, module, began)


def needs_keras(path: Path) -> bool:
    """Whether TensorFlow has to be loaded before the file, with our settings, because the file names it."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return b"keras" in content or b"tensorflow" in content


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _text(path: Path, sha256: str) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise OwnFileError(f"{path}: there is no such file") from None
    except OSError as error:
        raise OwnFileError(f"{path}: cannot be read: {error.strerror}") from None
    if digest(content) != sha256:
        raise OwnFileError(f"{path}: the file is another one than was trusted; start again to see what changed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OwnFileError(f"{path}: byte {error.start + 1} is not UTF-8; save the file as UTF-8") from None


def _entry(path: Path, module: ModuleType, began: EnoughLoadedError | None) -> OwnFile:
    direction = began.direction if began is not None else ""
    if began is not None and (call := _build_of(began.model, path)) is not None:
        return OwnFile(path, began.entry, _restricted(call, began), direction)
    functions = [name for name in ENTRIES if _has(module, name)]
    if len(functions) > 1:
        raise OwnFileError(f"{path}: it has both build_model(hp) and objective(trial): expected one of them")
    if functions:
        return OwnFile(path, functions[0], getattr(module, functions[0]), direction)
    return OwnFile(path, BUILD_MODEL, _hypermodel_in(path, module), direction)


def _has(module: ModuleType, name: str) -> bool:
    return callable(getattr(module, name, None))


def _is_hypermodel(model: object) -> bool:
    return isinstance(model, HyperModel) or (isinstance(model, type) and issubclass(model, HyperModel))


def _build_of(model: object, path: Path) -> Callable[[Any], Any] | None:
    if _is_hypermodel(model):
        return _made(model, path)
    return model if callable(model) else None


def _restricted(call: Callable[[Any], Any], began: EnoughLoadedError) -> Callable[[Any], Any]:
    """The call, with the ranges that the file's own tuner was given in place of those that the model asks for."""
    if began.entry != BUILD_MODEL or not began.instead:
        return call

    def build(hp: HyperParameters) -> Any:
        hp.instead, hp.only = began.instead, began.only
        return call(hp)

    return build


def _hypermodel_in(path: Path, module: ModuleType) -> Callable[[Any], Any]:
    own = [
        value
        for value in vars(module).values()
        if _is_hypermodel(value) and value is not HyperModel and getattr(value, "__module__", "") == MODULE
    ]
    classes = [value for value in own if isinstance(value, type)]
    if len(classes) == 1:
        return _made(classes[0], path)
    if len(classes) > 1:
        names = ", ".join(found.__name__ for found in classes)
        raise OwnFileError(f"{path}: it has several models ({names}): expected one, or a build_model(hp)")
    raise OwnFileError(f"{path}: expected a function build_model(hp), a HyperModel, or a function objective(trial)")


def _made(model: Any, path: Path) -> Callable[[Any], Any]:
    """The ``build`` of a HyperModel; of a class, one is made without arguments."""
    try:
        made = model() if isinstance(model, type) else model
    except Exception as error:  # noqa: BLE001
        raise OwnFileError(_raised(error, path)) from None
    return made.build


# --- in words ---


def _raised(error: BaseException, path: Path) -> str:
    """ "model.py, line 12, in build_model: ValueError: …": the innermost place that is in the file."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}, line {error.lineno}: {type(error).__name__}: {error.msg}"
    place = str(path)
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == str(path):
            name = frame.f_code.co_name
            place = f"{path}, line {line}" + ("" if name.startswith("<") else f", in {name}")
    return f"{place}: {_said(error)}"


def _said(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it ends the program (exit code {error.code}) instead of returning"
    if isinstance(error, ModuleNotFoundError):
        return (
            f"it imports {error.name}, which is not installed here "
            "(other files beside this one are not loaded: only this one was shown and trusted)"
        )
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"out of memory: {_first_lines(error)}"
    return f"{type(error).__name__}: {_first_lines(error)}"


def _first_lines(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (" ".join(lines[:3]) or "no message")[:_MOST_WORDS]


def _with_values(words: str, values: Mapping[str, Value]) -> str:
    if not values:
        return words
    listed = ", ".join(f"{name} {value!r}" for name, value in values.items())
    return f"{words} (with {listed})"
