"""Files that come with the program, in a checkout and when installed; the demo copy is the person's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuner_gui import assets


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the package would lie, with nothing around it."""
    folder = tmp_path / "site-packages" / "tuner_gui"
    folder.mkdir(parents=True)
    monkeypatch.setattr(assets, "__file__", str(folder / "assets.py"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return folder


def put(folder: Path, words: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo.tuner"
    path.write_text(words)
    return path


def test_a_file_is_found_beside_the_package_and_inside_it(package: Path) -> None:
    beside = put(package.parent / "resources", "checkout")
    assert assets.asset("demo.tuner") == beside
    inside = put(package / "resources", "wheel")
    assert assets.asset("demo.tuner") == inside


def test_a_file_that_is_lacking_is_named(package: Path) -> None:
    with pytest.raises(assets.MissingAssetError, match="lacks its file resources/demo"):
        assets.demo_copy()


def test_the_demo_is_copied_once_and_then_the_persons_own(package: Path, tmp_path: Path) -> None:
    put(package / "resources", "as delivered")
    copy = assets.demo_copy()
    assert copy == tmp_path / "data" / "tuner" / "demo.tuner"
    assert copy.read_text() == "as delivered"
    copy.write_text("with my trials")
    assert assets.demo_copy().read_text() == "with my trials"
    assert [file.name for file in copy.parent.iterdir()] == ["demo.tuner"]


def test_two_programs_that_copy_at_once_leave_one_whole_copy(package: Path, tmp_path: Path) -> None:
    source = put(package / "resources", "as delivered")
    target = put(tmp_path / "data", "the other was faster")
    assets._copy_new(source, target)
    assert target.read_text() == "the other was faster"
    assert [file.name for file in target.parent.iterdir()] == ["demo.tuner"]
