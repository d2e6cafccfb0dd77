"""A script's own reading, splitting and preparing gives the arrays that the study trains on, number for number."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from script_runs import parts_of, run_fresh, without_keras

from tuner_gui.data.fingerprint import fingerprint_of
from tuner_gui.data.settle import settled
from tuner_gui.exports.errors import ExportError
from tuner_gui.exports.script import script_of
from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings, Task, definition_of
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import Trial
from tuner_gui.training.data import load

NASTY = ('say "it\'s"', "two\nlines", "=cmd|'/c'!A1", "\u202egrün {x} %s", '"""', "a/b")


def script(settings: DataSettings, sha256: str = "", *, kind: str = "mlp") -> str:
    definition = definition_of(settings, name='mine"""\n\\', optimizer="sgd", kind=kind)
    trial = Trial(1, 1, TrialState.FINISHED, {"units": 8}, 5, "2026-01-01T00:00:00+00:00", 0.5)
    return script_of(definition, trial, sha256)


def assert_same_arrays(settings: DataSettings, *, images: bool = False) -> str:
    """The script's arrays are those of the study; returns the script. ``images``: for a CNN, in their shape."""
    text, split = script(settings, kind="cnn" if images else "mlp"), load(settings, images=images)
    found = parts_of(text, *([] if settings.built_in else [settings.source]))
    wanted = [split.train.inputs, split.train.targets, split.validation.inputs, split.validation.targets]
    wanted += [split.target_scale] if split.task is Task.REGRESSION else []
    assert len(found) == len(wanted)
    if images:
        assert found[0].shape[1:] == split.image
        found = [array.reshape(len(array), -1) if array.ndim == 4 else array for array in found]
    for ours, theirs in zip(wanted, found, strict=True):
        np.testing.assert_array_equal(theirs, ours)
    assert found[0].dtype == np.float32
    return text


# --- tables ---


def frame(rows: int = 80) -> pd.DataFrame:
    random = np.random.default_rng(3)
    numbers = random.normal(50, 9, (rows, 2)).round(3)
    return pd.DataFrame({
        "size": numbers[:, 0],
        "weight": np.where(random.random(rows) < 0.2, np.nan, numbers[:, 1]),
        "again": numbers[:, 0],
        "same": np.where(random.random(rows) < 0.1, np.nan, 4.0),
        "colour": random.choice(["red", " blue", "", "grün"], rows),
        "day": [f"2024-01-{1 + row % 28:02}" for row in range(rows)],
        "id": np.arange(rows) + 100,
        "name": [f"someone {row}" for row in range(rows)],
        "kind": random.choice(["yes", "no", "it's \"so\""], rows),
        "price": numbers.sum(axis=1) + random.normal(0, 1, rows),
    })  # fmt: skip


def as_csv(folder: Path, name: str = "mine.csv", table: pd.DataFrame | None = None, **options: Any) -> str:
    path = folder / name
    (frame() if table is None else table).to_csv(path, index=False, **options)
    return str(path)


TEXTS: Mapping[str, Callable[[Path], str]] = {
    "plain": as_csv,
    "tabs": lambda folder: as_csv(folder, "mine.tsv", sep="\t"),
    "decimal comma": lambda folder: as_csv(folder, sep=";", decimal=","),
    "with a mark": lambda folder: as_csv(folder, encoding="utf-8-sig"),
    "windows": lambda folder: as_csv(folder, encoding="cp1252"),
    "utf-16": lambda folder: as_csv(folder, encoding="utf-16"),
}


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize(
    ("target", "missing"), [("kind", "fill"), ("kind", "drop"), ("price", "fill"), ("price", "drop")]
)
def test_a_table_of_text(form: str, target: str, missing: str, tmp_path: Path) -> None:
    task = Task.CLASSIFICATION if target == "kind" else Task.REGRESSION
    assert_same_arrays(DataSettings(TEXTS[form](tmp_path), target=target, task=task, missing=missing, seed=4))


def test_slips_infinities_and_rows_without_a_target(tmp_path: Path) -> None:
    table = frame().astype({"size": object, "kind": object})
    table.loc[3, "size"], table.loc[5, "weight"], table.loc[6, "weight"] = "n/a?", np.inf, -np.inf
    table.loc[[7, 8], "kind"], table.loc[9, "colour"] = ["", "?"], "?"
    source = as_csv(tmp_path, table=table, na_rep="")
    assert_same_arrays(DataSettings(source, target="kind", task=Task.CLASSIFICATION))
    assert_same_arrays(DataSettings(source, target="price", task=Task.REGRESSION, missing="drop"))


def test_a_table_without_a_header(tmp_path: Path) -> None:
    table = frame()[["size", "weight", "colour", "kind"]]
    source = as_csv(tmp_path, table=table, header=False)
    text = assert_same_arrays(DataSettings(source, target="column 4", task=Task.CLASSIFICATION))
    assert "header=None" in text


def test_only_categories_only_numbers_and_classes_that_are_numbers(tmp_path: Path) -> None:
    table = frame()
    table["grade"] = np.where(np.arange(80) % 3 == 0, 10, np.arange(80) % 3)
    for columns in (["colour", "kind"], ["size", "weight", "kind"], ["size", "grade"]):
        source = as_csv(tmp_path, table=table[columns])
        text = assert_same_arrays(DataSettings(source, target=columns[-1], task=Task.CLASSIFICATION))
    assert 'CLASSES = ["1", "2", "10"]' in text


def test_names_of_any_kind_stay_names(tmp_path: Path) -> None:
    table = frame()[["size", "weight", "colour", "kind", "price", "again"]]
    table["again"] = table["again"] ** 2
    table.columns = list(NASTY)
    table[NASTY[3]] = [NASTY[row % len(NASTY)] for row in range(80)]
    source = as_csv(tmp_path, 'it\'s "mine".csv', table=table)
    settings = settled(DataSettings(source, target=NASTY[3]))
    text = assert_same_arrays(settings)
    assert "\u202e" not in text
    compile(text, "train.py", "exec")


def test_a_name_that_comes_twice_is_found_under_its_second_name(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    lines = [f"{row % 7},{row * row % 11},{row % 2}" for row in range(40)]
    path.write_text("\n".join(["a , a,goal", *lines]))
    text = assert_same_arrays(DataSettings(str(path), target="goal", task=Task.CLASSIFICATION))
    assert 'COLUMNS = ["a", "a (2)", "goal"]' in text


@pytest.mark.parametrize(
    ("target", "missing"), [("kind", "fill"), ("price", "drop"), ("flag", "fill"), ("half", "drop")]
)
def test_a_parquet_table(target: str, missing: str, tmp_path: Path) -> None:
    table = frame()
    table["flag"] = pd.Series(np.arange(80) % 2 == 0, dtype="boolean").where(np.arange(80) % 9 != 0)
    table["half"] = np.where(np.arange(80) % 7 == 0, np.nan, np.arange(80) % 3 / 2)
    table["texts"] = [None if row % 11 == 0 else f"{row * 1.25}" for row in range(80)]
    table["whole"] = pd.Series(np.arange(80) % 13, dtype="Int64").where(np.arange(80) % 8 != 0)
    table["group"] = pd.Categorical(table["colour"])
    path = tmp_path / "mine.parquet"
    table.set_index("id").to_parquet(path)
    task = Task.REGRESSION if target == "price" else Task.CLASSIFICATION
    assert_same_arrays(DataSettings(str(path), target=target, task=task, missing=missing))


# --- arrays and images ---


def arrays(folder: Path, **given: Any) -> str:
    path = folder / "mine.npz"
    np.savez(path, **given)
    return str(path)


def test_arrays_of_numbers(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(60, 3, 4)).astype(np.float32)
    x[:, 0, 1], x[5, 0, 0], x[6, 1, 1] = 2.0, np.nan, np.inf
    x[:, 2, 2] = x[:, 1, 1]
    y = np.where(np.arange(60) % 5 == 0, np.nan, np.arange(60) % 3)
    source = arrays(tmp_path, x=x, y=y, words=np.array(["b", "", "a"])[np.arange(60) % 3], z=x[:, 0, :2] ** 2)
    for missing in ("fill", "drop"):
        text = assert_same_arrays(DataSettings(source, target="y", task=Task.CLASSIFICATION, missing=missing))
        assert "LEFT_OUT = [1, 10]" in text
    assert_same_arrays(DataSettings(source, target="words", task=Task.CLASSIFICATION))
    assert_same_arrays(DataSettings(source, target="z", task=Task.REGRESSION))


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 1), (4, 5, 3)])
def test_arrays_of_images(shape: tuple[int, ...], tmp_path: Path) -> None:
    x = np.random.default_rng(1).integers(0, 256, (40, *shape)).astype(np.uint8)
    source = arrays(tmp_path, x=x, y=np.arange(40) % 2, size=np.arange(40) / 7)
    for images in (False, True):
        assert_same_arrays(DataSettings(source, target="y", task=Task.CLASSIFICATION, image=(5, 4, 1)), images=images)
        assert_same_arrays(DataSettings(source, target="size", task=Task.REGRESSION, image=(5, 4, 1)), images=images)


def test_images_of_any_numbers_for_a_network_that_goes_over_them(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(3, 2, (40, 4, 5, 3))
    x[:, :, 0, 1], x[3, 1, 2, 0] = 7.0, np.nan
    source = arrays(tmp_path, x=x, y=np.arange(40) % 2)
    assert_same_arrays(DataSettings(source, target="y", task=Task.CLASSIFICATION, image=(4, 5, 3)), images=True)
    assert_same_arrays(DataSettings("digits"), images=True)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_folders_of_images(mode: str, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    for number in range(24):
        folder = tmp_path / "mine" / ('a "cat"', "dog", "10")[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (12, 9 + number % 2) + ((3,) if mode == "RGB" else ())).astype(np.uint8)
        turned = Image.Exif()
        turned[0x0112] = 6 if number % 4 == 0 else 1
        Image.fromarray(pixels).save(folder / f"{number:02}.{'PNG' if number % 2 else 'jpg'}", exif=turned)
    (tmp_path / "mine" / "dog" / "notes.txt").write_text("no image")
    (tmp_path / "mine" / ".hidden").mkdir()
    settings = DataSettings(str(tmp_path / "mine"), task=Task.CLASSIFICATION)
    assert_same_arrays(settings)
    assert_same_arrays(replace(settings, size=6, image=(6, 6, 3)), images=True)
    checked = without_keras(script(settings, fingerprint_of(tmp_path / "mine").sha256))
    assert checked["sha256_of"](settings.source) == checked["DATA_SHA256"]


@pytest.mark.parametrize("source", BUILT_IN_DATA)
def test_built_in_data(source: str) -> None:
    assert_same_arrays(DataSettings(source))


@pytest.mark.parametrize("source", ["mnist", "cifar100", "boston_housing"])
def test_the_sets_of_keras_come_in_the_order_of_their_files(source: str) -> None:
    """As Keras hands them out: images in two parts, the rows of a table shuffled before."""
    rows = np.arange(50)
    if source == "boston_housing":
        mixed = rows.copy()
        np.random.RandomState(113).shuffle(mixed)
        given = [(np.stack([part, part], axis=1), part / 2) for part in (mixed[:40], mixed[40:])]
    else:
        given = [(part.astype(np.uint8)[:, None, None], part[:, None] % 7) for part in (rows[:40], rows[40:])]
    keras = SimpleNamespace(datasets=SimpleNamespace(**{source: SimpleNamespace(load_data=lambda: tuple(given))}))
    scope = without_keras(script(DataSettings(source)))
    scope["keras"] = keras
    inputs, targets = scope["load_data"]()
    assert [int(row.ravel()[0]) for row in inputs] == list(rows)
    np.testing.assert_array_equal(targets.ravel(), rows / 2 if source == "boston_housing" else rows % 7)


# --- what goes wrong ---


def test_it_warns_of_other_data_than_the_study_began_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = DataSettings(as_csv(tmp_path), target="kind", task=Task.CLASSIFICATION)
    checked = without_keras(script(settings, fingerprint_of(Path(settings.source)).sha256))
    checked["check_data"](settings.source)
    assert capsys.readouterr().err == ""
    as_csv(tmp_path, table=frame(81))
    checked["check_data"](settings.source)
    assert capsys.readouterr().err == f"{settings.source} is not what the study was begun with\n"


def test_a_class_that_nobody_knew_ends_the_script_in_words(tmp_path: Path) -> None:
    settings = DataSettings(as_csv(tmp_path), target="kind", task=Task.CLASSIFICATION)
    text = script(settings)
    table = frame()
    table.loc[4, "kind"] = "perhaps"
    as_csv(tmp_path, table=table)
    with pytest.raises(SystemExit, match="'perhaps' is none of the classes"):
        parts_of(text, settings.source)


def test_data_that_are_gone_are_refused_in_words(tmp_path: Path) -> None:
    source = str(tmp_path / "gone.csv")
    with pytest.raises(ExportError, match=r"a script needs a look at the data: .*there is no such file or folder"):
        script(DataSettings(source, target="kind", task=Task.CLASSIFICATION))


@pytest.mark.parametrize("missing", ["fill", "drop"])
def test_it_is_clean(missing: str, tmp_path: Path) -> None:
    source = Path(as_csv(tmp_path))
    settings = DataSettings(source.name, target="kind", task=Task.CLASSIFICATION, missing=missing)
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(tmp_path)
        (tmp_path / "train.py").write_text(script(settings, fingerprint_of(source).sha256))
    for command in (["format", "--check"], ["check", "--select", "E,F,I,B,N,UP,SIM"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path / "train.py")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_it_reaches_the_value_of_the_study_s_own_training_on_a_table(tmp_path: Path) -> None:
    from training_lab import Lab

    from tuner_gui.study.events import TrialEnded
    from tuner_gui.training.messages import Job
    from tuner_gui.training.process import load_tensorflow

    load_tensorflow(threads=1)
    table = frame(900)
    table["kind"] = np.where(
        table["weight"].fillna(50) + 5 * (table["colour"] == "red") > table["size"], "more", "less"
    )
    settings = DataSettings(as_csv(tmp_path, table=table), target="kind", task=Task.CLASSIFICATION)
    definition = definition_of(settings, name="mine", optimizer="adam")
    values = definition.hyperparameters({"units": 16, "learning_rate": 0.01, "batch_size": 32})
    trial = Trial(1, 1, TrialState.FINISHED, values, 5, "2026-01-01T00:00:00+00:00", 0.5)
    (tmp_path / "train.py").write_text(script_of(definition, trial, fingerprint_of(Path(settings.source)).sha256))
    moved = tmp_path / "moved.csv"
    Path(settings.source).rename(moved)
    run = run_fresh(tmp_path / "train.py", str(moved), folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "is not what the study was begun with" not in run.stderr
    found = float(run.stdout.split("val_accuracy: ")[-1])

    lab = Lab(load(replace(settings, source=str(moved))), fresh=True)
    lab.train(*(Job(seed, seed, values, definition.model.epochs, "val_accuracy") for seed in range(1, 9)))
    reached = np.array([event.value for event in lab.events if isinstance(event, TrialEnded)])
    # Eight seeds tell the spread better than three; the script is one more draw from it.
    assert abs(found - reached.mean()) <= 3.5 * reached.std(ddof=1) + 1e-3, (found, reached)
