"""What the plots of trials show at one moment, without the widgets: what pictures and tables are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tuner_gui.gui.pictures.picture import Key
from tuner_gui.space.region import Region, contains_units
from tuner_gui.space.ticks import format_in
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import Floats, Indices, Mark, ValueScale
from tuner_gui.study.stages import Plan
from tuner_gui.study.standing import Repeated

_WORDS = {
    Mark.OUTSIDE: "outside the region, or pruned",
    Mark.DIVERGED: "diverged",
    Mark.FAILED: "failed",
    Mark.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Shown:
    """Marks, levels and heights by row; ``region`` is what counts as inside. ``repeated`` and ``running_heights`` are
    heights on the axis of the objective; ``running`` and ``selected`` are numbers of trials."""

    plan: Plan
    history: History
    region: Region
    pending: bool
    scale: ValueScale
    marks: NDArray[np.uint8]
    levels: NDArray[np.uint8]
    heights: Floats
    best: int | None
    running: tuple[int, ...]
    running_heights: Floats
    repeated: Repeated
    selected: tuple[int, ...]

    @property
    def running_rows(self) -> Indices:
        return np.array(self.running, dtype=np.intp) - 1

    @cached_property
    def rows(self) -> Indices:
        """The rows of all that is drawn: trials that are over, and those in training, in order."""
        drawn = self.marks != Mark.NONE
        rows = self.running_rows
        drawn[rows[rows < len(drawn)]] = True
        return np.flatnonzero(drawn)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Whether each trial lies in the region."""
        space, count = self.plan.space, len(self.marks)
        if not len(space):
            return np.ones(count, dtype=bool)
        units = {parameter.name: self.history.units(parameter)[:count] for parameter in space}
        return np.asarray(contains_units(space, self.region, units), dtype=bool)

    def key(self, *, lines: bool = False, axis: bool = False) -> Key:
        """What the signs of a plot mean that has lines or an axis of the objective."""
        counts = np.bincount(self.marks, minlength=len(Mark))
        signs = [("line best" if lines else "best", "best")] if self.best is not None else []
        if axis and len(self.repeated.rows):
            signs.append(("spread", "several seeds"))
        if self.selected:
            signs.append(("line selected" if lines else "selected", "selected"))
        if self.running:
            signs.append(("line running" if lines else "running", "in training"))
        for mark, words in _WORDS.items():
            if counts[mark] and not (lines and mark in (Mark.FAILED, Mark.CANCELLED)):
                signs.append((f"line {mark.name.lower()}" if lines else mark.name.lower(), words))
        return Key(self.scale.metric, self._ends(), tuple(signs))

    def _ends(self) -> tuple[str, str]:
        scale = self.scale
        if not scale.basis:
            return "", ""
        worst, best = (format_in(scale.axis, float(scale.sign * knot), 3) for knot in (scale.knots[0], scale.knots[-1]))
        return worst, best

    @property
    def caption(self) -> str:
        return caption_of(self.plan, self.history)


def caption_of(plan: Plan, history: History) -> str:
    """Of which study a picture is: its name, how many trials, and when they began."""
    days = [trial.started_at[:10] for trial in history.trials if trial.started_at]
    when = f"{min(days)} – {max(days)}" if days and min(days) != max(days) else "".join(days[:1])
    count = f"{len(history):,} trial{'' if len(history) == 1 else 's'}"
    return " · ".join(part for part in (plan.definition.name, count, when) if part)
