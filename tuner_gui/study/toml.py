"""Reading a definition from the TOML file that a person wrote."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from tuner_gui.space.errors import SpaceError
from tuner_gui.study.checks import check_definition, check_reader
from tuner_gui.study.codec import definition_from, with_whole_key
from tuner_gui.study.definition import DataSettings, Definition
from tuner_gui.study.errors import MISSING, DefinitionError
from tuner_gui.study.own_codec import number_of_search
from tuner_gui.study.own_model import FoundSpace
from tuner_gui.study.tables import Table


def _as_it_is(data: DataSettings) -> DataSettings:
    return data


def read_definition(
    path: Path,
    *,
    find: Callable[[Path, int], FoundSpace] | None = None,
    settle: Callable[[DataSettings], DataSettings] = _as_it_is,
) -> Definition:
    """The definition in a TOML file, checked as a whole; paths in it are relative to its folder. A Python file stands
    for a definition that says no more than that this is its model.

    ``find`` runs a person's own model file, if the definition names one, to find what it asks for in its first search
    or another one; ``settle`` decides
    what it leaves open about the data, see :func:`tuner_gui.study.codec.definition_from`.
    Raises DefinitionError, which names the file, the key, the value and what is expected, and what ``find`` raises.
    """
    file = str(path)
    document = _document(path, file)
    found = _found(document, path, find)
    definition = definition_from(
        document, file=file, name=path.stem, found=found, folder=path.absolute().parent, settle=settle
    )
    try:
        check_definition(definition)
        # In the window a pinned value may wait for its optimizer to come back; in a file it is a misunderstanding.
        for name, value in definition.model.fixed.items():
            check_reader(definition, f"model.{name}", value)
    except SpaceError as error:
        if error.key == "space":
            raise DefinitionError(file, "space", MISSING, error.expected) from None
        raise with_whole_key(error, "", file, document) from None
    return definition


def _found(
    document: dict[str, object], path: Path, find: Callable[[Path, int], FoundSpace] | None
) -> FoundSpace | None:
    """What the document's own model file asks for; its path in the document becomes absolute."""
    model = document.get("model")
    if not isinstance(model, dict) or "python" not in model:
        return None
    python = model["python"]
    if not isinstance(python, str) or not python:
        raise DefinitionError(str(path), "model.python", python, "the path of a Python file, in quotes")
    if find is None:
        raise DefinitionError(str(path), "model.python", python, "a study: make one with tuner-gui run")
    whole = (path.parent / Path(python).expanduser()).resolve()
    model["python"] = str(whole)
    return find(whole, number_of_search(Table(model, path="model", file=str(path))))


def _document(path: Path, file: str) -> dict[str, object]:
    if path.suffix == ".py":
        return {"model": {"python": path.name}}
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DefinitionError(file, "", MISSING, "there is no such file") from None
    except IsADirectoryError:
        raise DefinitionError(file, "", MISSING, "this is a folder, not a definition in TOML") from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} is not UTF-8"
        raise DefinitionError(file, "", MISSING, f"{where}; TOML files are written in UTF-8") from None
    except OSError as error:
        raise DefinitionError(file, "", MISSING, f"cannot be read: {error.strerror}") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(file, "", MISSING, f"not valid TOML: {error}") from None
    except RecursionError:
        raise DefinitionError(file, "", MISSING, "not a definition: nested too deep") from None
