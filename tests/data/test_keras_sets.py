"""Keras' own data sets: read from the folder where Keras keeps them, downloaded to it, or said to be missing."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import pickle  # noqa: TID251 - the form of CIFAR's files
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuner_gui.cli import main
from tuner_gui.data import keras_sets
from tuner_gui.data.errors import DataError
from tuner_gui.data.keras_sets import is_there
from tuner_gui.data.reading import read
from tuner_gui.study.definition import IMAGE_SHAPES, KERAS_DATA, DataSettings, Task

ROWS = 40
UNREACHABLE = "http://127.0.0.1:9/"
RANDOM = np.random.default_rng(0)
CLASSES = np.arange(ROWS) % 10


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of data sets, and no network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in keras_sets.SETS:
        change(monkeypatch, name, lambda file: {"origin": UNREACHABLE + file.place})
    return tmp_path / "keras" / "datasets"


def change(patch: pytest.MonkeyPatch, name: str, fields: Callable[[Any], Mapping[str, Any]]) -> None:
    known = keras_sets.SETS[name]
    files = tuple(dataclasses.replace(file, **fields(file)) for file in known.files)
    patch.setitem(keras_sets.SETS, name, dataclasses.replace(known, files=files))  # type: ignore[arg-type]


def pixels(rows: int, *shape: int) -> Any:
    return RANDOM.integers(0, 256, (rows, *shape), dtype=np.uint8)


def _npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _idx(array: Any) -> bytes:
    mark = {1: 2049, 3: 2051}[array.ndim]
    return gzip.compress(b"".join(number.to_bytes(4, "big") for number in (mark, *array.shape)) + array.tobytes())


def _tar(members: Mapping[str, object]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            data = pickle.dumps(content)
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _cifar10() -> bytes:
    batches = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    members: dict[str, object] = {
        name: {"data": pixels(10, 3 * 32 * 32), "labels": list(range(10))} for name in batches
    }
    members["batches.meta"] = {b"label_names": [f"thing {number}".encode() for number in range(10)]}
    return _tar({f"cifar-10-batches-py/{name}": content for name, content in members.items()})


def _cifar100() -> bytes:
    labels = [number % 4 for number in range(20)]
    part = {"data": pixels(20, 3 * 32 * 32), "fine_labels": labels, "coarse_labels": [0] * 20}
    meta = {"fine_label_names": ["apple", "baby", "bear", "bee"]}
    return _tar({"cifar-100-python/train": part, "cifar-100-python/test": part, "cifar-100-python/meta": meta})


def _mnist() -> bytes:
    return _npz(
        x_train=pixels(30, 28, 28), y_train=CLASSES[:30], x_test=pixels(10, 28, 28), y_test=CLASSES[30:]
    )  # fmt: skip


def _housing(columns: int) -> Callable[[], bytes]:
    return lambda: _npz(x=RANDOM.normal(size=(ROWS, columns)), y=RANDOM.normal(size=ROWS))


FILES: dict[str, dict[str, Callable[[], bytes]]] = {
    "mnist": {"mnist.npz": _mnist},
    "fashion_mnist": {
        "fashion-mnist/train-labels-idx1-ubyte.gz": lambda: _idx(CLASSES[:30].astype(np.uint8)),
        "fashion-mnist/train-images-idx3-ubyte.gz": lambda: _idx(pixels(30, 28, 28)),
        "fashion-mnist/t10k-labels-idx1-ubyte.gz": lambda: _idx(CLASSES[30:].astype(np.uint8)),
        "fashion-mnist/t10k-images-idx3-ubyte.gz": lambda: _idx(pixels(10, 28, 28)),
    },
    "cifar10": {"cifar-10-batches-py-target_archive": _cifar10},
    "cifar100": {"cifar-100-python-target_archive": _cifar100},
    "california_housing": {"california_housing.npz": _housing(8)},
    "boston_housing": {"boston_housing.npz": _housing(13)},
}


def keep(folder: Path, name: str, patch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Put small files of that set where Keras keeps them, as if it had published those; returns them."""
    made = {place: make() for place, make in FILES[name].items()}
    for place, content in made.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content)
    sums = {place: hashlib.sha256(content).hexdigest() for place, content in made.items()}
    change(patch, name, lambda file: {"sha256": sums[file.place] if file.sha256 else ""})
    return made


def test_all_that_is_offered_by_name_can_be_read() -> None:
    assert set(KERAS_DATA) == set(keras_sets.SETS) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_set_is_read_from_where_keras_keeps_it(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(home, name, monkeypatch)
    assert is_there(name)

    table = read(DataSettings(name))
    if KERAS_DATA[name] is Task.REGRESSION:
        assert (table.numbers.shape[0], table.target_names, table.image_shape) == (ROWS, ("price",), None)
    else:
        assert table.pixels is not None
        assert table.pixels.dtype == np.uint8
        assert table.image_shape == IMAGE_SHAPES[name]
        assert len(table) == len(table.pixels) == (60 if name == "cifar10" else ROWS)
    assert len(table.target_names) == len(np.unique(table.targets)) or KERAS_DATA[name] is Task.REGRESSION


def test_pixels_and_names_come_out_as_they_were_put_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = keep(home, "mnist", monkeypatch)["mnist.npz"]
    keep(home, "cifar100", monkeypatch)
    keep(home, "fashion_mnist", monkeypatch)
    with np.load(io.BytesIO(made)) as arrays:
        wanted = np.concatenate([arrays["x_train"], arrays["x_test"]])[..., None]
    mnist = read(DataSettings("mnist"))
    np.testing.assert_array_equal(mnist.pixels, wanted)
    np.testing.assert_array_equal(mnist.targets, CLASSES)
    assert read(DataSettings("cifar100")).target_names == ("apple", "baby", "bear", "bee")
    assert read(DataSettings("fashion_mnist")).target_names[9] == "Ankle boot"


def test_the_planes_of_cifar_become_channels(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = np.concatenate([np.full(1024, value, np.uint8) for value in (10, 20, 30)])
    part = {"data": np.tile(row, (10, 1)), "fine_labels": [0, 1] * 5}
    content = _tar(
        {f"cifar-100-python/{n}": part for n in ("train", "test")}
        | {"cifar-100-python/meta": {"fine_label_names": ["a", "b"]}}
    )
    monkeypatch.setitem(FILES, "cifar100", {"cifar-100-python.tar.gz": lambda: content})
    (place,) = FILES["cifar100"]
    home.mkdir(parents=True)
    (home / place).write_bytes(content)
    change(monkeypatch, "cifar100", lambda _: {"sha256": hashlib.sha256(content).hexdigest()})

    found = read(DataSettings("cifar100")).pixels
    assert found is not None
    assert found[:, 5, 7].tolist() == [[10, 20, 30]] * 20


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_without_a_network_it_is_said_what_is_missing_and_where_it_belongs(name: str, home: Path) -> None:
    assert not is_there(name)
    place = next(iter(FILES[name]))
    with pytest.raises(DataError) as caught:
        read(DataSettings(name))
    words = str(caught.value)
    assert words.startswith(f"{name}: the file {Path(place).name} is not in {(home / place).parent}")
    assert "cannot be downloaded (no connection: Connection refused)" in words
    assert f"get {UNREACHABLE}{place}" in words
    assert not list(home.rglob("*.npz"))


def test_a_study_of_it_is_refused_in_one_line_where_it_cannot_be_got(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text('[data]\nsource = "mnist"\n[space.learning_rate]\n')

    assert main(["run", str(tmp_path / "study.toml")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "mnist: downloading 11.5 MB, once"
    assert 'data.source = "mnist": expected data that can be learned from; mnist: the file mnist.npz is not' in said[1]
    assert len(said) == 2
    assert not (tmp_path / "study.tuner").exists()


def test_what_is_not_there_is_downloaded_once_and_kept_for_keras(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _mnist()
    (tmp_path / "served").write_bytes(content)
    origin = (tmp_path / "served").as_uri()
    change(monkeypatch, "mnist", lambda _: {"origin": origin, "sha256": hashlib.sha256(content).hexdigest()})
    told: list[float] = []

    assert len(read(DataSettings("mnist"), progress=told.append)) == ROWS
    assert told
    assert [path.name for path in home.iterdir()] == ["mnist.npz"]
    (tmp_path / "served").unlink()
    assert len(read(DataSettings("mnist"))) == ROWS


def test_a_file_with_another_content_than_published_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(home, "mnist", monkeypatch)
    (home / "mnist.npz").write_bytes(_mnist())

    with pytest.raises(DataError, match="cannot be downloaded"):
        read(DataSettings("mnist"))


def test_what_comes_and_is_another_file_is_thrown_away(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "served").write_bytes(b"<html>please log in</html>")
    change(monkeypatch, "mnist", lambda _: {"origin": (tmp_path / "served").as_uri()})

    with pytest.raises(DataError, match="what came is not the file that Keras publishes"):
        read(DataSettings("mnist"))
    assert list(home.iterdir()) == []


def test_a_download_is_cancelled(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "served").write_bytes(_mnist())
    change(monkeypatch, "mnist", lambda _: {"origin": (tmp_path / "served").as_uri()})

    with pytest.raises(DataError, match="cancelled"):
        read(DataSettings("mnist"), cancelled=lambda: True)
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8bnothing", gzip.compress(b"\0\0\0\0"), gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12)],
    ids=["no archive", "no header", "too short"],  # the bytes hold the time at which they were made
)
def test_a_damaged_file_is_named(content: bytes, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(home, "fashion_mnist", monkeypatch)
    (home / "fashion-mnist" / "t10k-images-idx3-ubyte.gz").write_bytes(content)

    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz"):
        read(DataSettings("fashion_mnist"))


class _Harm:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("harm",)


def test_a_file_that_would_run_something_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    harm = _tar({f"cifar-100-python/{name}": _Harm() for name in ("train", "test", "meta")})
    monkeypatch.setitem(FILES["cifar100"], "cifar-100-python-target_archive", lambda: harm)
    keep(home, "cifar100", monkeypatch)

    with pytest.raises(DataError, match=r"it asks for builtins\.print"):
        read(DataSettings("cifar100"))
    assert "harm" not in capsys.readouterr().out


def test_arrays_are_read_as_python_2_wrote_them() -> None:
    """CIFAR's own files are that old: words are bytes, and numpy's modules have other names."""
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x04\x85"
    written = b"\x80\x02}U\x04data" + array + dtype + b"\x89U\x04\x01\x02\xfe\xfftbs."

    found = keras_sets._Plain(io.BytesIO(written), encoding="bytes").load()
    assert found[b"data"].tolist() == [1, 2, 254, 255]
    assert found[b"data"].dtype == np.uint8
