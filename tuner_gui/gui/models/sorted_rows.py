"""Rows kept in order by a key, for a table whose rows come and change while it is sorted."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable

Order = float | str | None
"""What a row is ordered by; None comes last."""
Key = tuple[int, float | str, int]
"""(0, or 1 and -1 for what has no value, the value, the trial's number)."""


def key_of(value: Order, number: int, *, descending: bool) -> Key:
    """Orders values of one kind; what is missing comes last in both directions."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return (-1 if descending else 1, 0.0, number)
    return (0, value, number)


# So many rows are looked through in the time in which one is found by its key.
_MANY = 20


class SortedRows:
    """Trial numbers in the order of their keys. Finding a row takes log n, adding one a short memory move."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._key_of: dict[int, Key] = {}
        self._descending = False

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, number: int) -> bool:
        return number in self._key_of

    def fill(self, numbers: Iterable[int], value_of: Callable[[int], Order], *, descending: bool) -> None:
        """Start anew with these trials in this order."""
        self._descending = descending
        self._key_of = {n: key_of(value_of(n), n, descending=descending) for n in numbers}
        self._keys = sorted(self._key_of.values())

    def number_at(self, row: int) -> int:
        return self._keys[self._mirrored(row)][2]

    def numbers_between(self, first: int, last: int) -> list[int]:
        """The trials in these rows, both ends included."""
        if not self._descending:
            return [key[2] for key in self._keys[first : last + 1]]
        return [key[2] for key in reversed(self._keys[self._mirrored(last) : self._mirrored(first) + 1])]

    def rows_of(self, numbers: Collection[int]) -> list[int]:
        """The rows of those of some trials that are shown, in order."""
        if len(numbers) < len(self._keys) // _MANY:
            return sorted(self.row_of(number) for number in numbers if number in self._key_of)
        wanted = set(numbers)
        return [row for row, number in enumerate(self.numbers_between(0, len(self._keys) - 1)) if number in wanted]

    def row_of(self, number: int) -> int:
        """KeyError if the trial is not shown."""
        return self._mirrored(bisect_left(self._keys, self._key_of[number]))

    def row_for(self, number: int, value: Order) -> int:
        """The row that the trial would get, counted without it."""
        at = bisect_left(self._keys, key_of(value, number, descending=self._descending))
        return len(self._keys) - at if self._descending else at

    def add(self, number: int, value: Order) -> None:
        key = key_of(value, number, descending=self._descending)
        self._key_of[number] = key
        insort(self._keys, key)

    def remove(self, number: int) -> None:
        key = self._key_of.pop(number)
        del self._keys[bisect_left(self._keys, key)]

    def would_move(self, number: int, value: Order) -> bool:
        """Whether a new value gives the trial another key."""
        return key_of(value, number, descending=self._descending) != self._key_of[number]

    def _mirrored(self, index: int) -> int:
        return len(self._keys) - 1 - index if self._descending else index
