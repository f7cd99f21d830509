"""Workers on books in memory, and commands that need no programme: founding a book, recording information."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from landbuch.contracts.command import Command, read_command
from landbuch.contracts.entry import Entry
from landbuch.contracts.vocabulary import NO_PHASE, Order
from landbuch.ledger.domain.desk import DESK
from landbuch.sdk.book.memory import MemoryBook
from landbuch.sdk.clock import system_clock
from landbuch.sdk.deciding import Desk
from landbuch.sdk.testing.faulty_book import FaultyBook
from landbuch.sdk.worker.answers import Accepted, Answer, Failed, Rejected
from landbuch.sdk.worker.terms import Ask, Limits, Surroundings, Turns
from landbuch.sdk.worker.worker import Worker

CANTON = "BL"
ADMINISTRATOR = "p-7f3a"
NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
QUICK = Limits(
    group_s=30.0, patience_s=30.0, tick_s=0.02, parked_s=0.01, idle_s=0.01, pause_s=0.001, longest_pause_s=0.02
)


class PagedFaultyBook(FaultyBook):
    """A book that fails on request and gives entries at any place; it keeps the sizes of its appends."""

    def __init__(self, book: MemoryBook) -> None:
        super().__init__(book)
        self.memory = book
        self.sizes: list[int] = []

    async def page(self, first: int, last: int) -> Sequence[Entry]:
        return await self.memory.page(first, last)

    async def append(self, entries: Sequence[Entry], expected: int) -> None:
        self.sizes.append(len(entries))
        await super().append(entries, expected)


class Alone:
    """Turns of somebody who is alone: it is always ours, and others may always have written."""

    engaged = False

    def __init__(self, *, fresh: bool = True) -> None:
        self.fresh = fresh

    async def take(self) -> bool:
        return self.fresh

    async def look(self) -> None: ...

    async def give(self, *, more: bool) -> None: ...

    async def lay_down(self) -> None: ...


def book() -> PagedFaultyBook:
    """Give an empty book."""
    return PagedFaultyBook(MemoryBook(CANTON))


def surroundings(**changes: Any) -> Surroundings:
    """Give a machine's clock and no chance, unless told otherwise."""
    return Surroundings(**{"clock": system_clock, "jitter": lambda: 0.0, **changes})


@asynccontextmanager
async def working(
    on: PagedFaultyBook,
    *,
    desk: Desk = DESK,
    limits: Limits = QUICK,
    turn: Turns | None = None,
    around: Surroundings | None = None,
) -> AsyncIterator[Worker]:
    """Let a worker work on a book."""
    worker = Worker(on, desk, turn or Alone(), around or surroundings(), limits)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        worker.abandon()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def order(
    name: str, data: dict[str, Any], *, actor: str = ADMINISTRATOR, commandid: str | None = None
) -> Command[Order]:
    """Give a command that concerns the whole book."""
    return read_command(
        name=name,
        canton=CANTON,
        phase=NO_PHASE,
        commandid=commandid or str(uuid.uuid4()),
        actor=actor,
        data=data,
    )


def found() -> Command[Order]:
    """Found the book: three events."""
    return order("FoundBook", {"administrators": [ADMINISTRATOR, "p-8b2c"], "services": ["s-ledger"]})


def tell(statement: str, *, commandid: str | None = None) -> Command[Order]:
    """Record a piece of information: one event."""
    return order("RecordInformation", {"about": CANTON, "topic": "test", "statement": statement}, commandid=commandid)


async def submit(worker: Worker, *commands: Command[Order], **options: Any) -> list[Answer]:
    """Hand in commands at once and wait for their answers."""
    return await worker.submit([Ask(command, **options) for command in commands])


async def founded(worker: Worker) -> None:
    """Found the book."""
    (answer,) = await submit(worker, found())
    accepted(answer)


def accepted(answer: Answer) -> Accepted:
    """Demand that a command was accepted."""
    assert isinstance(answer, Accepted), answer
    return answer


def code(answer: Answer) -> str:
    """Give the code of a refusal or failure; accepted is one too."""
    match answer:
        case Accepted():
            return "accepted"
        case Rejected() | Failed():
            return str(answer.code)
