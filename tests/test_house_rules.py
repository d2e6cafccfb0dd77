"""Rules for the source that no linter knows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "tuner_gui").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 400
Rule = Callable[[Path], list[str]]


def _place(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def _calls(file: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call in a file with the text of what is called."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _sleeps(file: Path) -> list[str]:
    banned = {"sleep", "time.sleep", "qtbot.wait", "QTest.qWait"}
    return [_place(file, call.lineno) for call, name in _calls(file) if name in banned]


def _connects_holding_self(file: Path) -> list[str]:
    """PySide6 never frees a widget whose child's signal is connected to a lambda or partial that holds it."""
    found = []
    for call, name in _calls(file):
        for argument in call.args if name.endswith(".connect") else []:
            is_lambda = isinstance(argument, ast.Lambda)
            is_partial = isinstance(argument, ast.Call) and ast.unparse(argument.func).endswith("partial")
            if (is_lambda or is_partial) and "self" in {n.id for n in ast.walk(argument) if isinstance(n, ast.Name)}:
                found.append(_place(file, call.lineno))
    return found


def test_tests_wait_for_what_they_need_and_never_sleep() -> None:
    assert [place for file in TESTS for place in _sleeps(file)] == []


def test_no_connection_holds_its_widget() -> None:
    assert [place for file in PACKAGE for place in _connects_holding_self(file)] == []


def test_files_stay_short() -> None:
    lengths = {_place(file, count): count for file in PACKAGE if (count := len(file.read_text().splitlines()))}
    assert [place for place, count in lengths.items() if count > LONGEST_FILE] == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("import time\ntime.sleep(1)", _sleeps),
        ("def test(qtbot):\n    qtbot.wait(100)", _sleeps),
        ("class A:\n    def f(self, x):\n        x.clicked.connect(lambda: self.f(1))", _connects_holding_self),
        ("class A:\n    def f(self, x):\n        x.clicked.connect(partial(self.f, 1))", _connects_holding_self),
    ],
)
def test_the_rules_see_what_they_forbid(code: str, rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bad.py"
    file.write_text(code)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert len(rule(file)) == 1
