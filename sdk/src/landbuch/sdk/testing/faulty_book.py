"""A book that fails on request, before storing and after it, so that every writer can be tested against both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from landbuch.contracts.entry import Entry
from landbuch.sdk.book.api import BEGINNING, Book, Start, Stored
from landbuch.sdk.errors import ConflictError, OutcomeUnknownError, UnavailableError

Fault = Callable[[Sequence[Entry], int], Awaitable[None]]


class FaultyBook:
    """Wraps a book. Faults are queued; each append meets the next one, and works when none is left."""

    def __init__(self, book: Book) -> None:
        """Wrap ``book``, without faults."""
        self.book = book
        self.canton = book.canton
        self.appends = 0
        """How many appends were tried, failed ones included."""
        self._faults: list[Fault] = []
        self._broken_reads: list[int] = []
        self._delay_s = 0.0

    def fail_next_append(self) -> None:
        """Let an append fail before anything is stored, its outcome unknown to the writer."""

        async def fault(_entries: Sequence[Entry], _expected: int) -> None:
            raise OutcomeUnknownError("made to fail before storing")

        self._faults.append(fault)

    def lose_next_answer(self) -> None:
        """Let an append be stored and its answer be lost: failed but persisted."""

        async def fault(entries: Sequence[Entry], expected: int) -> None:
            await self.book.append(entries, expected)
            raise OutcomeUnknownError("made to fail after storing")

        self._faults.append(fault)

    def conflict_next_append(self, write: Callable[[int], Sequence[Entry]] | None = None) -> None:
        """Let an append meet a conflict.

        ``write`` gives what somebody else stores first behind the position it is handed; without it, nothing is stored,
        as when another writer's batch was in flight and failed.
        """

        async def fault(entries: Sequence[Entry], expected: int) -> None:
            if write is None:
                raise ConflictError("made to conflict with nothing")
            await self.book.append(write(expected), expected)
            await self.book.append(entries, expected)

        self._faults.append(fault)

    def break_next_read(self, after_batches: int = 0) -> None:
        """Let a ``read`` or ``follow`` end in ``UnavailableError`` after so many batches."""
        self._broken_reads.append(after_batches)

    def delay_reads(self, seconds: float) -> None:
        """Hand out each batch of a ``read`` or ``follow`` so much later, from now on."""
        self._delay_s = seconds

    async def head(self) -> int:
        """Ask the wrapped book."""
        return await self.book.head()

    async def append(self, entries: Sequence[Entry], expected: int) -> None:
        """Append to the wrapped book, unless a fault is queued."""
        self.appends += 1
        fault = self._faults.pop(0) if self._faults else self.book.append
        await fault(entries, expected)

    def read(self, start: Start = BEGINNING, to: int | None = None) -> AsyncIterator[Sequence[Stored]]:
        """Read the wrapped book, unless a fault is queued."""
        return self._hindered(self.book.read(start, to))

    def follow(self, start: Start = BEGINNING) -> AsyncIterator[Sequence[Stored]]:
        """Follow the wrapped book, unless a fault is queued."""
        return self._hindered(self.book.follow(start))

    async def _hindered(self, batches: AsyncIterator[Sequence[Stored]]) -> AsyncIterator[Sequence[Stored]]:
        left = self._broken_reads.pop(0) if self._broken_reads else None
        if left == 0:
            raise UnavailableError("made to fail while reading")
        async for batch in batches:
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            yield batch
            if left is not None:
                left -= 1
                if left == 0:
                    raise UnavailableError("made to fail while reading")
