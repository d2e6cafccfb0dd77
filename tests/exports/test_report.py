"""The report is one page that needs nothing else, and takes nothing of a study for markup."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tuner_gui.assets import asset
from tuner_gui.exports import report_words
from tuner_gui.exports.report import report_of
from tuner_gui.study.definition import Task, new_definition
from tuner_gui.study.file import StudyFile, open_study
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan

_VOID = {"meta", "br"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Page(HTMLParser):
    """What is in a page; whether every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data + " "


def page_of(file: StudyFile) -> Page:
    return Page(report_of(file.path.name, file.log.plan, file.history))


def test_it_needs_nothing_from_elsewhere(demo: StudyFile) -> None:
    text = report_of("demo.tuner", demo.log.plan, demo.history)
    page = Page(text)
    assert page.open == []
    assert page.links == []
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text


def test_what_a_study_says_is_text(study: StudyFile) -> None:
    """The name, a reason and a note of this study are markup."""
    page = page_of(study)
    assert "script" not in page.tags
    assert page.words.count("<script>alert(1)</script>") >= 3
    assert page.open == []


def test_it_tells_space_stages_best_trials_and_versions(demo: StudyFile) -> None:
    page = page_of(demo)
    words = " ".join(page.words.split())
    for title in ("In words", "Course of the search", "Best trials", "Parameters", "Importance", "Space", "Stages"):
        assert title in words
    for words_of in ("#6 0.9722", "learning_rate log-uniformly from 1e-4 to 1", "60 % to train on", "tensorflow"):
        assert words_of in words
    # The course, the curves, the importance, and a slice for each parameter.
    assert page.tags.count("svg") == 3 + len(demo.log.plan.space)


def test_every_place_in_a_plot_is_a_number_inside_of_it(demo: StudyFile) -> None:
    text = report_of("demo.tuner", demo.log.plan, demo.history)
    for width, height, content in re.findall(r'<svg viewBox="0 0 (\d+) (\d+)".*?>(.*?)</svg>', text, re.DOTALL):
        places = re.findall(r"M(\S+) (\S+?)h0", content) + re.findall(r"([\d.-]+),([\d.-]+)", content)
        numbers = np.array(places, dtype=float).reshape(-1, 2)
        assert np.isfinite(numbers).all()
        assert (numbers >= 0).all()
        assert (numbers <= [float(width), float(height)]).all()


def test_a_study_without_trials_has_a_report_too(tmp_path: Path) -> None:
    from study_files import make_study

    with open_study(make_study(tmp_path / "e.tuner"), read_only=True) as file:
        words = page_of(file).words
    assert "No trial has finished yet." in words


def test_where_a_person_keeps_their_data_is_not_told(demo: StudyFile) -> None:
    plan = demo.log.plan
    data = replace(plan.definition.data, source="/home/someone/private/mine.csv", task=Task.CLASSIFICATION)
    text = report_of("demo.tuner", replace(plan, definition=replace(plan.definition, data=data)), demo.history)
    assert "mine.csv" in text
    assert "private" not in text


def test_the_methods_say_what_the_best_rests_on(study: StudyFile) -> None:
    paragraphs = report_words.methods(study.log.plan, study.history)
    assert "2 finished, 1 pruned, 1 diverged, 1 failed, 1 cancelled" in paragraphs[1]
    assert "a single run" in paragraphs[2]
    assert "the test part was not used" in paragraphs[2]


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no browser is installed")
@pytest.mark.parametrize("scheme", ["0", "1"], ids=["dark", "light"])
def test_a_browser_shows_it_in_both_colour_schemes(scheme: str, tmp_path: Path) -> None:
    from PySide6.QtGui import QImage

    with open_study(asset("demo.tuner"), read_only=True) as file:
        (tmp_path / "r.html").write_text(report_of("demo.tuner", file.log.plan, file.history))
    browser = next(found for found in map(shutil.which, BROWSERS) if found)
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1100,1400",
        f"--user-data-dir={tmp_path / 'profile'}", f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={tmp_path / 'r.png'}", (tmp_path / "r.html").as_uri(),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    picture = QImage(str(tmp_path / "r.png"))
    assert not picture.isNull(), run.stderr
    ground = picture.pixelColor(5, 5).name()
    assert ground == ("#16181d" if scheme == "0" else "#ffffff")
    colors = {picture.pixelColor(x, y).name() for x in range(60, 1000, 7) for y in range(40, 1350, 7)}
    assert {"#ff9a5c", "#416d8c"} <= colors if scheme == "0" else {"#d55e00", "#8fb8d6"} <= colors


def test_a_report_says_what_network_it_was() -> None:
    plan = first_plan(new_definition("digits", kind="cnn"))
    assert "A convolutional network was trained for 20 epochs" in " ".join(report_words.methods(plan, History()))
