from __future__ import annotations

from collections.abc import Callable

from panel_bench import Bench
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from studies import events_of

from tuner_gui.gui.panels.stages_panel import StagesPanel
from tuner_gui.space.region import Interval, full_region

Maker = Callable[..., Bench]


def narrow(bench: Bench, low: float, high: float) -> None:
    bench.store.set_pending_extents({"learning_rate": Interval(low, high)})
    bench.actions.apply_pending()


def opened(bench: Bench, height: int = 600) -> StagesPanel:
    return bench.show(StagesPanel(bench.store, bench.actions), width=220, height=height)


def middle_of(panel: StagesPanel, stage: int) -> QPoint:
    row = panel.model.row_of(stage)
    assert row is not None
    return panel.view.visualRect(panel.model.index(row)).center()


class TestGoingBack:
    def test_the_button_appears_on_the_card_under_the_mouse_and_goes_back(self, make_bench: Maker) -> None:
        bench = make_bench()
        narrow(bench, 1e-3, 0.1)
        panel = opened(bench)
        assert not panel.view.button.isVisible()
        bench.qtbot.mouseMove(panel.view.viewport(), middle_of(panel, 1))
        bench.qtbot.waitUntil(panel.view.button.isVisible)
        assert panel.view.button.accessibleName() == "Go back to stage 1"
        assert panel.view.button.geometry().intersects(
            panel.view.visualRect(panel.model.index(panel.model.row_of(1) or 0))
        )
        bench.qtbot.mouseClick(panel.view.button, Qt.MouseButton.LeftButton)
        assert bench.store.plan.region == full_region(bench.store.plan.space)
        assert bench.store.log.undo_text == "Go back to stage 1"

    def test_the_keyboard_gets_there_with_arrows_tab_and_space(self, make_bench: Maker) -> None:
        bench = make_bench()
        narrow(bench, 1e-3, 0.1)
        panel = opened(bench)
        panel.view.setFocus()
        bench.qtbot.keyClick(panel.view, Qt.Key.Key_Down)
        bench.qtbot.keyClick(panel.view, Qt.Key.Key_Down)
        assert panel.view.currentIndex().row() == 1
        bench.qtbot.keyClick(panel.view, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is panel.view.button
        bench.qtbot.keyClick(panel.view.button, Qt.Key.Key_Space)
        assert bench.store.plan.stage.origin == "back"

    def test_the_current_stage_offers_no_way_back_to_itself(self, make_bench: Maker) -> None:
        bench = make_bench()
        narrow(bench, 1e-3, 0.1)
        panel = opened(bench)
        menu = panel.menu_for(0)
        assert [action.isEnabled() for action in menu.actions()] == [False, False]
        menu.close()

    def test_the_menu_selects_the_trials_of_a_stage(self, make_bench: Maker) -> None:
        bench = make_bench()
        narrow(bench, 1e-3, 0.1)
        bench.store.apply(events_of(bench.store.plan, [21, 22, 23]))
        panel = opened(bench)
        menu = panel.menu_for(0)
        menu.actions()[1].trigger()
        assert bench.store.selection == (21, 22, 23)
        menu.close()


class TestProposing:
    def test_wider_and_full_only_propose(self, make_bench: Maker) -> None:
        bench = make_bench()
        narrow(bench, 1e-3, 0.1)
        panel = opened(bench)
        edits = len(bench.store.log.edits)
        for button in (panel.widen, panel.full):
            bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
            assert bench.store.pending is not None
        assert bench.store.pending == full_region(bench.store.plan.space)
        assert len(bench.store.log.edits) == edits

    def test_there_is_nothing_wider_than_the_full_space(self, make_bench: Maker) -> None:
        bench = make_bench()
        panel = opened(bench)
        assert not panel.widen.isEnabled()
        assert panel.hint.isVisible()
        narrow(bench, 1e-3, 0.1)
        assert panel.widen.isEnabled()
        assert not panel.hint.isVisible()


def test_fifty_stages_scroll_and_the_newest_is_in_view(make_bench: Maker) -> None:
    bench = make_bench()
    panel = opened(bench, height=400)
    for number in range(49):
        narrow(bench, 1e-4 * (1.05**number), 0.9)
    QApplication.sendPostedEvents()
    assert panel.model.rowCount() == 50
    assert panel.view.verticalScrollBar().maximum() > 3000
    assert panel.view.visualRect(panel.model.index(0)).top() >= 0
    panel.view.scrollToBottom()
    assert panel.view.visualRect(panel.model.index(49)).bottom() <= panel.view.viewport().height()
