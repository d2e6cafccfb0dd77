"""The tables that ``tuner-gui show`` prints. Words from a study are shown as they are, never read as markup."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner_gui.data.fingerprint import FACT, what_changed
from tuner_gui.search.progress import format_duration
from tuner_gui.search.refine import format_share
from tuner_gui.space.parameters import ChoiceParameter, Value
from tuner_gui.space.region import Extent, Interval, full_extent, volume
from tuner_gui.space.space import Space
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import TrialState
from tuner_gui.study.file import ANOTHER_WINDOW, StudyFile
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan, Stage, with_stages
from tuner_gui.study.standing import Standing
from tuner_gui.study.summary import failure_reasons

BEST = 10
# Wide enough for the tables where nobody looks at a terminal.
PIPE_WIDTH = 140


def print_study(file: StudyFile) -> None:
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    plan = with_stages(file.log.plan, file.history.stages.values())
    console.print(Text(plan.definition.name, style="bold"), Text(str(file.path), style="dim"))
    console.print(describe_definition(plan.definition))
    if changed := what_changed(plan.definition.data, file.fact(FACT)):
        console.print(changed)
    if file.read_only_reason == ANOTHER_WINDOW:
        console.print("Another window has it open; this is what has been saved so far.")
    console.print(space_table(plan))
    console.print(stages_table(plan, file.history))
    console.print(describe_counts(file.history))
    for reason, count in failure_reasons(file.history)[:BEST]:
        console.print(f"  {count} × {reason}")
    best = file.history.best_standing(plan.definition.objective)
    if best is not None:
        console.print(best_table(plan.definition, file.history))
        console.print(f"{best_words(plan.definition, best)}{'; it ' if best.like_words else ''}{best.like_words}")


def describe_definition(definition: Definition) -> str:
    """The study in one line: what is improved, on what, with which network."""
    data, model, objective = definition.data, definition.model, definition.objective
    fixed = "".join(f", {name} {format_value(value)}" for name, value in model.fixed.items())
    return (
        f"{objective.direction} {objective.metric} on {data.source}; {model.kind}, {model.epochs} epochs{fixed}; "
        f"seed {definition.seed}"
    )


def describe_counts(history: History) -> str:
    counts = ", ".join(f"{count} {state}" for state, count in history.counts().items() if count)
    return f"{len(history)} trials: {counts}" if counts else "no trials yet"


def space_table(plan: Plan) -> Table:
    table = Table(title=f"Space, and the region of stage {plan.current}", title_justify="left")
    for heading in ("parameter", "kind", "scale", "full range", "region"):
        table.add_column(heading)
    for parameter in plan.space:
        scale = "" if isinstance(parameter, ChoiceParameter) else str(parameter.scale)
        full = extent_words(plan.space, parameter.name, full_extent(parameter))
        region = extent_words(plan.space, parameter.name, plan.region[parameter.name])
        table.add_row(parameter.name, parameter.kind, scale, Text(full), Text(region))
    return table


def stages_table(plan: Plan, history: History) -> Table:
    table = Table(title="Stages", title_justify="left")
    for heading in ("stage", "from", "origin", "trials", "best", "volume", "what changed"):
        table.add_column(heading, justify="right" if heading in ("stage", "from", "trials", "best") else "left")
    for stage in plan.stages:
        mark = " *" if stage.number == plan.current else ""
        parent = "" if stage.parent is None else str(stage.parent)
        trials = int(np.count_nonzero(history.stage_column == stage.number))
        best = format_value(_best_of_stage(plan.definition, history, stage))
        row = (f"{stage.number}{mark}", parent, str(stage.origin), str(trials), best, _volume_words(plan.space, stage))
        table.add_row(*row, Text(stage.note))
    table.caption = "* the stage that holds now"
    table.caption_justify = "left"
    return table


def best_table(definition: Definition, history: History) -> Table:
    table = Table(title=f"Best trials by {definition.objective.metric}", title_justify="left")
    table.add_column("trial", justify="right")
    table.add_column(definition.objective.metric, justify="right")
    table.add_column("runs", justify="right")
    for name in definition.space.names:
        table.add_column(name, justify="right")
    table.add_column("stage", justify="right")
    table.add_column("time", justify="right")
    standings = history.standings(definition.objective)
    for number in history.ranked(definition.objective, BEST):
        trial, standing = history.trial(number), standings.standing(number - 1)
        values = [_value_words(definition.space, name, trial.values.get(name)) for name in definition.space.names]
        time = "" if trial.seconds is None else format_duration(trial.seconds)
        row = (f"#{number}", standing.value_words, str(standing.runs))
        table.add_row(*row, *map(Text, values), str(trial.stage), time)
    return table


def best_words(definition: Definition, best: Standing) -> str:
    """The best trial with its spread: "best val_accuracy 0.986 ± 0.002 (#17, 5 seeds)"."""
    return f"best {definition.objective.metric} {best.value_words} (#{best.trial}, {best.runs_words})"


def extent_words(space: Space, name: str, extent: Extent) -> str:
    """An extent with the digits that suit the parameter; also one of a parameter that is no longer searched."""
    if not isinstance(extent, Interval):
        return ", ".join(format_value(choice) for choice in extent)
    return f"{_value_words(space, name, extent.low)} – {_value_words(space, name, extent.high)}"


def _value_words(space: Space, name: str, value: Value | None) -> str:
    return format_in(space[name], value) if name in space else format_value(value)


def _best_of_stage(definition: Definition, history: History, stage: Stage) -> float | None:
    of_stage = (history.stage_column == stage.number) & history.in_state(TrialState.FINISHED)
    values = definition.objective.sign * history.value_column[of_stage]
    values = values[np.isfinite(values)]
    return float(values.max()) * definition.objective.sign if len(values) else None


def _volume_words(space: Space, stage: Stage) -> str:
    """The share of today's space; nothing for a stage of a space with other parameters or ranges."""
    try:
        share = volume(space, stage.region)
    except (KeyError, TypeError):
        return ""
    return format_share(share) if share <= 1 + 1e-9 else ""
