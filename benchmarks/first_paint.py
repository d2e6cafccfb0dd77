"""Start the window and leave as soon as it was painted, with a study if one is given. Timed as a whole command."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.theme import apply_theme


class _PaintWatcher(QObject):
    """Leaves after the plots were painted with the study's trials in them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._is_open = False
        window.study_opened.connect(self._on_opened)

    def _on_opened(self) -> None:
        self._is_open = True
        self._window.repaint()
        QTimer.singleShot(0, self._leave)

    def _leave(self) -> None:
        self._window.grab()
        leave()


def leave() -> None:
    assert "tensorflow" not in sys.modules
    print(f"{time.time():.6f}", flush=True)
    # The measure ends with the picture on the screen; how long Python takes to tidy up is another matter.
    os._exit(0)


def main() -> None:
    app = QApplication([])
    apply_theme(app)
    window = MainWindow(engine=ENGINES["local"])
    if len(sys.argv) > 1:
        watcher = _PaintWatcher(window)
        watcher.setParent(app)
        window.show()
        window.open_study(Path(sys.argv[1]))
    else:
        window.first_painted.connect(leave)
        window.show()
    QTimer.singleShot(60_000, partial(sys.exit, "nothing was painted within a minute"))
    sys.exit(app.exec())


if __name__ == "__main__":
    main()
