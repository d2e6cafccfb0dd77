"""Every bad input that concerns data: one clear message, or a warning and it works all the same."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner_gui.data import memory
from tuner_gui.data.errors import DataError
from tuner_gui.data.preview import preview
from tuner_gui.study.definition import DataSettings, Task
from tuner_gui.training.data import load

ROWS = 60
CLASSES = Task.CLASSIFICATION
REGRESSION = Task.REGRESSION


def good_lines(rows: int = ROWS) -> list[str]:
    random = np.random.default_rng(1)
    numbers = random.normal(size=(rows, 2))
    return ["a,b,y", *(f"{a:.4f},{b:.4f},{'yes' if a + b > 0 else 'no'}" for a, b in numbers)]


def csv(lines: list[str] | str | bytes, name: str = "rows.csv", encoding: str = "utf-8") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        if isinstance(lines, bytes):
            path.write_bytes(lines)
        else:
            text = lines if isinstance(lines, str) else "\n".join(lines) + "\n"
            path.write_bytes(text.encode(encoding))
        return path

    return make


def with_column(name: str, values: Callable[[int], str], rows: int = ROWS) -> Callable[[Path], Path]:
    """The good table with one more column in front."""
    header, *lines = good_lines(rows)
    return csv([f"{name},{header}", *(f"{values(number)},{line}" for number, line in enumerate(lines))])


def with_line(number: int, line: str) -> Callable[[Path], Path]:
    lines = good_lines()
    lines[number] = line
    return csv(lines)


def arrays(**made: object) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "rows.npz"
        np.savez_compressed(path, **made)
        return path

    return make


def images(change: Callable[[Path], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        top = folder / "photos"
        for name, shade in (("cats", 40), ("dogs", 200)):
            (top / name).mkdir(parents=True)
            for number in range(10):
                Image.new("L", (8, 6), shade + number).save(top / name / f"{number}.png")
        change(top)
        return top

    return make


def _truncated_parquet(folder: Path) -> Path:
    import pandas as pd

    path = folder / "rows.parquet"
    pd.read_csv(io.StringIO("\n".join(good_lines()))).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-40])
    return path


def _text_as_parquet(folder: Path) -> Path:
    return csv(good_lines(), "rows.parquet")(folder)


def _lying_npz(folder: Path) -> Path:
    """A header that promises 8 terabytes, and 8 bytes behind it."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    path = folder / "rows.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + b"\0" * 8)
    return path


def _truncated_npz(folder: Path) -> Path:
    path = arrays(x=np.zeros((20, 2)), y=np.arange(20) % 2)(folder)
    path.write_bytes(path.read_bytes()[:-30])
    return path


def _ten_million_rows(folder: Path) -> Path:
    """A table with a hole in it, which takes no room on the disk and is as long as ten million rows."""
    path = csv(good_lines(100_000))(folder)
    os.truncate(path, path.stat().st_size * 100)
    return path


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "rows.csv")
    return folder / "rows.csv"


def _folder_as_csv(folder: Path) -> Path:
    (folder / "rows.csv").mkdir()
    return folder / "rows.csv"


def _one_class_of_images(top: Path) -> None:
    for path in (top / "dogs").iterdir():
        path.unlink()


def _no_image(top: Path) -> None:
    (top / "cats" / "0.png").write_text("these are words")


def _cut_image(top: Path) -> None:
    random = np.random.default_rng(0)
    path = top / "cats" / "0.png"
    Image.fromarray(random.integers(0, 255, (60, 60), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:900])


@dataclass(frozen=True)
class Bad:
    make: Callable[[Path], Path]
    words: str
    target: str = "y"
    task: Task = CLASSES
    free: int | None = None
    missing: str = "fill"


HALF_UTF16 = "\n".join(good_lines()).encode("utf-16")[:-1]

REFUSED = {
    "an encoding that is none": Bad(csv(b"a,b,y\n\x81\x8d,2,\xff\n" * 30), "the text is not UTF-8 or Windows-1252"),
    "half a UTF-16 character": Bad(csv(HALF_UTF16), "the text is not UTF-16, as its first bytes say"),
    "NUL bytes": Bad(with_line(5, "1,\0,yes"), "holds NUL bytes, which no text has"),
    "more fields than columns": Bad(with_line(5, "1,2,yes,4"), "row 6 has 4 fields, and the first row has 3"),
    "a quote that never closes": Bad(with_line(5, '1,"2,yes'), "cannot be read as a table ("),
    "a pipe": Bad(_pipe, "neither a file nor a folder"),
    "an empty file": Bad(csv(b""), "the file is empty"),
    "blank lines": Bad(csv("\n\n  \n"), "nothing but blank lines"),
    "a header alone": Bad(csv("a,b,y\n"), "a header, and no rows below it"),
    "one column": Bad(csv(["y", *["yes", "no"] * 20]), "one column; a table needs a target and at least one column"),
    "a target with one class": Bad(
        csv(["a,y", *(f"{n}.5,yes" for n in range(30))]),
        "the target 'y' has one class, 'yes'; there is nothing to tell",
    ),
    "a constant target": Bad(
        csv(["a,y", *(f"{n}.5,7" for n in range(30))]), "'y' is the same in every row", task=REGRESSION
    ),
    "nothing but empty columns": Bad(
        csv(["a,y", *(f",{'yes' if n % 2 else 'no'}" for n in range(30))]),
        "no column is left to predict 'y' from ('a' holds no values: left out)",
    ),
    "ten million rows": Bad(_ten_million_rows, "are free; at most half of that is used", free=1_000_000_000),
    "a zip bomb": Bad(
        arrays(x=np.zeros((200_000, 20)), y=np.arange(200_000) % 2), "at most half of that is used", free=50_000_000
    ),
    "an array that promises terabytes": Bad(_lying_npz, "the array 'x' says it has 8,000,000,000,000 bytes and has 8"),
    "a truncated NPZ": Bad(_truncated_npz, "no NPZ file, or a damaged one"),
    "text as NPZ": Bad(csv(good_lines(), "rows.npz"), "no NPZ file, or a damaged one"),
    "arrays of objects": Bad(
        arrays(x=np.zeros((20, 2)), y=np.array([{"a": 1}] * 20, dtype=object)),
        "the array 'y' holds Python objects, which are not read because they can run code",
    ),
    "no array for the target": Bad(arrays(x=np.zeros((20, 2))), "no array 'y': expected x as the target"),
    "arrays of other lengths": Bad(
        arrays(x=np.zeros((20, 2)), y=np.arange(19) % 2), "no array of numbers has as many rows as the target 'y' (19)"
    ),
    "a target that is not there": Bad(csv(good_lines()), "no column 'z' to predict: expected one of a, b, y", "z"),
    "a folder called .csv": Bad(_folder_as_csv, "a folder, where a file was expected by its name"),
    "no file": Bad(lambda folder: folder / "rows.csv", "there is no such file or folder"),
    "another ending": Bad(csv(good_lines(), "rows.xlsx"), "expected a name that ends in .csv, .tsv, .txt, .parquet"),
    "a truncated Parquet file": Bad(_truncated_parquet, "no Parquet file, or a damaged one"),
    "text as Parquet": Bad(_text_as_parquet, "no Parquet file, or a damaged one"),
    "classes with one row each": Bad(
        csv(["a,y", *(f"{n}.5,name{n}" for n in range(30))]),
        "30 of 30 classes have fewer than 3 rows, such as 'name0' with 1",
    ),
    "fewer rows than parts need": Bad(csv(good_lines(4)), "4 rows are left to learn from; at least 10 are needed"),
    "words where numbers are predicted": Bad(
        csv(good_lines()), "the target 'y' holds words, such as 'yes'; a regression needs numbers", task=REGRESSION
    ),
    "no target in any row": Bad(
        csv(["a,y", *(f"{n}.5," for n in range(30))]), "no row is left to learn from", task=REGRESSION
    ),
    "a value missing in every row, rows dropped": Bad(
        csv(["a,b,y", *(f"{n if n % 2 else ''},{'' if n % 2 else n},{'yes' if n % 3 else 'no'}" for n in range(60))]),
        "no row is left to learn from",
        missing="drop",
    ),
    "one line that never ends": Bad(csv("a," * 700_000), "the first line is longer than 1,000,000 bytes"),
    "a field that never ends": Bad(
        with_line(3, "1," + "x" * 200_000 + ",yes"), "cannot be read as a table (field larger"
    ),
    "images of one class": Bad(
        images(_one_class_of_images), "images in one folder, 'cats'; expected a folder of images"
    ),
    "words in a PNG file": Bad(images(_no_image), "not an image, whatever its name says"),
    "half an image": Bad(images(_cut_image), "the image is damaged"),
    "a regression of images": Bad(
        images(lambda _top: None), "folders of images are classes; a regression needs a table", task=REGRESSION
    ),
}


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_in_one_clear_message(bad: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if bad.free is not None:
        monkeypatch.setattr(memory, "free_memory", lambda: bad.free)
    source = bad.make(tmp_path)
    settings = DataSettings(str(source), target=bad.target, task=bad.task, missing=bad.missing)
    with pytest.raises(DataError) as caught:
        load(settings)
    message = str(caught.value)
    assert bad.words in message
    assert message.startswith(str(source))
    assert "\n" not in message
    assert len(message) < 600


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED)
def test_a_preview_of_it_works_or_says_why_not(bad: Bad, tmp_path: Path) -> None:
    source = bad.make(tmp_path)
    said = ""
    try:
        columns = preview(source).columns
    except DataError as error:
        said, columns = str(error), ()
    assert columns or said.startswith(str(source))


WORKS = {
    "fewer fields than columns": Bad(with_line(5, "1,2"), "1 row has fewer fields than there are columns"),
    "an all-NaN column": Bad(with_column("empty", lambda _n: "NaN"), "'empty' holds no values: left out"),
    "a constant column": Bad(with_column("same", lambda _n: "3"), "'same' is the same in every row: left out"),
    "a column twice": Bad(
        csv([f"{line.split(',')[0]},{line}".replace("a,a", "c,a") for line in good_lines()]),
        "'a' repeats 'c': left out",
    ),
    "duplicate header names": Bad(with_column("a", lambda n: str(n % 7)), "2 columns are called 'a'"),
    "a target with gaps": Bad(with_line(5, "1,2,"), "the target 'y' is missing in 1 row"),
    "infinite values": Bad(
        with_column("c", lambda n: "inf" if n == 3 else f"{n % 7}.5"), "'c' holds 1 infinite values"
    ),
    "mixed types": Bad(
        with_column("c", lambda n: "oops" if n == 3 else f"{n % 7}.5"), "1 values of 'c' are no numbers, such as 'oops'"
    ),
    "numbers among words": Bad(
        with_column("c", lambda n: ("red", "5", "blue")[n % 3]), "mixes 20 numbers with 40 words"
    ),
    "dates": Bad(with_column("day", lambda n: f"2024-01-{n % 28 + 1:02}"), "'day' holds dates: left out"),
    "free text": Bad(with_column("note", lambda n: f"what was seen on walk {n}"), "'note' looks like an identifier"),
    "an identifier": Bad(with_column("customer_id", lambda n: str(n * 7)), "'customer_id' looks like an identifier"),
    "a text file among images": Bad(
        images(lambda top: (top / "cats" / "notes.txt").write_text("a cat") and None),
        "cats/notes.txt is no image and is left out",
        "",
    ),
}


@pytest.mark.parametrize("bad", WORKS.values(), ids=WORKS)
def test_it_works_with_a_warning(bad: Bad, tmp_path: Path) -> None:
    source = bad.make(tmp_path)
    warnings = preview(source, target=bad.target).warnings
    assert [words for words in warnings if bad.words in words], warnings
    split = load(DataSettings(str(source), target=bad.target, task=bad.task))
    assert np.isfinite(split.train.inputs).all()
    assert split.outputs == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="everything is readable to this user")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    source = csv(good_lines())(tmp_path)
    source.chmod(0)
    with pytest.raises(DataError, match="cannot be read"):
        preview(source)


def test_a_file_that_the_system_cannot_open_is_refused_in_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = csv(good_lines())(tmp_path)

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"rows.csv: cannot be read \(Permission denied\)"):
        preview(source)
