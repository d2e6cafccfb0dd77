"""A study as one page that needs nothing else: no scripts, no fonts, no pictures from elsewhere.

Whatever comes from a study is text here, never markup.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from tuner_gui import __version__
from tuner_gui.exports import report_plots, report_words
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
_PACKAGES = ("tensorflow", "keras", "optuna", "scikit-learn", "numpy")


def report_of(file_name: str, plan: Plan, history: History) -> str:
    """The whole page. A few seconds with thousands of trials: the importance is measured."""
    plan = with_stages(plan, history.stages.values())
    name = escape(plan.definition.name)
    sections = [_heading(file_name, plan, history), *_body(plan, history), _made_with(file_name, plan)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing may be loaded or run, whatever a name or a note would like.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{name}: report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(section for section in sections if section)
        + "\n</body>\n</html>\n"
    )


def _body(plan: Plan, history: History) -> list[str]:
    words = "".join(_paragraph(text) for text in report_words.methods(plan, history))
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
    return _section("Best trials", words + _table(heads, rows, first=True, numbers=range(len(heads))))


def _curves(plan: Plan, history: History) -> str:
    count = len(history.ranked(plan.definition.objective, report_plots.CURVES))
    words = f"The best trial, and the next {count - 1} behind it." if count > 1 else "The best trial."
    return _section("Learning curves", _paragraph(words, "under") + report_plots.best_curves(plan, history))


def _slices(plan: Plan, history: History) -> str:
    share = f"{100 * report_plots.BEST_SHARE:.0f} %"
    words = f"Finished trials over each parameter; orange are the best {share}, shaded is the region that holds now."
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
    return _section("Space", _table(heads, rows) + _paragraph(f"Not searched: {listed}.", "under"))


def _stages(plan: Plan, history: History) -> str:
    rows = [_stage_row(plan, history, stage) for stage in plan.stages]
    heads = ["stage", "from", "origin", "trials", f"best {plan.definition.objective.metric}", "what changed"]
    return _section("Stages", _table(heads, rows, numbers=(0, 1, 3, 4)))


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
    return _section("What failed", _paragraph(f"{lost:,} trials.") + _table(["trials", "why"], rows, numbers=(0,)))


def _notes(history: History) -> str:
    rows = [[f"#{number}", text] for number, text in sorted(history.notes.items()) if text]
    return _section("Notes", _table(["trial", "note"], rows, numbers=(0,))) if rows else ""


def _made_with(file_name: str, plan: Plan) -> str:
    data = plan.definition.data
    rows = [
        ["data", report_words.data_name(plan.definition)],
        ["split", f"validation {data.validation:g}, test {data.test:g}, seed {data.seed}"],
        ["study file", file_name],
        ["Tuner", __version__],
        *([name, _version(name)] for name in _PACKAGES),
    ]
    words = "The versions are those with which this page was made."
    return _section("Data and versions", _table(["", ""], rows) + _paragraph(words, "under"))


# --- pieces ---


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _paragraph(words: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


def _table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, first: bool = False, numbers: Iterable[int] = ()
) -> str:
    right = set(numbers)

    def cells(tag: str, texts: Sequence[str]) -> str:
        kinds = [' class="number"' if column in right else "" for column in range(len(texts))]
        return "".join(f"<{tag}{kind}>{escape(text)}</{tag}>" for kind, text in zip(kinds, texts, strict=True))

    top = f"<tr>{cells('th', heads)}</tr>" if any(heads) else ""
    marks = (' class="first"' if first and index == 0 else "" for index in itertools.count())
    body = "".join(f"<tr{mark}>{cells('td', row)}</tr>" for mark, row in zip(marks, rows, strict=False))
    return f'<div class="scroll"><table>{top}{body}</table></div>'


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


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
