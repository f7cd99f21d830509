"""Reporting with the history of BL, a pledge and a hundred shifts in its tables; beside it the ledger's own answers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from landbuch.contracts.entry import Entry, leaf_of
from landbuch.ledger import migrate as ledger_migrate
from landbuch.ledger import queries
from landbuch.ledger.projection import LEDGER
from landbuch.reporting import migrate as reporting_migrate
from landbuch.reporting.app import application
from landbuch.reporting.books import Books
from landbuch.reporting.projection import REPORTING
from landbuch.reporting.store.engine import open_engine
from landbuch.sdk.book.api import Mark
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.progress import Progress
from tests.databases import Postgres
from tests.projecting import projecting, until
from tests.told_books import memory_book, shifts, told_history

SHIFTS = 100


@dataclass
class Site:
    """The application over its tables, and the ledger's routes over the ledger's."""

    engine: sa.Engine
    books: Books
    app: FastAPI
    ledger: FastAPI
    entries: Sequence[Entry]

    @property
    def head(self) -> int:
        """The last position."""
        return len(self.entries)

    def caught_up(self) -> None:
        """Say that the tables stand at the head of the book."""
        self.books.trouble = None
        self.books.progresses["BL"] = Progress("BL", "reporting")
        self.books.progresses["BL"].reached(self.head)


def long_history() -> list[Entry]:
    """Give the history of BL and a hundred shifts between areas behind it."""
    told, _ = told_history("BL")
    return [*told, *shifts(Mark(len(told), leaf_of(told[-1]).hex()), SHIFTS)]


@contextmanager
def reported(postgres: Postgres, entries: Sequence[Entry]) -> Iterator[Site]:
    """Project a book of BL into fresh tables of both services, and give the site. It reads no book any more."""
    database = postgres.empty()
    ledger_migrate.migrate(database.owner, database.role)
    reporting_migrate.migrate(database.owner, database.role)
    engine = open_engine(database.service)
    books = Books(Configuration(), engine)
    with ThreadPoolExecutor(1) as apart:  # the browser keeps a loop of its own in this thread
        apart.submit(asyncio.run, _project(engine, entries)).result()
    ledger = FastAPI()
    ledger.include_router(queries.router(engine))
    try:
        site = Site(engine, books, application(engine, books), ledger, entries)
        site.caught_up()
        yield site
    finally:
        engine.dispose()


async def _project(engine: sa.Engine, entries: Sequence[Entry]) -> None:
    for projection in (REPORTING, LEDGER):
        async with projecting(memory_book("BL", entries), engine, projection=projection) as progress:
            await until(partial(_done, progress, len(entries)))
            assert progress.failure is None


def _done(progress: Progress, last: int) -> bool:
    return progress.position >= last or progress.failure is not None


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of the loopback address; gives its address."""
    settings = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
