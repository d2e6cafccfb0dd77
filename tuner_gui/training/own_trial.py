"""``trial``: what a person's ``objective(trial)`` gets, with the methods that Optuna gave it.

Nothing of Optuna is in here, and no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np

from tuner_gui.space.parameters import Value
from tuner_gui.space.unit import value_at
from tuner_gui.training import asked
from tuner_gui.training.asked import Asked


class Listener(Protocol):
    """Whoever runs the trial: hears of what it does, and may end it by raising."""

    def suggested(self, wanted: Asked) -> None: ...

    def reported(self, value: float, step: int) -> None: ...

    @property
    def should_prune(self) -> bool: ...


class OwnTrial:
    """Gives ``values`` where they name what is suggested. Anything else is drawn evenly on its scale from ``seed``,
    or is the middle of its range where ``seed`` is None."""

    def __init__(self, number: int, values: Mapping[str, Value], listener: Listener, seed: int | None = None) -> None:
        self.number = number
        self.params: dict[str, Any] = {}
        self.user_attrs: dict[str, Any] = {}
        self.system_attrs: dict[str, Any] = {}
        self.datetime_start = datetime.now(UTC)
        self.read: dict[str, Asked] = {}
        self._given = dict(values)
        self._listener = listener
        self._random = None if seed is None else np.random.default_rng(seed)

    # --- what a file calls; the names are Optuna's ---

    def suggest_float(
        self,
        name: str,
        low: float,
        high: float,
        *,
        step: float | None = None,
        log: bool = False,
    ) -> float:
        self._refuse_step_on_log(name, step, log=log)
        sampling = "log" if log else None
        wanted = asked.number(name, low, high, step=step, sampling=sampling)
        return float(self._suggest(wanted))

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        self._refuse_step_on_log(name, None if step == 1 else step, log=log)
        sampling = "log" if log else None
        wanted = asked.whole_number(name, low, high, step=None if log else step, sampling=sampling)
        return int(self._suggest(wanted))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return self._suggest(asked.choice(name, choices))

    def suggest_uniform(self, name: str, low: float, high: float) -> float:
        return self.suggest_float(name, low, high)

    def suggest_loguniform(self, name: str, low: float, high: float) -> float:
        return self.suggest_float(name, low, high, log=True)

    def suggest_discrete_uniform(self, name: str, low: float, high: float, q: float) -> float:
        return self.suggest_float(name, low, high, step=q)

    def report(self, value: float, step: int) -> None:
        if isinstance(value, (bool, str)) or not isinstance(step, (int, np.integer)):
            raise TypeError("report takes a number and a whole number, the step")
        self._listener.reported(float(value), int(step))

    def should_prune(self) -> bool:
        return self._listener.should_prune

    def set_user_attr(self, key: str, value: Any) -> None:
        self.user_attrs[key] = value

    def set_system_attr(self, key: str, value: Any) -> None:
        self.system_attrs[key] = value

    # --- ---

    @property
    def made_up(self) -> list[str]:
        """What was suggested and is not among the values that were given, so that it had to be made up here."""
        return [name for name, wanted in self.read.items() if wanted.parameter and name not in self._given]

    def _suggest(self, wanted: Asked) -> Any:
        if wanted.name not in self.params:
            self.params[wanted.name] = wanted.given(self._value(wanted))
        self.read.setdefault(wanted.name, wanted)
        self._listener.suggested(wanted)
        return self.params[wanted.name]

    def _value(self, wanted: Asked) -> Value:
        if wanted.name in self._given:
            return self._given[wanted.name]
        if wanted.parameter is None:
            return wanted.default
        if self._random is not None:
            return value_at(wanted.parameter, float(self._random.random()))
        return wanted.default if wanted.parameter.kind == "choice" else value_at(wanted.parameter, 0.5)

    @staticmethod
    def _refuse_step_on_log(name: str, step: float | None, *, log: bool) -> None:
        if log and step is not None:
            raise ValueError(f"{name}: a step and log at once make no range")
