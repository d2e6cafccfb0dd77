"""The pictures of learning curves and parallel coordinates, of the importance, and of what would be tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tuner_gui.gui.models.coverage_figures import Dots
from tuner_gui.gui.pictures.of_trials import FULL, HIGH, WIDE
from tuner_gui.gui.pictures.picture import Bars, Key, Layer, Lines, Path, Picture, Places, Plane, Side, Upright
from tuner_gui.gui.pictures.shown import Shown
from tuner_gui.gui.plots.axes import CountAxis, UnitAxis
from tuner_gui.gui.plots.frame import Range
from tuner_gui.search.importance import Importances
from tuner_gui.space.parameters import FloatParameter, Parameter
from tuner_gui.space.ticks import format_in
from tuner_gui.study.curvedata import curves_of, heights_on
from tuner_gui.study.plotdata import Floats, Indices, Mark, spans, spread_units

MOST_NAMED = 8
AXIS_WIDTH, MOST_WIDTH = 112, 170
BAR_ROW = 34


def curves_picture(shown: Shown, axis: FloatParameter, views: tuple[Range, Range], *, sign: int) -> Picture:
    """One metric after each epoch; ``axis`` is the scale that it is drawn on, and names it."""
    metric, history = axis.name, shown.history
    rows = np.flatnonzero(shown.marks != Mark.NONE)
    values = curves_of(history, (rows + 1).tolist(), metric)
    epochs = np.arange(1, values.shape[1] + 1, dtype=np.float64)
    lines = _lines(shown, rows, epochs, heights_on(axis, values), crossed=shown.marks[rows] == Mark.DIVERGED)
    layers: list[Layer] = [lines, *(_curve(shown, axis, *how) for how in _by_themselves(shown))]
    y = Side(UnitAxis(axis), views[1], f"{metric} ({'↑' if sign > 0 else '↓'})")
    plane = Plane(Side(CountAxis(), views[0], "epoch"), y, tuple(layers))
    return Picture(
        "curves", f"{metric} after each epoch", (plane,), (WIDE, HIGH), shown.caption, shown.key(lines=True)
    )  # fmt: skip


def _by_themselves(shown: Shown) -> list[tuple[int, str, float]]:
    """The lines that are drawn over the bundle: number, colour and width, the last one on top."""
    found = {number: (number, "text", 1.2) for number in shown.running}
    if shown.best is not None:
        found[shown.best] = (shown.best, "good", 2.2)
    for number in shown.selected[:MOST_NAMED]:
        found[number] = (number, "selected", 2.2)
    return list(found.values())


def _curve(shown: Shown, axis: FloatParameter, number: int, role: str, width: float) -> Path:
    values = shown.history.curve(number, axis.name)
    epochs = np.flatnonzero(np.isfinite(values))
    xs, ys = epochs.astype(np.float64) + 1, heights_on(axis, values[epochs])
    many = len(shown.running) > MOST_NAMED and number in shown.running and number not in shown.selected
    star = "★ " if number == shown.best else ""
    words = f"{star}#{number}  {format_in(axis, float(values[epochs[-1]]), 3)}" if len(epochs) and not many else ""
    return Path(xs, ys, role, width, words)


def parallel_picture(shown: Shown) -> Picture:
    """An upright axis for each parameter and one for the objective, a line for each trial."""
    parameters = list(shown.plan.space)
    rows = np.flatnonzero(shown.marks != Mark.NONE)
    places = np.arange(len(parameters) + 1, dtype=np.float64)
    heights = _crossings(shown, rows)
    lines = _lines(shown, rows, places, heights, crossed=np.zeros(len(rows), dtype=bool))
    over = [(number, role, width) for number, role, width in _by_themselves(shown) if number not in shown.running]
    paths = [
        Path(places, _crossings(shown, np.array([number - 1], dtype=np.intp))[0], role, width)
        for number, role, width in over
        if number <= len(shown.heights)
    ]
    sides = [Side(UnitAxis(parameter), FULL, parameter.name) for parameter in parameters]
    sides.append(Side(UnitAxis(shown.scale.axis), FULL, shown.scale.metric))
    held = tuple(tuple(spans(parameter, shown.region[parameter.name])) for parameter in parameters)
    before = shown.plan.region
    pending = tuple(shown.region[p.name] != before[p.name] for p in parameters)
    panel = Upright(tuple(sides), held, pending, lines, tuple(paths))
    longest = max(len(side.label) for side in sides)
    width = max(WIDE, min(max(AXIS_WIDTH, 7 * longest + 14), MOST_WIDTH) * len(sides) + 20)
    return Picture(
        "parallel", "All parameters of each trial", (panel,), (width, HIGH), shown.caption, _without_curves(shown)
    )  # fmt: skip


def _without_curves(shown: Shown) -> Key:
    """The signs of lines that have no end: none of a trial in training, no cross where one diverged."""
    key = shown.key(lines=True)
    return replace(key, signs=tuple(pair for pair in key.signs if pair[0] not in ("line running", "line diverged")))


def _crossings(shown: Shown, rows: Indices) -> Floats:
    """Where the lines of some trials cross the axes, ``[n, axes]``."""
    columns = [spread_units(p, shown.history.units(p)[rows], rows) for p in shown.plan.space]
    return np.column_stack([*columns, np.clip(shown.heights[rows], 0.0, 1.0)])


def _lines(shown: Shown, rows: Indices, xs: Floats, ys: Floats, *, crossed: Floats) -> Lines:
    """Dimmed ones first, then from the worst to the best."""
    dimmed = shown.marks[rows] != Mark.VALUE
    order = np.lexsort((shown.levels[rows], ~dimmed))
    return Lines(xs, ys[order], shown.levels[rows][order], dimmed[order], np.asarray(crossed, dtype=bool)[order])


def importance_picture(found: Importances, caption: str) -> Picture:
    """Bars with the range of 9 in 10 resamples."""
    size = WIDE, 84 + BAR_ROW * max(len(found.parameters), 1)
    about = f"{caption} · PED-ANOVA over {found.trials:,} trials, lines: 9 of 10 resamples" if found.trials else caption
    return Picture("importance", "Importance of each parameter", (Bars(found),), size, about)


def coverage_picture(
    name: str, dots: Dots, sides: Sequence[tuple[Parameter, Range]], *, role: str, caption: str
) -> Picture:
    """What a strategy would try of one or two parameters: ``sides`` are x and, where there is one, y."""
    x, *rest = (Side(UnitAxis(parameter), view, parameter.name) for parameter, view in sides)
    places = Places(dots.x, dots.y, dots.trials, dots.x_values, dots.y_values, role)
    plane = Plane(x, rest[0] if rest else Side(None), (places,))
    return Picture(f"coverage-{name}", f"What {name} would try", (plane,), (400, 380), caption)
