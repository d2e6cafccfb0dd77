"""How a gradient becomes a step, with one learning rate, momentum, β, ε per lane.

The formulas are those of Keras' optimizers of the same names (RMSprop adds ε inside the root, Adam outside of it).
Keras' own objects take one number for all of a variable, so they cannot train lanes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from tuner_gui.training.network import lane_variable
from tuner_gui.training.settings import Lanes


class LaneOptimizer:
    """One step of K models. Subclasses name their slots, the averages that each trained variable has."""

    slots: tuple[str, ...] = ()

    def __init__(self, variables: Iterable[Any]) -> None:
        self._slots = {
            variable.ref(): [lane_variable(variable.dtype.name, axes=3, name=slot) for slot in self.slots]
            for variable in variables
        }

    def reset(self) -> None:
        """Forget all averages; the slots take on the shapes that the variables have now."""
        for variable, slots in self._slots.items():
            for slot in slots:
                slot.assign(tf.zeros_like(variable.deref()), read_value=False)

    def apply_gradients(self, gradients_and_variables: Iterable[tuple[Any, Any]], lanes: Lanes, step: Any) -> None:
        """Change each variable ``[K, …, …]`` by its gradient; ``step`` ``[K]`` counts a lane's steps from 0."""
        columns = Lanes(*(field[:, None, None] for field in lanes))
        rate = self._rate(lanes, step)[:, None, None]
        for gradient, variable in gradients_and_variables:
            self._change(variable, gradient, rate, columns, *self._slots[variable.ref()])

    def _rate(self, lanes: Lanes, step: Any) -> Any:  # noqa: ARG002  (Adam's depends on the step)
        return lanes.learning_rate

    def _change(self, variable: Any, gradient: Any, rate: Any, lanes: Lanes, *slots: Any) -> None:
        raise NotImplementedError


class SGD(LaneOptimizer):
    """velocity ← μ · velocity − α · g;  w ← w + velocity."""

    slots = ("velocity",)

    def _change(self, variable: Any, gradient: Any, rate: Any, lanes: Lanes, *slots: Any) -> None:
        (velocity,) = slots
        new = lanes.momentum * velocity - rate * gradient
        velocity.assign(new, read_value=False)
        variable.assign_add(new, read_value=False)


class RMSprop(LaneOptimizer):
    """s ← s + (1 − ρ) · (g² − s);  velocity ← μ · velocity + α · g / sqrt(s + ε);  w ← w − velocity."""

    slots = ("mean_square", "velocity")

    def _change(self, variable: Any, gradient: Any, rate: Any, lanes: Lanes, *slots: Any) -> None:
        mean_square, velocity = slots
        square = mean_square + lanes.one_minus_rho * (tf.square(gradient) - mean_square)
        new = lanes.momentum * velocity + rate * gradient * tf.math.rsqrt(square + lanes.epsilon)
        mean_square.assign(square, read_value=False)
        velocity.assign(new, read_value=False)
        variable.assign_sub(new, read_value=False)


class Adam(LaneOptimizer):
    """m ← m + (1 − β1) · (g − m);  v ← v + (1 − β2) · (g² − v);  w ← w − α_t · m / (sqrt(v) + ε),

    where α_t = α · sqrt(1 − β2^t) / (1 − β1^t) makes up for averages that started at 0.
    """

    slots = ("mean", "mean_square")

    def _rate(self, lanes: Lanes, step: Any) -> Any:
        t = tf.cast(step + 1, lanes.learning_rate.dtype)
        return (
            lanes.learning_rate
            * tf.sqrt(_one_minus_power(lanes.one_minus_beta2, t))
            / _one_minus_power(lanes.one_minus_beta1, t)
        )

    def _change(self, variable: Any, gradient: Any, rate: Any, lanes: Lanes, *slots: Any) -> None:
        mean, mean_square = slots
        average = mean + lanes.one_minus_beta1 * (gradient - mean)
        square = mean_square + lanes.one_minus_beta2 * (tf.square(gradient) - mean_square)
        mean.assign(average, read_value=False)
        mean_square.assign(square, read_value=False)
        variable.assign_sub(rate * average / (tf.sqrt(square) + lanes.epsilon), read_value=False)


def _one_minus_power(one_minus_beta: Any, t: Any) -> Any:
    """1 − β^t from 1 − β, without the cancellation that single precision would suffer."""
    return -tf.math.expm1(t * tf.math.log1p(-one_minus_beta))


OPTIMIZERS: dict[str, type[LaneOptimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam}
