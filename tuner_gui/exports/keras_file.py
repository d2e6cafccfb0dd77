"""A trial as a file that Keras opens anywhere, with the preparation of its data inside, and a page about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuner_gui import __version__
from tuner_gui.engines.exporting import KerasFile, NotMadeError, make_keras_file
from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.trained import hyperparameters_of, kept_weights
from tuner_gui.exports.writing import place_for, write_text
from tuner_gui.study.file import StudyFile
from tuner_gui.study.history import Trial
from tuner_gui.study.summary import finite


def write_keras(path: Path, file: StudyFile, trial: Trial) -> Path:
    """Write the model, and beside it ``NAME.keras.json``, which says what goes in and what comes out; returns the
    place of that."""
    if path.suffix != ".keras":
        raise ExportUsageError(f"{path}: expected a file that ends in .keras")
    definition = file.log.plan.definition
    values = hyperparameters_of(definition, trial)
    npz = kept_weights(file, trial)
    with place_for(path) as place:
        try:
            preparation = make_keras_file(KerasFile(str(place), definition.data, values, npz, definition.model.kind))
        except NotMadeError as error:
            raise ExportError(f"{path.name}: the model cannot be made: {error}") from error
    about = path.with_name(f"{path.name}.json")
    write_text(about, json.dumps(_about(file, trial, values, preparation), indent=2, ensure_ascii=False) + "\n")
    return about


def _about(
    file: StudyFile, trial: Trial, values: Mapping[str, Any], preparation: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    definition = file.log.plan.definition
    return {
        "study": definition.name,
        "trial": trial.number,
        definition.objective.metric: finite(trial.value),
        "hyperparameters": dict(values),
        "inputs": [column["name"] for column in preparation["columns"]],
        "image": preparation["image"],
        "outputs": _outputs(preparation["target"]),
        "preparation": preparation,
        "made_by": f"Tuner {__version__}",
    }


def _outputs(target: Mapping[str, Any]) -> list[str]:
    return list(target["classes"]) if "classes" in target else [entry["name"] for entry in target["numbers"]]
