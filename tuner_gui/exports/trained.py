"""Which trial leaves a study, with all that it was trained with."""

from __future__ import annotations

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


def kept_weights(file: StudyFile, trial: Trial) -> bytes:
    npz = file.weights(trial.number)
    if npz is None:
        kept = [f"#{number}" for number in file.trials_with_weights()]
        there = f"those of {', '.join(kept)} are" if kept else "none are"
        raise ExportError(f"{file.path.name}: the weights of trial #{trial.number} were not kept; {there}")
    return npz


def hyperparameters_of(definition: Definition, trial: Trial) -> dict[str, Value]:
    """Every hyperparameter of a trial: as drawn, as fixed for it, else as the study has it now."""
    return {**definition.hyperparameters({}), **trial.fixed, **trial.values}
