"""Optuna's tree-structured Parzen estimator, inside regions that move.

Optuna freezes ranges: once the range of a parameter has changed, its TPE silently leaves that parameter out of the
joint model. Here every trial is told in the coordinates of the region that holds now, whatever range and scale it was
drawn from, and the sampler is asked for that region instead of what it works out from the past. So the model stays
joint over all parameters. A region, scale or set of parameters that changes means telling the trials inside anew, once.

Trials on their way are told as such: the model takes them for bad ones, so that the draws of a batch keep out of each
other's way. Only what the history holds is told, never what the sampler asked for: a study that was closed goes on in
the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tuner_gui.search.strategies.by_optuna import distributions, params_at, place_of
from tuner_gui.search.strategies.candidates import around
from tuner_gui.search.strategies.frame import Floats, Frame, Frames, Seen
from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.search.strategies.spread import SobolPoints
from tuner_gui.search.strategies.surface import spread_over
from tuner_gui.space.parameters import Value
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import Trial

START = 10
"""So many trials of the region must have ended before Optuna's model is asked: its own default."""

MOST_TOLD, REVIEW = 300, 100
"""Optuna's model takes time with every trial that it knows. Of more than so many it is told those that count: half of
them are the best, the rest are spread evenly over the others. What is left out is reviewed with each hundred trials."""

NEIGHBOURS, STEP, MOVES = 32, 0.14, 0.5
"""Where the model proposes what was tried before, these places around it are looked at instead."""


_MEASURED = (TrialState.FINISHED, TrialState.PRUNED)


class TreeParzen:
    def __init__(self) -> None:
        self._frames = Frames()
        self._seen = Seen()
        self._sobol = SobolPoints()
        self._told: _Told | None = None

    def prepare(self) -> None:
        import optuna  # noqa: F401

        self._sobol.at(0, 1, 0)

    def draw(self, question: Question) -> Values:
        frame, names = self._frames.of(question), question.space.names
        told = self._told = self._told_of(frame, question)
        told.catch_up(question)
        seen = self._seen.before(question) if frame.is_finite else set()
        for point in self._points(frame, told, question):
            values = frame.values(point)
            if Seen.key(values, names) not in seen:
                break
        return values

    def _told_of(self, frame: Frame, question: Question) -> _Told:
        told, settled = self._told, _settled(question)
        if told is None or told.frame is not frame or told.is_behind(question):
            return _Told(frame, question, settled, _left_out(frame, question, settled))
        if told.settled != settled:
            left_out = _left_out(frame, question, settled)
            if left_out != told.left_out:
                return _Told(frame, question, settled, left_out)
            told.settled = settled
        return told

    def _points(self, frame: Frame, told: _Told, question: Question) -> Iterator[Floats]:
        """Where to draw, in turn, until something is new."""
        random = question.random(4)
        if told.ended < START:
            yield self._sobol.at(question.drawn, len(frame), question.seed)
            yield from random.random((NEIGHBOURS, len(frame)))
            return
        point = told.asked(int(random.integers(2**31)))
        yield point
        yield from around(random, point[None], frame.unordered, count=NEIGHBOURS, step=STEP, moves=MOVES)


class _Told:
    """An Optuna study that knows the trials of a history which lie in a region, in the coordinates of that region, in
    the order of their numbers. ``ended`` is how many of them are over, ``left_out`` are numbers that it is not told of,
    as was found when so many trials were ``settled``."""

    def __init__(self, frame: Frame, question: Question, settled: int, left_out: set[int]) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.frame, self.settled, self.left_out = frame, settled, left_out
        self.ended = 0
        self._history = question.history
        self._direction = question.objective.direction
        self._distributions = distributions(frame)
        sampler = optuna.samplers.RandomSampler(seed=0)  # never asked
        self._study = optuna.create_study(direction=str(self._direction), sampler=sampler)
        self._study.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.RUNNING))
        # All draws are made for this one trial: the sampler leaves out of account the trial that it draws for.
        self._asking = self._study.get_trials(deepcopy=False)[0]
        self._count = 1
        self._looked_at = 0
        self._open: dict[int, tuple[int, Mapping[str, Value]]] = {}

    def is_behind(self, question: Question) -> bool:
        """Whether this is about another study, or another direction."""
        same = question.history is self._history and question.objective.direction is self._direction
        return not same or len(question.history) < self._looked_at

    def asked(self, seed: int) -> Floats:
        """The point that the model proposes, ``[d]``."""
        from optuna.samplers import TPESampler

        region = {name: one for name, one in self._distributions.items() if not one.single()}
        params = TPESampler(seed=seed).sample_relative(self._study, self._asking, region)
        return place_of(self.frame, self._distributions, params)

    def catch_up(self, question: Question) -> None:
        """Tell what was drawn, started and ended since; what was dropped before it started is taken back."""
        trials, queued = question.history.trials, question.history.queued
        new = set(range(self._looked_at + 1, len(trials) + 1)) - self.left_out
        self._looked_at = len(trials)
        for number in sorted({*self._open, *new, *queued}):
            now = trials[number - 1] if number <= len(trials) else queued.get(number)
            if number in self._open and (now is None or now.values != self._open[number][1]):
                self._close(number, None)
            if now is None:
                continue
            over = now if isinstance(now, Trial) and now.state.is_over else None
            if number not in self._open:
                self._add(number, now.values, over)
            elif over is not None:
                self._close(number, over)

    def _add(self, number: int, values: Mapping[str, Value], over: Trial | None) -> None:
        """Tell of a trial, on its way or over, if it has a place."""
        from optuna.trial import TrialState as States
        from optuna.trial import create_trial

        place = self.frame.place(values)
        state, value = (States.RUNNING, None) if over is None else _ending(over)
        if place is None or state is States.FAIL:
            return
        self._study.add_trial(
            create_trial(
                state=state, value=value, params=params_at(self.frame, self._distributions, place),
                distributions=dict(self._distributions),
            )
        )  # fmt: skip
        if over is None:
            self._open[number] = self._count, values
        self.ended += over is not None
        self._count += 1

    def _close(self, number: int, over: Trial | None) -> None:
        """Tell how a trial ended; None: it never started."""
        from optuna.trial import TrialState as States

        told, _ = self._open.pop(number)
        state, value = (States.FAIL, None) if over is None else _ending(over)
        self.ended += state is not States.FAIL
        self._study.tell(told, value, state=state)


def _ending(trial: Trial) -> tuple[Any, float | None]:
    """Optuna's state for a trial that is over, and its value. What failed or was cancelled says nothing.

    One that diverged is told as pruned before its first step, which ranks it behind all others.
    """
    from optuna.trial import TrialState as States

    if trial.state in _MEASURED and trial.value is not None and math.isfinite(trial.value):
        return States.COMPLETE, trial.value
    says_something = trial.state is TrialState.DIVERGED or (trial.state in _MEASURED and trial.value is not None)
    return (States.PRUNED if says_something else States.FAIL), None


def _settled(question: Question) -> int:
    """So many trials, in hundreds, are over without a gap: what is left out of them follows from nothing later."""
    first_open = min(question.history.progress, default=len(question.history) + 1)
    return (first_open - 1) // REVIEW * REVIEW


def _left_out(frame: Frame, question: Question, settled: int) -> set[int]:
    history = question.history
    if settled <= MOST_TOLD:
        return set()
    _, inside = frame.points(history, np.arange(settled))
    worth = question.objective.sign * history.value_column[:settled]
    measured = history.in_state(*_MEASURED)[:settled] & np.isfinite(worth)
    rows = np.flatnonzero(inside & (measured | history.in_state(TrialState.DIVERGED)[:settled]))
    ranked = rows[np.argsort(-np.where(measured, worth, -np.inf)[rows], kind="stable")]
    kept = ranked[spread_over(len(ranked), MOST_TOLD)]
    return {int(row) + 1 for row in np.setdiff1d(np.arange(settled), kept)}
