"""Who imports what: the contracts in pyproject.toml hold, would notice a breach, and hold at run time too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
QT = ("PySide6", "shiboken6", "pyqtgraph")
WIDGETS = ("PySide6.QtGui", "PySide6.QtWidgets", "pyqtgraph")
TENSORFLOW = ("tensorflow", "keras")
TABLES = ("pandas", "pyarrow", "PIL", "sklearn")

# Imports the modules one by one and prints which of the unwanted packages were loaded after each.
_IMPORTER = """
import importlib, json, sys
modules, unwanted = json.loads(sys.argv[1])
for module in modules:
    importlib.import_module(module)
    loaded = sorted(set(sys.modules) & set(unwanted))
    if loaded:
        raise SystemExit(f"{module} loads {', '.join(loaded)}")
"""

# One bad import for each contract: the file that gets it, and how the linter must name it.
BAD_IMPORTS = {
    "space/region.py": ("import PySide6.QtCore", "tuner_gui.space.region -> PySide6"),
    "study/history.py": (
        "import tuner_gui.search.strategies",
        "tuner_gui.study.history -> tuner_gui.search.strategies",
    ),
    "data/preview.py": (
        "import tuner_gui.training.messages",
        "tuner_gui.data.preview -> tuner_gui.training.messages",
    ),
    "data/reading.py": ("import tensorflow", "tuner_gui.data.reading -> tensorflow"),
    "search/session.py": ("def f() -> None:\n    import keras", "tuner_gui.search.session -> keras"),
    "exports/report.py": ("import PySide6.QtCore", "tuner_gui.exports.report -> PySide6"),
    "data/errors.py": ("import tuner_gui.training.data", "tuner_gui.data.errors -> tuner_gui.training.data"),
    "worker/pump.py": ("import tuner_gui.training.messages", "tuner_gui.worker.pump -> tuner_gui.training.messages"),
    "worker/thread.py": ("import pyqtgraph", "tuner_gui.worker.thread -> pyqtgraph"),
    "gui/store.py": ("import tensorflow", "tuner_gui.gui.store -> tensorflow"),
    "gui/panels/banner.py": ("import tuner_gui.gui.panels.run_bar", "panels.banner -> tuner_gui.gui.panels.run_bar"),
    "assets.py": ("import tuner_gui.space.scales", "tuner_gui.assets -> tuner_gui.space.scales"),
}


def _modules(package: str) -> list[str]:
    files = sorted((ROOT / package.replace(".", "/")).rglob("*.py"))
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


def _run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _assert_loads_none(modules: list[str], unwanted: tuple[str, ...]) -> None:
    run = _run(sys.executable, "-c", _IMPORTER, json.dumps([modules, unwanted]))
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("package", ["space", "study", "data", "search", "engines", "exports"])
def test_importing_it_loads_neither_qt_nor_tensorflow(package: str) -> None:
    _assert_loads_none(_modules(f"tuner_gui.{package}"), (*QT, *TENSORFLOW))


def test_what_talks_to_the_training_process_loads_no_tensorflow() -> None:
    _assert_loads_none(
        ["tuner_gui.training.messages", "tuner_gui.training.process", "tuner_gui.training.exporting"],
        (*QT, *TENSORFLOW),
    )


def test_the_worker_needs_nothing_of_qt_but_its_core() -> None:
    _assert_loads_none(_modules("tuner_gui.worker"), (*WIDGETS, *TENSORFLOW))


def test_the_window_loads_no_tensorflow_and_nothing_that_reads_tables() -> None:
    _assert_loads_none(_modules("tuner_gui.gui"), (*TENSORFLOW, *TABLES))


def test_what_reads_tables_is_loaded_when_one_is_read() -> None:
    _assert_loads_none(_modules("tuner_gui.data"), TABLES)


def test_the_commands_load_neither_qt_nor_tensorflow_before_they_need_them() -> None:
    _assert_loads_none(["tuner_gui.cli"], (*QT, *TENSORFLOW))


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True, no_logo=True))"
    return _run(sys.executable, "-c", linter, cwd=folder)


def test_the_import_contracts_hold() -> None:
    run = _lint_imports(ROOT)
    assert run.returncode == 0, run.stdout


def test_the_import_contracts_refuse_bad_imports(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "tuner_gui", tmp_path / "tuner_gui", ignore=shutil.ignore_patterns("__pycache__"))
    for file, (code, _) in BAD_IMPORTS.items():
        with (tmp_path / "tuner_gui" / file).open("a") as source:
            source.write(f"\n{code}\n")
    run = _lint_imports(tmp_path)
    assert run.returncode == 1
    missed = [words for _, words in BAD_IMPORTS.values() if words not in run.stdout]
    assert missed == [], run.stdout
