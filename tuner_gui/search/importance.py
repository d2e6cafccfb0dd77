"""Which parameters matter in a study, measured, beside the textbook's order; and which of them act together.

The measure is PED-ANOVA (Watanabe, Bansal and Hutter 2023, by Optuna): a parameter matters as much as the best trials
lie elsewhere on it than all trials do. How far that can be trusted is found by resampling the trials: what ranks second
in one sample and fifth in the next is not said to rank third.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tuner_gui.search.strategies.by_optuna import distributions, params_at
from tuner_gui.search.strategies.evidence import normal_scores, scores_of
from tuner_gui.search.strategies.frame import Floats, Frame
from tuner_gui.space.region import Region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import tier
from tuner_gui.study.definition import Objective
from tuner_gui.study.history import History

Levels = NDArray[np.intp]

FEWEST_TRIALS = 20
MOST_TRIALS = 500
"""Of more, the latest."""

RESAMPLES = 24
TOP_SHARE, FEWEST_TOP = 0.1, 5
LEVELS = 3
"""Into so many parts each parameter is cut to see whether two of them act together."""

SHUFFLES = 200
MOST_CHANCE = 0.01
SMALLEST_SHARE = 0.02


@dataclass(frozen=True)
class ParameterImportance:
    """``share`` of all parameters together, in [0, 1]; 9 of 10 resamples lie from ``low`` to ``high``, and have its
    rank (1 is first) from ``first`` to ``last``. ``tier`` is the textbook's, None where it gives no place."""

    name: str
    share: float
    low: float
    high: float
    first: int
    last: int
    tier: int | None


@dataclass(frozen=True)
class Pair:
    """Two parameters whose effects do not add up: ``share`` of the spread of the results is explained by both together
    beyond what each explains by itself."""

    names: tuple[str, str]
    share: float


@dataclass(frozen=True)
class Importances:
    """``parameters``, the most important first, from so many ``trials``; empty, with the reason, where too few tell."""

    parameters: tuple[ParameterImportance, ...]
    pairs: tuple[Pair, ...]
    trials: int
    reason: str = ""


@dataclass(frozen=True)
class Gathered:
    """What is measured: the places ``[n, d]`` and the ranks' normal scores ``[n]`` of the trials in a region."""

    frame: Frame
    points: Floats
    scores: Floats


def gathered(space: Space, region: Region, history: History, objective: Objective) -> Gathered:
    """Quick, and a copy: what follows may happen in another thread."""
    frame = Frame(space, region)
    points, inside = frame.points(history)
    scores, told = scores_of(history, objective)
    rows = np.flatnonzero(inside & told)[-MOST_TRIALS:]
    return Gathered(frame, points[rows], normal_scores(scores[rows]) if len(rows) else scores[rows])


def measured(known: Gathered) -> Importances:
    """Takes about a second with 500 trials: not for the window's thread."""
    space, count = known.frame.space, len(known.points)
    if count < FEWEST_TRIALS:
        return Importances((), (), count, f"needs {FEWEST_TRIALS} trials in this region, there are {count}")
    if len(space) < 2:
        return Importances((), (), count, "needs two parameters to compare")
    random = np.random.default_rng(0)
    whole = _ped_anova(known.frame, known.points, known.scores)
    samples = [random.integers(count, size=count) for _ in range(RESAMPLES)]
    shares = np.array([_ped_anova(known.frame, known.points[rows], known.scores[rows]) for rows in samples])
    return Importances(_ranked(space, whole, shares), interactions(known.frame, known.points, known.scores), count)


def importances(space: Space, region: Region, history: History, objective: Objective) -> Importances:
    """What the trials inside the region say of the parameters, at once."""
    return measured(gathered(space, region, history, objective))


def _ped_anova(frame: Frame, points: Floats, scores: Floats) -> Floats:
    """The share of each parameter, ``[d]``; all 0 where the trials do not tell them apart."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    names = distributions(frame)
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [
            optuna.trial.create_trial(params=params_at(frame, names, point), distributions=names, value=float(score))
            for point, score in zip(points, scores, strict=True)
        ]
    )
    top = min(0.5, max(TOP_SHARE, FEWEST_TOP / len(points)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(target_quantile=top))
    shares = np.array([found.get(name, 0.0) for name in frame.space.names])
    return shares / shares.sum() if shares.sum() > 0 else shares


def _ranked(space: Space, whole: Floats, shares: Floats) -> tuple[ParameterImportance, ...]:
    ranks = 1 + np.argsort(np.argsort(-shares, axis=1, kind="stable"), axis=1)
    first, last = np.quantile(ranks, [0.05, 0.95], axis=0)
    low, high = np.quantile(shares, [0.05, 0.95], axis=0)
    return tuple(
        ParameterImportance(
            name=space.names[column], share=float(whole[column]), low=float(low[column]), high=float(high[column]),
            first=round(first[column]), last=round(last[column]), tier=tier(space.names[column]),
        )
        for column in np.argsort(-whole, kind="stable")
    )  # fmt: skip


def interactions(frame: Frame, points: Floats, scores: Floats) -> tuple[Pair, ...]:
    """The pairs that act together, the strongest first: two-way analysis of variance over a few levels of each.

    A pair counts if shuffling what the two leave unexplained by themselves hardly ever (1 in 100, shared by all pairs)
    explains as much.
    """
    random = np.random.default_rng(1)
    levels = [_levels(frame, points, column) for column in range(len(frame))]
    total = float(np.square(scores - scores.mean()).sum()) or 1.0
    pairs = list(combinations(range(len(frame)), 2))
    orders = np.array([random.permutation(len(scores)) for _ in range(SHUFFLES)])
    found = []
    for first, second in pairs:
        apart = _basis(np.hstack([_one_hot(levels[first]), _one_hot(levels[second])]))
        both = _basis(_one_hot(levels[first] * LEVELS * 8 + levels[second]))
        left = scores - apart @ (apart.T @ scores)
        together = _explained(both, left) - _explained(apart, left)
        by_chance = np.array([_explained(both, left[o]) - _explained(apart, left[o]) for o in orders])
        chance = (1 + np.count_nonzero(by_chance >= together)) / (1 + SHUFFLES)
        share = (together - float(by_chance.mean())) / total
        if chance <= max(MOST_CHANCE, 1 / (1 + SHUFFLES)) and share >= SMALLEST_SHARE:
            found.append(Pair((frame.space.names[first], frame.space.names[second]), share))
    return tuple(sorted(found, key=lambda pair: -pair.share))


def _levels(frame: Frame, points: Floats, column: int) -> Levels:
    """Each trial's level, ``[n]``: the choice itself, or which third of the trials it belongs to on this parameter."""
    places, size = points[:, column], int(frame.sizes[column])
    if frame.is_choice(column):
        return np.minimum((places * size).astype(np.intp), size - 1)
    cuts = np.quantile(places, np.arange(1, LEVELS) / LEVELS)
    return np.asarray(np.searchsorted(cuts, places, side="right"), dtype=np.intp)


def _one_hot(levels: Levels) -> Floats:
    return np.asarray(levels[:, None] == np.unique(levels)[None], dtype=np.float64)


def _basis(columns: Floats) -> Floats:
    """Orthonormal columns that span the same."""
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left[:, sizes > 1e-9 * sizes[0]])


def _explained(basis: Floats, values: Floats) -> float:
    return float(np.square(basis.T @ values).sum())


def rank_words(importance: ParameterImportance, count: int) -> str:
    """What a study says of one parameter beside the textbook, no surer than the resamples are:
    "in this study dropout ranks 4th of 7, the textbook gives it no place"."""
    own = _ordinal(importance.first)
    if importance.first != importance.last:
        own = f"between {own} and {_ordinal(importance.last)}"
    book = f"puts it in tier {importance.tier}" if importance.tier is not None else "gives it no place"
    return f"in this study {importance.name} ranks {own} of {count}, the textbook {book}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
