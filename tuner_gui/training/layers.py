"""The arithmetic of one layer, for K lanes at once: everything has the lane axis first.

Rows of a mini-batch are ``[K, rows, width]``, kernels ``[K, in, out]``, what there is once per unit ``[K, 1, width]``,
and once per lane ``[K, 1, 1]``. Not every row counts, see :class:`Rows`. Units that are padding need no mask: their
weights are 0, so are their gradients, and 0 they stay.

Gradients are written out here. A mini-batch is small, so each pass over it counts: TensorFlow's own gradients make a
third more of them. Sums over rows are products with a row of ones or weights, which is several times faster than
reducing the middle axis; upstream gradients of padding are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

EPSILON = 1e-3
"""What Keras adds to a variance before it divides by its root."""

Gradient = Callable[..., Any]

ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    "relu": (tf.nn.relu, lambda out, upstream: tf.raw_ops.ReluGrad(gradients=upstream, features=out)),
    "tanh": (tf.math.tanh, lambda out, upstream: tf.raw_ops.TanhGrad(y=out, dy=upstream)),
    "elu": (tf.nn.elu, lambda out, upstream: tf.raw_ops.EluGrad(gradients=upstream, outputs=out)),
}
"""Each function, and its gradient from what it gave and the gradient of that."""


class Rows(NamedTuple):
    """Which rows of a mini-batch count: ``real`` ``[K, 1, rows]`` is 1 for a lane's n rows and 0 for padding;
    ``weights`` are 1 / n and 0, and so is ``shares``, ``[K, rows, 1]``."""

    real: Any
    weights: Any
    shares: Any


def rows_of(counts: Any, rows: Any) -> Rows:
    """For ``counts`` ``[K, 1, 1]`` of ``rows`` rows that are no padding; a lane at rest has none."""
    real = tf.cast(tf.cast(tf.range(rows), counts.dtype) < counts, counts.dtype)
    weights = real / tf.maximum(counts, 1.0)
    return Rows(real, weights, tf.transpose(weights, [0, 2, 1]))


@tf.custom_gradient
def affine(x: Any, kernel: Any, bias: Any, real: Any) -> tuple[Any, Gradient]:
    """x · kernel + bias, lane by lane."""

    def gradient(upstream: Any) -> tuple[Any, Any, Any, None]:
        return (*_of_product(x, kernel, upstream), tf.matmul(real, upstream), None)

    return tf.matmul(x, kernel) + bias, gradient


@tf.custom_gradient
def scale(x: Any, factors: Any) -> tuple[Any, Gradient]:
    """x · factors, element by element; no gradient flows to the factors."""

    def gradient(upstream: Any) -> tuple[Any, None]:
        return upstream * factors, None

    return x * factors, gradient


def plain_layer(activation: str) -> Callable[[Any, Any, Any, Any], Any]:
    """activation(x · kernel + bias)."""
    function, of_function = ACTIVATIONS[activation]

    @tf.custom_gradient
    def layer(x: Any, kernel: Any, bias: Any, real: Any) -> tuple[Any, Gradient]:
        out = function(tf.matmul(x, kernel) + bias)

        def gradient(upstream: Any) -> tuple[Any, Any, Any, None]:
            of_z = of_function(out, upstream)
            return (*_of_product(x, kernel, of_z), tf.matmul(real, of_z), None)

        return out, gradient

    return layer


def normalised_layer(activation: str) -> Callable[..., tuple[Any, Any, Any]]:
    """activation(γ · (z − mean) / sqrt(variance + ε) + shift) for z = x · kernel; also mean and variance of the rows.

    Where ``normed``, ``[K, 1, 1]``, is 0 the lane is not normalised: activation(z + shift). The shift is β there and
    the bias here. The variance is that of the rows themselves (divided by their number), for the moving average too,
    as in Keras. Mean and variance are for that average only: no gradient flows back from them.
    """
    function, of_function = ACTIVATIONS[activation]

    @tf.custom_gradient
    def layer(
        x: Any, kernel: Any, gamma: Any, shift: Any, normed: Any, real: Any, weights: Any, shares: Any
    ) -> tuple[Any, Gradient]:
        z = tf.matmul(x, kernel)
        mean = tf.matmul(weights, z)
        centred = z - mean * normed
        variance = tf.matmul(weights, tf.square(centred))
        inverse = tf.math.rsqrt(variance + tf.constant(EPSILON, z.dtype))
        factor = tf.where(normed > 0, gamma * inverse, tf.ones_like(gamma))
        out = function(centred * factor + shift)

        def gradient(upstream: Any, _of_mean: Any, _of_variance: Any) -> tuple[Any, ...]:
            upstream = of_function(out, upstream)
            of_shift = tf.matmul(real, upstream)
            of_factor = tf.matmul(real, upstream * centred)
            along = factor * normed
            through_variance = along * tf.square(inverse) * of_factor
            through_mean = along * of_shift
            of_z = upstream * factor - (centred * through_variance + through_mean) * shares
            return (*_of_product(x, kernel, of_z), of_factor * inverse * normed, of_shift, *[None] * 4)

        return (out, mean, variance), gradient

    return layer


def normalise_with(z: Any, gamma: Any, shift: Any, mean: Any, variance: Any, normed: Any) -> Any:
    """The same z with given statistics, for evaluation, before the activation."""
    inverse = tf.math.rsqrt(variance + tf.constant(EPSILON, z.dtype))
    return (z - mean * normed) * tf.where(normed > 0, gamma * inverse, tf.ones_like(gamma)) + shift


def dropout_factors(seed: Any, step: Any, layer: int, shape: Any, rate: Any) -> Any:
    """0 for a dropped unit and 1 / (1 − rate) for a kept one, ``[K, rows, width]``.

    Each factor is a hash of (lane seed, step, layer, row, unit), the first two ``[K]``: it depends neither on the
    lanes beside it nor on how wide the tensor is. ``shape`` is that of the rows, as a tensor; ``rate`` ``[K, 1, 1]``.
    """
    lane = _mixed(seed ^ _mixed(tf.cast(step, tf.uint32) * _word(0x9E3779B1) + _word(layer + 1)))[:, None, None]
    row = _mixed(lane ^ (tf.cast(tf.range(shape[1]), tf.uint32) * _word(0x85EBCA77))[None, :, None])
    unit = _mixed(_mixed(lane) ^ (tf.cast(tf.range(shape[2]), tf.uint32) * _word(0xC2B2AE3D))[None, None, :])
    # Dropped where 31 random bits lie below the rate; by way of int64, because 1.0 has no place in 31 bits.
    threshold = tf.cast(tf.cast(rate * 2.0**31, tf.int64), tf.uint32)
    kept = tf.bitwise.right_shift(_mixed(row + unit), _word(1)) >= threshold
    return tf.where(kept, 1 / (1 - rate), tf.zeros([], rate.dtype))


def _of_product(x: Any, kernel: Any, upstream: Any) -> tuple[Any, Any]:
    return tf.matmul(upstream, kernel, transpose_b=True), tf.matmul(x, upstream, transpose_a=True)


def _mixed(words: Any) -> Any:
    """A bijection of 32-bit words that spreads every bit over all of them (the finaliser of MurmurHash3)."""
    words = (words ^ tf.bitwise.right_shift(words, _word(16))) * _word(0x85EBCA6B)
    words = (words ^ tf.bitwise.right_shift(words, _word(13))) * _word(0xC2B2AE35)
    return words ^ tf.bitwise.right_shift(words, _word(16))


def _word(number: int) -> Any:
    return tf.constant(number, tf.uint32)
