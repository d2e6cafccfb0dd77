from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tuner_gui.gui.models.sorted_rows import SortedRows, key_of

values = st.none() | st.floats(allow_infinity=False)


@given(st.lists(values, max_size=30), st.booleans(), st.lists(st.tuples(st.integers(0, 40), values), max_size=20))
def test_rows_kept_in_order_one_by_one_equal_rows_sorted_at_once(
    start: list[float | None], descending: bool, changes: list[tuple[int, float | None]]
) -> None:
    known = dict(enumerate(start))
    rows = SortedRows()
    rows.fill(known, known.__getitem__, descending=descending)
    for number, value in changes:
        if number in rows:
            rows.remove(number)
        expected = rows.row_for(number, value)
        rows.add(number, value)
        known[number] = value
        assert rows.row_of(number) == expected
    afresh = SortedRows()
    afresh.fill(known, known.__getitem__, descending=descending)
    order = [rows.number_at(row) for row in range(len(rows))]
    assert order == [afresh.number_at(row) for row in range(len(afresh))]
    assert [rows.row_of(number) for number in order] == list(range(len(order)))
    assert rows.numbers_between(0, len(rows) - 1) == order
    if len(order) > 2:
        assert rows.numbers_between(1, 2) == order[1:3]


@given(st.lists(values, min_size=1, max_size=200), st.booleans(), st.sets(st.integers(0, 220)))
def test_the_rows_of_many_trials_are_those_of_each_alone(
    start: list[float | None], descending: bool, numbers: set[int]
) -> None:
    known = dict(enumerate(start))
    rows = SortedRows()
    rows.fill(known, known.__getitem__, descending=descending)
    assert rows.rows_of(numbers) == sorted(rows.row_of(number) for number in numbers if number in rows)


def test_not_a_number_is_missing() -> None:
    assert key_of(math.nan, 1, descending=False) > key_of(1e300, 2, descending=False)
    assert key_of(math.nan, 1, descending=True) < key_of(-1e300, 2, descending=True)
