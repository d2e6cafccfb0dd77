"""The part of a training script that builds the program's own network and its optimizer."""

from __future__ import annotations

from collections.abc import Mapping

from tuner_gui.exports.script_text import indented
from tuner_gui.space.parameters import Value

Values = Mapping[str, Value]


def used_names(values: Values) -> list[str]:
    """The hyperparameters that make a difference to this trial."""
    optimizer = {"sgd": ["momentum"], "rmsprop": ["rho", "momentum", "epsilon"], "adam": ["beta1", "beta2", "epsilon"]}
    names = ["layers", "units", "activation"]
    names += ["batch_norm_momentum"] if values["batch_norm"] else []
    names += [name for name in ("dropout", "l2") if values[name]]
    names += ["batch_size", "learning_rate"]
    names += ["learning_rate_decay"] if values["learning_rate_decay"] else []
    return names + optimizer[str(values["optimizer"])]


def model_function(values: Values) -> str:
    body = ["penalty = keras.regularizers.L2(L2)"] if values["l2"] else []
    body += ["model = keras.Sequential([keras.Input((inputs,))])", "for _ in range(LAYERS):"]
    body += indented(_hidden(values))
    penalty = ", kernel_regularizer=penalty" if values["l2"] else ""
    body += [f"model.add(keras.layers.Dense(outputs{penalty}))", "return model"]
    normalised = ", each normalised" if values["batch_norm"] else ""
    about = f'    """Hidden layers of equal width{normalised}; the last layer is linear."""'
    return "\n".join(["def build_model(inputs, outputs):", about, *indented(body)])


def _hidden(values: Values) -> list[str]:
    bias = ", use_bias=False" if values["batch_norm"] else ""
    penalty = ", kernel_regularizer=penalty" if values["l2"] else ""
    lines = [f"model.add(keras.layers.Dense(UNITS{bias}{penalty}))"]
    if values["batch_norm"]:
        lines.append("model.add(keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM))")
    lines.append("model.add(keras.layers.Activation(ACTIVATION))")
    if values["dropout"]:
        lines.append("model.add(keras.layers.Dropout(DROPOUT))")
    return lines


def optimizer_lines(values: Values) -> list[str]:
    """The argument of ``compile``, in lines."""
    name, arguments = {
        "sgd": ("SGD", ["momentum=MOMENTUM"]),
        "rmsprop": ("RMSprop", ["rho=RHO", "momentum=MOMENTUM", "epsilon=EPSILON"]),
        "adam": ("Adam", ["beta_1=BETA1", "beta_2=BETA2", "epsilon=EPSILON"]),
    }[str(values["optimizer"])]
    if len(arguments) == 1:
        return [f"optimizer=keras.optimizers.{name}(LEARNING_RATE, {arguments[0]}),"]
    lines = [f"{argument}," for argument in ("LEARNING_RATE", *arguments)]
    return [f"optimizer=keras.optimizers.{name}(", *indented(lines), "),"]


def rate_function() -> str:
    return '''\
def learning_rate(epoch, _rate):
    """Large steps first, fine ones at the end; ``epoch`` counts from 0."""
    return LEARNING_RATE / (1 + LEARNING_RATE_DECAY * epoch)'''
