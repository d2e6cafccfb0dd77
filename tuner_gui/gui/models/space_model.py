"""The parameters of a study as a table: those that are searched, then those that could be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Slot

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.models.parameter_texts import text_of_value
from tuner_gui.gui.models.roles import DIMMED_ROLE, OBJECT_ROLE, Index, Role
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.space.region import Extent
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import tier, why
from tuner_gui.study.stages import describe_extent

SCALE_WORDS = {
    Scale.LINEAR: "equal steps of the value get equal shares of the trials",
    Scale.LOG: "equal factors of the value get equal shares: every decade the same",
    Scale.LOG1M: "the log of 1 − value: every decade of the distance to 1 gets the same share",
}
TIER_WORDS = {1: "tune first", 2: "second in importance", 3: "third in importance", 4: "hardly ever worth tuning"}


class Column(IntEnum):
    USE = 0
    NAME = 1
    RANGE = 2
    SCALE = 3
    TIER = 4


HEADERS = {
    Column.USE: ("", "Searched or pinned"),
    Column.NAME: ("Parameter", "A hyperparameter of the network"),
    Column.RANGE: ("Range", "Its full range; the bar shows which part of it the search draws from"),
    Column.SCALE: ("Scale", "On which line the trials fall evenly"),
    Column.TIER: ("Tier", "The textbook's order of importance, 1 first; – where it gives none"),
}


@dataclass(frozen=True)
class Row:
    """One parameter. ``pinned`` is its value while it is not searched; the extents are None then."""

    parameter: Parameter
    tier: int | None
    pinned: Value | None
    extent: Extent | None = None
    pending: Extent | None = None

    @property
    def searched(self) -> bool:
        return self.extent is not None


def rows_of(store: Store) -> list[Row]:
    plan = store.plan
    searched = [
        Row(p, tier(p.name), None, plan.region[p.name], store.pending[p.name] if store.pending else None)
        for p in plan.space
    ]
    pinned = plan.definition.hyperparameters({})
    shelved = [Row(p, tier(p.name), pinned[p.name]) for p in plan.definition.shelved()]
    return searched + sorted(shelved, key=_tier_order)


def _tier_order(row: Row) -> int:
    return row.tier or 99


def range_text(parameter: Parameter) -> str:
    """The full range in words: "1e-4 – 1", "32, 64, 128"."""
    if isinstance(parameter, ChoiceParameter):
        return ", ".join(text_of_value(parameter, choice) for choice in parameter.choices)
    return f"{text_of_value(parameter, parameter.low)} – {text_of_value(parameter, parameter.high)}"


def scale_text(parameter: Parameter) -> str:
    return "choice" if isinstance(parameter, ChoiceParameter) else str(parameter.scale)


class SpaceModel(QAbstractTableModel):
    """Follows the store. Checking a row searches its parameter, unchecking pins it."""

    def __init__(self, store: Store, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._actions = actions
        self._rows = rows_of(store)
        store.plan_changed.connect(self._update)
        store.pending_changed.connect(self._update)

    def row(self, number: int) -> Row:
        return self._rows[number]

    def row_of(self, name: str | None) -> int | None:
        """The number of the row with this parameter; None if there is none."""
        return next((i for i, row in enumerate(self._rows) if row.parameter.name == name), None)

    # --- Qt ---

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        title, words = HEADERS[Column(section)]
        if role == Role.ToolTipRole:
            return words
        return title if role == Role.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == Column.USE and self._store.status.read_only is None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == Role.DisplayRole:
            return self._text(row, column)
        if role == Role.ToolTipRole:
            return self._words(row, column)
        if role == Role.AccessibleTextRole:
            return self._spoken(row, column)
        if role == Role.CheckStateRole and column is Column.USE:
            return Qt.CheckState.Checked if row.searched else Qt.CheckState.Unchecked
        if role == Role.TextAlignmentRole and column is Column.TIER:
            return Qt.AlignmentFlag.AlignCenter
        if role == DIMMED_ROLE:
            return not row.searched
        return row if role == OBJECT_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        if role != Role.CheckStateRole or index.column() != Column.USE:
            return False
        row = self._rows[index.row()]
        on = Qt.CheckState(value) is Qt.CheckState.Checked
        if on == row.searched:
            return False
        self._store.show_parameter(row.parameter.name)
        self._actions.switch(row.parameter.name, on=on)
        return True

    # --- texts ---

    @staticmethod
    def _text(row: Row, column: Column) -> str | None:
        match column:
            case Column.NAME:
                return row.parameter.name
            case Column.RANGE:
                if row.pinned is not None:
                    return text_of_value(row.parameter, row.pinned)
                return range_text(row.parameter)
            case Column.SCALE:
                return scale_text(row.parameter) if row.searched else "pinned"
            case Column.TIER:
                return "–" if row.tier is None else str(row.tier)
        return None

    def _words(self, row: Row, column: Column) -> str | None:
        name = row.parameter.name
        match column:
            case Column.USE:
                return f"{name} is searched" if row.searched else f"{name} is pinned; check it to search it"
            case Column.NAME:
                return why(name, self._store.plan.definition.model.kind) or None
            case Column.RANGE:
                return self._range_words(row)
            case Column.SCALE if row.searched and not isinstance(row.parameter, ChoiceParameter):
                return SCALE_WORDS[row.parameter.scale]
            case Column.TIER:
                return TIER_WORDS.get(row.tier or 0, "the textbook gives it no place")
        return None

    def _range_words(self, row: Row) -> str:
        if row.extent is None:
            return (
                f"pinned at {text_of_value(row.parameter, row.pinned or 0)}; searched it would be over "
                + range_text(row.parameter)
            )
        space, name = self._store.plan.space, row.parameter.name
        words = f"the search draws from {describe_extent(space, name, row.extent)}"
        if row.pending is not None and row.pending != row.extent:
            words += f"; pending: {describe_extent(space, name, row.pending)}"
        return words

    def _spoken(self, row: Row, column: Column) -> str | None:
        name = row.parameter.name
        match column:
            case Column.USE:
                return f"search {name}"
            case Column.RANGE if row.searched:
                return f"{range_text(row.parameter)}, {self._range_words(row)}"
            case Column.RANGE:
                return self._range_words(row)
        return self._text(row, column)

    @Slot()
    def _update(self) -> None:
        rows = rows_of(self._store)
        if rows == self._rows:
            return
        if [r.parameter.name for r in rows] != [r.parameter.name for r in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        changed = [i for i, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
        self._rows = rows
        self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(Column) - 1))
