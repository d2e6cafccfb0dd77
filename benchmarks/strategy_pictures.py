"""A picture of what each strategy makes of the same budget, for the user guide.

python -m benchmarks.strategy_pictures OUT.png [--trials 49] [--at-once 7]

Two parameters of real networks on the digits data, trained by the program's own engine, a few at once, so that those
that learn can. Each strategy begins a study of its own, without repeats; its trials are drawn as in the window.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from tuner_gui.commands.progress import Lines, Tally
from tuner_gui.commands.searching import search
from tuner_gui.engines.local import LocalEngine
from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.scene import Scene
from tuner_gui.gui.store import Store
from tuner_gui.space.space import Space
from tuner_gui.study.definition import STRATEGIES, Definition, SearchSettings, new_definition
from tuner_gui.study.edits import first_log
from tuner_gui.study.file import create
from tuner_gui.study.history import History
from tuner_gui.study.plotdata import value_scale
from tuner_gui.study.stages import first_plan

ORDER = ("grid", "random", "sobol", "coarse-to-fine", "tpe", "gp", "cma-es")
NAMES = ("learning_rate", "momentum")
COLUMNS, WIDTH, HEIGHT, TITLE, GAP = 4, 330, 300, 26, 10
RATIO = 1.5
GOOD = 0.96


class FewAtOnce(LocalEngine):
    """Has room for so many trials and no more."""

    most = 7

    @property
    def room(self) -> int:
        return min(super().room, self.most - len(self._in_flight.numbers))


def main() -> int:
    options = _parser().parse_args()
    FewAtOnce.most = options.at_once
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for strategy in ORDER:
            assert strategy in STRATEGIES
            found[strategy] = searched(Path(folder), _definition(strategy, options.trials), options.trials)
    _paint(found, options.out)
    return 0


def _definition(strategy: str, trials: int) -> Definition:
    usual = new_definition("digits", seed=1)
    space = Space(tuple(usual.space[name] for name in NAMES))
    levels = round(trials**0.5)
    return replace(usual, space=space, search=SearchSettings(strategy, levels=levels, stages="never", confirm=0.0))


def searched(folder: Path, definition: Definition, trials: int) -> tuple[Definition, History]:
    with create(folder / f"{definition.search.strategy}.tuner", definition) as file, open(os.devnull, "w") as nowhere:
        tally = Tally(definition, file.history.copy())
        engine = FewAtOnce()
        search(
            file=file, engine=engine, trials=trials, seconds=None, display=Lines(tally, nowhere), history=tally.history
        )
        print(f"{definition.search.strategy}: {tally.best_words()}", flush=True)
        return definition, tally.history


def _paint(found: dict[str, tuple[Definition, History]], out: Path) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QPoint, QRect, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtWidgets import QApplication

    from tuner_gui.gui.plots.canvas import Margins
    from tuner_gui.gui.plots.pair_plot import PairPlot
    from tuner_gui.gui.theme import apply_theme, choose_scheme, current_theme

    app = QApplication.instance() or QApplication([])
    apply_theme(app)
    choose_scheme(Qt.ColorScheme.Light)
    theme, rows = current_theme(), -(-len(found) // COLUMNS)
    size = (COLUMNS * (WIDTH + GAP) + GAP, rows * (HEIGHT + TITLE + GAP) + GAP)
    image = QImage(round(size[0] * RATIO), round(size[1] * RATIO), QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(RATIO)
    image.fill(theme.color("background"))
    painter = QPainter(image)
    for place, (strategy, (definition, scene, store)) in enumerate(_scenes(found, out).items()):
        plot = PairPlot(store, Actions(store, [].append), scene)
        plot._shows_estimate = False  # noqa: SLF001 - not for ever, as the menu would have it
        plot.set_margins(Margins(left=44, top=24, right=8, bottom=38))
        plot.resize(WIDTH, HEIGHT)
        plot.show_pair(*(definition.space[name] for name in NAMES))
        x, y = GAP + place % COLUMNS * (WIDTH + GAP), GAP + place // COLUMNS * (HEIGHT + TITLE + GAP)
        painter.setPen(theme.color("text"))
        painter.drawText(QRect(x, y, WIDTH, TITLE), Qt.AlignmentFlag.AlignCenter, _words(strategy, store.history))
        plot.render(painter, QPoint(x, y + TITLE))
    painter.end()
    image.save(str(out))


def _scenes(found: dict[str, tuple[Definition, History]], out: Path) -> dict[str, tuple[Definition, Scene, Store]]:
    """All with the same colours for the same values."""
    made = {}
    values = np.concatenate([history.value_column for _, history in found.values()])
    for strategy, (definition, history) in found.items():
        store = Store(path=out, log=first_log(first_plan(definition)), history=history)
        scene = Scene(store)
        common = value_scale(definition.objective, values, spread=scene.spread, log=scene.log)
        scene._made_scale = lambda common=common: common  # type: ignore[method-assign]  # noqa: SLF001
        scene.rebuild()
        made[strategy] = definition, scene, store
    return made


def _words(strategy: str, history: History) -> str:
    values = history.value_column[np.isfinite(history.value_column)]
    good = int((values >= GOOD).sum())
    return f"{strategy}: {good} of {len(history)} trials at {GOOD} or more"


def _parser() -> argparse.ArgumentParser:
    what = (__doc__ or "").split("\n\n", 1)[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategy_pictures", description=what)
    parser.add_argument("out", type=Path)
    parser.add_argument("--trials", type=int, default=49, metavar="N")
    parser.add_argument("--at-once", type=int, default=7, metavar="N")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
