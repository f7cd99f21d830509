"""Running projections in tests: start one, wait for what it should do, stop it, and look at what it wrote."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import sqlalchemy as sa

from landbuch.contracts import trial
from landbuch.ledger.projection import LEDGER
from landbuch.ledger.store import reading
from landbuch.sdk import projector
from landbuch.sdk.book.api import Book
from landbuch.sdk.progress import Progress
from landbuch.sdk.projection import Projection


@asynccontextmanager
async def projecting(
    book: Book, engine: sa.Engine, largest_batch: int = projector.LARGEST_BATCH, projection: Projection = LEDGER
) -> AsyncIterator[Progress]:
    """Project a book as long as the block runs; a projection that stopped says so in its progress."""
    progress = Progress(book.canton)
    task = asyncio.create_task(projector.run(book, projection, engine, progress, largest_batch))
    try:
        yield progress
    finally:
        task.cancel()
        with suppress(BaseException):  # what it raised is in the progress
            await task


async def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.005)


async def project_to(book: Book, engine: sa.Engine, position: int, largest_batch: int = 1000) -> None:
    """Project a book up to a position and stop."""
    async with projecting(book, engine, largest_batch) as progress:
        await until(lambda: progress.position >= position or progress.failure)
        assert progress.failure is None


def root_of(engine: sa.Engine, canton: str, position: int | None = None) -> str:
    """Give the root of the trial balance: of the table of balances, or of the journal up to a position."""
    with reading.snapshot(engine) as connection:
        extent = None if position is None else reading.Extent(position)
        return trial.root(reading.balances(connection, canton, extent))


def counts(engine: sa.Engine) -> dict[str, int]:
    """Count the rows of each table."""
    tables = ("entry", "event", "journal_line", "void_entry", "balance", "projection")
    with engine.connect() as connection:
        return {
            name: connection.execute(
                sa.select(sa.func.count()).select_from(sa.table(name, schema="ledger"))
            ).scalar_one()
            for name in tables
        }
