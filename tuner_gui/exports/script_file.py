"""Puts a training script where a person wants it, and beside it the model's file where that is a person's own."""

from __future__ import annotations

from pathlib import Path

from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.script import script_of
from tuner_gui.exports.script_own import known_text, model_path, own_script_of
from tuner_gui.exports.trained import sha256_of_data
from tuner_gui.exports.writing import write_text
from tuner_gui.study.definition import Definition
from tuner_gui.study.file import StudyFile
from tuner_gui.study.history import Trial
from tuner_gui.study.own_model import BUILD_MODEL, OBJECTIVE


def write_script(path: Path, file: StudyFile, trial: Trial) -> Path | None:
    """Write the script; returns where the model's file was put, None where the network is one of this program's.

    ExportUsageError where that would take the place of another file, ExportError where no script can be made.
    """
    definition, sha256 = file.log.plan.definition, sha256_of_data(file)
    if not definition.model.python:
        write_text(path, script_of(definition, trial, sha256))
        return None
    _refuse_own_search(definition)
    kept, beside = file.model(), model_path(path)
    model = known_text(kept.text if kept is not None else None, definition.model.python)
    script = own_script_of(definition, trial, model, beside.name, sha256)
    _refuse_another(beside, model)
    write_text(beside, model)
    write_text(path, script)
    return beside


def _refuse_own_search(definition: Definition) -> None:
    entry, name = definition.model.entry, Path(definition.model.python).name
    if entry not in (BUILD_MODEL, OBJECTIVE) or (entry == BUILD_MODEL and not definition.data.source):
        raise ExportError(f"no script can be written for {name}, which brings its data and its training itself: run it")
    if definition.model.search > 1:
        raise ExportError(f"of {name} only what its first search trains can be exported")


def _refuse_another(path: Path, text: str) -> None:
    """Nobody named this file, so it takes the place of none that holds something else."""
    try:
        if not path.exists() or path.read_bytes() == text.encode():
            return
    except OSError:
        pass
    raise ExportUsageError(
        f"{path}: is there already and holds something else; the model's file would be put there: "
        "expected another name for the script"
    )
