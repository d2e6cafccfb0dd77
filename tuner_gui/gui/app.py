"""Starts the window: the application object, the colours, what happens with messages and mistakes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, Slot, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

from tuner_gui import __version__
from tuner_gui.engines.catalogue import ENGINES
from tuner_gui.engines.interface import Engine
from tuner_gui.gui import settings
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.gui.menus import apply_scheme
from tuner_gui.gui.theme import apply_theme

log = logging.getLogger(__name__)

DEMO_TRIALS = 20
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Application(QObject):
    """What lives as long as the program: the window, and the way from its wishes to files."""

    def __init__(self, *, engine: Callable[[], Engine], demo_path: Callable[[], Path]) -> None:
        super().__init__()
        self._demo_path = demo_path
        self._trials_when_open: int | None = None
        self.window = MainWindow(engine=engine)
        self.window.demo_requested.connect(self.open_demo)
        self.window.study_opened.connect(self._on_study_opened)

    def open(self, path: Path) -> None:
        self.window.open_study(path)

    @Slot()
    def open_demo(self, *, trials: int | None = None) -> None:
        """Open this person's copy of the demo study, and let it search for so many more trials if asked."""
        self._trials_when_open = trials
        self.window.open_study(self._demo_path())

    @Slot()
    def _on_study_opened(self) -> None:
        trials, self._trials_when_open = self._trials_when_open, None
        if trials is not None and self.window.window_actions is not None:
            self.window.window_actions.set_trials(trials)
            self.window.window_actions.run.trigger()


class _Mistakes(QObject):
    """Shows what went wrong. The hook may be called in any thread; the dialog opens in the window's."""

    happened = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("a mistake in this program", exc_info=(kind, error, trace))
        self.happened.emit(f"{kind.__name__}: {error}")

    @Slot(str)
    def _show(self, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Critical, "Tuner", "A mistake in this program. What was saved is safe.")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setDetailedText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def run_window(path: Path | None = None, *, demo: bool = False, trials: int = DEMO_TRIALS) -> int:
    """Show the window until it is closed; returns the exit code.

    ``demo`` opens the demo study, which searches for ``trials`` more.
    """
    from tuner_gui.assets import demo_copy

    qInstallMessageHandler(_to_log)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101
    app.setApplicationName("Tuner")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("tuner-gui")
    apply_theme(app)
    apply_scheme(settings.load_choice("colours", "As the system"))
    mistakes = _Mistakes(app)
    sys.excepthook = mistakes.hook
    application = Application(engine=ENGINES["local"], demo_path=demo_copy)
    application.window.show()
    if demo:
        application.open_demo(trials=trials)
    elif path is not None:
        application.open(path)
    return app.exec()


def _to_log(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    log.log(_LEVELS.get(kind, logging.INFO), "Qt: %s", message)
