"""Which trial leaves a study, with all that it was trained with."""

from __future__ import annotations

import json
from pathlib import Path

from tuner_gui.data.fingerprint import FACT, what_changed
from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition
from tuner_gui.study.file import StudyFile
from tuner_gui.study.history import Trial


def chosen_trial(file: StudyFile, number: int | None) -> Trial:
    """The trial of that number, or the best one by its mean. ExportUsageError or ExportError where there is none."""
    history = file.history
    if number is not None:
        if not 1 <= number <= len(history):
            expected = f"a trial from 1 to {len(history)}" if len(history) else "no number: the study has no trials yet"
            raise ExportUsageError(f"--trial {number}: expected {expected}")
        return history.trial(number)
    best = history.best(file.log.plan.definition.objective)
    if best is None:
        raise ExportError(f"{file.path.name}: no trial has finished yet, so there is no best one")
    return best


def hyperparameters_of(definition: Definition, trial: Trial) -> dict[str, Value]:
    """Every hyperparameter of a trial: as drawn, as fixed for it, else as the study has it now."""
    return {**definition.hyperparameters({}), **trial.fixed, **trial.values}


def what_is_different(file: StudyFile) -> list[str]:
    """What data and model file are now that they were not when the study was begun, each in a sentence."""
    data = file.log.plan.definition.data
    changed = what_changed(data, file.fact(FACT)) if data.source else ""
    return [words for words in (changed, _changed_model(file)) if words]


def _changed_model(file: StudyFile) -> str:
    """A trial does not know which state of the file it was trained with; what leaves is the first."""
    kept, path = file.model(), Path(file.log.plan.definition.model.python)
    try:
        if kept is None or path.read_bytes() == kept.text.encode():
            return ""
    except OSError:
        return ""
    return f"{path} has changed since the study was begun, and this is the model as it was then"


def sha256_of_data(file: StudyFile) -> str:
    """Of the data that the study was begun with; empty where it does not know."""
    try:
        return str(json.loads(file.fact(FACT) or "{}").get("sha256", ""))
    except (ValueError, AttributeError):
        return ""
