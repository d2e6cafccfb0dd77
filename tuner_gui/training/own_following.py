"""Follows the training that a person's file does itself: passes on its epochs, and keeps the weights of the best one.

No TensorFlow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tuner_gui.training.asked import Asked
from tuner_gui.training.own_search import numbers_in


class Follower:
    """``ended`` gets the metrics of each epoch; ``look_up`` how much of all is done, or None where nobody knows. Both
    may raise to end the trial. Weights of more than ``largest`` bytes are not kept."""

    def __init__(
        self,
        objective: str,
        *,
        grows: bool,
        ended: Callable[[Mapping[str, float]], None],
        look_up: Callable[[float | None], None],
        largest: int,
    ) -> None:
        self._objective = objective
        self._sign = 1.0 if grows else -1.0
        self._ended = ended
        self._look_up = look_up
        self._largest = largest
        self._best = -math.inf
        self.figures: dict[str, float] | None = None
        """The metrics of the best epoch that told the objective."""
        self._weights: list[Any] | None = None

    def suggested(self, wanted: Asked) -> None:  # noqa: ARG002
        self._look_up(None)

    def batch_begins(self, model: Any, fraction: float, steps: int) -> None:  # noqa: ARG002
        self._look_up(fraction)

    def epoch_ended(self, model: Any, logs: Mapping[str, Any]) -> None:
        metrics = numbers_in(logs)
        self._keep(model, metrics)
        self._ended(metrics)

    def npz(self) -> bytes | None:
        """The weights of the best epoch, as those of all models of one's own are kept."""
        if self._weights is None:
            return None
        from tuner_gui.training.lane_state import weights_to_npz

        return weights_to_npz({str(number): array for number, array in enumerate(self._weights)})

    def _keep(self, model: Any, metrics: dict[str, float]) -> None:
        """Where the objective is found out only at the end, the last epoch counts."""
        score = self._sign * metrics.get(self._objective, math.nan)
        if self._objective in metrics:
            if self.figures is not None and not score > self._best:
                return
            self.figures, self._best = metrics, score if math.isfinite(score) else -math.inf
        elif self.figures is not None:
            return
        if hasattr(model, "get_weights") and 4 * model.count_params() <= self._largest:
            self._weights = model.get_weights()
