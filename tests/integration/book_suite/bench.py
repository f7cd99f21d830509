"""Books of every kind, prepared for tests: the one suite holds for each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from landbuch.contracts.entry import Entry, book_subjects
from landbuch.sdk.book.api import BEGINNING, Book, Mark, Start, Stored
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.memory import MemoryBook
from landbuch.sdk.book.setup import LAW, law, open_book
from landbuch.sdk.book.wire import ask
from landbuch.sdk.testing.events import after, information, informations
from tests.servers import Nats

PATIENCE_S = 0.5


class Bench(Protocol):
    """One kind of book."""

    canton: str

    async def opened(self) -> Book:
        """Give an empty book."""

    async def missing(self) -> Book:
        """Give a book that nobody has opened."""

    async def holding(self, entries: Sequence[Entry]) -> Book:
        """Give a book that holds these entries, whatever they are."""

    async def with_hole(self, position: int, count: int) -> Book:
        """Give a book of ``count`` entries that has lost the one at ``position``."""

    async def add(self, book: Book, *entries: Entry) -> None:
        """Put entries into a book as a thief of a credential would: without looking."""


class MemoryBench:
    """Books in memory."""

    def __init__(self) -> None:
        self.canton = "BL"

    async def opened(self) -> MemoryBook:
        """Give an empty book."""
        return MemoryBook(self.canton)

    async def missing(self) -> MemoryBook:
        """Give a book that nobody has opened."""
        return MemoryBook(self.canton, opened=False)

    async def holding(self, entries: Sequence[Entry]) -> MemoryBook:
        """Give a book with its entries laid in."""
        book = MemoryBook(self.canton)
        book.stored.extend(entries)
        return book

    async def with_hole(self, position: int, count: int) -> MemoryBook:
        """Give a book from which an entry was taken."""
        book = await self.holding(informations(Mark(), count, canton=self.canton))
        book.stored[position - 1] = None
        return book

    async def add(self, book: Book, *entries: Entry) -> None:
        """Append without a guard."""
        assert isinstance(book, MemoryBook)
        for entry in entries:
            await book.append([entry], await book.head())


class JetStreamBench:
    """Books on a real server."""

    def __init__(self, server: Nats) -> None:
        self.server = server
        self.canton = server.fresh_canton()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[JetStreamBench]:
        """Hold the connections open."""
        self.operator = await self.server.connect("operator")
        self.ledger = await self.server.connect("ledger")
        try:
            yield self
        finally:
            await self.ledger.close()
            await self.operator.close()

    async def opened(self) -> JetStreamBook:
        """Give an empty book."""
        await open_book(self.operator, self.canton, self.server.replicas)
        return await self.missing()

    async def missing(self) -> JetStreamBook:
        """Give a book without a stream."""
        return JetStreamBook(self.ledger, self.canton, patience_s=PATIENCE_S)

    async def holding(self, entries: Sequence[Entry]) -> JetStreamBook:
        """Give a book into which its entries were published without a guard."""
        book = await self.opened()
        await self.add(book, *entries)
        return book

    async def with_hole(self, position: int, count: int) -> JetStreamBook:
        """Give a book on a stream that keeps only the last entry under each subject, so it loses one."""
        loose = law(self.canton, self.server.replicas) | {"max_msgs_per_subject": 1, "discard": "old"}
        assert loose["subjects"] == [book_subjects(self.canton)]
        assert LAW["max_msgs_per_subject"] == -1
        await ask(self.operator, f"STREAM.CREATE.BOOK-{self.canton}", loose)
        mark, entries = Mark(), []
        for number in range(1, count + 1):
            phase = "TWICE" if number in {position, position + 1} else f"P{number}"
            entries.append(information(mark, canton=self.canton, phase=phase))
            mark = after(mark, entries[-1])
        book = await self.missing()
        await self.add(book, *entries)
        return book

    async def add(self, book: Book, *entries: Entry) -> None:
        """Publish without a guard, as the user of the service that the subject names."""
        assert isinstance(book, JetStreamBook)
        for entry in entries:
            await self.ledger.jetstream(timeout=5).publish(entry.subject, entry.payload)


async def everything(book: Book, start: Start = BEGINNING, to: int | None = None) -> list[Stored]:
    """Read a book to the end."""
    return [stored async for batch in book.read(start, to) for stored in batch]


def entries_of(stored: Sequence[Stored]) -> list[Entry]:
    """Give the entries alone."""
    return [s.entry for s in stored]
