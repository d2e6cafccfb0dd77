"""The report in a real browser: Debian's Chromium opens it, and what is on the picture is looked at."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from studies import make_history

from tuner_gui.exports.report import report_of
from tuner_gui.study.definition import new_definition
from tuner_gui.study.stages import first_plan

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 100
DESKTOP, PHONE = (1280, 1500), (390, 1500)
NASTY = '<script>document.title = "run"</script>'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not any(map(shutil.which, BROWSERS)), reason="no browser is installed (see packaging/debian-browser.sh)"
    ),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of 80 trials whose study has markup for a name."""
    plan = first_plan(new_definition("digits", name=f"digits {NASTY}"))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_of("digits.tuner", plan, make_history(plan, 80)), encoding="utf-8")
    return path


def browse(page: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    browser = next(found for found in map(shutil.which, BROWSERS) if found)
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
        "--virtual-time-budget=2000", "--force-device-scale-factor=1", f"--user-data-dir={folder / 'profile'}",
        *arguments, page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


def complaints(run: subprocess.CompletedProcess[str]) -> list[str]:
    """What the page made the browser write on its console."""
    return [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def on_a_phone(page: Path, folder: Path) -> Path:
    """No window is as narrow as a phone; a frame is."""
    around = folder / "phone.html"
    width, height = PHONE
    frame = f'<iframe src="{page.as_uri()}" style="border:0;width:{width}px;height:{height}px"></iframe>'
    around.write_text(f'<!DOCTYPE html><body style="margin:0;background:#123456">{frame}')
    return around


def picture_of(page: Path, folder: Path, *, dark: bool, size: tuple[int, int]) -> QImage:
    phone = size == PHONE
    shown = on_a_phone(page, folder) if phone else page
    run = browse(
        shown, folder, f"--window-size={600 if phone else size[0]},{size[1]}",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--screenshot={folder / 'r.png'}",
    )  # fmt: skip
    picture = QImage(str(folder / "r.png"))
    assert not picture.isNull(), run.stderr
    assert complaints(run) == []
    return picture.copy(0, 0, *size) if phone else picture


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_browser_shows_it_without_complaint(page: Path, size: tuple[int, int], dark: bool, tmp_path: Path) -> None:
    picture = picture_of(page, tmp_path, dark=dark, size=size)
    assert picture.pixelColor(5, 5).name() == ("#16181d" if dark else "#ffffff")
    width, height = size
    colors = [picture.pixelColor(x, y).name() for x in range(0, width, 3) for y in range(0, height, 3)]
    # Text and plots, from the top to the bottom, within the width.
    assert len(set(colors)) > 100
    assert {"#ff9a5c", "#416d8c"} <= set(colors) if dark else {"#d55e00", "#8fb8d6"} <= set(colors)
    for top in range(0, height, 300):
        inked = {picture.pixelColor(x, y).name() for x in range(0, width, 2) for y in range(top, top + 300, 2)}
        assert len(inked) > 5, top


def test_the_page_says_what_it_holds_and_runs_nothing(page: Path, tmp_path: Path) -> None:
    run = browse(page, tmp_path, "--dump-dom")
    assert complaints(run) == []
    assert "&lt;script&gt;document.title" in run.stdout
    assert "<title>run" not in run.stdout
    for expected in ("<h2>In words</h2>", "<h2>Best trials</h2>", "<h2>Importance</h2>", "<h2>Data and versions</h2>"):
        assert expected in run.stdout
    assert run.stdout.count("<svg") == 9


def test_it_can_be_printed(page: Path, tmp_path: Path) -> None:
    browse(page, tmp_path, f"--print-to-pdf={tmp_path / 'r.pdf'}", "--no-pdf-header-footer")
    content = (tmp_path / "r.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert 2 <= content.count(b"/Type /Page\n") <= 8
