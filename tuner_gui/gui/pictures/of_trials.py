"""The pictures of slices, pairs and progress: a dot for each trial."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tuner_gui.gui.pictures.picture import (
    Box,
    Dots,
    Field,
    Layer,
    Named,
    Path,
    Picture,
    Plane,
    Rings,
    Side,
    Spreads,
    Strips,
)
from tuner_gui.gui.pictures.shown import Shown
from tuner_gui.gui.plots.axes import CountAxis, UnitAxis
from tuner_gui.gui.plots.frame import Range
from tuner_gui.space.parameters import Parameter
from tuner_gui.study.plotdata import (
    PLANE_STEPS,
    Floats,
    Style,
    spans,
    spread_units,
    styles_on_axis,
    styles_without_axis,
)
from tuner_gui.study.progressdata import StageStart, records, stage_starts, steps

WIDE, HIGH = 672, 400
"""7 inches: the width of the text on a page with one column."""

ONE = (400, 300)
SQUARE = (500, 460)
SLICE_HEIGHT = 196
FULL: Range = (0.0, 1.0)
_ON_RAIL = (Style.DIVERGED, Style.FAILED, Style.CANCELLED)


def slices_picture(shown: Shown, parameters: Sequence[Parameter], views: Sequence[Range]) -> Picture:
    """The objective against each parameter; ``views`` is the part of each scale that is shown."""
    columns = 2 if len(parameters) in (2, 4) else min(3, len(parameters)) or 1
    rows = -(-len(parameters) // columns)
    panels = [
        _slice(shown, parameter, view, named=index % columns == 0)
        for index, (parameter, view) in enumerate(zip(parameters, views, strict=True))
    ]
    size = ONE if len(panels) == 1 else (WIDE, 70 + SLICE_HEIGHT * rows)
    names = ", ".join(parameter.name for parameter in parameters)
    name = f"slice-{names}" if len(panels) == 1 else "slices"
    return Picture(
        name, f"{shown.scale.metric} against {names}", tuple(panels), size, shown.caption,
        shown.key(axis=True), columns,
    )  # fmt: skip


def _slice(shown: Shown, parameter: Parameter, view: Range, *, named: bool) -> Plane:
    roots, units = shown.history.root_column, shown.history.units(parameter)
    xs = spread_units(parameter, units, roots)[: len(shown.heights)]
    found = shown.repeated
    spread_xs = spread_units(parameter, units[found.rows], found.rows)
    layers: list[Layer] = [*_boxes(shown, parameter), _dots(shown, xs), *_live(shown, xs, shown.running_heights)]
    if len(found.rows):
        layers.insert(-1, Spreads(spread_xs, *(np.clip(part, 0.0, 1.0) for part in found[1:])))
    y = Side(UnitAxis(shown.scale.axis), FULL, _objective(shown) if named else "")
    return Plane(Side(UnitAxis(parameter), view, parameter.name), y, tuple(layers), rail=_needs_rail(shown))


def pair_picture(shown: Shown, x: Parameter, y: Parameter, views: tuple[Range, Range], field: Field | None) -> Picture:
    """Two parameters against each other; colour stands for the objective."""
    count = len(shown.marks)
    xs, ys = (
        spread_units(parameter, shown.history.units(parameter)[:count], step=step)
        for parameter, step in zip((x, y), PLANE_STEPS, strict=True)
    )
    dots = Dots(xs, ys, styles_without_axis(shown.marks), shown.levels)
    order = np.argsort(shown.levels, kind="stable")
    dots = Dots(xs[order], ys[order], dots.styles[order], dots.levels[order])
    box = Box(_spans(shown, x), _spans(shown, y), shown.pending)
    live = _live(shown, xs, ys[shown.running_rows], ys)
    layers: list[Layer] = [*([field] if field else []), *([box] if _narrows(box) else []), dots, *live]
    plane = Plane(Side(UnitAxis(x), views[0], x.name), Side(UnitAxis(y), views[1], y.name), tuple(layers))
    key = shown.key()
    lines = [(contour.sign, contour.words) for contour in field.contours] if field else []
    key = replace(key, signs=(*key.signs, *lines))
    return Picture(f"{y.name}-{x.name}", f"{y.name} against {x.name}", (plane,), SQUARE, shown.caption, key)


def progress_picture(shown: Shown, view: Range) -> Picture:
    """Each trial in turn, the best single run so far, and the stages."""
    count = len(shown.history)
    numbers = np.arange(1, len(shown.heights) + 1, dtype=np.float64)
    rows = records(shown.history, shown.scale.sign)
    rows = rows[rows < len(shown.heights)]
    corners = np.array(steps(rows, np.clip(shown.heights[rows], 0.0, 1.0), count)).reshape(-1, 2)
    best = Path(corners[:, 0], corners[:, 1], "good", 2.0)
    layers: list[Layer] = [*_strips(stage_starts(shown.history), view[1]), _dots(shown, numbers), best]
    layers += _live(shown, numbers, shown.running_heights)
    y = Side(UnitAxis(shown.scale.axis), FULL, _objective(shown))
    plane = Plane(Side(CountAxis(), view, "trial"), y, tuple(layers), rail=_needs_rail(shown))
    title = f"{shown.scale.metric} of each trial in turn, and the best so far"
    key = shown.key()
    if len(corners):
        key = replace(key, signs=(*key.signs[:1], ("line best", "best single run so far"), *key.signs[1:]))
    return Picture("progress", title, (plane,), (WIDE, HIGH - 40), shown.caption, key)


def _strips(starts: Sequence[StageStart], last: float) -> list[Strips]:
    if len(starts) < 2:
        return []
    edges = [start.row + 0.5 for start in starts] + [last]
    return [Strips(list(itertools.pairwise(edges)), [start.stage for start in starts])]


def _dots(shown: Shown, xs: Floats) -> Dots:
    """Trials where their value is the height; those without one on the rail, and worse ones first."""
    styles = styles_on_axis(shown.marks, shown.heights)
    ys = np.where(np.isin(styles, _ON_RAIL), np.nan, np.clip(shown.heights, 0.0, 1.0))
    order = np.argsort(shown.levels, kind="stable")
    return Dots(xs[order], ys[order], styles[order], shown.levels[order])


def _live(shown: Shown, xs: Floats, running_ys: Floats, ys: Floats | None = None) -> list[Layer]:
    """What trains, what is selected, and the best."""
    heights = np.clip(shown.heights, 0.0, 1.0) if ys is None else ys
    rows = shown.running_rows
    known = rows < len(xs)
    layers: list[Layer] = [Rings(xs[rows[known]], np.clip(running_ys[known], 0.0, 1.0))] if known.any() else []
    selected = [number for number in shown.selected if number <= len(xs) and number not in shown.running]
    if selected:
        at = np.array(selected, dtype=np.intp) - 1
        layers.append(Named(xs[at], heights[at], selected, star=False))
    if shown.best is not None and shown.best <= len(xs):
        at = np.array([shown.best - 1], dtype=np.intp)
        layers.append(Named(xs[at], heights[at], [shown.best], star=True))
    return layers


def _boxes(shown: Shown, parameter: Parameter) -> list[Box]:
    found = _spans(shown, parameter)
    return [] if _is_full(found) else [Box(found, (FULL,), shown.pending)]


def _spans(shown: Shown, parameter: Parameter) -> tuple[Range, ...]:
    return tuple(spans(parameter, shown.region[parameter.name]))


def _is_full(found: Sequence[Range]) -> bool:
    return len(found) == 1 and found[0][0] <= 1e-9 and found[0][1] >= 1 - 1e-9


def _narrows(box: Box) -> bool:
    return not (_is_full(box.xs) and _is_full(box.ys))


def _needs_rail(shown: Shown) -> bool:
    """Trials without a value, or in training before their first epoch."""
    styles = styles_on_axis(shown.marks, shown.heights)
    return bool(np.isin(styles, _ON_RAIL).any() or np.isnan(shown.running_heights).any())


def _objective(shown: Shown) -> str:
    return f"{shown.scale.metric} ({'↑' if shown.scale.sign > 0 else '↓'})"
