from __future__ import annotations

import threading

from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from tuner_gui.worker.background import Background


def test_work_is_done_in_another_thread_and_answered_in_this_one(qtbot: QtBot) -> None:
    background, here = Background(), threading.get_ident()
    threads: list[QThread] = []
    background.done.connect(lambda _: threads.append(QThread.currentThread()))
    with qtbot.waitSignal(background.done) as answer:
        background.ask(threading.get_ident)
    assert answer.args is not None
    assert answer.args[0] != here
    assert threads == [background.thread()]
    background.close()


def test_only_the_latest_of_what_waits_is_worked_out(qtbot: QtBot) -> None:
    background, may_go, done = Background(), threading.Event(), list[object]()
    background.done.connect(done.append)

    def first() -> str:
        may_go.wait(5)
        return "first"

    background.ask(first)
    background.ask(lambda: "second")
    background.ask(lambda: "third")
    may_go.set()
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == ["first", "third"]
    background.close()


def test_a_mistake_in_the_work_does_no_harm(qtbot: QtBot, caplog: object) -> None:
    del caplog
    background, done = Background(), list[object]()
    background.done.connect(done.append)
    background.ask(lambda: 1 // 0)
    background.ask(lambda: "fine")
    qtbot.waitUntil(lambda: done == ["fine"])
    background.close()
