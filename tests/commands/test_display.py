"""Found out before Qt would end the program: no display, or a system library that is missing."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tuner_gui import cli
from tuner_gui.commands import display

ROOT = Path(__file__).parent.parent.parent
VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR")


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_without_any_display_the_packages_for_a_virtual_one_are_named() -> None:
    words = display.why_no_window()
    assert words is not None
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in words
    assert "apt-get install xvfb libegl1" in words
    assert "\n" not in words


def test_a_display_that_does_not_answer_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    assert "DISPLAY=:987 does not answer" in str(display.why_no_window())


def test_a_wayland_socket_that_is_not_there_is_no_display(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert "WAYLAND_DISPLAY=wayland-0 does not answer" in str(display.why_no_window())
    (tmp_path / "wayland-0").touch()
    assert display.why_no_window() is None


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600"])
def test_a_platform_without_a_screen_needs_no_display(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display.why_no_window() is None


def test_a_missing_system_library_is_named_with_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_egl(name: str) -> ModuleType:
        raise ImportError(f"libEGL.so.1: cannot open shared object file, for {name}")

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(importlib, "import_module", without_egl)
    words = str(display.why_no_window())
    assert "a system library that Qt needs is missing (libEGL.so.1:" in words
    assert f"sudo apt-get install {display.QT_PACKAGES}" in words


def test_a_library_that_cannot_be_loaded_is_found_before_qt_aborts_over_it(tmp_path: Path) -> None:
    broken = tmp_path / "libqxcb.so"
    broken.write_bytes(b"\x7fELF")
    assert "libqxcb.so" in str(display._loading_error(broken))


def test_the_packages_are_those_that_the_packaging_script_installs() -> None:
    script = (ROOT / "packaging" / "debian-qt.sh").read_text()
    wanted = re.search(r'^wanted="(.*?)"', script, re.DOTALL | re.MULTILINE)
    assert wanted is not None
    assert sorted(wanted[1].split()) == sorted(shlex.split(display.QT_PACKAGES))


def test_where_a_window_can_be_shown_it_is_opened_on_the_study(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from study_files import make_study

    asked: list[tuple[object, dict]] = []

    def run_window(path: Path | None = None, **options: object) -> int:
        asked.append((path, options))
        return 7

    app = ModuleType("tuner_gui.gui.app")
    app.run_window = run_window
    monkeypatch.setitem(sys.modules, "tuner_gui.gui.app", app)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    study = make_study(tmp_path / "digits.tuner")
    assert [cli.main(arguments) for arguments in ([], [str(study)], ["demo"], ["demo", "--trials", "5"])] == [7] * 4
    assert asked == [(None, {}), (study, {}), (None, {"demo": True, "trials": 20}), (None, {"demo": True, "trials": 5})]
