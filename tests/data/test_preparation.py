"""How rows become numbers: fitted on the training part alone, the same for every row, and written down."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner_gui.data.preparation import (
    CategoryColumn,
    Classes,
    NumberColumn,
    Numbers,
    fitted,
    preparation_from,
    prepared,
)
from tuner_gui.data.reading import Table, read
from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings, Task
from tuner_gui.training.data import load

CLASSES = Task.CLASSIFICATION
NAN = float("nan")


def a_table(numbers: list[list[float]], words: list[str]) -> Table:
    names = tuple(f"n{place}" for place in range(len(numbers[0])))
    categories = {"colour": np.array(words, dtype=object)}
    return Table(np.arange(len(words)) % 2, ("no", "yes"), np.array(numbers), names, categories)


def test_numbers_are_filled_by_the_median_and_standardised() -> None:
    table = a_table([[1.0], [2.0], [NAN], [9.0]], ["red", "red", "blue", ""])
    preparation = fitted(table, CLASSES, np.arange(4))
    number, colour = preparation.columns
    assert isinstance(number, NumberColumn)
    assert (number.fill, number.mean) == (2.0, 3.5)
    assert number.scale == pytest.approx(np.std([1, 2, 2, 9]))
    assert colour == CategoryColumn("colour", ("", "blue", "red"))
    inputs = prepared(table, preparation, np.arange(4))
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[:, 0], (np.array([1, 2, 2, 9]) - 3.5) / number.scale, rtol=1e-6)
    np.testing.assert_array_equal(inputs[:, 1:], [[0, 0, 1], [0, 0, 1], [0, 1, 0], [1, 0, 0]])


def test_rows_that_do_not_train_have_no_say() -> None:
    table = a_table([[1.0], [2.0], [3.0], [1e9]], ["red", "blue", "red", "green"])
    preparation = fitted(table, CLASSES, np.arange(3))
    assert preparation.columns[0] == NumberColumn("n0", 2.0, 2.0, pytest.approx(np.std([1, 2, 3])))
    assert preparation.columns[1] == CategoryColumn("colour", ("blue", "red"))
    # A word that never trained is none of the known ones.
    np.testing.assert_array_equal(prepared(table, preparation, np.array([3]))[0, 1:], [0, 0])


def test_only_the_fifty_commonest_categories_get_an_input() -> None:
    words = [f"w{n:02}" for n in range(60)] + [f"w{n:02}" for n in range(10, 60)]
    table = a_table([[float(n % 7)] for n in range(len(words))], words)
    column = fitted(table, CLASSES, np.arange(len(words))).columns[1]
    assert isinstance(column, CategoryColumn)
    assert column.values == tuple(f"w{n:02}" for n in range(10, 60))


def test_constant_empty_and_repeated_columns_are_left_out() -> None:
    table = a_table([[1.0, 5.0, NAN, 1.0, 0.0], [2.0, 5.0, NAN, 2.0, 0.0]] * 3, ["red"] * 6)
    assert [column.name for column in fitted(table, CLASSES, np.arange(6)).columns] == ["n0"]


@pytest.mark.parametrize("source", BUILT_IN_DATA)
def test_a_preparation_comes_back_from_its_document(source: str) -> None:
    preparation = load(DataSettings(source)).preparation
    assert preparation_from(json.loads(json.dumps(preparation.document()))) == preparation
    assert preparation.inputs == load(DataSettings(source)).inputs


def test_built_in_data_has_the_names_that_scikit_learn_has() -> None:
    preparation = load(DataSettings("wine")).preparation
    assert preparation.columns[0].name == "alcohol"
    assert preparation.target == Classes(("class_0", "class_1", "class_2"))
    assert isinstance(load(DataSettings("diabetes")).preparation.target, Numbers)
    assert load(DataSettings("two_spirals")).preparation.columns[1].name == "x1"


def test_classes_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,y\n" + "".join(f"{n % 8}.5,{(n % 4) * 5 + 5}\n" for n in range(80)))
    split = load(DataSettings(str(path), target="y", task=CLASSES))
    assert split.preparation.target == Classes(("5", "10", "15", "20"))
    assert split.outputs == 4


def test_a_regression_of_a_table_is_standardised_and_remembers_how(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a;price\n" + "".join(f"{n},5;{n * n},25\n" for n in range(100)))
    split = load(DataSettings(str(path), target="price", task=Task.REGRESSION))
    target = split.preparation.target
    assert isinstance(target, Numbers)
    assert target.names == ("price",)
    np.testing.assert_allclose(split.target_scale, target.scales)
    back = split.train.targets[:, 0] * target.scales[0] + target.means[0]
    assert set(np.round(back - 0.25).astype(int)) <= {n * n for n in range(100)}


def test_rows_with_gaps_can_be_dropped(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,y\n" + "".join(f"{n if n % 4 else ''},{'uv'[n % 2]}\n" for n in range(80)))
    assert len(read(DataSettings(str(path), target="y", task=CLASSES))) == 80
    assert len(read(DataSettings(str(path), target="y", task=CLASSES, missing="drop"))) == 60


def test_images_are_standardised_pixels(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name, shade in (("dark", 60), ("light", 180)):
        (tmp_path / name).mkdir()
        for number in range(10):
            pixels = random.integers(shade - 50, shade + 50, (6, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    split = load(DataSettings(str(tmp_path), task=CLASSES))
    assert split.preparation.image == (6, 8, 3)
    assert split.preparation.target == Classes(("dark", "light"))
    assert split.inputs == split.preparation.inputs == 144
    assert split.train.inputs.mean() == pytest.approx(0, abs=1e-5)
    assert split.train.inputs.std() == pytest.approx(1, abs=1e-5)
    (column,) = split.preparation.columns
    assert isinstance(column, NumberColumn)
    pixels = split.train.inputs[0] * column.scale + column.mean
    np.testing.assert_allclose(pixels * 255, np.round(pixels * 255), atol=1e-3)


def test_arrays_of_bytes_are_images(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    images = np.random.default_rng(0).integers(0, 255, (40, 5, 7), dtype=np.uint8)
    np.savez(path, x=images, y=np.arange(40) % 2)
    split = load(DataSettings(str(path), task=CLASSES))
    assert split.preparation.image == (5, 7, 1)
    assert split.inputs == 35


def test_reading_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    from tuner_gui.data.errors import DataError

    path = tmp_path / "rows.csv"
    path.write_text("a,y\n" + "1.5,u\n2.5,v\n" * 60_000)
    told: list[float] = []
    settings = DataSettings(str(path), target="y", task=CLASSES)
    assert len(read(settings, progress=told.append)) == 120_000
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 2
    with pytest.raises(DataError, match="reading was cancelled"):
        read(settings, cancelled=lambda: True)
