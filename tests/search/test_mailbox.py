from __future__ import annotations

import threading
from multiprocessing.connection import wait

from tuner_gui.search.commands import AddNote, Pause, Resume, Stop
from tuner_gui.search.mailbox import Mailbox


def test_commands_come_out_in_order_and_ring_until_they_are_taken() -> None:
    mailbox = Mailbox()
    assert not wait([mailbox.waitable], timeout=0)
    for command in (Pause(), Resume(), Stop()):
        mailbox.post(command)
    assert wait([mailbox.waitable], timeout=0)
    assert mailbox.take() == [Pause(), Resume(), Stop()]
    assert not wait([mailbox.waitable], timeout=0)
    assert mailbox.take() == []
    mailbox.close()


def test_nothing_is_lost_when_many_threads_post() -> None:
    mailbox = Mailbox()

    def post_some(start: int) -> None:
        for trial in range(start, start + 500):
            mailbox.post(AddNote(trial, "x"))

    threads = [threading.Thread(target=post_some, args=(start,)) for start in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    taken: list[int] = []
    while len(taken) < 1500:
        assert wait([mailbox.waitable], timeout=5)
        taken += [command.trial for command in mailbox.take()]
    for thread in threads:
        thread.join()
    assert sorted(taken) == [*range(500), *range(1000, 1500), *range(2000, 2500)]
    mailbox.close()


def test_posting_to_a_closed_mailbox_is_harmless() -> None:
    mailbox = Mailbox()
    mailbox.close()
    mailbox.post(Stop())
