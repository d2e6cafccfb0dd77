"""The one error of this package: it names the key, the value and what was expected instead."""

from __future__ import annotations


class SpaceError(ValueError):
    """A range, scale, step or choice that cannot be searched.

    ``key`` is the offending field, as a path from the parameter's name down (``learning_rate.low``), ``value``
    what stood there and ``expected`` a phrase that completes "expected …". The window shows ``expected`` beside
    the field; the commands print all three.
    """

    def __init__(self, key: str, value: object, expected: str) -> None:
        super().__init__(f"{key} = {value!r}: expected {expected}")
        self.key = key
        self.value = value
        self.expected = expected

    @property
    def field(self) -> str:
        """The last part of the key: ``low``, ``high``, ``scale``, ``step`` or ``choices``."""
        return self.key.rsplit(".", 1)[-1]

    def __reduce__(self) -> tuple[type[SpaceError], tuple[str, object, str]]:
        return (SpaceError, (self.key, self.value, self.expected))
