"""What holds for every panel: names for screen readers, plain text, a way through by Tab, nothing left alive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from leaks import freed_on_close
from panel_bench import Bench
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollBar,
    QWidget,
)

from tuner_gui.gui.coverage_dialog import CoverageDialog
from tuner_gui.gui.panels.banner import Banner
from tuner_gui.gui.panels.new_study import NewStudyDialog
from tuner_gui.gui.panels.run_bar import RunBar
from tuner_gui.gui.panels.space_panel import SpacePanel
from tuner_gui.gui.panels.stages_panel import StagesPanel
from tuner_gui.gui.panels.status_line import StatusLine
from tuner_gui.gui.panels.trial_panel import TrialPanel
from tuner_gui.gui.panels.trials_panel import TrialsPanel
from tuner_gui.gui.panels.welcome import WelcomePage
from tuner_gui.gui.qactions import WindowActions
from tuner_gui.gui.theme import choose_scheme
from tuner_gui.gui.try_dialog import TryDialog
from tuner_gui.space.region import Interval

Maker = Callable[..., Bench]
Factory = Callable[[Bench], QWidget]


def toolbar(bench: Bench) -> QWidget:
    window = QMainWindow()
    verbs = WindowActions(bench.store, bench.actions, window)
    window.addToolBar(RunBar(bench.store, bench.actions, verbs))
    return window


def coverage(bench: Bench) -> QWidget:
    dialog = CoverageDialog(bench.store, bench.actions, WindowActions(bench.store, bench.actions))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    return dialog


PANELS: dict[str, Factory] = {
    "space": lambda bench: SpacePanel(bench.store, bench.actions),
    "stages": lambda bench: StagesPanel(bench.store, bench.actions),
    "trials": lambda bench: TrialsPanel(bench.store, bench.actions),
    "trial": lambda bench: TrialPanel(bench.store, bench.actions),
    "banner": lambda bench: Banner(bench.store, bench.actions),
    "status": lambda bench: StatusLine(bench.store),
    "toolbar": toolbar,
    "welcome": lambda _bench: WelcomePage([Path("/gone.tuner")]),
    "new study": lambda _bench: NewStudyDialog(),
    "coverage": coverage,
    "try values": lambda bench: TryDialog(bench.store.plan.space, {}),
}
# A banner is only there when something is wrong; the toolbar's window is freed by Qt with its actions.
every_panel = pytest.mark.parametrize("factory", PANELS.values(), ids=PANELS)


def prepared(bench: Bench) -> Bench:
    """A study with two stages, a pending region and a selection, so that all there is can be seen."""
    bench.store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
    bench.actions.apply_pending()
    bench.store.set_pending_extents({"momentum": Interval(0.95, 0.99)})
    bench.store.select([3, 4])
    return bench


def focusable(widget: QWidget) -> list[QWidget]:
    return [
        child
        for child in widget.findChildren(QWidget)
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not isinstance(child, QScrollBar)
        and child.focusProxy() is None
        and not isinstance(child.parent(), (QLineEdit, QAbstractSpinBox))
        and not child.objectName().startswith("qt_")
        and not _is_popup(child)
    ]


def _has_words(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton) and bool(widget.text())


def _is_popup(widget: QWidget) -> bool:
    """The list that a combo box opens has the name of its box."""
    parent = widget.parentWidget()
    return parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer"


@every_panel
def test_everything_that_takes_the_focus_has_a_name(make_bench: Maker, factory: Factory) -> None:
    widget = prepared(make_bench()).show(factory(prepared(make_bench())))
    nameless = [
        f"{type(child).__name__} {child.objectName()}"
        for child in focusable(widget)
        if not child.accessibleName() and not isinstance(child, QLabel) and not _has_words(child)
    ]
    assert nameless == []


@every_panel
def test_no_label_takes_markup_from_data(make_bench: Maker, factory: Factory) -> None:
    widget = prepared(make_bench()).show(factory(prepared(make_bench())))
    texts = [label for label in widget.findChildren(QLabel) if label.textFormat() is not Qt.TextFormat.PlainText]
    # Labels with a buddy are titles of fields, written here.
    assert [label.text() for label in texts if label.buddy() is None and label.text()] == []


@every_panel
def test_the_tab_key_comes_round(make_bench: Maker, factory: Factory) -> None:
    bench = prepared(make_bench())
    widget = bench.show(factory(bench), width=700, height=700)
    wanted = {
        child
        for child in focusable(widget)
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted) + 3):
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
        bench.qtbot.keyClick(focused or widget, Qt.Key.Key_Tab)
    assert {type(child).__name__ + child.accessibleName() for child in wanted - reached} == set()


@every_panel
@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark], ids=["light", "dark"])
def test_it_paints_in_both_schemes_and_at_every_size(
    make_bench: Maker, factory: Factory, scheme: Qt.ColorScheme
) -> None:
    bench = prepared(make_bench(10, running=1))
    widget = bench.show(factory(bench))
    choose_scheme(scheme)
    for width, height in ((160, 120), (420, 700), (1900, 1000)):
        widget.resize(width, height)
        assert not widget.grab().isNull()
    choose_scheme(Qt.ColorScheme.Light)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", ["space", "stages", "trials", "trial", "banner", "status", "welcome"])
def test_a_panel_is_freed_with_its_window(make_bench: Maker, name: str) -> None:
    bench = prepared(make_bench())

    def made() -> QWidget:
        widget = PANELS[name](bench)
        widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return widget

    freed_on_close(made)
