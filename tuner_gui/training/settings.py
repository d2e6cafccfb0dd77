"""The hyperparameters of a trial as training needs them: what is traced, what shapes a program, what fills a lane."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import TEXTBOOK, pinned_values
from tuner_gui.study.checks import check_value

RATES = frozenset(name for name, advice in TEXTBOOK.items() if isinstance(advice.pinned, float))
"""The hyperparameters that are one number per lane and may change while a trial trains."""

OPTIMIZER_KINDS = ("sgd", "rmsprop", "adam")


@dataclass(frozen=True, slots=True)
class Structure:
    """What a graph is traced for; all else about a trial is a number in a tensor, or the size of one.

    The last four but one say only what the graph can compute. A lane without batch normalisation gives the same numbers
    in a graph that has it, and so does a rate of 0 where there is dropout or L2, and an optimizer that has others
    beside it. A graph for ``large`` networks trains a single lane, with a single kind of optimizer.
    """

    layers: int
    activation: str
    optimizers: tuple[str, ...]
    batch_norm: bool
    dropout: bool
    l2: bool
    large: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What the lanes of a program share: the structure, and the sizes that they are padded to.

    A trial's shape follows from its own settings alone. Were it chosen by what else is waiting, sums would be cut
    elsewhere, and the last digits of a trial would depend on its neighbours.
    """

    structure: Structure
    units: int
    batch_rows: int


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """All hyperparameters of one trial, checked, and its seed."""

    structure: Structure
    optimizer: str
    batch_norm: bool
    units: int
    batch_size: int
    rates: Mapping[str, float]
    seed: int

    @property
    def shape(self) -> Shape:
        return Shape(self.structure, padded_units(self.units), padded_rows(self.batch_size))

    def widths(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """The sizes along the network: inputs, every hidden layer, outputs."""
        return (inputs, *[self.units] * self.structure.layers, outputs)


def trial_settings(
    hyperparameters: Mapping[str, Value], seed: int, searched: Collection[str] = frozenset()
) -> TrialSettings:
    """What one trial trains with; the textbook's value where one is missing. SpaceError where one cannot be.

    ``searched`` names what differs between the trials of a study: the structure takes all values of those, so that
    the trials can be lanes of the same program.
    """
    given = {**pinned_values(), **hyperparameters}
    values: dict[str, Any] = {name: check_value(name, value) for name, value in given.items()}
    structure = Structure(
        layers=values["layers"],
        activation=values["activation"],
        optimizers=OPTIMIZER_KINDS if "optimizer" in searched else (values["optimizer"],),
        batch_norm=values["batch_norm"] or "batch_norm" in searched,
        dropout=values["dropout"] > 0 or "dropout" in searched,
        l2=values["l2"] > 0 or "l2" in searched,
    )
    return TrialSettings(
        structure,
        values["optimizer"],
        values["batch_norm"],
        values["units"],
        values["batch_size"],
        {name: float(values[name]) for name in RATES},
        seed,
    )


def with_rates(trial: TrialSettings, rates: Mapping[str, float]) -> TrialSettings:
    """The trial with other rates; SpaceError for a value that cannot be, ValueError for what its program lacks."""
    checked = {name: float(check_value(name, value)) for name, value in rates.items()}
    unknown = sorted(checked.keys() - RATES)
    if unknown:
        raise ValueError(f"{unknown[0]}: only rates can change while a trial trains, not what shapes the network")
    for name, has in (("dropout", trial.structure.dropout), ("l2", trial.structure.l2)):
        if checked.get(name, 0.0) > 0 and not has:
            raise ValueError(f"{name}: this trial was begun without it")
    return replace(trial, rates={**trial.rates, **checked})


def padded_units(units: int) -> int:
    """The width that a layer is padded to: 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, …

    Multiples of 8, so that no vector instruction handles the end of one lane together with the start of the next.
    """
    return _bucket(units, finest=8)


def padded_rows(batch_size: int) -> int:
    """The rows that a mini-batch is padded to: 1 … 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, …"""
    return _bucket(batch_size, finest=1)


def _bucket(size: int, *, finest: int) -> int:
    """Four to an octave: at most a fifth is padding, a tenth on average."""
    step = max(finest, 2 ** (math.ceil(math.log2(max(size, 1))) - 3))
    return math.ceil(step * math.ceil(size / step))
