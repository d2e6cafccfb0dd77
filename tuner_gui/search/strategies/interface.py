"""What a strategy is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.space.region import Region
from tuner_gui.space.space import Space
from tuner_gui.study.definition import Objective
from tuner_gui.study.history import History

Values = dict[str, Value]


@dataclass(frozen=True, kw_only=True)
class Question:
    """All that holds when the next trial is drawn; a strategy has nothing else to go by.

    ``trial`` is the number that the trial will have, ``seed`` the study's, and ``drawn`` how many trials of this stage
    were drawn before it. Trials that are queued or still train are in the history too.
    """

    trial: int
    seed: int
    space: Space
    region: Region
    history: History
    objective: Objective
    drawn: int = 0

    def random(self, purpose: int = 0) -> np.random.Generator:
        """The same numbers whenever the same trial of the same study is drawn."""
        return np.random.default_rng((self.seed, self.trial, purpose) if purpose else (self.seed, self.trial))

    @property
    def queued(self) -> list[Mapping[str, Value]]:
        """The values of trials that were drawn and have not started, in order."""
        return [event.values for _, event in sorted(self.history.queued.items())]


class Strategy(Protocol):
    """Decides the values of the next trial, one at a time, however many train at once.

    The answer follows from the question alone, so that a study goes on in the same way after it was closed and opened:
    what a strategy remembers between two draws may only save work.
    """

    def prepare(self) -> None:
        """Import what takes long to import, before anyone waits for a draw."""

    def draw(self, question: Question) -> Values | None:
        """Values for every parameter, all inside the region; None when there is nothing left to try in it.

        Raises MissingExtraError, in words, where the strategy needs a package that is not installed.
        """
