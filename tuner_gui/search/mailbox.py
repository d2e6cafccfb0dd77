"""Where commands from other threads wait for the session, and what wakes it."""

from __future__ import annotations

import queue
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from tuner_gui.search.commands import Command


class Mailbox:
    """Commands in the order in which they were posted. ``post`` is for any thread, the rest for the session's."""

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        # A pipe and not a condition: the session waits for commands and for the engine's connections at once.
        self._reader, self._writer = Pipe(duplex=False)
        self._lock = threading.Lock()
        self._rung = False

    def post(self, command: Command) -> None:
        self._commands.put(command)
        with self._lock:
            if not self._rung and not self._writer.closed:
                self._rung = True
                self._writer.send_bytes(b"!")

    @property
    def waitable(self) -> Connection:
        """Ready, for ``multiprocessing.connection.wait``, while there are commands."""
        return self._reader

    def take(self) -> list[Command]:
        with self._lock:
            if self._rung:
                self._reader.recv_bytes()
                self._rung = False
        taken = []
        while not self._commands.empty():
            taken.append(self._commands.get())
        return taken

    def close(self) -> None:
        with self._lock:
            self._reader.close()
            self._writer.close()
