"""``tuner-gui refine``: change the region from which the next trials are drawn, as one edit that can be undone."""

from __future__ import annotations

import argparse

from tuner_gui.commands.errors import CommandFailedError, UsageError
from tuner_gui.commands.tables import extent_words
from tuner_gui.search.refine import FEWEST_TRIALS, keeps, suggest_region, widened
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, NumberParameter, Parameter, Value
from tuner_gui.space.region import Extent, Interval, Region, checked_extent
from tuner_gui.space.ticks import format_value
from tuner_gui.study.edits import EditLog
from tuner_gui.study.errors import one_of
from tuner_gui.study.file import StudyFile, open_study
from tuner_gui.study.stages import Origin, Plan, describe_change, refined


def refine(options: argparse.Namespace) -> int:
    asked = [bool(options.extents), options.suggest, options.widen, options.undo]
    if sum(asked) != 1:
        raise UsageError("refine: give NAME=LOW:HIGH or NAME=A,B, or one of --suggest, --widen and --undo")
    with open_study(options.study) as file:
        if file.read_only_reason is not None:
            raise CommandFailedError(f"{options.study}: cannot be refined, because {file.read_only_reason}")
        if options.undo:
            _undo(file)
        else:
            _apply(file, options)
        _print_region(file)
    return 0


def _apply(file: StudyFile, options: argparse.Namespace) -> None:
    plan = file.log.plan
    if options.suggest:
        region = _suggested(file)
    elif options.widen:
        region = widened(plan)
    else:
        region = _given(plan, options.extents)
    after = refined(plan, region)
    if after is plan:
        print(f"The region of stage {plan.current} is that already; nothing was changed.")
        return
    file.save_log(file.log.done(_edit_text(plan, after), after))
    print(f"Stage {after.current} ({after.stage.origin}, from stage {after.stage.parent}): {after.stage.note}")


def _undo(file: StudyFile) -> None:
    text = file.log.undo_text
    if text is None:
        raise CommandFailedError(f"{file.path.name}: there is no edit to undo")
    log: EditLog = file.log.undone(file.history.stages.values())
    file.save_log(log)
    print(f"Undone: {text}. Stage {log.plan.current} holds again; no trial was deleted.")


def _suggested(file: StudyFile) -> Region:
    suggestion = suggest_region(file.log.plan, file.history)
    if suggestion is None:
        raise CommandFailedError(f"{file.path.name}: a suggestion needs at least {FEWEST_TRIALS} finished trials")
    print(f"Suggested: {suggestion.reason}.")
    return suggestion.region


def _given(plan: Plan, assignments: list[str]) -> Region:
    region = plan.region
    for assignment in assignments:
        name, equals, words = assignment.partition("=")
        if not equals:
            raise UsageError(f"{assignment!r}: expected NAME=LOW:HIGH or NAME=A,B")
        if name not in plan.space:
            raise UsageError(f"{assignment!r}: expected the name of a parameter that is searched, {_names(plan, name)}")
        try:
            region = region.replace(name, _extent(plan.space[name], words))
        except SpaceError as error:
            raise UsageError(f"{assignment!r}: expected {error.expected}") from None
    return region


def _names(plan: Plan, name: str) -> str:
    return one_of(plan.space.names, name)


def _extent(parameter: Parameter, words: str) -> Extent:
    if isinstance(parameter, ChoiceParameter):
        return checked_extent(parameter, tuple(_choice(parameter, word) for word in words.split(",")))
    return checked_extent(parameter, _interval(parameter, words))


def _interval(parameter: NumberParameter, words: str) -> Interval:
    low, colon, high = words.partition(":")
    try:
        numbers = float(low), float(high)
    except ValueError:
        numbers = None
    if not colon or numbers is None:
        span = f"inside {format_value(parameter.low)}:{format_value(parameter.high)}"
        raise SpaceError(parameter.name, words, f"LOW:HIGH, two numbers {span}")
    return Interval(*numbers)


def _choice(parameter: ChoiceParameter, word: str) -> Value:
    for choice in parameter.choices:
        if word.strip() in (str(choice), format_value(choice)) or _is_number(choice, word):
            return choice
    raise SpaceError(parameter.name, word, f"some of {', '.join(map(format_value, parameter.choices))}")


def _is_number(choice: Value, word: str) -> bool:
    """Whether 1e-3 was written for 0.001."""
    if isinstance(choice, (bool, str)):
        return False
    try:
        return float(word) == choice
    except ValueError:
        return False


def _edit_text(before: Plan, after: Plan) -> str:
    verb = "Widen" if after.stage.origin is Origin.WIDEN else "Narrow"
    changes = describe_change(before.space, before.region, after.region)
    names = ", ".join(p.name for p in before.space if before.region[p.name] != after.region[p.name])
    return f"{verb} {changes}" if len(changes) <= 60 else f"{verb} {names}"


def _print_region(file: StudyFile) -> None:
    """The region that holds now, and what it keeps."""
    plan = file.log.plan
    width = max((len(name) for name in plan.space.names), default=0)
    for parameter in plan.space:
        print(f"  {parameter.name:{width}}  {extent_words(plan.space, parameter.name, plan.region[parameter.name])}")
    print(f"The region {keeps(plan.space, plan.region, file.history)}.")
