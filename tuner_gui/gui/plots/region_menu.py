"""The context menu of a plot on which regions are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.axis_drag import AxisDrag
from tuner_gui.gui.plots.drag import toggled
from tuner_gui.gui.store import Store
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.region import Extent, extent_contains, full_extent
from tuner_gui.space.ticks import format_value


def region_menu(
    parent: QWidget,
    store: Store,
    actions: Actions,
    drags: Sequence[AxisDrag],
    *,
    type_values: Callable[[AxisDrag], object],
    try_here: Callable[[], object],
) -> QMenu:
    """What can be done with the region here; every entry does something or is greyed."""
    menu = QMenu(parent)
    _add(menu, "Apply region\tEnter", actions.apply_pending, on=store.pending is not None)
    _add(menu, "Drop region\tEsc", actions.drop_pending, on=store.pending is not None)
    _add(menu, "Try a trial here…", partial(_call, try_here), on=store.status.read_only is None)
    for drag in drags:
        menu.addSeparator()
        if drag.has_edges:
            _add(menu, f"Type values of {drag.parameter.name}…", partial(_type, type_values, drag))
        _add_parameter(menu, store, drag)
    return menu


def _add(menu: QMenu, text: str, call: Callable[..., object], *, on: bool = True) -> QAction:
    action = menu.addAction(text)
    action.setEnabled(on)
    action.triggered.connect(call)
    return action


def _add_parameter(menu: QMenu, store: Store, drag: AxisDrag) -> None:
    parameter = drag.parameter
    if isinstance(parameter, ChoiceParameter):
        for index, choice in enumerate(parameter.choices):
            action = _add(menu, f"Try {format_value(choice)}", partial(_toggle, store, parameter, drag.extent, index))
            action.setCheckable(True)
            action.setChecked(extent_contains(drag.extent, choice))
    full = partial(_propose, store, parameter, full_extent(parameter))
    _add(menu, f"Full range of {parameter.name}", full, on=drag.is_narrow)


def _call(call: Callable[[], object], _checked: bool = False) -> None:
    call()


def _type(type_values: Callable[[AxisDrag], object], drag: AxisDrag, _checked: bool = False) -> None:
    type_values(drag)


def _toggle(store: Store, parameter: ChoiceParameter, extent: Extent, index: int, _checked: bool = False) -> None:
    _propose(store, parameter, toggled(parameter, extent, index))


def _propose(store: Store, parameter: Parameter, extent: Extent, _checked: bool = False) -> None:
    store.set_pending_extents({parameter.name: extent})
