"""A search of the built-in network for images, as a person starts it: over a folder of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner_gui.cli import main
from tuner_gui.study.events import TrialState
from tuner_gui.study.file import open_study

SIDE, EACH = 12, 40

TOML = """
[data]
source = "images"
[model]
kind = "cnn"
epochs = 6
optimizer = "adam"
layers = 1
[space.learning_rate]
low = 0.003
high = 0.03
[space.filters]
low = 2
high = 8
[space.kernel]
[search]
strategy = "random"
confirm = 0.0
"""

WITHOUT_THIS_PROGRAM = """
import runpy, sys
sys.modules["tuner_gui"] = None
script = sys.argv.pop()
runpy.run_path(script, run_name="__main__")
"""


def image_folder(folder: Path) -> None:
    """Stripes that lie or stand, in noise: the mean of all pixels says nothing, how neighbours go together does."""
    random = np.random.default_rng(0)
    for name, axis in (("lying", 0), ("standing", 1)):
        (folder / name).mkdir(parents=True)
        for number in range(EACH):
            stripes = (np.arange(SIDE) + random.integers(0, 4)) % 4 < 2
            pixels = np.where(np.expand_dims(stripes, 1 - axis), 170, 90) + random.normal(0, 25, (SIDE, SIDE))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name / f"{number}.png")


@pytest.mark.slow
def test_a_folder_of_images_is_searched_shown_and_goes_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image_folder(tmp_path / "images")
    (tmp_path / "study.toml").write_text(TOML)
    study = tmp_path / "study.tuner"

    assert main(["run", str(tmp_path / "study.toml"), "--trials", "4"]) == 0
    said = capsys.readouterr()
    assert "images: classification of images (task guessed)" in said.err
    assert "4 finished" in said.out

    with open_study(study) as file:
        definition = file.log.plan.definition
        assert (definition.model.kind, definition.data.image) == ("cnn", (SIDE, SIDE, 1))
        assert definition.space.names == ("learning_rate", "filters", "kernel")
        assert {trial.state for trial in file.history.trials} == {TrialState.FINISHED}
        assert all(file.history.epochs(trial.number) == 6 for trial in file.history.trials)
        best = file.history.best_standing(definition.objective)
        assert best is not None
        assert best.mean > 0.9
        assert file.trials_with_weights()

    assert main(["show", str(study), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {trial["parameters"]["kernel"] for trial in shown["trials"]} <= {3, 5}
    assert main(["export", str(study), "--to", "keras", "--out", str(tmp_path / "best.keras")]) == 0
    assert json.loads((tmp_path / "best.keras.json").read_text())["image"] == [SIDE, SIDE, 1]
    assert main(["export", str(study), "--to", "python", "--out", str(tmp_path / "best.py")]) == 0
    command = [sys.executable, "-I", "-c", WITHOUT_THIS_PROGRAM, str(tmp_path / "best.py")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_table_cannot_be_searched_by_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(40)))
    (tmp_path / "study.toml").write_text(TOML.replace('"images"', '"rows.csv"'))

    assert main(["run", str(tmp_path / "study.toml")]) == 2
    said = capsys.readouterr().err
    assert 'model.kind = "cnn": expected "mlp", because the rows of' in said
    assert "are no images" in said
    assert not (tmp_path / "study.tuner").exists()
