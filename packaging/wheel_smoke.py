"""Builds the wheel, installs it into a new environment, and tries what a person does first.

    python packaging/wheel_smoke.py            everything fresh, as a person gets it (minutes: TensorFlow is large)
    python packaging/wheel_smoke.py --quick    the dependencies of the running environment, the wheel alone installed

The checks run with ``python -I`` in an empty folder, so the checkout cannot help out with a file the wheel lacks.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TRIALS = 4
DEFINITION = """\
[study]
name = "smoke"
objective = "val_accuracy"
[data]
source = "digits"
[model]
kind = "mlp"
epochs = 2
[space.learning_rate]
scale = "log"
low = 1e-3
high = 0.1
[space.units]
kind = "int"
scale = "log"
low = 16
high = 32
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="take the dependencies from the running environment")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside is not None:
        check_resources(options.inside)
        check_window()
        return 0
    with tempfile.TemporaryDirectory(prefix="wheel-smoke-") as name:
        folder = Path(name)
        with step("build"):
            wheel = build(folder)
        with step("install"):
            scripts = install(wheel, folder, quick=options.quick)
        with step("resources and window"):
            run([scripts / "python", "-I", __file__, "--inside", ROOT / "resources"], folder)
        with step("commands"):
            check_commands(scripts / "tuner-gui", folder, version=wheel.name.split("-")[1])
    print(f"{wheel.name} works")
    return 0


@contextmanager
def step(name: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{name} …", flush=True)
    yield
    print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)


def run(command: list[Any], folder: Path, *, seconds: float = 300) -> str:
    """What the command prints; it gets a home of its own, no screen, and nothing of the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XDG_"))}
    environment = {**kept, "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen", "TF_CPP_MIN_LOG_LEVEL": "3"}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def build(folder: Path) -> Path:
    isolation = ["--no-isolation"] if importlib.util.find_spec("hatchling") else []
    run([sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", folder / "dist", ROOT], folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, *, quick: bool) -> Path:
    """The folder with the new environment's commands."""
    venv.create(folder / "venv", with_pip=True)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    if quick:
        (packages,) = (folder / "venv").glob("**/site-packages")
        (packages / "running.pth").write_text(sysconfig.get_path("purelib"))
    run(
        [scripts / "python", "-m", "pip", "install", "-q", *(["--no-deps"] if quick else []), wheel],
        folder,
        seconds=1200,
    )
    return scripts


# --- inside the new environment ---


def check_resources(checkout: Path) -> None:
    import tuner_gui
    from tuner_gui.assets import asset

    home = Path(sys.prefix).resolve()
    assert Path(tuner_gui.__file__).resolve().is_relative_to(home), tuner_gui.__file__
    for file in checkout.rglob("*"):
        if file.is_file():
            found = asset(file.relative_to(checkout).as_posix())
            assert found.resolve().is_relative_to(home), found
            assert found.read_bytes() == file.read_bytes(), found


def check_window() -> None:
    """The window opens, paints, closes, and has loaded no TensorFlow."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from tuner_gui.gui.app import run_window

    app = QApplication([])
    seen = []

    def look_and_close() -> None:
        seen.extend(window.grab().size() for window in app.topLevelWidgets() if window.isVisible())
        app.closeAllWindows()

    QTimer.singleShot(1000, look_and_close)
    assert run_window() == 0
    assert any(size.width() >= 640 and size.height() >= 480 for size in seen), seen
    assert "tensorflow" not in sys.modules


# --- the commands ---


def check_commands(program: Path, folder: Path, *, version: str) -> None:
    assert run([program, "--version"], folder).strip() == f"tuner-gui {version}"
    (folder / "smoke.toml").write_text(DEFINITION)
    run([program, "run", "smoke.toml", "--out", "smoke.tuner", "--trials", TRIALS, "--seed", 1], folder)
    study = json.loads(run([program, "show", "smoke.tuner", "--json"], folder))
    assert study["format"] == 1
    finished = [trial for trial in study["trials"] if trial["state"] == "finished"]
    assert len(finished) == TRIALS, study["trials"]
    assert all(len(trial["metrics"]["val_accuracy"]) == 2 for trial in finished)
    assert study["best"] is not None


if __name__ == "__main__":
    raise SystemExit(main())
