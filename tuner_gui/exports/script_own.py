"""A trial of a person's own model as a script, with the model's file beside it as the study keeps it.

Nothing of that file is run to write the script: it is only looked at, for what it imports and whether it may begin a
search of its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tuner_gui.exports import script_hp
from tuner_gui.exports.errors import ExportError
from tuner_gui.exports.script import assembled, heading, main_line, trial_constants
from tuner_gui.exports.script_data import DataPart, data_part
from tuner_gui.exports.script_text import assigned, indented
from tuner_gui.exports.trained import hyperparameters_of
from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition, Task
from tuner_gui.study.history import Trial
from tuner_gui.study.own_model import OBJECTIVE

_TUNERS = ("keras_tuner", "kerastuner")
_SEARCHES = ("create_study", "load_study", "optimize")


@dataclass(frozen=True)
class Seen:
    """What a model's file names, but for what it does only when it is run by itself."""

    imports: frozenset[str]
    names: frozenset[str]

    @property
    def tuners(self) -> list[str]:
        return [name for name in _TUNERS if name in self.imports]

    @property
    def may_search(self) -> bool:
        """Whether it may begin a search of its own while it is loaded."""
        return "optuna" in self.imports and not self.names.isdisjoint(_SEARCHES)

    @property
    def uses_keras(self) -> bool:
        return not self.imports.isdisjoint({"keras", "tensorflow"})


def seen_in(text: str) -> Seen:
    """ExportError where the text is no Python."""
    try:
        nodes = list(_nodes(ast.parse(text.removeprefix("\ufeff"))))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExportError(f"the model's file, as the study keeps it, is no Python: {error}") from None
    imported = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    names = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    names += [node.id for node in nodes if isinstance(node, ast.Name)]
    return Seen(frozenset(name.split(".")[0] for name in imported), frozenset(names))


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child)


def model_path(script: Path) -> Path:
    """Where the model's file goes: beside the script, under a name that can be imported."""
    plain = re.sub(r"\W", "_", script.stem)
    return script.with_name(f"{plain}_model.py" if plain.isidentifier() else f"model_{plain}.py")


def own_script_of(definition: Definition, trial: Trial, text: str, model: str, sha256: str = "") -> str:
    """The script for a model's file with this ``text`` that stands beside it under the name ``model``.

    ExportError where the text is no Python, or the data cannot be read.
    """
    seen, values = seen_in(text), hyperparameters_of(definition, trial)
    if definition.model.entry == OBJECTIVE:
        return _objective_script(definition, trial, values, seen, model)
    return _model_script(definition, trial, values, seen, model, sha256)


# --- a file with build_model ---


def _model_script(
    definition: Definition, trial: Trial, values: Mapping[str, Value], seen: Seen, model: str, sha256: str
) -> str:
    data = data_part(definition.data, sha256)
    classes = definition.data.kind_of_task is Task.CLASSIFICATION
    metric = definition.objective.metric
    loads = bool(seen.tuners)
    functions = [
        *data.functions,
        script_hp.VALUES,
        *([script_hp.STAND_INS, script_hp.LOAD_BUILD] if loads else []),
        script_hp.SHAPED,
        script_hp.WIDTH if classes else "",
        *([script_hp.ENDS_IN, script_hp.USUAL_LOSS, script_hp.WANTED] if classes else []),
        script_hp.ACCURACY if metric == "val_accuracy" else "",
        _main(data, metric, loads=loads, classes=classes),
    ]
    imports = ["import contextlib", "import keras", *data.imports]
    imports += ["import sys", "import types", "from pathlib import Path"] if loads else []
    constants = [assigned("MODEL_FILE", model), assigned("KERAS_TUNER", seen.tuners)] if loads else []
    return assembled(
        heading(definition, trial, data, ("tensorflow", "numpy", "scikit-learn"), model),
        imports,
        [
            *data.constants,
            "\n".join([*constants, trial_constants(definition, trial), assigned("VALUES", values)]),
        ],
        [function for function in functions if function],
        own_data=data.own,
        local="" if loads else f"from {Path(model).stem} import build_model",
    )


def _main(data: DataPart, metric: str, *, loads: bool, classes: bool) -> str:
    scale = "" if classes else ", scale" if metric == "val_mae" else ", _scale"
    body = ["check_data(path)"] if data.checks else []
    body += [
        "keras.utils.set_random_seed(SEED)",
        f"(inputs, targets), (new_inputs, new_targets){scale} = {data.call}",
        "hp = Values(VALUES)",
        f"model = {'load_build()(hp)' if loads else 'build_model(hp)'}",
        "inputs, new_inputs = shaped(model, inputs), shaped(model, new_inputs)",
        *(["width = width_of(model, inputs)"] if classes else []),
        "if not model.compiled:",
        '    rate = float(hp.setting("learning_rate", 0.001))',
        f"    loss = {'usual_loss(model, width)' if classes else 'keras.losses.MeanSquaredError()'}",
        "    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)",
        "history = model.fit(" if metric == "val_loss" else "model.fit(",
        *indented(_fit(classes=classes)),
        ")",
        *_value(metric),
    ]
    return "\n".join([main_line(data), *indented(body)])


def _fit(*, classes: bool) -> list[str]:
    given, validated = ("wanted(model, {}targets, width)" if classes else "{}targets",) * 2
    return [
        "inputs,",
        f"{given.format('')},",
        f"validation_data=(new_inputs, {validated.format('new_')}),",
        'batch_size=int(hp.setting("batch_size", 64)),',
        "epochs=EPOCHS,",
        "verbose=2,",
    ]


def _value(metric: str) -> list[str]:
    if metric == "val_loss":
        return ["print(f\"val_loss: {history.history['val_loss'][-1]:.4f}\")"]
    if metric == "val_accuracy":
        return ['print(f"val_accuracy: {accuracy(model, new_inputs, new_targets):.4f}")']
    found = "found = model.predict(new_inputs, verbose=0).reshape(new_targets.shape)"
    if metric == "val_mae":
        return [found, "errors = np.abs(found - new_targets) * scale", 'print(f"val_mae: {errors.mean():.4f}")']
    return [
        found,
        "spread = new_targets.var(axis=0).mean()",
        "error = np.mean((found - new_targets) ** 2)",
        'print(f"val_r2: {1 - error / spread:.4f}")',
    ]


# --- a file with objective ---


def _objective_script(definition: Definition, trial: Trial, values: Mapping[str, Value], seen: Seen, model: str) -> str:
    loads, texts = seen.may_search, any(_may_stand_for_more(value) for value in values.values())
    imports = ["import optuna"]
    imports += ["import keras"] if seen.uses_keras else ["import random", "import numpy as np"]
    imports += ["import sys", "import types", "from pathlib import Path"] if loads else []
    constants = [assigned("MODEL_FILE", model)] if loads else []
    seed = assigned("SEED", trial.seed % 2**32, "of the trial")
    return assembled(
        heading(definition, trial, None, ("optuna", *(("tensorflow",) if seen.uses_keras else ("numpy",))), model),
        imports,
        ["\n".join([*constants, seed, assigned("VALUES", values)])],
        [
            *([script_hp.LOAD_OBJECTIVE] if loads else []),
            *([script_hp.FIXED_TRIAL] if texts else []),
            _objective_main(trial, seen, loads=loads, texts=texts),
        ],
        own_data=False,
        local="" if loads else f"from {Path(model).stem} import objective",
    )


def _objective_main(trial: Trial, seen: Seen, *, loads: bool, texts: bool) -> str:
    seeds = ["keras.utils.set_random_seed(SEED)"] if seen.uses_keras else ["random.seed(SEED)", "np.random.seed(SEED)"]
    fixed = "FixedTrial" if texts else "optuna.trial.FixedTrial"
    body = [
        *(["objective = load_objective()"] if loads else []),
        *seeds,
        f"value = objective({fixed}(VALUES, number={trial.number}))",
        'print(f"value: {value}")',
    ]
    return "\n".join(["def main():", *indented(body)])


def _may_stand_for_more(value: Value) -> bool:
    """Whether a text may be how the study knows a choice that is no plain value, such as None or (64, 32)."""
    return isinstance(value, str) and (value in ("None", "nan", "inf", "-inf") or not re.fullmatch(r"[\w.+ -]*", value))


def known_text(kept: str | None, path: str) -> str:
    """The text of the model's file: as the study keeps it, or where it keeps none as it is now; ExportError."""
    if kept is not None:
        return kept
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExportError(
            f"{path}: the study keeps no copy of its model's file, which cannot be read ({reason})"
        ) from None
