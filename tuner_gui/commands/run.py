"""``tuner-gui run``: search in the terminal, in a study that is there or in a new one from a definition."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from tuner_gui.commands.errors import DONE, FAILED, INTERRUPTED, CommandFailedError, UsageError
from tuner_gui.commands.progress import Display, Lines, Tally
from tuner_gui.commands.searching import Outcome, search
from tuner_gui.commands.tables import best_words
from tuner_gui.commands.trusting import trusted_file
from tuner_gui.data.fingerprint import FACT, facts_of, what_changed
from tuner_gui.data.keras_sets import download_words
from tuner_gui.data.settle import settled, with_preview
from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.engines.own_models import OwnModelError, find_space
from tuner_gui.engines.trust import ModelFile
from tuner_gui.search.strategies import STRATEGIES
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.checks import check_definition
from tuner_gui.study.definition import KERAS_DATA, DataSettings, Definition, with_search
from tuner_gui.study.errors import DefinitionError, one_of
from tuner_gui.study.events import RunStatus
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.history import Trial
from tuner_gui.study.own_model import FoundSpace, KeptModel
from tuner_gui.study.toml import read_definition

DEFAULT_TRIALS = 20
_SQLITE = b"SQLite format 3\0"

Made = TypeVar("Made")


def run(options: argparse.Namespace) -> int:
    if options.strategy is not None:
        _named("--strategy", STRATEGIES, options.strategy)
    engine = _named("--engine", ENGINES, options.engine)
    trials = options.trials
    if trials is None and options.seconds is None:
        trials = DEFAULT_TRIALS
    with _open(options) as file:
        _refuse_viewer(file)
        if changed := what_changed(file.log.plan.definition.data, file.fact(FACT)):
            print(f"{changed}; earlier trials saw other data", file=sys.stderr)
        tally = Tally(file.log.plan.definition, file.history.copy())
        outcome = search(
            file=file,
            engine=engine(),
            trials=trials,
            seconds=options.seconds,
            display=_display(tally),
            history=tally.history,
        )
        return _conclude(file, outcome, tally)


def search_in(path: Path, *, trials: int | None) -> int:
    """Search in a study that is there, with everything as it is by default."""
    return run(
        argparse.Namespace(
            study=path, out=None, trials=trials, seconds=None, seed=None, strategy=None, engine="local", trust=False
        )
    )


def _named(option: str, known: Mapping[str, Made], name: str) -> Made:
    if name not in known:
        raise UsageError(f"{option} {name}: expected {one_of(known, name)}")
    return known[name]


def _open(options: argparse.Namespace) -> StudyFile:
    path: Path = options.study
    if not _is_study(path):
        return _create(path, options)
    if options.out is not None:
        raise UsageError(f"--out goes with a definition; {path} is a study, which keeps its new trials itself")
    file = open_study(path)
    try:
        _check(path, file.log.plan.definition, options.seed)
        if (python := file.log.plan.definition.model.python) and file.read_only_reason is None:
            trusted_file(Path(python), trust=options.trust)
        _switch_strategy(file, options.strategy)
    except BaseException:
        file.close()
        raise
    return file


def _switch_strategy(file: StudyFile, strategy: str | None) -> None:
    """As one edit, which can be undone like any other."""
    plan = file.log.plan
    search = plan.definition.search
    if strategy is None or strategy == search.strategy or file.read_only_reason is not None:
        return
    after = with_search(plan.definition, dataclasses.replace(search, strategy=strategy))
    file.save_log(file.log.done(f"Search with {strategy}", dataclasses.replace(plan, definition=after)))


def _check(path: Path, definition: Definition, seed: int | None) -> None:
    """Refuse what a window may have left half done, and another seed than the one that the study has."""
    try:
        check_definition(definition)
    except SpaceError as error:
        raise DefinitionError(str(path), error.key, error.value, error.expected) from None
    if seed not in (None, definition.seed):
        raise UsageError(f"--seed {seed}: {path} is a study that was begun with seed {definition.seed} and keeps it")


def _is_study(path: Path) -> bool:
    if path.suffix in (".toml", ".tuner"):
        return path.suffix == ".tuner"
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _create(path: Path, options: argparse.Namespace) -> StudyFile:
    models: list[ModelFile] = []
    said: list[str] = []

    def find(python: Path, search: int) -> FoundSpace:
        models.append(trusted_file(python, trust=options.trust))
        return _found(models[-1], search)

    def settle(data: DataSettings) -> DataSettings:
        return _settled(data, said)

    definition = read_definition(path, find=find, settle=settle)
    # Only now: a definition that is wrong elsewhere is one message.
    sys.stderr.write("".join(f"{line}\n" for line in said))
    if options.seed is not None:
        definition = dataclasses.replace(definition, seed=options.seed)
    if options.strategy is not None:
        search = dataclasses.replace(definition.search, strategy=options.strategy)
        definition = with_search(definition, search)
    out = options.out or path.with_suffix(".tuner")
    if out.exists():
        raise UsageError(
            f"{out}: there is a file already; to go on with that study: tuner-gui run {shlex.quote(str(out))}, "
            "to begin another one: --out OTHER.tuner"
        )
    kept = [KeptModel(str(model.path), model.sha256, model.text) for model in models]
    return create(out, definition, model=kept[0] if kept else None, facts=facts_of(definition.data))


def _found(model: ModelFile, search: int) -> FoundSpace:
    try:
        found = find_space(model, search=search)
    except OwnModelError as error:
        raise UsageError(str(error)) from None
    for note in found.notes:
        print(f"tuner-gui: {note}", file=sys.stderr)
    return found


def _settled(data: DataSettings, said: list[str]) -> DataSettings:
    """Look at data of one's own; what was seen in it is to be said. Download what Keras has by name."""
    if data.source in KERAS_DATA and (size := download_words(data.source)):
        print(f"{data.source}: downloading {size}, once", file=sys.stderr)
    if data.source in KERAS_DATA:
        return settled(data)
    if data.built_in or not data.source:
        return data
    decided, seen = with_preview(data)
    guessed = [] if data.target or not decided.target else ["target"]
    guessed += [] if data.task else ["task"]
    by_guess = f" ({' and '.join(guessed)} guessed)" if guessed else ""
    predicted = f"{decided.kind_of_task} of {decided.target or 'images'}{by_guess}"
    said += [f"{data.source}: {predicted}", *(f"  {words}" for words in seen.warnings)]
    return decided


def _refuse_viewer(file: StudyFile) -> None:
    if file.read_only_reason is not None:
        raise CommandFailedError(f"{file.path}: cannot search here, because {file.read_only_reason}")


def _display(tally: Tally) -> Display:
    if not sys.stderr.isatty():
        return Lines(tally, sys.stderr)
    from rich.console import Console

    from tuner_gui.commands.bar import Bar

    return Bar(tally, Console(stderr=True))


def _conclude(file: StudyFile, outcome: Outcome, tally: Tally) -> int:
    """Say what came out, where it is kept and how fast it went; the exit code says how it ended."""
    definition = file.log.plan.definition
    trials = file.history.trials[outcome.first :]
    counts: dict[str, int] = {}
    for trial in trials:
        counts[str(trial.state)] = counts.get(str(trial.state), 0) + 1
    counted = ", ".join(f"{count} {state}" for state, count in counts.items()) or "none"
    print(f"{file.path}: {len(trials)} more trials ({counted}), {len(file.history)} in all")
    if speed := tally.speed_words():
        print(speed)
    best = file.history.best_standing(definition.objective)
    if best is not None:
        values = _values(definition, file.history.trial(best.trial))
        print(f"{best_words(definition, best)}: {values}")
        if best.like_words:
            print(f"It {best.like_words}.")
    if outcome.interrupted:
        print("Interrupted; everything that was finished is kept.", file=sys.stderr)
        return INTERRUPTED
    if outcome.status is not RunStatus.DONE:
        print(f"tuner-gui: the search failed: {outcome.message}", file=sys.stderr)
        return FAILED
    return DONE


def _values(definition: Definition, trial: Trial) -> str:
    space, active = definition.space, definition.active(trial.values)
    return ", ".join(
        f"{name} {format_in(space[name], value) if name in space else format_value(value)}"
        for name, value in trial.values.items()
        if name in active
    )
