"""A command in a process of its own, from the window's side."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from tuner_gui.assets import asset
from tuner_gui.worker.errand import Errand

DEMO = str(asset("demo.tuner"))


def said(qtbot: QtBot, *arguments: str) -> list[object]:
    errand = Errand(arguments)
    with qtbot.waitSignal(errand.destroyed, timeout=30_000), qtbot.waitSignal(errand.ended, timeout=30_000) as waiter:
        errand.start()
    return list(waiter.args)


def test_it_tells_what_the_command_said(qtbot: QtBot, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert said(qtbot, "export", DEMO, "--to", "csv", "--out", str(out)) == [True, f"{out}: 60 trials"]


def test_it_tells_why_the_command_failed(qtbot: QtBot, tmp_path: Path) -> None:
    done, words = said(qtbot, "export", DEMO, "--to", "cvs", "--out", str(tmp_path / "x"))
    assert done is False
    assert str(words).startswith("--to cvs: expected one of csv")


def test_one_that_is_given_up_ends_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    errand = Errand(["export", DEMO, "--to", "html", "--out", str(tmp_path / "x.html")])
    with qtbot.waitSignal(errand.destroyed), qtbot.waitSignal(errand.ended) as waiter:
        errand.start()
        errand.give_up()
    assert list(waiter.args) == [False, "the process was ended"]
    assert not (tmp_path / "x.html").exists()
