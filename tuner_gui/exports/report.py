"""A study as one page that needs nothing else: no scripts, no fonts, no pictures from elsewhere.

Whatever comes from a study is text here, never markup.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from tuner_gui.exports import report_plots, report_words
from tuner_gui.exports.report_known import Known, data_rows, machine_rows, model_rows, study_rows
from tuner_gui.exports.report_style import STYLE
from tuner_gui.search.importance import Importances, importances, rank_words
from tuner_gui.search.progress import format_duration
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.region import full_region
from tuner_gui.space.space import Space
from tuner_gui.space.textbook import tier
from tuner_gui.space.ticks import format_in, format_value
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History
from tuner_gui.study.stages import Plan, Stage, describe_extent, with_stages
from tuner_gui.study.summary import failure_reasons

BEST = 12
REASONS = 8


def report_of(file_name: str, plan: Plan, history: History, known: Known = Known()) -> str:  # noqa: B008 - frozen
    """The whole page. A few seconds with thousands of trials: the importance is measured."""
    plan = with_stages(plan, history.stages.values())
    name = escape(plan.definition.name)
    heading = _heading(file_name, plan, history)
    sections = [*_body(plan, history, known), _made_with(file_name, plan, known)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing may be loaded or run, whatever a name or a note would like.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{name}: report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{heading}\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def _body(plan: Plan, history: History, known: Known) -> list[str]:
    words = "".join(_paragraph(text) for text in report_words.methods(plan, history, known))
    parts = [_section("In words", words)]
    if np.isfinite(report_plots.finished_values(history)).any():
        parts += [_course(plan, history), _best(plan, history), _curves(plan, history), _slices(plan, history)]
        parts.append(_importance(importances(plan.space, full_region(plan.space), history, plan.definition.objective)))
    else:
        parts.append(_section("Trials", _paragraph("No trial has finished yet.")))
    return [*parts, _space(plan), _stages(plan, history), _failures(history), _notes(history)]


# --- the sections ---


def _heading(file_name: str, plan: Plan, history: History) -> str:
    definition, objective = plan.definition, plan.definition.objective
    best = history.best_standing(objective)
    figures = [(f"{len(history):,}", "trials")]
    figures.append((format_duration(report_words.total_seconds(history.trials)), "of training, added up"))
    if best is not None:
        figures.insert(0, (best.value_words, f"best {objective.metric}, #{best.trial}, {best.runs_words}"))
    figures.append((str(len(history.stages) or 1), "stages" if len(history.stages) > 1 else "stage"))
    listed = "".join(f"<li><b>{escape(number)}</b><span>{escape(what)}</span></li>" for number, what in figures)
    days = [trial.started_at[:10] for trial in history.trials]
    when = f"{days[0]} – {days[-1]}" if days and days[0] != days[-1] else "".join(days[:1])
    aim = f"{objective.direction} {objective.metric}"
    under = " · ".join(filter(None, (file_name, aim, f"on {report_words.data_name(definition)}", when)))
    title = f"<h1>{escape(definition.name)}</h1>{_paragraph(under, 'under')}"
    return f'<header>{title}<ul class="figures">{listed}</ul></header>'


def _course(plan: Plan, history: History) -> str:
    words = "Points are finished trials, the line is the best value so far. What lies beyond the axis is at its end."
    return _section("Course of the search", _paragraph(words, "under") + report_plots.best_so_far(plan, history))


def _best(plan: Plan, history: History) -> str:
    objective, space = plan.definition.objective, plan.space
    standings = history.standings(objective)
    heads = ["trial", objective.metric, "seeds", *space.names, "stage", "time"]
    rows = []
    for number in history.ranked(objective, BEST):
        trial, standing = history.trial(number), standings.standing(number - 1)
        values = [_value_words(space, name, trial.value_of(name)) for name in space.names]
        time = "" if trial.seconds is None else format_duration(trial.seconds)
        rows.append([f"#{number}", standing.value_words, str(standing.runs), *values, str(trial.stage), time])
    best = history.best_standing(objective)
    words = ""
    if best is not None:
        seeds, one = "the mean of its seeds ± their standard deviation", "that of one run: part of it is its seed's"
        runs = seeds if best.runs > 1 else one
        like = f" It {best.like_words}." if best.like else ""
        words = _paragraph(f"The value of #{best.trial} is {runs}.{like}")
    return _section(
        "Best trials", words + _table(heads, rows, caption="Best trials", first=True, numbers=range(len(heads)))
    )


def _curves(plan: Plan, history: History) -> str:
    count = len(history.ranked(plan.definition.objective, report_plots.CURVES))
    words = f"The best trial, and the next {count - 1} behind it." if count > 1 else "The best trial."
    return _section("Learning curves", _paragraph(words, "under") + report_plots.best_curves(plan, history))


def _slices(plan: Plan, history: History) -> str:
    share = f"{100 * report_plots.BEST_SHARE:.0f} %"
    shaded = ", shaded is the region that holds now" if plan.region != full_region(plan.space) else ""
    words = f"Finished trials over each parameter; orange are the best {share}{shaded}."
    plots = "".join(report_plots.slice_of(plan, history, parameter) for parameter in plan.space)
    return _section("Parameters", _paragraph(words, "under") + f'<div class="slices">{plots}</div>')


def _importance(found: Importances) -> str:
    if not found.parameters:
        return _section("Importance", _paragraph(f"Not measured: {found.reason}."))
    words = (
        f"PED-ANOVA over {found.trials} trials: how far the best lie elsewhere on a parameter than all do. The lines "
        "span 9 of 10 resamples of the trials."
    )
    count = len(found.parameters)
    ranks = "".join(f"<li>{escape(rank_words(entry, count))}</li>" for entry in found.parameters)
    pairs = "; ".join(f"{' and '.join(pair.names)} ({100 * pair.share:.0f} %)" for pair in found.pairs)
    together = _paragraph(f"These act together: {pairs}.") if pairs else ""
    plot = report_plots.importance_bars(found)
    return _section("Importance", f"{_paragraph(words, 'under')}{plot}<ul>{ranks}</ul>{together}")


def _space(plan: Plan) -> str:
    rows = [[p.name, p.kind, _scale(p), *_range(plan, p), _tier(p.name)] for p in plan.space]
    heads = ["parameter", "kind", "scale", "full range", f"region of stage {plan.current}", "textbook tier"]
    fixed = plan.definition.fixed_beside(dict.fromkeys(plan.space.names, 0))
    listed = ", ".join(f"{name} {format_value(value)}" for name, value in fixed.items())
    return _section("Space", _table(heads, rows, caption="Space") + _paragraph(f"Not searched: {listed}.", "under"))


def _stages(plan: Plan, history: History) -> str:
    rows = [_stage_row(plan, history, stage) for stage in plan.stages]
    heads = ["stage", "from", "origin", "trials", f"best {plan.definition.objective.metric}", "what changed"]
    return _section("Stages", _table(heads, rows, caption="Stages", numbers=(0, 1, 3, 4)))


def _stage_row(plan: Plan, history: History, stage: Stage) -> list[str]:
    own = history.stage_column == stage.number
    values = plan.definition.objective.sign * report_plots.finished_values(history)[own]
    known = values[np.isfinite(values)]
    best = format_value(float(known.max()) * plan.definition.objective.sign) if len(known) else "–"
    parent = "–" if stage.parent is None else str(stage.parent)
    return [str(stage.number), parent, str(stage.origin), f"{int(own.sum()):,}", best, stage.note]


def _failures(history: History) -> str:
    reasons = failure_reasons(history)
    if not reasons:
        return ""
    rows = [[f"{count:,}", reason] for reason, count in reasons[:REASONS]]
    states = (TrialState.FAILED, TrialState.DIVERGED)
    lost = sum(history.counts()[state] for state in states)
    return _section(
        "What failed",
        _paragraph(f"{lost:,} trials.") + _table(["trials", "why"], rows, caption="What failed", numbers=(0,)),
    )


def _notes(history: History) -> str:
    rows = [[f"#{number}", text] for number, text in sorted(history.notes.items()) if text]
    return _section("Notes", _table(["trial", "note"], rows, caption="Notes", numbers=(0,))) if rows else ""


def _made_with(file_name: str, plan: Plan, known: Known) -> str:
    data = plan.definition.data
    rows = [
        ["data", report_words.data_name(plan.definition)],
        *data_rows(known),
        ["split", f"validation {data.validation:g}, test {data.test:g}, seed {data.seed}"],
        *model_rows(known),
        ["study file", file_name],
        *study_rows(known),
    ]
    made = _table(["with", "version"], machine_rows(), caption="Versions and machine", names=True)
    words = "Versions and machine are those with which this page was made."
    about = _table(["what", "which"], rows, caption="Data and study", names=True)
    return _section("Data and versions", about + made + _paragraph(words, "under"))


# --- pieces ---


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _paragraph(words: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


def _table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str, first: bool = False,
    numbers: Iterable[int] = (), names: bool = False,
) -> str:  # fmt: skip
    """``caption`` is read to those who cannot see the page. ``first``: the first row stands out. ``names``: the first
    cell of a row names it, and the heads are read only."""
    right = set(numbers)

    def cells(tags: Iterable[str], texts: Sequence[str]) -> str:
        kinds = [' class="number"' if column in right else "" for column in range(len(texts))]
        scopes = {"th": ' scope="col"', "th row": ' scope="row"', "td": ""}
        return "".join(
            f"<{tag[:2]}{scopes[tag]}{kind}>{escape(text)}</{tag[:2]}>"
            for tag, kind, text in zip(tags, kinds, texts, strict=False)
        )

    hidden = ' class="read"' if names else ""
    top = f"<tr{hidden}>{cells(itertools.repeat('th'), heads)}</tr>"
    marks = (' class="first"' if first and index == 0 else "" for index in itertools.count())
    tags = ["th row" if names else "td", *("td" for _ in heads[1:])]
    body = "".join(f"<tr{mark}>{cells(tags, row)}</tr>" for mark, row in zip(marks, rows, strict=False))
    words = escape(caption)
    inside = f'<table><caption class="read">{words}</caption><thead>{top}</thead><tbody>{body}</tbody></table>'
    # Reached with the keyboard, so that what is wider than the page can be moved without a mouse.
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{words}">{inside}</div>'


def _value_words(space: Space, name: str, value: Value | None) -> str:
    return format_in(space[name], value)


def _scale(parameter: Parameter) -> str:
    return "" if isinstance(parameter, ChoiceParameter) else str(parameter.scale)


def _range(plan: Plan, parameter: Parameter) -> list[str]:
    """The full range, and what the region holds of it now."""
    extents = (full_region(plan.space)[parameter.name], plan.region[parameter.name])
    return [describe_extent(plan.space, parameter.name, extent) for extent in extents]


def _tier(name: str) -> str:
    found = tier(name)
    return "–" if found is None else str(found)
