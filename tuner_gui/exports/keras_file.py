"""A trial as a file that Keras opens anywhere, with the preparation of its data inside, and a page about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner_gui import __version__
from tuner_gui.engines.exporting import Again, KerasFile, Made, NotMadeError, make_keras_file
from tuner_gui.engines.trust import ModelFile, NotTrustedError, TrustStore
from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.trained import hyperparameters_of
from tuner_gui.exports.writing import place_for, write_text
from tuner_gui.space.parameters import Value
from tuner_gui.space.ticks import format_value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import TrialState
from tuner_gui.study.file import StudyFile
from tuner_gui.study.history import Trial
from tuner_gui.study.own_model import BUILD_MODEL, KeptModel
from tuner_gui.study.summary import finite


@dataclass(frozen=True)
class WrittenModel:
    """``about`` is the page beside the model; ``notes`` are what a person has to know of it, each to follow a
    semicolon."""

    about: Path
    notes: tuple[str, ...]


def write_keras(path: Path, file: StudyFile, trial: Trial) -> WrittenModel:
    """Write the model, and beside it ``NAME.keras.json``, which says what goes in and what comes out.

    A finished trial whose weights were not kept is trained again. A person's own model file is run for it, as the study
    keeps it, if it is trusted. ExportUsageError or ExportError where there is no model to write.
    """
    if path.suffix != ".keras":
        raise ExportUsageError(f"{path}: expected a file that ends in .keras")
    definition = file.log.plan.definition
    _refuse_without_model(definition, trial)
    values, npz = hyperparameters_of(definition, trial), file.weights(trial.number)
    model = _trusted(file) if definition.model.python else None
    again = Again(trial.seed, definition.model.epochs, definition.objective.metric)
    with place_for(path) as place:
        try:
            kind = definition.model.kind
            made = make_keras_file(KerasFile(str(place), definition.data, values, npz, again, model, kind))
        except NotMadeError as error:
            raise ExportError(f"{path.name}: the model cannot be made: {error}") from error
    about = path.with_name(f"{path.name}.json")
    write_text(about, json.dumps(_about(definition, trial, values, made), indent=2, ensure_ascii=False) + "\n")
    return WrittenModel(about, _notes(definition, trial, made))


def _refuse_without_model(definition: Definition, trial: Trial) -> None:
    if definition.model.python and (definition.model.entry != BUILD_MODEL or not definition.data.source):
        raise ExportError(
            f"{Path(definition.model.python).name} trains its models itself and hands none over; "
            "a script runs it again: --to python"
        )
    if definition.model.search > 1:
        raise ExportError(f"of {Path(definition.model.python).name} only what its first search trains can be exported")
    if trial.state is not TrialState.FINISHED:
        state = "is in training" if trial.state is TrialState.RUNNING else f"was {trial.state}"
        state = "has failed" if trial.state is TrialState.FAILED else state
        raise ExportError(
            f"trial #{trial.number} {state}: only a finished one has a model; a script trains it again: --to python"
        )


def _trusted(file: StudyFile) -> KeptModel:
    """The model's file as the study keeps it, or where it keeps none as it is now; ExportError if it may not be run."""
    kept, path, store = file.model(), Path(file.log.plan.definition.model.python), TrustStore()
    try:
        if kept is None:
            now = store.checked(path)
            return KeptModel(str(path), now.sha256, now.text)
    except NotTrustedError as error:
        raise ExportError(str(error)) from error
    # Of the text itself: what a study says of it could be made up.
    sha256 = hashlib.sha256(kept.text.encode()).hexdigest()
    if not store.is_trusted(ModelFile(path, sha256, kept.text)):
        raise ExportError(
            "the model's file, as the study keeps it, was not trusted here, and can do anything on this machine that "
            "you can: write it out with --to python, look at it, then: tuner-gui check-model --trust FILE"
        )
    return KeptModel(kept.path, sha256, kept.text)


def _notes(definition: Definition, trial: Trial, made: Made) -> tuple[str, ...]:
    notes = []
    if made.value is not None:
        metric, had = (
            definition.objective.metric,
            "" if trial.value is None else f" (it had {format_value(trial.value)})",
        )
        notes.append(
            f"its weights were not kept, so it was trained again, to a {metric} of {format_value(made.value)}{had}"
        )
    if made.needed:
        notes.append(f"Keras opens it only where {_listed(made.needed)} of {_file_of(definition)} is known")
    if made.unsafe:
        notes.append("it holds a lambda, which Keras opens only with safe_mode=False")
    return tuple(notes)


def _about(definition: Definition, trial: Trial, values: Mapping[str, Value], made: Made) -> dict[str, Any]:
    preparation = made.document or {}
    return {
        "study": definition.name,
        "trial": trial.number,
        definition.objective.metric: finite(trial.value if made.value is None else made.value),
        "hyperparameters": dict(values),
        "inputs": [column["name"] for column in preparation["columns"]],
        **({"input_names": list(made.names)} if made.names else {}),
        "image": preparation["image"],
        "outputs": _outputs(preparation["target"]),
        **_needs(definition, made),
        "preparation": preparation,
        "made_by": f"Tuner {__version__}",
    }


def _needs(definition: Definition, made: Made) -> dict[str, Any]:
    """How a model is opened that Keras does not open by itself."""
    if not made.needed and not made.unsafe:
        return {}
    objects = "{" + ", ".join(f'"{name}": {name}' for name in made.needed) + "}"
    arguments = [f"custom_objects={objects}"] if made.needed else []
    arguments += ["safe_mode=False"] if made.unsafe else []
    return {
        "needs": {
            "file": _file_of(definition) if made.needed else "",
            "objects": list(made.needed),
            "open": f"keras.saving.load_model(PATH, {', '.join(arguments)})",
        }
    }


def _file_of(definition: Definition) -> str:
    return Path(definition.model.python).name


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _outputs(target: Mapping[str, Any]) -> list[str]:
    return list(target["classes"]) if "classes" in target else [entry["name"] for entry in target["numbers"]]
