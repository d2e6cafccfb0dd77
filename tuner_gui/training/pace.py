"""How much work fits into one chunk, so that pause, stop and a new value take effect at once."""

from __future__ import annotations

CHUNK_SECONDS = 0.08
"""What a chunk aims at; it is to stay below 0.1 s."""

_GROWTH = 4


class Pace:
    """The number of steps in the next chunk, learned from how long the chunks before it took."""

    def __init__(self, chunk_seconds: float = CHUNK_SECONDS) -> None:
        self.steps = 1
        self._chunk_seconds = chunk_seconds

    def note(self, steps: int, seconds: float) -> None:
        """A chunk of so many steps took so long. A short chunk says little, so the next is at most a few times that."""
        affordable = int(self._chunk_seconds * steps / max(seconds, 1e-6))
        self.steps = max(1, min(affordable, _GROWTH * max(self.steps, steps)))

    def rescale(self, lanes: int, before: int) -> None:
        """A step is now one of so many lanes: more of them take longer."""
        self.steps = max(1, self.steps * min(before, lanes) // max(lanes, 1))
