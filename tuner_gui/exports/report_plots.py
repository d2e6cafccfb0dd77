"""The plots of a report, from the same arrays as those of the window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tuner_gui.exports import svg
from tuner_gui.search.importance import Importances
from tuner_gui.space.parameters import FloatParameter, IntParameter, Parameter
from tuner_gui.space.ticks import Tick, ticks
from tuner_gui.space.unit import units_of
from tuner_gui.study.curvedata import CurveTable, curve_axis, heights_on
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import Spread, ValueScale, spans, spread_units, value_scale
from tuner_gui.study.stages import Plan

Floats = NDArray[np.float64]

WIDE, HIGH = 920, 300
SMALL_WIDE, SMALL_HIGH = 300, 210
CURVES = 10
MANY = 1_000
"""With more points than this they are drawn small, to leave something of the plot."""

BEST_SHARE = 0.1
# Labels of stages need so much room each; more are told in the table alone.
_STAGE_LABEL = 54


def finished_values(history: History) -> Floats:
    """The values of the finished trials, ``[n]``, NaN for all others."""
    return np.where(history.in_state(TrialState.FINISHED), history.value_column, np.nan)


def scale_of(plan: Plan, history: History) -> ValueScale:
    return value_scale(plan.definition.objective, finished_values(history), spread=Spread.TYPICAL, log=False)


def best_so_far(plan: Plan, history: History) -> str:
    """Every finished trial in turn, the best value up to each, and the stages in which they were drawn."""
    values, scale, count = finished_values(history), scale_of(plan, history), len(history)
    places = np.arange(1, count + 1)
    axis = _count_axis("trial", count)
    frame = svg.frame_for(WIDE, HIGH, ticks(scale.axis, at_most=6))
    xs, heights = units_of(axis, places), _clipped(scale.heights(values))
    known = np.isfinite(values)
    running = np.fmax.accumulate(scale.sign * values) * scale.sign
    steps_x, steps_y = np.repeat(xs, 2)[1:], np.repeat(_clipped(scale.heights(running)), 2)[:-1]
    many = " many" if np.count_nonzero(known) > MANY else ""
    parts = [
        _stage_bands(frame, history, xs),
        svg.axes(frame, ticks(axis), ticks(scale.axis, at_most=6), x_name="trial", y_name=scale.metric),
        svg.dots(frame, xs[known], heights[known], f"trial{many}"),
        svg.line(frame, steps_x, steps_y, "best"),
    ]
    return svg.plot(frame, parts, title=f"{scale.metric} of each finished trial and the best one so far")


def _stage_bands(frame: svg.Frame, history: History, xs: Floats) -> str:
    """A strip for each stretch of trials that were drawn from one stage."""
    stages = history.stage_column
    begins = np.flatnonzero(np.r_[True, stages[1:] != stages[:-1]]) if len(stages) else np.empty(0, dtype=int)
    edges = np.r_[0.0, (xs[begins[1:]] + xs[begins[1:] - 1]) / 2, 1.0] if len(begins) else np.empty(0)
    parts = []
    for number, begin in enumerate(begins):
        low, high = float(edges[number]), float(edges[number + 1])
        parts.append(svg.band(frame, low, high, f"stage{number % 2}"))
        if len(begins) > 1 and (high - low) * (frame.right - frame.left) >= _STAGE_LABEL:
            middle = float(frame.x((low + high) / 2))
            parts.append(svg.text(middle, svg.TOP - 6, f"stage {stages[begin]}", anchor="middle"))
    return "".join(parts)


def slice_of(plan: Plan, history: History, parameter: Parameter) -> str:
    """The value of each finished trial over one parameter, on its scale; the current region is shaded."""
    values, scale = finished_values(history), scale_of(plan, history)
    units = spread_units(parameter, history.units(parameter))
    known = np.isfinite(values) & np.isfinite(units)
    frame = svg.frame_for(SMALL_WIDE, SMALL_HIGH, ticks(scale.axis, at_most=4))
    heights = _clipped(scale.heights(values))
    best = known & (scale.shares(values) >= 1 - BEST_SHARE)
    many = " many" if np.count_nonzero(known) > MANY else ""
    parts = [
        *(svg.band(frame, low, high, "region") for low, high in _narrow(spans(parameter, plan.region[parameter.name]))),
        svg.axes(
            frame, ticks(parameter, at_most=4), ticks(scale.axis, at_most=4), x_name=parameter.name, y_name=scale.metric
        ),
        svg.dots(frame, units[known & ~best], heights[known & ~best], f"trial{many}"),
        svg.dots(frame, units[best], heights[best], f"good{many}"),
    ]
    return svg.plot(frame, parts, title=f"{scale.metric} over {parameter.name}")


def _narrow(found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Nothing is shaded where the region is all there is."""
    return [] if len(found) == 1 and found[0][0] <= 0 and found[0][1] >= 1 else found


def importance_bars(found: Importances) -> str:
    """The share of each parameter, with the range in which 9 of 10 resamples lie."""
    row, names = 30, [entry.name for entry in found.parameters]
    left = round(20 + 7.2 * max(map(len, names)))
    frame = svg.Frame(WIDE, svg.TOP + row * len(names) + svg.BOTTOM, left)
    most = max(0.1, *(entry.high for entry in found.parameters))
    axis = FloatParameter(name="share", low=0.0, high=most)
    shares = [Tick(tick.unit, f"{100 * float(tick.label):g} %") for tick in ticks(axis, at_most=6)]
    parts = [svg.axes(frame, shares, [], x_name="share of what sets the best trials apart", y_name="")]
    for number, entry in enumerate(found.parameters):
        y = svg.TOP + row * number + 6
        low, share, high = (float(frame.x(value / most)) for value in (entry.low, entry.share, entry.high))
        parts.append(svg.bar(left, y, share - left, row - 12, "share"))
        parts.append(svg.stroke(low, y + row / 2 - 6, high, y + row / 2 - 6, "whisker"))
        parts.append(svg.text(left - 8, y + row / 2 - 2, entry.name, anchor="end", kind="name"))
    return svg.plot(frame, parts, title="How much each parameter matters")


def best_curves(plan: Plan, history: History) -> str:
    """The objective of the best trials after each epoch."""
    objective = plan.definition.objective
    numbers = history.ranked(objective, CURVES)
    table = CurveTable(objective.metric)
    table.take(history, numbers)
    values = table.values[[number - 1 for number in numbers]]
    axis, (low, high) = curve_axis(objective.metric, values, sign=objective.sign, log=False)
    epochs = _count_axis("epoch", max(values.shape[1], 2))
    marks = [Tick((tick.unit - low) / (high - low), tick.label) for tick in ticks(axis, low, high, at_most=6)]
    frame = svg.frame_for(WIDE, HIGH, marks)
    xs = units_of(epochs, np.arange(1, values.shape[1] + 1))
    parts = [svg.axes(frame, ticks(epochs), marks, x_name="epoch", y_name=objective.metric)]
    for number, curve in reversed(list(zip(numbers, values, strict=True))):
        heights = _clipped((heights_on(axis, curve) - low) / (high - low))
        parts.append(svg.line(frame, xs, heights, "best" if number == numbers[0] else "curve", title=f"#{number}"))
    return svg.plot(frame, parts, title=f"{objective.metric} of the best trials after each epoch")


def _count_axis(name: str, count: int) -> IntParameter:
    return IntParameter(name=name, low=1, high=max(count, 2))


def _clipped(heights: Floats) -> Floats:
    """What lies beyond the axis stands at its end."""
    return np.clip(heights, 0.0, 1.0)
