"""Which data are images, what shape a row of them has, and how their numbers are prepared for a network of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner_gui.data.errors import DataError
from tuner_gui.data.preparation import NumberColumn
from tuner_gui.data.preview import preview
from tuner_gui.data.settle import settled
from tuner_gui.space.errors import SpaceError
from tuner_gui.study.definition import (
    IMAGE_SHAPES,
    NAMED_DATA,
    DataSettings,
    ImageShape,
    Task,
    definition_of,
    model_kinds_for,
    new_definition,
)
from tuner_gui.training.data import load

ROWS = 40
RANDOM = np.random.default_rng(0)


def arrays(folder: Path, x: np.ndarray) -> Path:
    path = folder / "rows.npz"
    np.savez(path, x=x, y=np.arange(len(x)) % 2)
    return path


def image_folder(folder: Path, *, mode: str = "RGB", size: tuple[int, int] = (12, 10)) -> Path:
    for name, level in (("dark", 40), ("light", 200)):
        (folder / name).mkdir()
        for number in range(10):
            Image.new(mode, size, level if mode == "L" else (level, level, 90)).save(folder / name / f"{number}.png")
    return folder


@pytest.mark.parametrize(
    ("shape", "image"),
    [
        ((9, 7), (9, 7, 1)),
        ((9, 7, 1), (9, 7, 1)),
        ((9, 7, 4), (9, 7, 4)),
        ((9, 7, 12), (9, 7, 12)),
        ((9,), None),
        ((1, 1, 8), None),
        ((9, 7, 2, 2), None),
    ],
)
@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_arrays_with_height_and_width_are_images(
    shape: tuple[int, ...], image: ImageShape | None, kind: str, tmp_path: Path
) -> None:
    source = arrays(tmp_path, RANDOM.integers(0, 200, (ROWS, *shape)).astype(kind))
    data = settled(DataSettings(str(source)))

    assert preview(source).image == data.image == data.image_shape == image
    assert model_kinds_for(data) == (("mlp", "cnn") if image else ("mlp",))
    if image is None:
        with pytest.raises(DataError, match="no images"):
            load(data, images=True)
    else:
        split = load(data, images=True)
        assert (split.image, split.inputs) == (image, int(np.prod(shape)))
        assert load(data).image is None


@pytest.mark.parametrize(("size", "image"), [(0, (10, 12, 3)), (6, (6, 6, 3))])
def test_a_folder_of_images_has_the_shape_that_training_gives_them(
    size: int, image: ImageShape, tmp_path: Path
) -> None:
    data = settled(DataSettings(str(image_folder(tmp_path)), size=size))
    assert data.image == image
    assert load(data, images=True).image == image


def test_grey_images_have_one_channel(tmp_path: Path) -> None:
    assert settled(DataSettings(str(image_folder(tmp_path, mode="L")))).image == (10, 12, 1)


def test_a_table_has_no_images(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(ROWS)))
    data = settled(DataSettings(str(tmp_path / "rows.csv")))
    assert data.image is None
    assert model_kinds_for(data) == ("mlp",)
    with pytest.raises(SpaceError) as caught:
        definition_of(data, name="rows", kind="cnn")
    assert (caught.value.key, caught.value.value) == ("model.kind", "cnn")
    assert "the rows of" in caught.value.expected
    assert "are no images" in caught.value.expected


@pytest.mark.parametrize("source", NAMED_DATA)
def test_what_has_a_name_is_known_to_have_images_without_a_look(source: str) -> None:
    assert model_kinds_for(DataSettings(source)) == (("mlp", "cnn") if source in IMAGE_SHAPES else ("mlp",))
    if source in IMAGE_SHAPES:
        assert new_definition(source, kind="cnn").model.kind == "cnn"
    else:
        with pytest.raises(SpaceError):
            new_definition(source, kind="cnn")


def test_every_pixel_of_a_channel_is_scaled_alike_and_none_is_left_out(tmp_path: Path) -> None:
    x = np.zeros((ROWS, 4, 3, 2), np.float32)
    x[:, 1, 2, 0] = RANDOM.normal(5, 2, ROWS)  # the other corners never change
    x[..., 1] = RANDOM.normal(-100, 30, (ROWS, 4, 3))
    x[3, 0, 0, 1] = np.nan
    data = DataSettings(str(arrays(tmp_path, x)), task=Task.CLASSIFICATION)

    split = load(data, images=True)
    columns = split.preparation.columns
    assert all(isinstance(column, NumberColumn) for column in columns)
    assert len(columns) == 24
    assert len({(column.mean, column.scale) for column in columns[::2]}) == 1  # type: ignore[union-attr]
    images = split.train.inputs.reshape(-1, 4, 3, 2)
    np.testing.assert_allclose(images.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(images.std(axis=(0, 1, 2)), 1, rtol=0.02)
    # As rows of a table, constant columns are left out, as ever.
    assert load(data).inputs == 13


def test_a_channel_without_a_number_is_refused(tmp_path: Path) -> None:
    x = np.zeros((ROWS, 4, 3, 2), np.float32)
    x[..., 1] = np.nan
    with pytest.raises(DataError, match="a channel of the images holds no numbers"):
        load(DataSettings(str(arrays(tmp_path, x)), task=Task.CLASSIFICATION), images=True)


def test_the_digits_are_the_same_rows_in_another_scale() -> None:
    table, images = load(DataSettings("digits")), load(DataSettings("digits"), images=True)
    assert images.image == (8, 8, 1)
    assert images.description == "1,077 / 360 / 360 rows, images of 8 × 8 × 1, 10 classes"
    np.testing.assert_array_equal(table.train.targets, images.train.targets)
    assert len({column.scale for column in images.preparation.columns}) == 1  # type: ignore[union-attr]
    assert len({column.scale for column in table.preparation.columns}) > 40  # type: ignore[union-attr]
