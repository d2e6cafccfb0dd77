"""A plot as it leaves the window: what it shows, in the coordinates of its axes. Nothing here knows of Qt or pixels.

Colours are roles of the theme, or levels: 0 for the worst value, 255 for the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner_gui.gui.plots.axes import Axis
from tuner_gui.gui.plots.frame import Range
from tuner_gui.search.importance import Importances
from tuner_gui.study.plotdata import Floats

Spans = Sequence[Range]


class Side(NamedTuple):
    """One axis of a panel: where its ticks come from, from where to where it is shown, and its name."""

    axis: Axis | None
    span: Range = (0.0, 1.0)
    label: str = ""


# --- what lies inside a frame ---


class Dots(NamedTuple):
    """Trials that are over, ``[n]``. A place without y stands on the rail under the axis."""

    xs: Floats
    ys: Floats
    styles: NDArray[np.uint8]
    levels: NDArray[np.uint8]


class Rings(NamedTuple):
    """Trials in training, where they stand now."""

    xs: Floats
    ys: Floats


class Spreads(NamedTuple):
    """Trials with several seeds: the ends of their values and the mean."""

    xs: Floats
    lows: Floats
    highs: Floats
    means: Floats


class Named(NamedTuple):
    """Single trials that are marked: the best one with a star, selected ones with a ring and their number."""

    xs: Floats
    ys: Floats
    numbers: Sequence[int]
    star: bool


class Lines(NamedTuple):
    """One line for each trial: places along x ``[m]`` and heights ``[n, m]``; NaN breaks a line."""

    xs: Floats
    ys: Floats
    levels: NDArray[np.uint8]
    dimmed: NDArray[np.bool_]
    crossed: NDArray[np.bool_]


class Path(NamedTuple):
    """One line by itself, with words at its end."""

    xs: Floats
    ys: Floats
    role: str
    width: float
    words: str = ""


class Box(NamedTuple):
    """A region: its stretches along both axes."""

    xs: Spans
    ys: Spans
    pending: bool


class Strips(NamedTuple):
    """Stages, one after the other: from where to where, and the number of each."""

    edges: Spans
    stages: Sequence[int]


class Contour(NamedTuple):
    """Lines around a part of an estimate, in unit coordinates, and what they mean; the best part has unbroken ones."""

    words: str
    unbroken: bool
    lines: Sequence[Sequence[tuple[float, float]]]

    @property
    def sign(self) -> str:
        return "contour" if self.unbroken else "contour dashed"


class Field(NamedTuple):
    """An estimate over the unit square, ``[y, x]`` from the bottom up."""

    shares: Floats
    evidence: Floats
    contours: Sequence[Contour]


class Places(NamedTuple):
    """What would be tried: places with the number of trials on each, and the distinct values along both axes."""

    xs: Floats
    ys: Floats
    trials: NDArray[np.intp]
    x_values: Floats
    y_values: Floats
    role: str


Layer = Dots | Rings | Spreads | Named | Lines | Path | Box | Strips | Field | Places


# --- panels ---


@dataclass(frozen=True)
class Plane:
    """Two axes and what lies between them, later layers on top. ``rail``: a strip for trials without a value."""

    x: Side
    y: Side
    layers: tuple[Layer, ...]
    rail: bool = False


@dataclass(frozen=True)
class Upright:
    """Parallel coordinates: upright axes from the left, the parts of them that the region holds, and the lines."""

    sides: tuple[Side, ...]
    held: tuple[Spans, ...]
    pending: tuple[bool, ...]
    lines: Lines
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Bars:
    """The importance of each parameter."""

    found: Importances


Panel = Plane | Upright | Bars


@dataclass(frozen=True)
class Key:
    """What the signs mean. ``ends``: the words at both ends of the colours, empty where colours mean nothing."""

    metric: str = ""
    ends: tuple[str, str] = ("", "")
    signs: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.ends[0] or self.signs)


@dataclass(frozen=True)
class Picture:
    """Panels in ``columns``; ``title`` says in words what is seen, ``caption`` of which study and when.

    ``size`` in pixels at 96 to the inch is what it is laid out for.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    size: tuple[int, int]
    caption: str
    key: Key = Key()
    columns: int = 1

    @property
    def marks(self) -> int:
        """How many dots and lines of trials there are."""
        return sum(_marks(panel) for panel in self.panels)


def _marks(panel: Panel) -> int:
    if isinstance(panel, Plane):
        counts = (len(layer.ys) for layer in panel.layers if isinstance(layer, Dots | Lines))
        return sum(counts)
    return len(panel.lines.ys) if isinstance(panel, Upright) else 0
