"""A person's own table from end to end: by mouse and keys from the file to predictions without this program."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from person import Person
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tuner_gui.space.region import contains

# As a person would use the file: what they know is in the .json beside it, and how rows look in their table.
PREDICT = """
import csv, json, sys
sys.modules["tuner_gui"] = None  # any import of it fails
import numpy as np, keras, tensorflow as tf
model = keras.saving.load_model(sys.argv[1])
about = json.load(open(sys.argv[1] + ".json"))
rows = list(csv.DictReader(open(sys.argv[2])))
given = {}
for wanted in model.inputs:
    cells = [row[wanted.name] for row in rows]
    values = cells if wanted.dtype == "string" else [float(cell or "nan") for cell in cells]
    given[wanted.name] = tf.constant([[value] for value in values], wanted.dtype)
said = model.predict(given, verbose=0)
json.dump([about["outputs"][number] for number in said.argmax(axis=1)], open(sys.argv[3], "w"))
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two moons that lie the other way round where the colour is blue; some cells are empty."""
    random = np.random.default_rng(3)
    rows = []
    for number in range(400):
        angle, upper, colour = random.uniform(0, np.pi), number % 2, random.choice(["red", "blue", ""])
        x, y = np.cos(angle) + 0.6 * upper, (0.35 - np.sin(angle) if upper else np.sin(angle) - 0.2)
        x, y = random.normal(120 + 40 * x, 4), random.normal(y, 0.1)
        name = "left" if (upper == 1) != (colour == "blue") else "right"
        rows.append([f"{x:.2f}", "" if number % 25 == 0 else f"{y:.4f}", colour, name])
    path = tmp_path / "moons.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["width", "height", "colour", "hand"], *rows])
    return path


# Menus ask for what the offscreen platform has not.
@pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True)
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_from_a_table_to_predictions_without_this_program(
    come: Callable[[], Person], table: Path, tmp_path: Path
) -> None:
    person = come()
    person.make_study(tmp_path / "moons.tuner", table)
    store = person.document.store
    assert store.plan.definition.data.target == "hand"

    person.run(8)
    person.start(60)
    person.drag_slice("learning_rate", 0.4, 0.8)
    QTest.keyClick(person.slice_of("learning_rate"), Qt.Key.Key_Return)
    person.wait_for(person.is_idle)
    narrowed = [trial for trial in store.history.trials if trial.stage == 2]
    assert narrowed
    assert all(contains(store.plan.space, store.plan.region, trial.values) for trial in narrowed)

    model = tmp_path / "moons.keras"
    person.export("Model as .keras…", model)
    best = store.history.best(store.plan.definition.objective)
    assert best is not None
    assert best.value is not None
    predicted = predictions_in_a_fresh_process(model, table, tmp_path / "said.json")
    assert accuracy_on_validation_rows(predicted, table, person) == pytest.approx(best.value, abs=1e-6)
    assert best.value > 0.9, "nothing was learned"


def predictions_in_a_fresh_process(model: Path, table: Path, out: Path) -> list[str]:
    command = [sys.executable, "-I", "-c", PREDICT, str(model), str(table), str(out)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    said: list[str] = json.loads(out.read_text())
    return said


def accuracy_on_validation_rows(said: list[str], table: Path, person: Person) -> float:
    from tuner_gui.data.splitting import split_rows

    truth = np.array([row["hand"] for row in csv.DictReader(table.read_text().splitlines())])
    classes = np.unique(truth, return_inverse=True)[1]
    _train, validation, _test = split_rows(classes, person.document.store.plan.definition.data)
    return float(np.mean(np.array(said)[validation] == truth[validation]))
