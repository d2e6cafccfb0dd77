"""Qt calls its own methods by name: a method or attribute of ours that happens to have such a name breaks it.

It has happened: an attribute ``metric`` on a widget made painting impossible, a method ``span`` on a model crashed.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import tuner_gui.gui

# Overrides that are meant. Names in Qt's own spelling (boundingRect) are nobody's accident.
MEANT = {"__init__", "data", "event", "flags", "paint", "sort"}
MODULES = [
    module.name for module in pkgutil.walk_packages(tuner_gui.gui.__path__, "tuner_gui.gui.") if not module.ispkg
]


def own_names(node: ast.ClassDef) -> set[str]:
    """Methods of a class, its class attributes, and what it sets on self."""
    methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    stored = {
        target.attr
        for target in ast.walk(node)
        if isinstance(target, ast.Attribute)
        and isinstance(target.ctx, ast.Store)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
    }
    fixed = {target.id for part in node.body if isinstance(part, ast.Assign) for target in part.targets}  # type: ignore[attr-defined]
    return methods | stored | fixed


def hidden_names(module: ModuleType) -> Iterator[str]:
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = [base for base in getattr(module, node.name).__mro__[1:] if base.__module__.startswith("PySide6")]
        taken = set(dir(bases[0])) if bases else set()
        for name in sorted(own_names(node) & taken):
            if name.islower() and name not in MEANT:
                yield f"{node.name}.{name}"


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", MODULES)
def test_no_name_of_ours_hides_one_of_qts(name: str) -> None:
    assert list(hidden_names(importlib.import_module(name))) == []
