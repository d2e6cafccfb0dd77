"""What the functions of a generated script give, with and without Keras."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

_BLOCK = "raise ImportError('this package must not be needed')\n"


def without_keras(text: str) -> dict[str, Any]:
    """The names of a script that was run but for its import of Keras: its functions for data need none."""
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not (isinstance(node, ast.Import) and node.names[0].name == "keras")]
    scope: dict[str, Any] = {"__name__": "train"}
    exec(compile(tree, "train.py", "exec"), scope)  # noqa: S102
    return scope


def parts_of(text: str, *path: str) -> list[np.ndarray]:
    """Inputs and targets to train on, inputs and targets to validate with, and the scale of a regression."""
    train, validation, *scale = without_keras(text)["load_parts"](*path)
    return [*train, *validation, *scale]


def run_fresh(script: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process that can import neither this program nor KerasTuner, and starts in another folder."""
    blocked = folder / "blocked"
    for name in ("tuner_gui", "keras_tuner", "kerastuner"):
        (blocked / name).mkdir(parents=True, exist_ok=True)
        (blocked / name / "__init__.py").write_text(_BLOCK)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True, text=True, check=False, cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(blocked)},
    )  # fmt: skip
