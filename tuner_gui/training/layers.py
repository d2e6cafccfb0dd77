"""The arithmetic of one layer, for K lanes at once: everything has the lane axis first.

Rows of a mini-batch are ``[K, rows, width]``, kernels ``[K, in, out]``, all that there is once per unit
``[K, 1, width]``. Gradients are written out here because TensorFlow, which cannot know the shapes while it traces,
would otherwise compute at every step which axes to sum over: a third more operations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

EPSILON = 1e-3
"""What Keras adds to a variance before it divides by its root."""

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"relu": tf.nn.relu, "tanh": tf.math.tanh, "elu": tf.nn.elu}

Gradient = Callable[..., Any]


@tf.custom_gradient
def product(x: Any, kernel: Any) -> tuple[Any, Gradient]:
    """x · kernel, lane by lane."""

    def gradient(upstream: Any) -> tuple[Any, Any]:
        return tf.matmul(upstream, kernel, transpose_b=True), tf.matmul(x, upstream, transpose_a=True)

    return tf.matmul(x, kernel), gradient


@tf.custom_gradient
def shift(z: Any, bias: Any) -> tuple[Any, Gradient]:
    """z + bias."""

    def gradient(upstream: Any) -> tuple[Any, Any]:
        return upstream, tf.reduce_sum(upstream, axis=1, keepdims=True)

    return z + bias, gradient


@tf.custom_gradient
def scale(x: Any, factors: Any) -> tuple[Any, Gradient]:
    """x · factors, element by element; no gradient flows to the factors."""

    def gradient(upstream: Any) -> tuple[Any, None]:
        return upstream * factors, None

    return x * factors, gradient


@tf.custom_gradient
def normalise(z: Any, gamma: Any, beta: Any) -> tuple[tuple[Any, Any, Any], Gradient]:
    """Batch normalisation of z over the rows, then γ · ẑ + β; also the mean and variance of the rows.

    The variance is that of the rows themselves (divided by their number), for the moving average too, as in Keras.
    Mean and variance are for that average only: no gradient flows back from them.
    """
    mean = tf.reduce_mean(z, axis=1, keepdims=True)
    centred = z - mean
    variance = tf.reduce_mean(tf.square(centred), axis=1, keepdims=True)
    inverse = tf.math.rsqrt(variance + tf.cast(EPSILON, z.dtype))
    normalised = centred * inverse

    def gradient(upstream: Any, _of_mean: Any, _of_variance: Any) -> tuple[Any, Any, Any]:
        rows = tf.cast(tf.shape(z)[1], z.dtype)
        of_beta = tf.reduce_sum(upstream, axis=1, keepdims=True)
        of_gamma = tf.reduce_sum(upstream * normalised, axis=1, keepdims=True)
        of_z = (gamma * inverse) * (upstream - (of_beta + normalised * of_gamma) / rows)
        return of_z, of_gamma, of_beta

    return (normalised * gamma + beta, mean, variance), gradient


def normalise_with(z: Any, gamma: Any, beta: Any, mean: Any, variance: Any) -> Any:
    """The same with given statistics, for evaluation."""
    return (z - mean) * (gamma * tf.math.rsqrt(variance + tf.cast(EPSILON, z.dtype))) + beta


def dropout_factors(seed: Any, step: Any, layer: int, shape: Any, rate: Any) -> Any:
    """0 for a dropped unit and 1 / (1 − rate) for a kept one, ``[K, rows, width]``.

    Each factor is a hash of (lane seed, step, layer, row, unit), all of them ``[K]`` or numbers: it depends neither
    on the lanes beside it nor on how wide the tensor is. ``shape`` is that of the rows, as a tensor; ``rate`` ``[K]``.
    """
    lane = _mixed(seed ^ _mixed(tf.cast(step, tf.uint32) * _word(0x9E3779B1) + _word(layer + 1)))[:, None, None]
    row = _mixed(lane ^ (tf.cast(tf.range(shape[1]), tf.uint32) * _word(0x85EBCA77))[None, :, None])
    unit = _mixed(_mixed(lane) ^ (tf.cast(tf.range(shape[2]), tf.uint32) * _word(0xC2B2AE3D))[None, None, :])
    # Dropped where 31 random bits lie below the rate; by way of int64, because 1.0 has no place in 31 bits.
    threshold = tf.cast(tf.cast(rate * 2.0**31, tf.int64), tf.uint32)[:, None, None]
    kept = tf.bitwise.right_shift(_mixed(row + unit), _word(1)) >= threshold
    return tf.where(kept, (1 / (1 - rate))[:, None, None], tf.zeros([], rate.dtype))


def _mixed(words: Any) -> Any:
    """A bijection of 32-bit words that spreads every bit over all of them (the finaliser of MurmurHash3)."""
    words = (words ^ tf.bitwise.right_shift(words, _word(16))) * _word(0x85EBCA6B)
    words = (words ^ tf.bitwise.right_shift(words, _word(13))) * _word(0xC2B2AE35)
    return words ^ tf.bitwise.right_shift(words, _word(16))


def _word(number: int) -> Any:
    return tf.constant(number, tf.uint32)
