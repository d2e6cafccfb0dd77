"""The report is one page that needs nothing else, and takes nothing of a study for markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from studies import make_history, make_plan

from tuner_gui.data.builtin import LOADERS
from tuner_gui.data.fingerprint import Fingerprint
from tuner_gui.exports import report_words
from tuner_gui.exports.report import report_of
from tuner_gui.exports.report_known import Known, known_of
from tuner_gui.study.definition import Task, new_definition
from tuner_gui.study.events import TrialStarted
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.history import History
from tuner_gui.study.own_model import KeptModel
from tuner_gui.study.stages import first_plan

_VOID = {"meta", "br"}


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


def test_data_and_model_file_are_told_by_their_content(demo: StudyFile) -> None:
    known = Known(
        Fingerprint(2_048, 1_700_000_000_000_000_000, 1, "ab" * 32), "net.py", "cd" * 32, "2026-01-02", "tuner-gui 9"
    )
    plan = demo.log.plan
    data = replace(plan.definition.data, source="/home/someone/private/mine.csv", target="y", task=Task.REGRESSION)
    definition = replace(
        plan.definition, data=data, model=replace(plan.definition.model, python="/home/someone/net.py")
    )
    text = report_of("demo.tuner", replace(plan, definition=definition), demo.history, known)
    words = " ".join(Page(text).words.split())
    for expected in ("2,048 bytes", "2023-11-14 22:13 UTC", "ab" * 32, "net.py", "cd" * 32, "Tuner 9", "2026-01-02"):
        assert expected in words
    assert "mine.csv (SHA-256 abababababababab…), with y to predict, were split" in words
    assert "missing values were filled with the median" in words
    assert "/home" not in text


def test_the_facts_of_a_study_file_are_read_from_it(tmp_path: Path) -> None:
    fact = json.dumps({"size": 7, "modified": 0, "files": 1, "sha256": "e" * 64})
    kept = KeptModel("/somewhere/net.py", "f" * 64, "text")
    with create(tmp_path / "s.tuner", new_definition("digits"), model=kept, facts={"data": fact}) as file:
        known = known_of(file)
    assert known.data == Fingerprint(7, 0, 1, "e" * 64)
    assert (known.model, known.model_sha256) == ("net.py", "f" * 64)
    assert known.program.startswith("tuner-gui ")


def test_the_numbers_of_rows_are_those_of_the_data() -> None:
    for name, count in report_words.ROWS.items():
        assert len(LOADERS[name]()[1]) == count


def test_repeats_pruning_and_effort_are_told(study: StudyFile) -> None:
    plan = study.log.plan
    pruned = replace(
        plan, definition=replace(plan.definition, search=replace(plan.definition.search, pruning="median"))
    )
    again = study.history.trial(2)
    study.history.apply(TrialStarted(7, plan.stage, again.values, 9, again.started_at, again.fixed, {"repeats": 2}))
    words = report_words.methods(pruned, study.history)[1]
    assert "1 of the trials repeat earlier ones with other seeds" in words
    assert "by the median rule" in words
    assert "Training took" in words


def test_those_who_cannot_see_it_are_told_what_tables_and_plots_are(demo: StudyFile) -> None:
    text = report_of("demo.tuner", demo.log.plan, demo.history)
    assert '<html lang="en">' in text
    assert text.count("<h1>") == text.count("<main>") == 1
    assert text.count("<caption") == text.count("<table") > 4
    assert text.count('role="img" aria-label="') == text.count("<svg")
    assert "<th>" not in text


@pytest.mark.slow
def test_ten_thousand_trials_stay_a_page_that_can_be_sent() -> None:
    plan = make_plan()
    assert len(report_of("big.tuner", plan, make_history(plan, 10_000)).encode()) < 5_000_000


def test_a_report_says_what_network_it_was() -> None:
    plan = first_plan(new_definition("digits", kind="cnn"))
    assert "A convolutional network was trained for 20 epochs" in " ".join(report_words.methods(plan, History()))
