"""What a click on a trial does to the selection, the same in every plot."""

from __future__ import annotations

from tuner_gui.gui.store import Store


def select_clicked(store: Store, number: int | None, *, adding: bool) -> None:
    """On a trial a click selects it, or adds it and takes it away again; beside all of them it selects none."""
    chosen = store.selection
    if number is None:
        store.select(chosen if adding else ())
    elif not adding:
        store.select((number,))
    else:
        others = tuple(other for other in chosen if other != number)
        store.select(others if number in chosen else (number, *chosen))
