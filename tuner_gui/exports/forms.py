"""The forms in which a study, or a trial of it, leaves: what commands and window offer, and how each is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.trained import chosen_trial, what_is_different
from tuner_gui.exports.writing import write_text
from tuner_gui.study.errors import one_of
from tuner_gui.study.file import StudyFile


@dataclass(frozen=True)
class Form:
    """``suffixes`` are those of its files, the usual one first; ``of_trial`` is whether it is about a single trial.
    ``replaces`` is whether a file that is there already may be replaced."""

    title: str
    suffixes: tuple[str, ...]
    of_trial: bool = False
    replaces: bool = True


FORMS: Mapping[str, Form] = {
    "csv": Form("Trials as CSV", (".csv",)),
    "json": Form("Study as JSON", (".json",)),
    "parquet": Form("Trials as Parquet", (".parquet",)),
    "optuna": Form("Study for Optuna", (".db", ".sqlite3", ".log", ".jsonl"), replaces=False),
    "keras": Form("Model as .keras", (".keras",), of_trial=True),
    "python": Form("Training script", (".py",), of_trial=True),
    "html": Form("Report as HTML", (".html",)),
}


def export(file: StudyFile, to: str, path: Path, *, trial: int | None = None) -> str:
    """Make one of :data:`FORMS`, of the best trial where the form is about one and none is named; returns in a sentence
    what was made. ExportUsageError and ExportError say in words what is wrong; ``path`` is then as it was."""
    if to not in FORMS:
        raise ExportUsageError(f"--to {to}: expected {one_of(FORMS, to)}")
    if trial is not None and not FORMS[to].of_trial:
        raise ExportUsageError(f"--trial: {to} holds all trials; expected it with {_of_trial_words()}")
    if path.suffix == ".tuner":
        raise ExportUsageError(f"{path}: a study is not written over; expected another ending than .tuner")
    _refuse_originals(file, path)
    if path.is_dir() or not path.absolute().parent.is_dir():
        what = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise ExportError(f"{path}: cannot be written ({what})")
    return _MAKERS[to](file, path, trial)


def _refuse_originals(file: StudyFile, path: Path) -> None:
    definition = file.log.plan.definition
    data, model = definition.data, definition.model.python
    for what, original in (("data", "" if data.built_in else data.source), ("model", model)):
        if original and path.resolve() == Path(original).resolve():
            raise ExportUsageError(f"{path}: the {what} of the study; expected another name, which is not written over")


def _of_trial_words() -> str:
    return " or ".join(f"--to {name}" for name, form in FORMS.items() if form.of_trial)


def _csv(file: StudyFile, path: Path, _trial: int | None) -> str:
    from tuner_gui.exports.trial_table import columns_of, write_csv

    write_csv(path, columns_of(file.log.plan, file.history))
    return _all_trials(file, path)


def _json(file: StudyFile, path: Path, _trial: int | None) -> str:
    from tuner_gui.study.summary import summary

    write_text(path, json.dumps(summary(file.log.plan, file.history), allow_nan=False) + "\n")
    return _all_trials(file, path)


def _parquet(file: StudyFile, path: Path, _trial: int | None) -> str:
    from tuner_gui.exports.trial_table import columns_of, write_parquet

    write_parquet(path, columns_of(file.log.plan, file.history))
    return _all_trials(file, path)


def _optuna(file: StudyFile, path: Path, _trial: int | None) -> str:
    from tuner_gui.exports.optuna_study import write_optuna

    count = write_optuna(path, file.log.plan, file.history)
    return f"{path}: {count:,} trial{'' if count == 1 else 's'} for Optuna"


def _keras(file: StudyFile, path: Path, number: int | None) -> str:
    from tuner_gui.exports.keras_file import write_keras

    trial = chosen_trial(file, number)
    written = write_keras(path, file, trial)
    words = f"{path}: the model of trial #{trial.number}; what goes in and comes out stands in {written.about.name}"
    return "; ".join([words, *written.notes, *_notes(file)])


def _python(file: StudyFile, path: Path, number: int | None) -> str:
    from tuner_gui.exports.script_file import write_script

    trial = chosen_trial(file, number)
    beside = write_script(path, file, trial)
    words = f"{path}: trains trial #{trial.number} again"
    words += f", with the model in {beside.name} beside it" if beside is not None else ""
    return "; ".join([words, *_notes(file)])


def _notes(file: StudyFile) -> list[str]:
    return [f"note that {words}" for words in what_is_different(file)]


def _html(file: StudyFile, path: Path, _trial: int | None) -> str:
    from tuner_gui.exports.report import report_of
    from tuner_gui.exports.report_known import known_of

    write_text(path, report_of(file.path.name, file.log.plan, file.history, known_of(file)))
    return f"{path}: the report of the study"


def _all_trials(file: StudyFile, path: Path) -> str:
    count = len(file.history)
    return f"{path}: {count:,} trial{'' if count == 1 else 's'}"


_MAKERS: Mapping[str, Callable[[StudyFile, Path, int | None], str]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "optuna": _optuna,
    "keras": _keras,
    "python": _python,
    "html": _html,
}
