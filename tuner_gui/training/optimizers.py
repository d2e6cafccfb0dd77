"""How a gradient becomes a step, with one kind of optimizer, one rate, momentum, β and ε per lane.

SGD with momentum, RMSprop and Adam are the same formula with other numbers, which :mod:`tuner_gui.training.schedule`
works out for each lane and step (names as there; g is the gradient):

    square  ← square + square_gain · (g² − square)
    r       = 1 / (sqrt(square + inside) + outside)
    average ← keep · average + gain · g · (scaled_gradient · r + plain_gradient)
    w       ← w − average · (adaptive_step · r + plain_step)

====================  =======  =======  ===========  ======  =======  ===========  ===========  =============  ======
                      keep     gain     square_gain  inside  outside  scaled_g.    plain_g.     adaptive_step  plain
====================  =======  =======  ===========  ======  =======  ===========  ===========  =============  ======
SGD                   μ        −α       0            0       1        0            1            0              −1
RMSprop               μ        α        1 − ρ        ε       0        1            0            0              1
Adam                  β1       1 − β1   1 − β2       0       ε        0            1            α · correction  0
a lane at rest        1        0        0            –       –        –            –            0              0
====================  =======  =======  ===========  ======  =======  ===========  ===========  =============  ======

So the results are those of Keras' optimizers of the same names (RMSprop adds ε inside the root, Adam outside of it).
Keras' own objects take one number for all of a variable, so they cannot train lanes. A graph that needs only some of
the kinds leaves out what the others need.

Every operation is a pass over the memory of all weights. For small networks that is nothing; for a large one, which
fills a program alone, it is a quarter of a step. TensorFlow has kernels that do it all in one pass, with one number
for all of a variable: :class:`LoneOptimizer` uses those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import tensorflow as tf

from tuner_gui.training.schedule import Rates
from tuner_gui.training.settings import Structure

Slots = Mapping[str, Any]
"""The averages of one trained variable, by name; each has its shape."""

Changes = Iterable[tuple[Any, Any, Slots]]


class Optimizer(Protocol):
    """``slots`` names the averages that it keeps of each trained variable."""

    slots: tuple[str, ...]

    def apply_gradients(self, changes: Changes, rates: Rates) -> None:
        """Change each variable ``[K, …, …]`` by its gradient; ``changes`` are (gradient, variable, slots)."""


def optimizer_of(structure: Structure) -> Optimizer:
    if structure.large:
        (kind,) = structure.optimizers
        return LoneOptimizer(kind)
    return LaneOptimizer(structure.optimizers)


def _slots(*, adapts: bool) -> tuple[str, ...]:
    return ("average", "square") if adapts else ("average",)


class LoneOptimizer:
    """One step of one model, which is never at rest.

    The kernels take β2 and ρ, where the others take 1 − β2 and 1 − ρ: in single precision the smallest of these lose
    a few of their digits.
    """

    def __init__(self, kind: str) -> None:
        self._apply = {"sgd": _apply_sgd, "rmsprop": _apply_rmsprop, "adam": _apply_adam}[kind]
        self.slots = _slots(adapts=kind != "sgd")

    def apply_gradients(self, changes: Changes, rates: Rates) -> None:
        lone = Rates(*(tf.reshape(numbers, []) for numbers in rates))
        for gradient, variable, slots in changes:
            self._apply(gradient, variable.handle, {name: slot.handle for name, slot in slots.items()}, lone)


def _apply_sgd(gradient: Any, variable: Any, slots: Slots, rates: Rates) -> None:
    tf.raw_ops.ResourceApplyKerasMomentum(
        var=variable, accum=slots["average"], grad=gradient, lr=-rates.gain, momentum=rates.keep
    )


def _apply_rmsprop(gradient: Any, variable: Any, slots: Slots, rates: Rates) -> None:
    tf.raw_ops.ResourceApplyRMSProp(
        var=variable, ms=slots["square"], mom=slots["average"], grad=gradient,
        lr=rates.gain, rho=1 - rates.square_gain, momentum=rates.keep, epsilon=rates.inside,
    )  # fmt: skip


def _apply_adam(gradient: Any, variable: Any, slots: Slots, rates: Rates) -> None:
    never = tf.zeros_like(rates.keep)  # the correction of the start is in the step already
    tf.raw_ops.ResourceApplyAdam(
        var=variable, m=slots["average"], v=slots["square"], grad=gradient, beta1_power=never, beta2_power=never,
        lr=rates.adaptive_step, beta1=rates.keep, beta2=1 - rates.square_gain, epsilon=rates.outside,
    )  # fmt: skip


class LaneOptimizer:
    """One step of K models."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self._kinds = frozenset(kinds)
        self._adapts = bool(self._kinds & {"rmsprop", "adam"})
        self.slots = _slots(adapts=self._adapts)

    def apply_gradients(self, changes: Changes, rates: Rates) -> None:
        for gradient, variable, slots in changes:
            inverse = self._inverse_root(gradient, slots, rates) if self._adapts else None
            average = slots["average"]
            new = rates.keep * average + rates.gain * self._scaled(gradient, inverse, rates)
            average.assign(new, read_value=False)
            variable.assign_sub(self._step(new, inverse, rates), read_value=False)

    def _inverse_root(self, gradient: Any, slots: Slots, rates: Rates) -> Any:
        square = slots["square"]
        new = square + rates.square_gain * (tf.square(gradient) - square)
        square.assign(new, read_value=False)
        if self._kinds == {"rmsprop"}:
            return tf.math.rsqrt(new + rates.inside)
        root = tf.sqrt(new + rates.inside) if "rmsprop" in self._kinds else tf.sqrt(new)
        return 1 / (root + rates.outside)

    def _scaled(self, gradient: Any, inverse: Any, rates: Rates) -> Any:
        if "rmsprop" not in self._kinds:
            return gradient
        if self._kinds == {"rmsprop"}:
            return gradient * inverse
        return gradient * (rates.scaled_gradient * inverse + rates.plain_gradient)

    def _step(self, average: Any, inverse: Any, rates: Rates) -> Any:
        if "adam" not in self._kinds:
            return average * rates.plain_step
        if self._kinds == {"adam"}:
            return average * (rates.adaptive_step * inverse)
        return average * (rates.adaptive_step * inverse + rates.plain_step)
