from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from tuner_gui.study.events import TrialProgress
from tuner_gui.worker.pump import EventPump


@pytest.fixture
def pump(qtbot: QtBot) -> EventPump:
    return EventPump()


def test_events_of_another_thread_arrive_in_the_window_s_thread_in_order(qtbot: QtBot, pump: EventPump) -> None:
    batches: list[list] = []
    threads: set[int] = set()

    def on_batch(batch: list) -> None:
        batches.append(batch)
        threads.add(threading.get_ident())

    pump.batch_ready.connect(on_batch)
    events = [TrialProgress(1, i / 5000) for i in range(5000)]
    sender = threading.Thread(target=lambda: [pump.put(event) for event in events])
    sender.start()
    sender.join()
    qtbot.waitUntil(lambda: sum(map(len, batches)) == 5000)
    assert [event for batch in batches for event in batch] == events
    assert threads == {threading.get_ident()}


def test_a_flood_comes_in_few_batches(qtbot: QtBot, pump: EventPump) -> None:
    batches: list[list] = []
    pump.batch_ready.connect(batches.append)
    for i in range(1000):
        pump.put(TrialProgress(1, i / 1000))
    qtbot.waitUntil(lambda: sum(map(len, batches)) == 1000)
    assert len(batches) <= 3


def test_a_pump_at_rest_has_no_timer_running(qtbot: QtBot, pump: EventPump) -> None:
    from PySide6.QtCore import QTimer

    with qtbot.waitSignal(pump.batch_ready):
        pump.put(TrialProgress(1, 0.5))
    assert not pump.findChild(QTimer).isActive()
