"""Tables that can be rolled back: each change is noted in an undo log that all tables of a state share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Missing:
    """Marks that a key had no row."""


MISSING = Missing()


class Table(Mapping[K, V], Generic[K, V]):
    """Rows by key; every change is noted in the state's undo log with the former row."""

    __slots__ = ("_log", "_rows", "name")

    def __init__(self, name: str, log: UndoLog) -> None:
        """Begin empty."""
        self.name = name
        self._rows: dict[K, V] = {}
        self._log = log

    def __getitem__(self, key: K) -> V:
        """Give a row; raises ``KeyError``."""
        return self._rows[key]

    def __iter__(self) -> Iterator[K]:
        """Go through the keys in the order of their first setting."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    def set(self, key: K, value: V) -> None:
        """Set a row."""
        self._log.append((self, key, self._rows.get(key, MISSING)))
        self._rows[key] = value

    def drop(self, key: K) -> None:
        """Remove a row if it is there."""
        if key in self._rows:
            self._log.append((self, key, self._rows.pop(key)))

    def put_back(self, key: K, former: V | Missing) -> None:
        """Give a key its former row again, or none; this is a change like any other."""
        if isinstance(former, Missing):
            self.drop(key)
        else:
            self.set(key, former)

    def undo(self, key: K, former: V | Missing) -> None:
        """Take a change back without noting it: the log is being unwound."""
        if isinstance(former, Missing):
            del self._rows[key]
        else:
            self._rows[key] = former


UndoLog = list[tuple[Table[Any, Any], Any, Any]]
"""Table, key and former row (or ``MISSING``) of each change, oldest first."""
