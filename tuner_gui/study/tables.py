"""Typed reading of the tables of a TOML or JSON document: each wrong entry is named with its whole key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from tuner_gui.study.errors import MISSING, DefinitionError, one_of

# What SQLite, numpy and JSON readers of other languages can all hold.
LARGEST_NUMBER = 2**63 - 1


class Table:
    """One table of a document. ``path`` is its key, ``file`` what error messages call the document."""

    def __init__(self, entries: object, *, path: str, file: str) -> None:
        self.path = path
        self.file = file
        if not isinstance(entries, Mapping):
            expected = f"a table: [{path}] with its keys below" if path else "expected a table of sections"
            raise DefinitionError(file, path, entries, expected)
        self.entries: Mapping[str, Any] = entries

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def key(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, expected: str) -> NoReturn:
        raise DefinitionError(self.file, self.key(name), self.entries.get(name, MISSING), expected)

    def allow_only(self, names: Iterable[str], *, what: str = "key") -> None:
        known = list(names)
        for name in self.entries:
            if name not in known:
                where = f" of [{self.path}]" if self.path else ""
                self.wrong(name, f"a {what}{where}: {one_of(known, name)}")

    def table(self, name: str) -> Table:
        """The table of that name; an empty one where it is not there."""
        return Table(self.entries.get(name, {}), path=self.key(name), file=self.file)

    def text(self, name: str, default: str) -> str:
        value = self.entries.get(name, default)
        if not isinstance(value, str):
            self.wrong(name, "words in quotes")
        return value

    def option(self, name: str, options: Iterable[str], default: str) -> str:
        """One of some words. The default need not be among them."""
        known = list(options)
        value = self.entries.get(name, default)
        if name in self.entries and value not in known:
            self.wrong(name, one_of(known, value))
        return str(value)

    def whole_number(self, name: str, default: int) -> int:
        value = self.entries.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(name, "a whole number")
        self.refuse_giants(name)
        return value

    def number(self, name: str, default: float) -> float:
        value = self.entries.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.wrong(name, "a number")
        self.refuse_giants(name)
        return float(value)

    def switch(self, name: str, *, default: bool) -> bool:
        value = self.entries.get(name, default)
        if not isinstance(value, bool):
            self.wrong(name, "true or false")
        return value

    def refuse_giants(self, name: str) -> None:
        """Numbers beyond 64 bits are legal TOML, and nothing else can hold them."""
        value = self.entries.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int) and abs(item) > LARGEST_NUMBER:
                self.wrong(name, "a number that fits into 64 bits")
