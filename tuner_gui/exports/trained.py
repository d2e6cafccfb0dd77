"""Which trial leaves a study, with all that it was trained with."""

from __future__ import annotations

import json

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


def changed_data(file: StudyFile) -> str:
    """What is different from the data that the study was begun with, in a sentence; empty where nothing is."""
    data = file.log.plan.definition.data
    return what_changed(data, file.fact(FACT)) if data.source else ""


def sha256_of_data(file: StudyFile) -> str:
    """Of the data that the study was begun with; empty where it does not know."""
    try:
        return str(json.loads(file.fact(FACT) or "{}").get("sha256", ""))
    except (ValueError, AttributeError):
        return ""
