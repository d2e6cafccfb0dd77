"""Optuna's samplers, asked and told one trial at a time, inside regions that move.

Optuna freezes ranges: once the range of a parameter has changed, its TPE silently leaves that parameter out of the
joint model. Here every trial is told in the coordinates of the region that holds now, whatever range and scale it was
drawn from, and the sampler is given that region instead of working it out from the past. So the model stays joint over
all parameters. A region, scale or set of parameters that changes means telling the trials inside anew, once.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner_gui.search.strategies.extras import needs
from tuner_gui.search.strategies.frame import Floats, Frame, Frames, Seen
from tuner_gui.search.strategies.interface import Question, Values
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import Trial

if TYPE_CHECKING:
    import optuna

# Fewer different values than this are told as what they are, more as a continuum.
MOST_STEPS = 32
TRIES = 8

Distributions = Mapping[str, Any]


class OptunaStrategy:
    """``make_sampler`` gives a sampler for a seed and the distributions of the region. Trials that diverged count as
    the worst, those that failed or were cancelled say nothing, those in training are known to be on their way."""

    def __init__(self, make_sampler: Callable[[int, Distributions], Any]) -> None:
        self._make_sampler = make_sampler
        self._frames = Frames()
        self._seen = Seen()
        self._told: _Told | None = None

    def prepare(self) -> None:
        import optuna  # noqa: F401

    def draw(self, question: Question) -> Values:
        frame, names = self._frames.of(question), question.space.names
        if self._told is None or self._told.frame is not frame or self._told.is_behind(question):
            self._told = _Told(frame, question)
        told = self._told
        told.catch_up(question)
        seen = self._seen.before(question) if frame.is_finite else set()
        seeds = question.random(4).integers(2**31, size=TRIES).tolist()
        for number, seed in enumerate(seeds, start=1):
            told.study.sampler = self._make_sampler(seed, told.distributions)
            asked = told.ask()
            values = frame.values(place_of(frame, told.distributions, asked.params))
            if number == TRIES or Seen.key(values, names) not in seen:
                told.drawn[question.trial] = (asked, values)
                return values
            told.forget(asked)
        raise AssertionError("the last try always returns")


class _Told:
    """An Optuna study that knows the trials of a history which lie in a region, in the coordinates of that region."""

    def __init__(self, frame: Frame, question: Question) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.frame = frame
        self.history = question.history
        self.direction = question.objective.direction
        self.distributions = distributions(frame)
        self.study = optuna.create_study(direction=str(self.direction))
        self.drawn: dict[int, tuple[optuna.Trial, Values]] = {}
        self._open: set[int] = set()
        self._looked_at = 0

    def is_behind(self, question: Question) -> bool:
        """Whether this is about another study, or another direction."""
        same = question.history is self.history and question.objective.direction is self.direction
        return not same or len(question.history) < self._looked_at

    def catch_up(self, question: Question) -> None:
        """Tell what has ended since, and forget what was dropped before it started."""
        trials = question.history.trials
        new = range(self._looked_at + 1, len(trials) + 1)
        self._looked_at = len(trials)
        self._open.update(new)
        for number in [number for number in self._open if trials[number - 1].state.is_over]:
            self._open.discard(number)
            self._tell(trials[number - 1], question)
        for number in [n for n in self.drawn if n > len(trials) and n not in question.history.queued]:
            self.forget(self.drawn.pop(number)[0])

    def ask(self) -> optuna.Trial:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # samplers fall back to random for what they cannot model, and say so
            return self.study.ask(dict(self.distributions))

    def forget(self, asked: optuna.Trial) -> None:
        import optuna

        self.study.tell(asked, state=optuna.trial.TrialState.FAIL)

    def _tell(self, trial: Trial, question: Question) -> None:
        import optuna

        value, states = self._value(trial, question), optuna.trial.TrialState
        asked, values = self.drawn.pop(trial.number, (None, None))
        if asked is not None and values == dict(trial.values):
            self.study.tell(asked, value, state=states.FAIL if value is None else states.COMPLETE)
            return
        if asked is not None:
            self.forget(asked)
        place = self.frame.place(trial.values)
        if value is None or place is None:
            return
        params = params_at(self.frame, self.distributions, place)
        self.study.add_trial(
            optuna.trial.create_trial(params=params, distributions=dict(self.distributions), value=value)
        )

    def _value(self, trial: Trial, question: Question) -> float | None:
        """What the trial is worth as evidence."""
        if trial.state in (TrialState.FINISHED, TrialState.PRUNED) and trial.value is not None:
            return trial.value if math.isfinite(trial.value) else self._worst(question)
        return self._worst(question) if trial.state is TrialState.DIVERGED else None

    @staticmethod
    def _worst(question: Question) -> float | None:
        values = question.history.value_column
        values = values[np.isfinite(values)]
        if not len(values):
            return None
        return float(values.min() if question.objective.sign > 0 else values.max())


def distributions(frame: Frame) -> dict[str, Any]:
    """The region in Optuna's words: names for what has no order, whole numbers for few steps, else 0 to 1."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    made: dict[str, Any] = {}
    for column, name in enumerate(frame.space.names):
        size = int(frame.sizes[column])
        if frame.unordered[column]:
            made[name] = CategoricalDistribution([str(index) for index in range(size)])
        elif 0 < size <= MOST_STEPS and frame.is_even(column):
            made[name] = IntDistribution(0, size - 1)
        else:
            made[name] = FloatDistribution(0.0, 1.0)
    return made


def place_of(frame: Frame, region: Distributions, params: Mapping[str, Any]) -> Floats:
    """The place in the region's cube of what Optuna names; what is not named is in the middle."""
    place = np.full(len(frame), 0.5)
    for column, (name, distribution) in enumerate(region.items()):
        if name in params:
            is_float = distribution.__class__.__name__ == "FloatDistribution"
            place[column] = params[name] if is_float else (int(params[name]) + 0.5) / frame.sizes[column]
    return place


def params_at(frame: Frame, region: Distributions, place: Floats) -> dict[str, Any]:
    """A place in the region's cube in Optuna's words."""
    params: dict[str, Any] = {}
    for column, (name, distribution) in enumerate(region.items()):
        if distribution.__class__.__name__ == "FloatDistribution":
            params[name] = float(place[column])
            continue
        size = int(frame.sizes[column])
        index = min(int(place[column] * size), size - 1)
        params[name] = str(index) if frame.unordered[column] else index
    return params


def cma_es() -> OptunaStrategy:
    """Optuna's CMA-ES, by the package ``cmaes``. Starts anew in each region; what has no order it draws at random."""
    needs("cmaes", extra="samplers", what="the strategy cma-es")
    return OptunaStrategy(_cma_es_sampler)


def _cma_es_sampler(seed: int, region: Distributions) -> Any:
    from optuna.samplers import CmaEsSampler

    class InRegion(CmaEsSampler):  # type: ignore[misc]
        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            del study, trial
            return {
                name: d
                for name, d in region.items()
                if not d.single() and d.__class__.__name__ != "CategoricalDistribution"
            }

    return InRegion(seed=seed, warn_independent_sampling=False)
