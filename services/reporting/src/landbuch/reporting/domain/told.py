"""An event as the read models see it: the envelope's essentials and the data as it is written in the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """One event. ``reversed_at`` is the position of the entry that reversed it, as far as the question reaches."""

    position: int
    id: str
    name: str
    phase: str
    bookedon: str
    time: str
    actor: str
    data: Mapping[str, Any]
    illustration: bool = False
    known: bool = True
    """Whether this version knows the type: of an unknown one only the lines count."""
    reversed_at: int | None = None

    @property
    def occurred_on(self) -> str | None:
        """Day, month or year of the fact; ``None`` when unknown."""
        return self.data.get("occurred_on")

    @property
    def counts(self) -> bool:
        """Whether its meaning is known and no later entry has reversed it."""
        return self.known and self.reversed_at is None
