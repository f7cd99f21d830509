"""A book in memory: the twin of the book on JetStream, for tests and simulations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from landbuch.contracts.entry import Entry
from landbuch.sdk.book.api import BEGINNING, Start, Stored
from landbuch.sdk.book.reading import follow, read
from landbuch.sdk.book.writing import demand_storable
from landbuch.sdk.errors import BookMissingError, ConflictError, GapError


class MemoryBook:
    """A book that lives as long as the process. ``stored`` may be tampered with; None stands for a lost entry."""

    patience_s = 0.3

    def __init__(self, canton: str, *, opened: bool = True) -> None:
        """Begin with an empty book, or with one that nobody has opened yet."""
        self.canton = canton
        self.opened = opened
        self.stored: list[Entry | None] = []
        self._grown = asyncio.Condition()

    async def head(self) -> int:
        """Give the last position; raises ``BookMissingError``."""
        if not self.opened:
            raise BookMissingError(f"there is no book for {self.canton}; open it first.")
        return len(self.stored)

    def read(self, start: Start = BEGINNING, to: int | None = None) -> AsyncIterator[Sequence[Stored]]:
        """Read verified batches and end; see ``Book.read``."""
        return read(self, start, to)

    def follow(self, start: Start = BEGINNING) -> AsyncIterator[Sequence[Stored]]:
        """Read verified batches for ever; see ``Book.follow``."""
        return follow(self, start)

    async def append(self, entries: Sequence[Entry], expected: int) -> None:
        """Store entries behind position ``expected``, all or none; see ``Book.append``."""
        demand_storable(self.canton, entries)
        head = await self.head()
        if self.stored[expected : expected + len(entries)] == list(entries):
            return
        if head != expected:
            raise ConflictError(f"book {self.canton} stands at position {head}, not at {expected}.")
        self.stored.extend(entries)
        async with self._grown:
            self._grown.notify_all()

    async def page(self, first: int, last: int) -> Sequence[Entry]:
        """Give stored entries; see ``Pages.page``."""
        entries: list[Entry] = []
        for entry in self.stored[first - 1 : last]:
            if entry is None:
                break
            entries.append(entry)
        if not entries:
            raise GapError(first, f"nothing is stored there although the book reaches to {len(self.stored)}.")
        return entries

    @asynccontextmanager
    async def bell(self) -> AsyncIterator[MemoryBook]:
        """Give what tells that the book has grown: the book itself."""
        yield self

    async def wait(self, after: int) -> int:
        """Wait until the book reaches beyond ``after``, or is shorter; see ``Bell.wait``."""
        async with self._grown:
            await self._grown.wait_for(lambda: len(self.stored) != after)
        return await self.head()
