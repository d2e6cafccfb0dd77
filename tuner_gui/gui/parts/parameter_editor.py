"""The editor of one parameter: what is typed is checked at once, and nothing changes before it is right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.models.parameter_texts import parameter_from, text_of_value, texts_of, value_from
from tuner_gui.gui.models.space_model import TIER_WORDS, Row, rows_of
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.parts.parameter_fields import ChoiceFields, Fields, NumberFields, PinnedFields
from tuner_gui.gui.store import Store
from tuner_gui.space.errors import SpaceError
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.textbook import why


class ParameterEditor(QWidget):
    """Edits ``store.shown_parameter``. ``draft_changed`` tells that what is typed, or its problem, changed."""

    draft_changed = Signal()

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._actions = actions
        self._row: Row | None = None
        self._problem: str | None = None
        self._draft: Parameter | None = None
        self._numbers, self._choices, self._pinned = NumberFields(), ChoiceFields(), PinnedFields()
        self._fields: Fields = self._numbers
        self._build()
        for fields in (self._numbers, self._choices, self._pinned):
            fields.edited.connect(self._on_edited)
            fields.confirmed.connect(self._commit)
            fields.restore_asked.connect(self._restore)
        self._pinned.search_asked.connect(self._search)
        store.plan_changed.connect(self._on_plan_changed)
        store.shown_parameter_changed.connect(self._on_shown_parameter_changed)
        self._on_shown_parameter_changed()

    @property
    def row(self) -> Row | None:
        """The parameter that is edited, as the plan has it; None if none is shown."""
        return self._row

    @property
    def draft(self) -> Parameter | None:
        """What is typed, where it is a parameter that differs from the plan's; otherwise None."""
        return self._draft

    @property
    def invalid_reason(self) -> str | None:
        """Why what is typed cannot be: "learning_rate: low must be …". None while all is well."""
        if self._problem is None or self._row is None:
            return None
        return f"{self._row.parameter.name}: {self._problem}"

    @property
    def fields(self) -> Fields:
        """The fields that are shown."""
        return self._fields

    def _build(self) -> None:
        self._title, self._tier = QLabel(), ToneLabel("secondary_text", smaller=1)
        self._why = ToneLabel("secondary_text", smaller=1, wrap=True)
        self._reason = ToneLabel("bad", wrap=True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._tier)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 4)
        layout.setSpacing(4)
        layout.addLayout(heading)
        for widget in (self._why, self._numbers, self._choices, self._pinned, self._reason):
            layout.addWidget(widget)

    # --- what is shown ---

    @Slot()
    def _on_shown_parameter_changed(self) -> None:
        """Another parameter: what was typed for the last one and not confirmed is given up."""
        self._load(self._row_in_plan())

    @Slot()
    def _on_plan_changed(self) -> None:
        """Keep what is being typed, unless just this parameter has been changed from elsewhere."""
        row, loaded = self._row_in_plan(), self._row
        same = (
            row is not None
            and loaded is not None
            and (row.parameter, row.pinned, row.searched) == (loaded.parameter, loaded.pinned, loaded.searched)
        )
        if same:
            self._row = row
            self.draft_changed.emit()
        else:
            self._load(row)

    def _row_in_plan(self) -> Row | None:
        name = self._store.shown_parameter
        return next((row for row in rows_of(self._store) if row.parameter.name == name), None)

    def _load(self, row: Row | None) -> None:
        self._row = row
        self.setVisible(row is not None)
        if row is not None:
            self._fields = self._fields_for(row)
            for fields in (self._numbers, self._choices, self._pinned):
                fields.setVisible(fields is self._fields)
            self._show_words(row)
            self._fields.name_controls(row.parameter.name)
            self._fields.set_read_only(read_only=self._store.status.read_only is not None)
            self._fields.set_texts(self._texts_of(row))
        self._set_outcome(None, None, None)

    def _fields_for(self, row: Row) -> Fields:
        if not row.searched:
            self._pinned.set_parameter(row.parameter)
            return self._pinned
        if isinstance(row.parameter, ChoiceParameter):
            return self._choices
        self._numbers.set_parameter(row.parameter)
        return self._numbers

    def _show_words(self, row: Row) -> None:
        name = row.parameter.name
        self._title.setText(name)
        self._tier.setText(f"tier {row.tier}, {TIER_WORDS[row.tier]}" if row.tier else "no textbook tier")
        words = why(name, self._store.plan.definition.model.kind)
        self._why.setText(words)
        self._why.setVisible(bool(words))

    @staticmethod
    def _texts_of(row: Row) -> dict[str, str]:
        if row.pinned is not None:
            return {"value": text_of_value(row.parameter, row.pinned)}
        return texts_of(row.parameter)

    # --- what is typed ---

    @Slot()
    def _on_edited(self) -> None:
        row = self._row
        if row is None:
            return
        try:
            self._set_outcome(None, None, self._typed_parameter(row))
        except SpaceError as error:
            self._set_outcome(error.field, _problem(row.parameter.name, error), None)

    def _typed_parameter(self, row: Row) -> Parameter | None:
        """The typed parameter if it differs; SpaceError if the texts, of a pinned value too, mean nothing."""
        texts = self._fields.texts()
        if not row.searched:
            value_from(row.parameter.name, texts["value"])
            return None
        typed = parameter_from(row.parameter, texts)
        return typed if typed != row.parameter else None

    def _set_outcome(self, field: str | None, problem: str | None, draft: Parameter | None) -> None:
        self._problem, self._draft = problem, draft
        changed = self._row is not None and self._fields.texts() != self._texts_of(self._row)
        if field is not None and field not in self._fields.line_edits:
            field = next(iter(self._fields.line_edits))
        self._fields.set_problem(field, problem)
        self._fields.set_restorable(restorable=changed)
        self._reason.setText(_sentence(problem) if problem else "")
        self._reason.setVisible(problem is not None)
        self.draft_changed.emit()

    @Slot()
    def _commit(self) -> None:
        """Enter, or the field was left. What is wrong stays as it was typed, marked."""
        row = self._row
        if row is None or self._problem is not None:
            return
        texts = self._fields.texts()
        if row.searched:
            self._actions.set_parameter(parameter_from(row.parameter, texts))
        else:
            value = value_from(row.parameter.name, texts["value"])
            if not _same(value, row.pinned):
                self._actions.pin(row.parameter.name, value)
        if self._row is not None:
            # Written as the plan has it: "0.10" becomes "0.1".
            self._fields.set_texts(self._texts_of(self._row))
            self._set_outcome(None, None, None)

    @Slot()
    def _restore(self) -> None:
        self._load(self._row)

    @Slot()
    def _search(self) -> None:
        if self._row is not None:
            self._actions.switch(self._row.parameter.name, on=True)


def _same(a: Value, b: Value | None) -> bool:
    return a == b and type(a) is type(b)


def _problem(name: str, error: SpaceError) -> str:
    field = "the value" if error.field == name else error.field
    return f"{field} must be {error.expected}"


def _sentence(problem: str) -> str:
    return f"{problem[:1].upper()}{problem[1:]}."
