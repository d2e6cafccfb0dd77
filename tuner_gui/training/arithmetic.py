"""How much of the arithmetic of fused training goes into padding: units, rows and lanes that do not count."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from tuner_gui.training.settings import Shape, TrialSettings


class Arithmetic:
    """Counts multiplications of matrix products, all of them and those that a trial trained alone would need."""

    def __init__(self, inputs: int, outputs: int, rows: int) -> None:
        self._inputs, self._outputs, self._rows = inputs, outputs, rows
        self._useful = self._done = 0
        self._lock = threading.Lock()

    @property
    def waste(self) -> float:
        """The share that went into padding, in [0, 1]; 0 before anything was done."""
        return 1 - self._useful / self._done if self._done else 0.0

    def trained(self, alive: Sequence[TrialSettings], shape: Shape, lanes: int, steps: int) -> None:
        """An epoch of ``steps`` steps in a program of so many lanes, of which these came to its end."""
        layers = shape.structure.layers
        useful = sum(self._of_step(trial.units, layers) for trial in alive) * self._rows
        self._add(useful, self._of_step(shape.units, layers) * shape.batch_rows * steps * lanes)

    def evaluated(self, trials: Sequence[TrialSettings], shape: Shape, rows: int) -> None:
        """Rows of another part, seen once by all lanes."""
        layers = shape.structure.layers
        useful = sum(self._forward(trial.units, layers) for trial in trials) * rows
        self._add(useful, self._forward(shape.units, layers) * rows * len(trials))

    def _add(self, useful: int, done: int) -> None:
        with self._lock:
            self._useful += useful
            self._done += done

    def _forward(self, units: int, layers: int) -> int:
        return multiplications(self._inputs, units, layers, self._outputs)

    def _of_step(self, units: int, layers: int) -> int:
        """With the way back: twice as much again, but for the inputs, which have no gradient."""
        return 3 * self._forward(units, layers) - self._inputs * units


def multiplications(inputs: int, units: int, layers: int, outputs: int) -> int:
    """How many it takes to get one row through a network."""
    return inputs * units + (layers - 1) * units * units + units * outputs
