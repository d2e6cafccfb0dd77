"""The main window: assembles toolbar, docks, menus and pages. What happens in them is theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.engines.interface import Engine
from tuner_gui.gui import settings
from tuner_gui.gui.coverage_dialog import CoverageDialog
from tuner_gui.gui.document import Document
from tuner_gui.gui.menus import build_menus
from tuner_gui.gui.panels.banner import Banner
from tuner_gui.gui.panels.new_study import NewStudyDialog
from tuner_gui.gui.panels.run_bar import RunBar
from tuner_gui.gui.panels.space_panel import SpacePanel
from tuner_gui.gui.panels.stages_panel import StagesPanel
from tuner_gui.gui.panels.status_line import StatusLine
from tuner_gui.gui.panels.suggestions_panel import SuggestionsPanel
from tuner_gui.gui.panels.trial_panel import TrialPanel
from tuner_gui.gui.panels.trials_panel import TrialsPanel
from tuner_gui.gui.panels.welcome import WelcomePage
from tuner_gui.gui.parts.drops import dropped_source, dropped_study
from tuner_gui.gui.plots.explore import ExploreView
from tuner_gui.gui.qactions import WindowActions
from tuner_gui.gui.stage_proposer import StageProposer
from tuner_gui.gui.store import RunState
from tuner_gui.study.definition import Definition

NOTICE_MS = 12_000
# The editor and the preview of a parameter under six rows of the table.
SPACE_HEIGHT = 510
STUDY_FILTER = "Studies (*.tuner)"


class MainWindow(QMainWindow):
    """One window, at most one study. ``first_painted`` is emitted once, after the first picture is on the screen."""

    first_painted = Signal()
    study_opened = Signal()
    demo_requested = Signal()

    def __init__(self, *, engine: Callable[[], Engine]) -> None:
        super().__init__()
        self._engine = engine
        self._document: Document | None = None
        self._closing: list[Document] = []
        self._was_painted = False
        self._docks: list[QDockWidget] = []
        self._toolbar: RunBar | None = None
        self._window_actions: WindowActions | None = None
        self._status_line: StatusLine | None = None
        self._default_state = QByteArray()
        self._pages = QStackedWidget()
        self._welcome = self._make_welcome()
        self._pages.addWidget(self._welcome)
        self.setCentralWidget(self._pages)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setDockOptions(self.dockOptions() | QMainWindow.DockOption.AllowNestedDocks)
        self.setAcceptDrops(True)
        self.setWindowTitle("Tuner")
        self.resize(1280, 800)
        layout = settings.load_layout()
        if layout is not None:
            self.restoreGeometry(layout[0])
        self._rebuild_menus()

    # --- studies ---

    @property
    def document(self) -> Document | None:
        return self._document

    @property
    def window_actions(self) -> WindowActions | None:
        return self._window_actions

    @property
    def docks(self) -> list[QDockWidget]:
        return self._docks

    def open_study(self, path: Path, definition: Definition | None = None) -> None:
        """Open a study, or make one from a definition; the one that is open is closed first."""
        if not self.close_study():
            return
        self._document = Document(path, engine=self._engine, definition=definition, parent=self)
        self._document.opened.connect(self._on_opened)
        self._document.refused.connect(self._on_refused)
        self._document.noticed.connect(self._on_noticed)
        self._document.open()

    @Slot()
    def close_study(self) -> bool:
        """Close the open study; False if the person would rather go on, or it is still busy."""
        document = self._document
        if document is None:
            return True
        if document.is_open and document.store.status.run is not RunState.IDLE and not self._may_stop():
            return False
        self._document = None
        self._save_layout()
        self._take_panels_down()
        if not document.close():
            # Never ended by force: the file is its own. It goes on closing, and the window says so.
            self._closing.append(document)
            self.statusBar().showMessage("The last study is still being closed …", NOTICE_MS)
            return True
        document.deleteLater()
        return True

    @Slot()
    def _on_opened(self) -> None:
        document = self._document
        if document is None:
            return
        self._put_panels_up(document)
        settings.remember_study(document.path)
        self.setWindowTitle(self._title(document))
        document.store.plan_changed.connect(self._update_title)
        if self._was_painted:
            document.warm_up()
        self.study_opened.emit()

    @Slot(str)
    def _on_refused(self, reason: str) -> None:
        document, self._document = self._document, None
        if document is not None:
            document.close()
            document.deleteLater()
        box = QMessageBox(QMessageBox.Icon.Warning, "Tuner", "", QMessageBox.StandardButton.Ok, self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(reason)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    @Slot(str)
    def _on_noticed(self, text: str) -> None:
        self.statusBar().showMessage(text, NOTICE_MS)

    @staticmethod
    def _title(document: Document) -> str:
        viewer = " [viewer]" if document.store.status.read_only else ""
        return f"{document.store.plan.definition.name} – {document.path.name}{viewer} – Tuner"

    @Slot()
    def _update_title(self) -> None:
        if self._document is not None:
            self.setWindowTitle(self._title(self._document))

    # --- what the menus ask ---

    @Slot()
    def ask_new(self) -> None:
        self._open_new_study()

    def _open_new_study(self, source: Path | None = None) -> None:
        dialog = NewStudyDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.study_defined.connect(self._on_study_defined)
        dialog.open()
        if source is not None:
            dialog.choose_source(source)

    @Slot(object, object)
    def _on_study_defined(self, path: Path, definition: Definition) -> None:
        self.open_study(path, definition)

    @Slot()
    def ask_open(self) -> None:
        dialog = QFileDialog(self, "Open a study", str(Path.cwd()), STUDY_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_path_chosen)
        dialog.open()

    @Slot(str)
    def _on_path_chosen(self, path: str | Path) -> None:
        self.open_study(Path(path))

    @Slot()
    def show_coverage(self) -> None:
        """What a budget of trials would try, in a window beside this one; it stays open while one goes on here."""
        document, verbs = self._document, self._window_actions
        if document is None or verbs is None:
            return
        dialog = self.findChild(CoverageDialog) or CoverageDialog(document.store, document.actions, verbs, self)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    @Slot()
    def reset_layout(self) -> None:
        self.restoreState(self._default_state, settings.LAYOUT_VERSION)

    @Slot()
    def focus_next_panel(self) -> None:
        """F6: from the plots to each open dock in turn, and round again."""
        stops = [self._pages, *(dock for dock in self._docks if dock.isVisible())]
        focused = self.focusWidget()
        at = next((i for i, stop in enumerate(stops) if stop.isAncestorOf(focused)), -1)
        for step in range(1, len(stops) + 1):
            target = _first_focusable(stops[(at + step) % len(stops)])
            if target is not None:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return

    # --- panels ---

    def _make_welcome(self) -> WelcomePage:
        page = WelcomePage(settings.recent_studies())
        page.demo_requested.connect(self.demo_requested)
        page.new_requested.connect(self.ask_new)
        page.open_requested.connect(self.ask_open)
        page.path_chosen.connect(self._on_path_chosen)
        return page

    def _put_panels_up(self, document: Document) -> None:
        store, actions = document.store, document.actions
        space = SpacePanel(store, actions)
        self._window_actions = WindowActions(store, actions, parent=self)
        StageProposer(store, actions, parent=self._window_actions)
        space.validity_changed.connect(self._window_actions.set_space_problem)
        self._window_actions.told.connect(self._on_noticed)
        self._window_actions.coverage_asked.connect(self.show_coverage)
        self._toolbar = RunBar(store, actions, self._window_actions)
        self._toolbar.setObjectName("run bar")
        self.addToolBar(self._toolbar)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Banner(store, actions))
        explore = ExploreView(store, actions)
        self._window_actions.plots.look_at(explore)
        layout.addWidget(explore, stretch=1)
        self._pages.addWidget(centre)
        self._pages.setCurrentWidget(centre)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        stages = self._dock("Stages", StagesPanel(store, actions), left)
        suggested = self._dock("Suggestions", SuggestionsPanel(store, actions), left)
        parameters = self._dock("Space", space, right)
        trial = self._dock("Trial", TrialPanel(store, actions), right)
        trials = self._dock("Trials", TrialsPanel(store, actions), Qt.DockWidgetArea.BottomDockWidgetArea)
        self.resizeDocks([stages, parameters], [220, 350], Qt.Orientation.Horizontal)
        self.resizeDocks(
            [parameters, trial], [SPACE_HEIGHT, max(190, self.height() - SPACE_HEIGHT - 100)], Qt.Orientation.Vertical
        )
        self.resizeDocks([stages, suggested], [300, 300], Qt.Orientation.Vertical)
        self.resizeDocks([trials], [220], Qt.Orientation.Vertical)
        self._default_state = self.saveState(settings.LAYOUT_VERSION)
        layout_before = settings.load_layout()
        if layout_before is not None:
            self.restoreState(layout_before[1], settings.LAYOUT_VERSION)
        self._status_line = StatusLine(store)
        # Not permanent: a notice takes its place for a while.
        self.statusBar().addWidget(self._status_line, 1)
        self.statusBar().show()
        self._rebuild_menus()

    def _take_panels_down(self) -> None:
        for dialog in self.findChildren(CoverageDialog):
            dialog.close()
        for dock in self._docks:
            self.removeDockWidget(dock)
            dock.deleteLater()
        self._docks = []
        if self._toolbar is not None:
            self.removeToolBar(self._toolbar)
            self._toolbar.deleteLater()
            self._toolbar = None
        if self._window_actions is not None:
            self._window_actions.deleteLater()
            self._window_actions = None
        if self._status_line is not None:
            self.statusBar().removeWidget(self._status_line)
            self._status_line.deleteLater()
            self._status_line = None
        for page in [self._pages.widget(index) for index in range(self._pages.count())]:
            if page is not None:
                self._pages.removeWidget(page)
                page.deleteLater()
        self._welcome = self._make_welcome()
        self._pages.addWidget(self._welcome)
        self.setWindowTitle("Tuner")
        self._rebuild_menus()

    def _dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        # Qt would show it a turn later, and a layout that is saved until then would say that it is hidden.
        dock.show()
        self._docks.append(dock)
        return dock

    def _rebuild_menus(self) -> None:
        build_menus(self)

    def dock_toggles(self) -> list[QAction]:
        return [dock.toggleViewAction() for dock in self._docks]

    def _save_layout(self) -> None:
        if self._docks:
            settings.save_layout(self.saveGeometry(), self.saveState(settings.LAYOUT_VERSION))

    def _may_stop(self) -> bool:
        answer = QMessageBox.question(
            self,
            "Tuner",
            "A search is running. Stop it and close the study?\n\nAll finished trials are kept.",
            QMessageBox.StandardButton.Close | QMessageBox.StandardButton.Cancel,
        )
        return answer == QMessageBox.StandardButton.Close

    # --- Qt ---

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._on_first_painted)

    @Slot()
    def _on_first_painted(self) -> None:
        self.first_painted.emit()
        if self._document is not None and self._document.is_open:
            self._document.warm_up()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.close_study():
            for document in self._closing:
                document.close()
            event.accept()
        else:
            event.ignore()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_study(event.mimeData()) is not None or dropped_source(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        study, source = dropped_study(event.mimeData()), dropped_source(event.mimeData())
        if study is None and source is None:
            return
        event.acceptProposedAction()
        if study is not None:
            self.open_study(study)
        else:
            self._open_new_study(source)


def _first_focusable(within: QWidget) -> QWidget | None:
    tab = Qt.FocusPolicy.TabFocus
    for child in within.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & tab:
            return child
    return None
