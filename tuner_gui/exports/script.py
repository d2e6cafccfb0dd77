"""A trial as a script that trains its network again: plain Keras and scikit-learn, nothing of this program.

The data, their split and their preparation are those of the study, to the row. What is random in training (start
weights, the order of rows, dropout) is Keras' own, so the result is that of another seed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tuner_gui import __version__
from tuner_gui.exports.errors import ExportError
from tuner_gui.exports.script_data import Loading, loading_of
from tuner_gui.exports.trained import hyperparameters_of
from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import CNN
from tuner_gui.space.ticks import format_value
from tuner_gui.study.definition import Definition, Task
from tuner_gui.study.history import Trial

Values = Mapping[str, Value]


def script_of(definition: Definition, trial: Trial) -> str:
    """The text of the script. ExportError where the data cannot be loaded without this program, or for a CNN."""
    if definition.model.kind == CNN:
        raise ExportError("no script is written for a CNN; --to keras gives the trained model itself")
    values = hyperparameters_of(definition, trial)
    loading = loading_of(definition.data)
    classes = definition.data.kind_of_task is Task.CLASSIFICATION
    parts = [
        _heading(definition, trial),
        _imports(loading, definition.objective.metric),
        _constants(definition, trial, values, loading),
        loading.function,
        _ROWS_OF,
        _SPLIT_CLASSES if classes else _SPLIT_NUMBERS,
        _PREPARE_CLASSES if classes else _PREPARE_NUMBERS,
        _model(values),
        *([] if classes else [_MAE]),
        *([_rate_function()] if values["learning_rate_decay"] else []),
        _main(definition, values, classes=classes),
        'if __name__ == "__main__":\n    main()',
    ]
    top, functions = parts[:3], parts[3:]
    return "\n\n".join(top) + "\n\n\n" + "\n\n\n".join(functions) + "\n"


def _heading(definition: Definition, trial: Trial) -> str:
    name = " ".join(definition.name.split()).replace("\\", "/").replace('"', "'")
    lines = [f"Trains trial {trial.number} of the study '{name}' again."]
    if trial.value is not None:
        lines += ["", f"The trial reached a {definition.objective.metric} of {format_value(trial.value)}."]
        lines += ["Start weights and the order of rows are drawn anew, so this is one more seed of it."]
    lines += ["", f"Written by Tuner {__version__}. Needs tensorflow, numpy and scikit-learn."]
    return '"""' + "\n".join(lines) + '\n"""'


def _imports(loading: Loading, metric: str) -> str:
    sklearn = [
        "from sklearn.model_selection import train_test_split",
        "from sklearn.preprocessing import StandardScaler",
    ]
    if metric == "val_r2":
        sklearn.append("from sklearn.metrics import r2_score")
    lines = ["import keras", "import numpy as np", *sorted({*sklearn, *loading.imports})]
    return "import math\n\n" + "\n".join(lines)


def _constants(definition: Definition, trial: Trial, values: Values, loading: Loading) -> str:
    data = definition.data
    rows: list[tuple[str, Value, str]] = [
        ("VALIDATION_SHARE", data.validation, "of all rows"),
        ("TEST_SHARE", data.test, "of all rows; held back, nothing here looks at them"),
        ("SPLIT_SEED", data.seed, ""),
        ("SEED", trial.seed % 2**32, "of the trial; Keras draws other numbers from it"),
        ("EPOCHS", definition.model.epochs, ""),
        *((name.upper(), values[name], "") for name in _used(values)),
    ]
    lines = [f"{name} = {_literal(value)}{f'  # {words}' if words else ''}" for name, value, words in rows]
    return "\n".join([*loading.constants, *lines])


def _literal(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _used(values: Values) -> list[str]:
    """The hyperparameters that make a difference to this trial."""
    optimizer = {"sgd": ["momentum"], "rmsprop": ["rho", "momentum", "epsilon"], "adam": ["beta1", "beta2", "epsilon"]}
    names = ["layers", "units", "activation"]
    names += ["batch_norm_momentum"] if values["batch_norm"] else []
    names += [name for name in ("dropout", "l2") if values[name]]
    names += ["batch_size", "learning_rate"]
    names += ["learning_rate_decay"] if values["learning_rate_decay"] else []
    return names + optimizer[str(values["optimizer"])]


def _model(values: Values) -> str:
    body = ["penalty = keras.regularizers.L2(L2)"] if values["l2"] else []
    body += ["model = keras.Sequential([keras.Input((inputs,))])", "for _ in range(LAYERS):"]
    body += _indented(_hidden(values))
    penalty = ", kernel_regularizer=penalty" if values["l2"] else ""
    body += [f"model.add(keras.layers.Dense(outputs{penalty}))", "return model"]
    normalised = ", each normalised" if values["batch_norm"] else ""
    about = f'    """Hidden layers of equal width{normalised}; the last layer is linear."""'
    return "\n".join(["def build_model(inputs, outputs):", about, *_indented(body)])


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


def _optimizer(values: Values) -> list[str]:
    """The argument of ``compile``, in lines."""
    name, arguments = {
        "sgd": ("SGD", ["momentum=MOMENTUM"]),
        "rmsprop": ("RMSprop", ["rho=RHO", "momentum=MOMENTUM", "epsilon=EPSILON"]),
        "adam": ("Adam", ["beta_1=BETA1", "beta_2=BETA2", "epsilon=EPSILON"]),
    }[str(values["optimizer"])]
    if len(arguments) == 1:
        return [f"optimizer=keras.optimizers.{name}(LEARNING_RATE, {arguments[0]}),"]
    lines = [f"{argument}," for argument in ("LEARNING_RATE", *arguments)]
    return [f"optimizer=keras.optimizers.{name}(", *_indented(lines), "),"]


def _rate_function() -> str:
    return '''\
def learning_rate(epoch, _rate):
    """Large steps first, fine ones at the end; ``epoch`` counts from 0."""
    return LEARNING_RATE / (1 + LEARNING_RATE_DECAY * epoch)'''


def _main(definition: Definition, values: Values, *, classes: bool) -> str:
    metric = definition.objective.metric
    body = ["keras.utils.set_random_seed(SEED)", *(_PARTS_CLASSES if classes else _PARTS_NUMBERS)]
    body += _compile(values, classes=classes)
    callbacks = ["callbacks=[keras.callbacks.LearningRateScheduler(learning_rate)],"]
    body += [
        "model.fit(" if metric == "val_r2" else "history = model.fit(",
        *_indented([
            "*train,",
            "validation_data=validation,",
            "batch_size=BATCH_SIZE,",
            "epochs=EPOCHS,",
            *(callbacks if values["learning_rate_decay"] else []),
            "verbose=2,",
        ]),
        ")",
    ]  # fmt: skip
    body += _value(metric, classes=classes)
    return "\n".join(["def main():", *_indented(body)])


def _compile(values: Values, *, classes: bool) -> list[str]:
    loss = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)" if classes else '"mean_squared_error"'
    metrics = '["accuracy"]' if classes else "[absolute_error(scale)]"
    return [
        "model.compile(",
        *_indented([*_optimizer(values), f"loss={loss},", f"metrics={metrics},"]),
        ")",
    ]


def _value(metric: str, *, classes: bool) -> list[str]:
    if not classes and metric == "val_r2":
        return [
            "inputs, targets = validation",
            "found = model.predict(inputs, verbose=0)",
            'value = r2_score(targets, found, multioutput="variance_weighted")',
            'print(f"val_r2: {value:.4f}")',
        ]
    return [f"print(f\"{metric}: {{history.history['{metric}'][-1]:.4f}}\")"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


_ROWS_OF = '''\
def rows_of(share, total):
    """How many of all rows a share is, rounded up."""
    return math.ceil(total * share - 1e-9)'''

_SPLIT_CLASSES = '''\
def split(inputs, targets):
    """The rows to train on and to validate with, each with its share of every class."""
    total = len(inputs)
    rest, _test = train_test_split(
        np.arange(total),
        test_size=rows_of(TEST_SHARE, total),
        random_state=SPLIT_SEED,
        stratify=targets,
    )
    train, validation = train_test_split(
        rest,
        test_size=rows_of(VALIDATION_SHARE, total),
        random_state=SPLIT_SEED,
        stratify=targets[rest],
    )
    return train, validation'''

_SPLIT_NUMBERS = '''\
def split(inputs):
    """The rows to train on and to validate with."""
    total = len(inputs)
    tested, validated = rows_of(TEST_SHARE, total), rows_of(VALIDATION_SHARE, total)
    rows = np.arange(total)
    rest, _test = train_test_split(rows, test_size=tested, random_state=SPLIT_SEED)
    return train_test_split(rest, test_size=validated, random_state=SPLIT_SEED)'''

_PREPARE_CLASSES = '''\
def prepare(inputs, targets, train, rows):
    """Some rows, each column standardised as it is in the training rows."""
    scaler = StandardScaler().fit(inputs[train])
    return scaler.transform(inputs[rows]).astype("float32"), targets[rows]'''

_PREPARE_NUMBERS = '''\
def prepare(values, train, rows):
    """Some rows, each column standardised as it is in the training rows."""
    return StandardScaler().fit(values[train]).transform(values[rows]).astype("float32")'''

_MAE = '''\
def absolute_error(scale):
    """The mean absolute error of standardised targets, in their own units."""
    scale = scale.astype("float32")

    def mae(wanted, found):
        return keras.ops.mean(keras.ops.abs(wanted - found) * scale, axis=-1)

    return mae'''

_PARTS_CLASSES = [
    "inputs, targets = load_data()",
    "train_rows, validation_rows = split(inputs, targets)",
    "train = prepare(inputs, targets, train_rows, train_rows)",
    "validation = prepare(inputs, targets, train_rows, validation_rows)",
    "model = build_model(inputs.shape[1], int(targets.max()) + 1)",
]

_PARTS_NUMBERS = [
    "inputs, targets = load_data()",
    "train_rows, validation_rows = split(inputs)",
    "train, validation = (",
    "    (prepare(inputs, train_rows, rows), prepare(targets, train_rows, rows))",
    "    for rows in (train_rows, validation_rows)",
    ")",
    "scale = targets[train_rows].std(axis=0)",
    "model = build_model(inputs.shape[1], targets.shape[1])",
]
