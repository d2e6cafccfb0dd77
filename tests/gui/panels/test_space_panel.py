from __future__ import annotations

from collections.abc import Callable

import pytest
from panel_bench import Bench
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication

from tuner_gui.gui.models.space_model import Column
from tuner_gui.gui.panels.space_panel import SpacePanel
from tuner_gui.gui.parts.fields import CheckedLineEdit
from tuner_gui.gui.parts.scale_preview import Mood
from tuner_gui.space.parameters import ChoiceParameter, FloatParameter
from tuner_gui.space.region import Interval
from tuner_gui.space.scales import Scale
from tuner_gui.study.history import History

Maker = Callable[..., Bench]


def typed(bench: Bench, field: CheckedLineEdit, text: str, *, enter: bool = False) -> None:
    field.setFocus()
    field.selectAll()
    bench.qtbot.keyClicks(field, text) if text else bench.qtbot.keyClick(field, Qt.Key.Key_Delete)
    if enter:
        bench.qtbot.keyClick(field, Qt.Key.Key_Return)


def opened(bench: Bench, name: str = "learning_rate") -> SpacePanel:
    panel = bench.show(SpacePanel(bench.store, bench.actions))
    bench.store.show_parameter(name)
    return panel


def field(panel: SpacePanel, name: str) -> CheckedLineEdit:
    return panel.editor.fields.line_edits[name]


def cell(panel: SpacePanel, name: str, column: Column) -> QRect:
    row = panel._model.row_of(name)
    assert row is not None
    return panel.table.visualRect(panel._model.index(row, column))


class TestEditing:
    def test_a_range_changes_when_enter_confirms_it_and_not_before(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "low"), "1e-3")
        before = bench.store.plan.space["learning_rate"]
        assert isinstance(before, FloatParameter)
        assert before.low == 1e-4
        bench.qtbot.keyClick(field(panel, "low"), Qt.Key.Key_Return)
        after = bench.store.plan.space["learning_rate"]
        assert isinstance(after, FloatParameter)
        assert (after.low, after.high) == (1e-3, 1.0)
        assert bench.store.log.undo_text == "Change learning_rate"

    def test_leaving_the_field_confirms_too(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "high"), "0.5")
        bench.qtbot.keyClick(field(panel, "high"), Qt.Key.Key_Tab)
        parameter = bench.store.plan.space["learning_rate"]
        assert isinstance(parameter, FloatParameter)
        assert parameter.high == 0.5
        assert len(bench.store.log.edits) == 2

    def test_both_ends_can_move_past_the_old_range(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "low"), "2")
        assert panel.invalid_reason == "learning_rate: low must be less than high, 1.0"
        bench.qtbot.keyClick(field(panel, "low"), Qt.Key.Key_Tab)
        assert field(panel, "low").text() == "2"
        typed(bench, field(panel, "high"), "20", enter=True)
        parameter = bench.store.plan.space["learning_rate"]
        assert isinstance(parameter, FloatParameter)
        assert (parameter.low, parameter.high) == (2, 20)
        assert panel.invalid_reason is None

    def test_the_scale_is_taken_at_once(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        scale = panel.editor._numbers.scale
        scale.setFocus()
        bench.qtbot.keyClick(scale, Qt.Key.Key_Up)
        parameter = bench.store.plan.space["learning_rate"]
        assert isinstance(parameter, FloatParameter)
        assert parameter.scale is Scale.LINEAR

    def test_choices_are_edited_as_a_list(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench, "batch_size")
        typed(bench, field(panel, "choices"), "32, 64, 128, 256", enter=True)
        parameter = bench.store.plan.space["batch_size"]
        assert isinstance(parameter, ChoiceParameter)
        assert parameter.choices == (32, 64, 128, 256)

    def test_a_pinned_value_is_set_and_searched_from_its_editor(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench, "dropout")
        typed(bench, field(panel, "value"), "0.2", enter=True)
        assert bench.store.plan.definition.model.fixed["dropout"] == 0.2
        assert bench.store.log.undo_text == "Set dropout to 0.2"
        bench.qtbot.mouseClick(panel.editor._pinned.search, Qt.MouseButton.LeftButton)
        assert "dropout" in bench.store.plan.space

    def test_undo_from_elsewhere_is_shown_in_the_fields(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "low"), "1e-3", enter=True)
        bench.actions.undo()
        assert field(panel, "low").text() == "1e-4"

    def test_refining_elsewhere_does_not_eat_what_is_being_typed(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "low"), "3e-4")
        bench.store.set_pending_extents({"momentum": Interval(0.95, 0.99)})
        bench.actions.apply_pending()
        assert field(panel, "low").text() == "3e-4"
        assert panel.preview.mood is Mood.DRAFT


class TestRefusing:
    def test_a_bad_value_is_marked_while_typing_with_the_reason_in_words(
        self, make_bench: Callable[..., Bench]
    ) -> None:
        bench = make_bench()
        panel = opened(bench)
        reasons: list[str | None] = []
        panel.validity_changed.connect(reasons.append)
        typed(bench, field(panel, "low"), "0")
        words = "low must be a number above 0"
        assert words in (panel.invalid_reason or "")
        assert panel.editor._reason.isVisible()
        assert panel.editor._reason.text().startswith("Low must be a number above 0")
        assert words in field(panel, "low").accessibleDescription()
        assert field(panel, "high").problem is None
        assert reasons == [panel.invalid_reason]
        bench.qtbot.keyClick(field(panel, "low"), Qt.Key.Key_Return)
        assert len(bench.store.log.edits) == 1

    def test_typing_on_clears_the_reason(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        reasons: list[str | None] = []
        panel.validity_changed.connect(reasons.append)
        typed(bench, field(panel, "low"), "0.01")
        assert field(panel, "low").problem is None
        assert reasons[-1] is None
        assert reasons[0] is not None  # "0" alone cannot be

    def test_escape_restores_what_the_plan_has(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "low"), "7")
        bench.qtbot.keyClick(field(panel, "low"), Qt.Key.Key_Escape)
        assert field(panel, "low").text() == "1e-4"
        assert panel.invalid_reason is None

    @pytest.mark.parametrize(
        ("name", "part", "text", "words"),
        [
            ("momentum", "high", "1", "below 1"),
            ("dropout", "value", "1", "no unit would be left"),
            ("batch_size", "choices", "32", "at least two values"),
            ("units", "low", "16.5", "a whole number"),
        ],
    )
    def test_what_the_network_cannot_take_is_refused(
        self, make_bench: Callable[..., Bench], name: str, part: str, text: str, words: str
    ) -> None:
        bench = make_bench()
        panel = opened(bench, name)
        typed(bench, field(panel, part), text, enter=True)
        assert words in (panel.invalid_reason or "")
        assert len(bench.store.log.edits) == 1

    def test_another_parameter_gives_up_what_was_wrong(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        typed(bench, field(panel, "low"), "7")
        bench.store.show_parameter("momentum")
        assert panel.invalid_reason is None
        bench.store.show_parameter("learning_rate")
        assert field(panel, "low").text() == "1e-4"

    def test_a_viewer_shows_values_that_cannot_be_typed_over(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        log = bench.store.log
        viewer = make_bench(store=type(bench.store)(path=bench.store.path, log=log, history=History(), read_only="why"))
        panel = opened(viewer)
        typed(viewer, field(panel, "low"), "7", enter=True)
        assert field(panel, "low").text() == "1e-4"


class TestTable:
    def test_a_click_on_a_row_opens_its_editor_and_the_window_knows(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        place = cell(panel, "units", Column.NAME).center()
        bench.qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert bench.store.shown_parameter == "units"
        assert panel.editor.row is not None
        assert panel.editor.row.parameter.name == "units"

    def test_a_parameter_shown_from_elsewhere_is_selected_here(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench, "momentum")
        assert panel.table.currentIndex().row() == panel._model.row_of("momentum")

    def test_the_check_box_pins_and_searches(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)

        def click(name: str) -> None:
            middle = cell(panel, name, Column.USE)
            place = QPoint(middle.left() + 10, middle.center().y())
            bench.qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)

        click("momentum")
        assert "momentum" not in bench.store.plan.space
        assert bench.store.shown_parameter == "momentum"
        bench.actions.undo()
        assert "momentum" in bench.store.plan.space

    def test_the_space_key_checks_the_row_of_the_keyboard(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench)
        panel.table.setFocus()
        panel.table.setCurrentIndex(panel._model.index(1, Column.USE))
        bench.qtbot.keyClick(panel.table, Qt.Key.Key_Space)
        assert "momentum" not in bench.store.plan.space

    def test_a_narrow_panel_cuts_names_before_ranges(self, make_bench: Maker) -> None:
        bench = make_bench()
        panel = opened(bench)
        panel.resize(290, 600)
        assert cell(panel, "momentum", Column.RANGE).width() >= panel.fontMetrics().horizontalAdvance("0.9 – 0.999")
        panel.resize(500, 600)
        name = cell(panel, "learning_rate_decay", Column.NAME)
        assert name.width() >= panel.fontMetrics().horizontalAdvance("learning_rate_decay")


class TestPreview:
    def test_it_shows_the_region_then_the_pending_one_then_what_is_typed(
        self, make_bench: Callable[..., Bench]
    ) -> None:
        bench = make_bench()
        panel = opened(bench)
        assert (panel.preview.mood, panel.preview.share_texts()) == (Mood.CURRENT, ["25 %"] * 4)
        bench.store.set_pending_extents({"learning_rate": Interval(1e-3, 0.1)})
        assert (panel.preview.mood, panel.preview.share_texts()) == (Mood.PENDING, ["50 %"] * 2)
        bench.store.set_pending(None)
        typed(bench, field(panel, "low"), "1e-5")
        assert (panel.preview.mood, panel.preview.share_texts()) == (Mood.DRAFT, ["20 %"] * 5)

    def test_it_says_what_linear_would_do(self, make_bench: Callable[..., Bench]) -> None:
        panel = opened(make_bench())
        sentence = "Linear would spend 90 % of the trials between 0.1 and 1."
        assert panel.preview.remarks() == [sentence]
        assert sentence in panel.preview.accessibleDescription()

    def test_a_parameter_that_is_pinned_shows_what_searching_it_would_draw(
        self, make_bench: Callable[..., Bench]
    ) -> None:
        panel = opened(make_bench(), "dropout")
        assert panel.preview.mood is Mood.PINNED

    def test_the_remarks_always_fit(self, make_bench: Callable[..., Bench]) -> None:
        bench = make_bench()
        panel = opened(bench, "momentum")
        narrow, wide = [], []
        for width, heights in ((250, narrow), (700, wide)):
            panel.resize(width, 700)
            QApplication.sendPostedEvents()
            heights.append(panel.preview.height())
        assert narrow[0] > wide[0]
