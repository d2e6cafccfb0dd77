"""Loads a person's own Python file, in a training process only, and says in words what is wrong with it.

What is run is exactly the bytes whose SHA-256 a person trusted: they are read once, compared and compiled. The file's
folder is not searched for other modules, because those were neither shown nor trusted. No TensorFlow.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from tuner_gui.space.parameters import Value
from tuner_gui.study.own_model import BUILD_MODEL, OBJECTIVE, OWN_SEARCH
from tuner_gui.training import tuners
from tuner_gui.training.stand_ins import OptimizeBeginsError, put_in_place
from tuner_gui.training.tuners import Given, HyperModel, RefusedError, SearchBeginsError, Tuner

MODULE = "tuner_own_model"
_MOST_WORDS = 600
_TO_INSTALL = {"optuna_integration": "optuna-integration", "tensorboard": "tensorboard"}


class OwnFileError(Exception):
    """A person's file cannot be used, or failed; the message names the file, its line where there is one, and why."""


class _RefusedFileError(OwnFileError):
    """What the file wants, nothing here does: no use to try it in another way."""


@dataclass(frozen=True)
class OwnFile:
    """A loaded file. ``entry`` says what ``call`` is: ``build_model(hp)``, ``objective(trial)``, or ``run_trial`` of
    the ``tuner``, which is there too where a file with ``build_model`` makes one.

    ``given`` is what the file's search was passed, its own data among it; None where it begins none, and then ``notes``
    may tell why.
    """

    path: Path
    entry: str
    call: Callable[..., Any]
    direction: str = ""
    tuner: Tuner | None = None
    given: Given | None = None
    notes: tuple[str, ...] = ()

    def error(self, error: BaseException, values: Mapping[str, Value]) -> OwnFileError:
        """What the file raised, with the place in it and the values that it had."""
        return OwnFileError(_with_values(_raised(error, self.path), values))

    def refusal(self, why: str, values: Mapping[str, Value]) -> OwnFileError:
        """What is wrong with what the file returned."""
        return OwnFileError(_with_values(f"{self.path}: {why}", values))


def load(path: Path, sha256: str, *, search: int = 1) -> OwnFile:
    """The file, run up to the end or to where it would begin its own search, the one that is wanted of several.

    One that begins a search is run as a script, so that what stands below ``if __name__ == "__main__"`` counts; where
    that part fails, it is left out. OwnFileError where the file cannot be used.
    """
    text = _text(path, sha256)
    linecache.cache[str(path)] = (len(text), None, text.splitlines(keepends=True), str(path))
    try:
        searches = _searches_in(ast.parse(text, str(path)))
    except (SyntaxError, ValueError) as error:
        raise OwnFileError(_raised(error, path)) from None
    if not searches:
        return _run(path, text, search, as_script=False)
    several = f"the file begins {searches} searches; this is number {search}. Another one: search = N under [model]"
    try:
        found = _run(path, text, search, as_script=True)
        return replace(found, notes=(*found.notes, several)) if searches > 1 and found.given is not None else found
    except OwnFileError as error:
        if search > 1 or "__main__" not in text or isinstance(error, _RefusedFileError):
            raise
        try:
            found = _run(path, text, search, as_script=False)
        except OwnFileError:
            raise error from None
        return replace(found, notes=(*found.notes, f"what it does as a script is left out: {error}"))


def _searches_in(tree: ast.AST) -> int:
    """How many searches of its own a file seems to begin."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [ast.unparse(call) for call in calls if isinstance(call, ast.Attribute)]
    return sum(name.endswith((".search", ".optimize")) and name != "re.search" for name in names)


class _AsScript(ast.NodeTransformer):
    """Makes what stands below ``if __name__ == "__main__"`` run, while the file keeps the name of a module."""

    def visit_If(self, node: ast.If) -> ast.If:
        if ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__"):
            node.test = ast.copy_location(ast.Constant(value=True), node.test)
        return node


def _run(path: Path, text: str, search: int, *, as_script: bool) -> OwnFile:
    put_in_place(text, search=search)
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module
    began: OptimizeBeginsError | None = None
    notes: tuple[str, ...] = ()
    try:
        with _no_arguments(path):
            tree = ast.parse(text, str(path))
            code = compile(_AsScript().visit(tree) if as_script else tree, str(path), "exec")
            exec(code, module.__dict__)  # noqa: S102 - what this program is asked to do
    except OptimizeBeginsError as stop:
        began = stop
    except SearchBeginsError:
        pass
    except RefusedError as error:
        raise _RefusedFileError(_raised(error, path)) from None
    except BaseException as error:  # noqa: BLE001 - SystemExit among them: the file must not end this process
        if tuners.searches.made is None or search > 1:
            raise OwnFileError(_raised(error, path)) from None
        notes = (f"the data of the file's own search cannot be used: {_raised(error, path)}",)
    if search > 1 and tuners.searches.found is None:
        count = tuners.searches.begun
        raise OwnFileError(f"{path}: it begins {count} searches of its own, so there is no number {search}")
    return _entry(path, module, began, notes)


@contextlib.contextmanager
def _no_arguments(path: Path) -> Iterator[None]:
    """A script that reads its command line finds none."""
    kept, sys.argv = sys.argv, [str(path)]
    try:
        yield
    finally:
        sys.argv = kept


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


def _entry(path: Path, module: ModuleType, began: OptimizeBeginsError | None, notes: tuple[str, ...]) -> OwnFile:
    if began is not None and callable(began.objective):
        return OwnFile(path, OBJECTIVE, began.objective, began.direction)
    tuner, given = tuners.searches.found or (tuners.searches.made, None)
    if tuner is not None:
        return _with_tuner(path, tuner, given, notes)
    functions = [name for name in (BUILD_MODEL, OBJECTIVE) if _has(module, name)]
    if len(functions) > 1:
        raise OwnFileError(f"{path}: it has both build_model(hp) and objective(trial): expected one of them")
    if functions:
        return OwnFile(path, functions[0], getattr(module, functions[0]), began.direction if began else "")
    try:
        return _with_tuner(path, Tuner(_hypermodel_in(path, module), "val_loss"), None, ())
    except OwnFileError:
        raise
    except Exception as error:  # noqa: BLE001
        raise OwnFileError(_raised(error, path)) from None


def _with_tuner(path: Path, tuner: Tuner, given: Given | None, notes: tuple[str, ...]) -> OwnFile:
    try:
        direction = tuner.objective[1]
    except RefusedError as error:
        raise _RefusedFileError(f"{path}: {error}") from None
    if tuner.trains_itself:
        return OwnFile(path, OWN_SEARCH, tuner.run_trial, direction, tuner, given, notes)
    return OwnFile(path, BUILD_MODEL, tuner.build, direction, tuner, given, notes)


def _has(module: ModuleType, name: str) -> bool:
    return callable(getattr(module, name, None))


def _is_hypermodel(model: object) -> bool:
    return isinstance(model, HyperModel) or (isinstance(model, type) and issubclass(model, HyperModel))


def _hypermodel_in(path: Path, module: ModuleType) -> Any:
    own = [
        value
        for value in vars(module).values()
        if _is_hypermodel(value) and value is not HyperModel and getattr(value, "__module__", "") == MODULE
    ]
    classes = [value for value in own if isinstance(value, type)]
    if len(classes) == 1:
        return classes[0]
    if len(classes) > 1:
        names = ", ".join(found.__name__ for found in classes)
        raise OwnFileError(f"{path}: it has several models ({names}): expected one, or a build_model(hp)")
    raise OwnFileError(f"{path}: expected a function build_model(hp), a HyperModel, or a function objective(trial)")


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
        name = str(error.name or "").split(".")[0]
        if name in _TO_INSTALL or not name:  # Optuna tells in words what its integrations need
            return f"{_first_lines(error)} (install {_TO_INSTALL[name]})" if name else _first_lines(error)
        return (
            f"it imports {error.name}, which is not installed here "
            "(other files beside this one are not loaded: only this one was shown and trusted)"
        )
    if isinstance(error, RefusedError):
        return str(error)
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
