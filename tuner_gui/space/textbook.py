"""The textbook's advice on each hyperparameter: its place in the order of importance, a scale, a first range.

The order and the scales follow Andrew Ng's course on tuning (Deep Learning Specialization, course 2, week 3): the
learning rate first; then momentum, hidden units and mini-batch size; then layers and learning-rate decay; Adam's own
three are hardly ever worth tuning. What the course does not rank (dropout, L2, …) has no tier: the measurement in a
study gives it one.
"""

from __future__ import annotations

from dataclasses import dataclass

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter, Value
from tuner_gui.space.scales import Scale

RECOMMENDED_TIERS = frozenset({1, 2, 3})

MLP, CNN = "mlp", "cnn"
KINDS = (MLP, CNN)
"""The built-in networks: a multilayer perceptron, and a convolutional network for images."""


@dataclass(frozen=True)
class Advice:
    """What the textbook says of one hyperparameter.

    ``optimizers`` and ``kinds`` name the optimizers and the built-in networks that read it (empty: all of them);
    ``pinned`` is the value it has when it is not searched; ``parameter`` the range and scale to begin with. ``why`` is
    said of it, or ``of_cnn`` where a convolutional network means something else by it.
    """

    parameter: Parameter
    tier: int | None
    pinned: Value
    why: str
    optimizers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    of_cnn: str = ""

    @property
    def name(self) -> str:
        return self.parameter.name


def _float(name: str, low: float, high: float, scale: Scale) -> FloatParameter:
    return FloatParameter(name=name, low=low, high=high, scale=scale)


_ADVICE = (
    Advice(
        _float("learning_rate", 1e-4, 1.0, Scale.LOG), 1, 0.01,
        "The one that matters most. Its useful values span decades, so each decade deserves the same share.",
    ),
    Advice(
        _float("momentum", 0.9, 0.999, Scale.LOG1M), 2, 0.9,
        "What counts is the averaging window 1 / (1 − β): 0.9 → 0.9005 changes nothing, 0.999 → 0.9995 doubles it.",
        ("sgd", "rmsprop"),
    ),
    Advice(
        IntParameter(name="units", low=16, high=128, scale=Scale.LOG), 2, 64,
        "Width decides what the network can hold. It usually matters more than depth.",
        of_cnn="Width of the dense layer behind the convolutions.",
    ),
    Advice(
        IntParameter(name="filters", low=8, high=64, scale=Scale.LOG), 2, 16,
        "Patterns that the first block looks for; each block has twice as many as the one before. Width, for images.",
        kinds=(CNN,),
    ),
    Advice(
        ChoiceParameter(name="batch_size", choices=(32, 64, 128)), 2, 64,
        "Trades steps per second against noise in the gradient. Powers of two suit the hardware.",
    ),
    Advice(
        ChoiceParameter(name="layers", choices=(1, 2, 3)), 3, 2,
        "Depth. A small set, so every value is tried evenly.",
        of_cnn="Depth: blocks of convolution and pooling. Each halves height and width.",
    ),
    Advice(
        _float("learning_rate_decay", 1e-3, 1.0, Scale.LOG), 3, 0.0,
        "In epoch e the rate is α / (1 + decay · e): large steps first, fine ones at the end.",
    ),
    Advice(
        _float("beta1", 0.8, 0.99, Scale.LOG1M), 4, 0.9,
        "Adam's average of gradients. 0.9 is hardly ever worth changing.", ("adam",),
    ),
    Advice(
        _float("beta2", 0.99, 0.9999, Scale.LOG1M), 4, 0.999,
        "Adam's average of squared gradients. 0.999 is hardly ever worth changing.", ("adam",),
    ),
    Advice(
        _float("epsilon", 1e-10, 1e-4, Scale.LOG), 4, 1e-8,
        "Keeps the division finite. 1e-8 is not worth tuning.", ("adam", "rmsprop"),
    ),
    Advice(
        _float("rho", 0.8, 0.999, Scale.LOG1M), None, 0.9,
        "RMSprop's average of squared gradients.", ("rmsprop",),
    ),
    Advice(
        _float("dropout", 0.0, 0.5, Scale.LINEAR), None, 0.0,
        "Share of units switched off in a step. The textbook gives it no place: measure it.",
    ),
    Advice(
        _float("l2", 1e-6, 1e-1, Scale.LOG), None, 0.0,
        "Pulls weights towards zero. The textbook gives it no place: measure it.",
    ),
    Advice(
        ChoiceParameter(name="kernel", choices=(3, 5)), None, 3,
        "Side of the window, in pixels, that a convolution looks through. The textbook gives it no place.",
        kinds=(CNN,),
    ),
    Advice(
        ChoiceParameter(name="activation", choices=("relu", "tanh", "elu")), None, "relu",
        "The function after each hidden layer.",
    ),
    Advice(
        ChoiceParameter(name="batch_norm", choices=(True, False)), None, pinned=True,
        why="Normalises z over the mini-batch: steadier inputs for the deeper layers, rounder contours.",
    ),
    Advice(
        _float("batch_norm_momentum", 0.8, 0.999, Scale.LOG1M), None, 0.99,
        "Averaging of the mean and variance that are used for evaluation.",
    ),
    Advice(
        ChoiceParameter(name="optimizer", choices=("sgd", "rmsprop", "adam")), None, "sgd",
        "How a gradient becomes a step.",
    ),
)  # fmt: skip

TEXTBOOK: dict[str, Advice] = {advice.name: advice for advice in _ADVICE}


def tier(name: str) -> int | None:
    """1 (tune first) to 4 (leave alone); None where the textbook gives no place."""
    advice = TEXTBOOK.get(name)
    return advice.tier if advice else None


def why(name: str, kind: str = MLP) -> str:
    """What the textbook says of it in a network of this kind; empty where it says nothing."""
    advice = TEXTBOOK.get(name)
    if advice is None:
        return ""
    return advice.of_cnn if kind == CNN and advice.of_cnn else advice.why


def applies(name: str, optimizers: frozenset[str], kind: str = MLP) -> bool:
    """Whether a network of this kind reads the hyperparameter, trained by any of these optimizers."""
    advice = TEXTBOOK.get(name)
    if advice is None:
        return True
    return (not advice.optimizers or bool(optimizers & set(advice.optimizers))) and belongs(name, kind)


def belongs(name: str, kind: str) -> bool:
    """Whether a network of this kind has such a hyperparameter, whatever its optimizer. Of a kind that is not built in,
    nothing is known, and it may have any."""
    advice = TEXTBOOK.get(name)
    return advice is None or not advice.kinds or kind in advice.kinds or kind not in KINDS


def pinned_values(kind: str = MLP) -> dict[str, Value]:
    """The value of every hyperparameter of a built-in network of this kind that is not searched."""
    return {advice.name: advice.pinned for advice in _ADVICE if belongs(advice.name, kind)}


def recommended(optimizer: str, kind: str = MLP) -> tuple[Parameter, ...]:
    """What a new study searches with this optimizer and network: tiers 1 to 3, in the textbook's order."""
    chosen = frozenset({optimizer})
    return tuple(a.parameter for a in _ADVICE if a.tier in RECOMMENDED_TIERS and applies(a.name, chosen, kind))
