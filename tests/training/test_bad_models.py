"""Model files that cannot be used, each in a process of its own as in real life: one clear message, and nothing hangs.

Those without Keras in them load no TensorFlow; those that train are marked slow.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tuner_gui.engines.own_models import OwnModelError, check_model, find_space
from tuner_gui.engines.trust import ModelFile, NotTrustedError, read_model_file
from tuner_gui.study.definition import DataSettings
from tuner_gui.study.own_model import CheckedCorner, FoundSpace


def model_file(folder: Path, content: str | bytes) -> ModelFile:
    path = folder / "model.py"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_model_file(path)


BUILD = "def build_model(hp):\n    n = hp.Int('units', 1, 9)\n"

BAD = {
    "build_model raises": (
        BUILD + "    raise KeyError('oh')\n",
        r"line 3, in build_model: KeyError: 'oh' \(with u",
    ),
    "returns None": (BUILD, r"returned nothing \(None\)"),
    "exits": (BUILD + "    raise SystemExit(4)\n", "it ends the program"),
    "ends its process": (BUILD + "    import os; os._exit(1)\n", "ended by itself"),
    "imports a missing package": ("import nothing_like_this\n" + BUILD, "nothing_like_this, which is not installed"),
    "syntax error": ("def build_model(hp:\n", "line 1: SyntaxError"),
    "no build_model": ("def make_model(hp):\n    return 1\n", "expected a function build_model"),
    "two entry points": ("def build_model(hp): ...\ndef objective(trial): ...\n", "expected one of them"),
    "not UTF-8": (b"# \xff\xfe\n", "is not UTF-8"),
    "asks for nothing": ("def build_model(hp):\n    return 1\n", "asks for no hyperparameter"),
    "objective raises": ("def objective(trial):\n    return 1 / trial.suggest_int('n', 0, 0)\n", "ZeroDivisionError"),
    "allocates everything": (
        "import numpy\n" + BUILD + "    kept = []\n    while True: kept.append(numpy.zeros(10**10, 'u1'))\n",
        "line 5, in build_model: out of memory",
    ),
    "asks for too much at once": (BUILD + "    return bytearray(10**15)\n", "out of memory"),
    "a range upside down": ("def build_model(hp):\n    return hp.Int('n', 9, 1)\n", "lowest value, 9, is above"),
    "calls a method that hp has not": ("def build_model(hp):\n    return hp.Integer('n', 1, 2)\n", "AttributeError"),
    "forgets to import keras": (BUILD + "    return layers.Dense(n)\n", "NameError: name 'layers' is not defined"),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in BAD.items()])
def test_a_bad_model_file_gets_one_clear_message(case: tuple[str | bytes, str], tmp_path: Path) -> None:
    content, words = case

    with pytest.raises(OwnModelError, match=words) as caught:
        find_space(model_file(tmp_path, content))

    assert str(tmp_path / "model.py") in str(caught.value)
    assert "\n" not in str(caught.value)


NEVER_ENDS = {
    "build_model": BUILD + "    while True: pass\n",
    "the file": "import time\ntime.sleep(1000)\n",
    "in native code": BUILD + "    import threading; threading.Lock().acquire(); threading.Event().wait()\n",
}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(text, id=name, marks=[] if name == "build_model" else pytest.mark.slow)
        for name, text in NEVER_ENDS.items()
    ],
)
def test_a_model_file_that_never_ends_is_ended(content: str, tmp_path: Path) -> None:
    began = time.monotonic()

    with pytest.raises(OwnModelError, match="perhaps it never ends"):
        find_space(model_file(tmp_path, content), seconds=2.0)

    assert time.monotonic() - began < 10


def test_a_file_that_prints_without_end_fills_nothing(tmp_path: Path) -> None:
    prints = "import os, sys\nfor _ in range(2000): print('x' * 10_000); sys.stderr.write('y' * 10_000)\n"
    prints += "os.system('echo z')\n"

    found = find_space(model_file(tmp_path, prints + BUILD + "    return n\n"))

    assert [parameter.name for parameter in found.parameters] == ["units"]


def test_a_folder_and_a_missing_file_are_no_model_files(tmp_path: Path) -> None:
    with pytest.raises(NotTrustedError, match="this is a folder"):
        read_model_file(tmp_path)
    with pytest.raises(NotTrustedError, match="no such file"):
        read_model_file(tmp_path / "gone.py")


def test_a_file_that_changed_after_it_was_read_is_not_run(tmp_path: Path) -> None:
    file = model_file(tmp_path, BUILD + "    return n\n")
    file.path.write_text("raise AssertionError('it ran')\n")

    with pytest.raises(OwnModelError, match="another one than was trusted"):
        find_space(file)


KERAS = "import keras\ndef build_model(hp):\n    n = hp.Int('units', 4, 8)\n"
WELL = "keras.Sequential([keras.layers.Dense(n, activation='relu'), keras.layers.Dense(10)])"

CORNERS = {
    "well and uncompiled": (f"    return {WELL}\n", ""),
    "well and compiled": (
        f"    m = {WELL}\n    m.compile('sgd', keras.losses.SparseCategoricalCrossentropy(True))\n    return m\n",
        "",
    ),
    "a wrong output": ("    return keras.Sequential([keras.layers.Dense(n)])\n", "expected (rows, 10)"),
    "a wrong input": (
        "    return keras.Sequential([keras.Input((5,)), keras.layers.Dense(10)])\n",
        "takes 5 numbers for each row, the data have 64",
    ),
    "no model": ("    return 'model'\n", "returned a str: expected a Keras model"),
    "no loss that there is": (
        f"    m = {WELL}\n    m.compile('sgd', 'no_loss')\n    return m\n",
        "no_loss",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CORNERS.items()])
def test_the_corners_of_a_model_are_tried_on_the_data(case: tuple[str, str], tmp_path: Path) -> None:
    content, words = case
    answers: list[FoundSpace | CheckedCorner] = []

    check_model(model_file(tmp_path, KERAS + content), DataSettings("digits"), take=answers.append)

    corners = [answer for answer in answers if isinstance(answer, CheckedCorner)]
    assert len(corners) == 2
    for corner in corners:
        assert words in corner.error
        if words:
            assert "model.py" in corner.error
            assert "units" in corner.error
        else:
            assert corner.error == ""
            assert corner.parameters == (64 + 1) * corner.values["units"] + (corner.values["units"] + 1) * 10
            assert corner.seconds is not None
            assert corner.seconds > 0
