"""The books that are read: found on JetStream, each followed by a projector for as long as the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from nats.aio.client import Client

from landbuch.reporting.projection import REPORTING
from landbuch.sdk import projector
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import find_books
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.errors import CorruptError, FailedError
from landbuch.sdk.host.nats_edge import connect
from landbuch.sdk.progress import Progress

NAME = "reporting"
_log = structlog.get_logger(__name__)


class Books:
    """Follows every book. Nothing here can append: the service's NATS user has no right to."""

    def __init__(self, configuration: Configuration, engine: sa.Engine) -> None:
        """``engine`` connects as the service's role."""
        self._configuration = configuration
        self._engine = engine
        self._followed: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self.progresses: dict[str, Progress] = {}
        """How far the tables of each book are."""
        self.trouble: str | None = "NATS has not answered yet."
        """Why books cannot be found; ``None`` when they can."""

    def lag(self, canton: str) -> int | None:
        """How many entries a book has that are not in the tables; ``None`` when nobody knows."""
        progress = self.progresses.get(canton)
        return progress.lag if progress is not None and progress.started and self.trouble is None else None

    def lag_s(self, canton: str) -> int | None:
        """For how many seconds the oldest such entry has been waiting."""
        return None if self.lag(canton) is None else round(self.progresses[canton].lag_s)

    def problem(self, canton: str) -> str | None:
        """Why the tables of a book cannot be trusted to keep up with it; ``None`` when they can."""
        progress = self.progresses.get(canton)
        return self.trouble if progress is None else progress.problem

    def readiness(self) -> dict[str, Any]:
        """Say whether every book is followed, and what keeps it from being."""
        books = {canton: _told(progress) for canton, progress in sorted(self.progresses.items())}
        wrong = [] if self.trouble is None else [self.trouble]
        return {
            "service": NAME,
            "ready": not wrong and not any("wrong" in book for book in books.values()),
            "wrong": wrong,
            "books": books,
        }

    async def follow(self) -> None:
        """Look for books and follow them until cancelled; begin anew when the server closes the connection."""
        while True:
            nc = await connect(NAME, self._configuration)
            try:
                await self._watch(nc)
            finally:
                await self._end([task for _, task in self._followed.values()])
                self._followed.clear()
                await nc.close()
            _log.critical("nats.closed")

    async def _watch(self, nc: Client) -> None:
        while not nc.is_closed:
            try:
                self._keep(nc, await find_books(nc))
                self.trouble = None
            except (FailedError, CorruptError) as error:
                if self.trouble is None:
                    _log.warning("books.trouble", why=str(error))
                self.trouble = str(error)
            await asyncio.sleep(self._configuration.discover_s)

    def _keep(self, nc: Client, found: Mapping[str, str]) -> None:
        """Begin with new books, and begin anew with a book that lies in another stream now."""
        for canton, stream in found.items():
            followed = self._followed.get(canton)
            if followed is not None and followed[0] == stream:
                continue
            if followed is not None:
                followed[1].cancel()
            _log.info("book.found", canton=canton, stream=stream)
            progress = self.progresses[canton] = Progress(canton)
            book = JetStreamBook(nc, canton, stream)
            task = asyncio.create_task(self._project(book, progress), name=f"project {canton}")
            self._followed[canton] = (stream, task)

    async def _project(self, book: JetStreamBook, progress: Progress) -> None:
        try:
            await projector.run(book, REPORTING, self._engine, progress)
        except Exception:  # noqa: BLE001  # the progress says it, pages and readiness show it
            _log.exception("projection.stopped", canton=book.canton)

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _told(progress: Progress) -> dict[str, Any]:
    told: dict[str, Any] = {"position": progress.position, "lag": progress.lag, "lag_s": round(progress.lag_s, 1)}
    return told if progress.problem is None else {**told, "wrong": progress.problem}
