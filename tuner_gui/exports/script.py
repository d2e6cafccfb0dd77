"""A trial as a script that trains its network again: plain Keras and scikit-learn, nothing of this program.

The data, their split and their preparation are those of the study, to the row. What is random in training (start
weights, the order of rows, dropout) is Keras' own, so the result is that of another seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuner_gui import __version__
from tuner_gui.exports.script_data import DataPart, data_part
from tuner_gui.exports.script_network import network_part, optimizer_lines, rate_function
from tuner_gui.exports.script_text import assigned, in_a_docstring, indented
from tuner_gui.exports.trained import hyperparameters_of
from tuner_gui.space.parameters import Value
from tuner_gui.space.textbook import CNN
from tuner_gui.space.ticks import format_value
from tuner_gui.study.definition import Definition, Task
from tuner_gui.study.history import Trial

Values = Mapping[str, Value]


def script_of(definition: Definition, trial: Trial, sha256: str = "") -> str:
    """Reads data of a person's own in full; ``sha256`` is of what the study was begun with, where that is known.

    ExportError where the data cannot be read.
    """
    values, kind = hyperparameters_of(definition, trial), definition.model.kind
    data = data_part(definition.data, sha256, images=kind == CNN)
    network = network_part(kind, values, data.image)
    classes = definition.data.kind_of_task is Task.CLASSIFICATION
    functions = [
        *data.functions,
        network.function,
        *([] if classes else [_MAE]),
        *([rate_function()] if values["learning_rate_decay"] else []),
        _main(definition, values, data, network.call(data.outputs), classes=classes),
    ]
    constants = [
        *data.constants,
        trial_constants(definition, trial),
        "\n".join(assigned(name, value, words) for name, (value, words) in network.constants.items()),
    ]
    more = ("from sklearn.metrics import r2_score",) if definition.objective.metric == "val_r2" else ()
    return assembled(
        heading(definition, trial, data, ("tensorflow", "numpy", "scikit-learn")),
        ("import keras", *data.imports, *more),
        constants,
        functions,
        own_data=data.own,
    )


def assembled(
    docstring: str,
    imports: Sequence[str],
    constants: Sequence[str],
    functions: Sequence[str],
    *,
    own_data: bool,
    local: str = "",
) -> str:
    """The whole text. ``local`` is the import of a file beside it; ``constants`` are groups of lines; ``main`` is among
    the functions, and where the data are a person's own it takes their path."""
    call = "main(*sys.argv[1:])" if own_data else "main()"
    imports = [*imports, "import sys"] if own_data else imports
    parts = [docstring, *_import_blocks(imports), *filter(None, [local]), *constants]
    functions = [*functions, f'if __name__ == "__main__":\n    {call}']
    return "\n\n".join(parts) + "\n\n\n" + "\n\n\n".join(functions) + "\n"


def heading(
    definition: Definition, trial: Trial, data: DataPart | None, packages: Sequence[str], model: str = ""
) -> str:
    """The docstring. ``model`` is the name of the file with a person's own model, which has to stand beside it."""
    lines = [f"Trains trial {trial.number} of the study '{in_a_docstring(definition.name)}' again."]
    if trial.value is not None:
        lines += ["", f"The trial reached a {definition.objective.metric} of {format_value(trial.value)}."]
        lines += [_ANEW_OWN if data is None else _ANEW]
    if data is not None and data.own:
        lines += ["", "Another path of the data can be given as an argument."]
    needed = [*packages, *(data.packages if data is not None else ())]
    lines += ["", f"Written by Tuner {__version__}. Needs {', '.join(needed[:-1])} and {needed[-1]}."]
    if model:
        lines += [f"The model is that of {in_a_docstring(model)} beside this file, which may need more."]
    return '"""' + "\n".join(lines) + '\n"""'


_ANEW = "Start weights and the order of rows are drawn anew, so this is one more seed of it."
_ANEW_OWN = "What it draws at random may come out differently, so this is one more seed of it."


def trial_constants(definition: Definition, trial: Trial) -> str:
    seed = assigned("SEED", trial.seed % 2**32, "of the trial; Keras draws other numbers from it")
    return f"{seed}\n{assigned('EPOCHS', definition.model.epochs)}"


def _import_blocks(imports: Sequence[str]) -> list[str]:
    """What comes with Python, then all else; each in the order in which people sort them."""
    lines = sorted(set(imports), key=lambda line: (line.startswith("from"), line))
    standard = [line for line in lines if line.split()[1].split(".")[0] in _STANDARD]
    others = [line for line in lines if line not in standard]
    return ["\n".join(block) for block in (standard, others) if block]


_STANDARD = ("contextlib", "hashlib", "math", "pathlib", "random", "sys", "types")


def _main(definition: Definition, values: Values, data: DataPart, model: str, *, classes: bool) -> str:
    metric = definition.objective.metric
    parts = "train, validation" if classes else "train, validation, scale"
    body = ["check_data(path)"] if data.checks else []
    body += [
        "keras.utils.set_random_seed(SEED)",
        f"{parts} = {data.call}",
        f"model = {model}",
        *_compile(values, classes=classes),
    ]
    callbacks = ["callbacks=[keras.callbacks.LearningRateScheduler(learning_rate)],"]
    body += [
        "model.fit(" if metric == "val_r2" else "history = model.fit(",
        *indented([
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
    return "\n".join([main_line(data), *indented(body)])


def main_line(data: DataPart | None) -> str:
    return "def main(path=DATA):" if data is not None and data.own else "def main():"


def _compile(values: Values, *, classes: bool) -> list[str]:
    loss = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)" if classes else '"mean_squared_error"'
    metrics = '["accuracy"]' if classes else "[absolute_error(scale)]"
    return [
        "model.compile(",
        *indented([*optimizer_lines(values), f"loss={loss},", f"metrics={metrics},"]),
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


_MAE = '''\
def absolute_error(scale):
    """The mean absolute error of standardised targets, in their own units."""
    scale = scale.astype("float32")

    def mae(wanted, found):
        return keras.ops.mean(keras.ops.abs(wanted - found) * scale, axis=-1)

    return mae'''
