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


def _as_it_is(data: DataSettings) -> DataSettings:
    return data


def read_definition(path: Path, *, settle: Callable[[DataSettings], DataSettings] = _as_it_is) -> Definition:
    """The definition in a TOML file, checked as a whole; paths in it are relative to its folder.

    ``settle`` decides what it leaves open about the data, see :func:`tuner_gui.study.codec.definition_from`.
    Raises DefinitionError, which names the file, the key, the value and what is expected.
    """
    file = str(path)
    document = _document(path, file)
    definition = definition_from(document, file=file, name=path.stem, folder=path.absolute().parent, settle=settle)
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


def _document(path: Path, file: str) -> dict[str, object]:
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
