"""What a network is trained for: the loss that falls, the score a person reads, and the metrics made of both."""

from __future__ import annotations

import math
from typing import Any, Protocol

import tensorflow as tf

from tuner_gui.study.definition import Task
from tuner_gui.training.data import Part, Split


class Goal(Protocol):
    """Losses and scores per row, in the graph; metrics of a whole part, on the host."""

    def losses(self, outputs: Any, targets: Any) -> Any:
        """The loss of each row, ``[K, rows]``, for outputs ``[K, rows, outputs]``."""

    def scores(self, outputs: Any, targets: Any) -> Any:
        """What is averaged beside the loss, ``[K, rows]``."""

    def metrics(self, prefix: str, *, loss: float, penalty: float, score: float, part: Part) -> dict[str, float]:
        """The metrics of a part from the means over its rows: ``loss`` without the L2 penalty, which stands apart."""


class Classification:
    """Softmax cross-entropy; the score is 1 for a row whose class is right: accuracy."""

    def losses(self, outputs: Any, targets: Any) -> Any:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=outputs)

    def scores(self, outputs: Any, targets: Any) -> Any:
        right = tf.equal(tf.argmax(outputs, axis=-1, output_type=targets.dtype), targets)
        return tf.cast(right, outputs.dtype)

    def metrics(self, prefix: str, *, loss: float, penalty: float, score: float, part: Part) -> dict[str, float]:  # noqa: ARG002
        return {f"{prefix}loss": loss + penalty, f"{prefix}accuracy": score}


class Regression:
    """Mean squared error of the standardised targets; the score is the absolute error in original units."""

    def __init__(self, split: Split) -> None:
        self._scale = split.target_scale

    def losses(self, outputs: Any, targets: Any) -> Any:
        return tf.reduce_mean(tf.math.squared_difference(outputs, targets), axis=-1)

    def scores(self, outputs: Any, targets: Any) -> Any:
        return tf.reduce_mean(tf.abs(outputs - targets) * tf.constant(self._scale, outputs.dtype), axis=-1)

    def metrics(self, prefix: str, *, loss: float, penalty: float, score: float, part: Part) -> dict[str, float]:
        spread = float(part.targets.astype("float64").var(axis=0).mean())
        fit = 1 - loss / spread if spread > 0 else math.nan
        return {f"{prefix}loss": loss + penalty, f"{prefix}mae": score, f"{prefix}r2": fit}


def goal_of(split: Split) -> Goal:
    return Classification() if split.task is Task.CLASSIFICATION else Regression(split)
