"""The places of trials whose results are on their way, kept from one draw to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tuner_gui.search.strategies.frame import Floats, Frame
from tuner_gui.search.strategies.interface import Question
from tuner_gui.space.parameters import Value


class PendingPlaces:
    """Works out the place of each trial once: from draw to draw usually one is added."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._known: dict[int, tuple[Mapping[str, Value], Floats]] = {}

    def of(self, frame: Frame, question: Question) -> Floats:
        """Of the trials in training, then of those that are queued, in order of their numbers, ``[p, d]``."""
        before = self._known if frame is self._frame else {}
        self._frame, self._known = frame, {}
        for number, drawn, fixed in _on_their_way(question):
            known = before.get(number)
            if known is not None and known[0] == drawn:
                self._known[number] = known
                continue
            place = frame.place({**fixed, **drawn})
            if place is not None:
                self._known[number] = drawn, place
        places = [place for _, place in self._known.values()]
        return np.concatenate(places).reshape(-1, len(frame)) if places else np.empty((0, len(frame)))


def _on_their_way(question: Question) -> Iterator[tuple[int, Mapping[str, Value], Mapping[str, Value]]]:
    """Numbers, the values that were drawn and those that were fixed."""
    history = question.history
    for number in sorted(history.progress):
        trial = history.trials[number - 1]
        yield number, trial.values, trial.fixed
    for number in sorted(history.queued):
        yield number, history.queued[number].values, {}
