"""The one loop that keeps a projection at the head of a book: catch-up, live and rebuild alike.

A reader runs ahead into a short queue; the writer takes what waits, so batches are small when the book is live and
large when there is much to catch up. What cannot be written stops the projection loudly; nothing is ever skipped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import sqlalchemy as sa

from landbuch.sdk.book.api import Book, Stored
from landbuch.sdk.errors import FailedError, UnavailableError
from landbuch.sdk.progress import Progress
from landbuch.sdk.projection import Cursor, Projection, load, write

LARGEST_BATCH = 2000
"""Entries of one transaction: with their envelopes and lines about 10 000 rows."""
_PAGES_AHEAD = 4
_LOOK_S = 1.0
_LONGEST_PAUSE_S = 2.0

T = TypeVar("T")
_log = logging.getLogger(__name__)


async def run(
    book: Book, projection: Projection, engine: sa.Engine, progress: Progress, largest_batch: int = LARGEST_BATCH
) -> None:
    """Project a book until cancelled; raises what made going on impossible, after saying so in ``progress``.

    A server that is away is waited for. ``CorruptError`` and a row that cannot be written stop the projection.
    """
    progress.projection = projection.name
    look = asyncio.create_task(_look(book, progress))
    try:
        async with _writing(projection, engine, book.canton, progress) as writer:
            await _keep_up(book, writer, largest_batch)
    except Exception as error:
        progress.stop(error)
        raise
    finally:
        look.cancel()


async def project(
    source: AsyncIterator[Sequence[Stored]],
    start: Cursor,
    projection: Projection,
    engine: sa.Engine,
    canton: str,
    largest_batch: int = LARGEST_BATCH,
) -> Cursor:
    """Project what a source gives behind ``start`` until it ends; give the cursor. For rebuilds."""
    async with _writing(projection, engine, canton, Progress(canton, projection.name)) as writer:
        return await _drain(source, start, writer, largest_batch)


async def _keep_up(book: Book, writer: _Writer, largest_batch: int) -> None:
    progress, failures = writer.progress, 0
    while True:
        try:
            cursor = await writer.cursor()
            progress.reached(cursor.position)
            failures = 0
            await _drain(book.follow(cursor.start), cursor, writer, largest_batch)
        except FailedError as error:
            failures += 1
            await _wait(progress, error, failures)


async def _drain(source: AsyncIterator[Sequence[Stored]], start: Cursor, writer: _Writer, largest_batch: int) -> Cursor:
    """Write everything that a source gives, in the order in which it comes."""
    cursor, behind = start, start.leaf
    async with _reading_ahead(source) as ahead:
        while batch := await ahead.take(largest_batch):
            cursor = await writer.write(behind, batch)
            behind = batch[-1].leaf
    return cursor


class _Writer:
    """Writes batches of one book, as often as it takes."""

    def __init__(
        self, projection: Projection, engine: sa.Engine, canton: str, progress: Progress, thread: ThreadPoolExecutor
    ) -> None:
        self._projection, self._engine, self._canton, self._thread = projection, engine, canton, thread
        self.progress = progress

    async def cursor(self) -> Cursor:
        """Read the cursor."""
        return await self._in_thread(lambda: load(self._engine, self._projection, self._canton))

    async def write(self, behind: bytes, batch: Sequence[Stored]) -> Cursor:
        """Write a batch. While PostgreSQL is away, try again: a commit whose answer was lost is recognised."""
        self.progress.saw(batch[-1].position)
        failures = 0
        while True:
            try:
                cursor = await self._in_thread(
                    lambda: write(self._engine, self._projection, self._canton, behind, batch)
                )
            except UnavailableError as error:
                failures += 1
                await _wait(self.progress, error, failures)
            else:
                self.progress.reached(cursor.position)
                self.progress.batches += 1
                return cursor

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


@asynccontextmanager
async def _writing(
    projection: Projection, engine: sa.Engine, canton: str, progress: Progress
) -> AsyncGenerator[_Writer]:
    # One thread of its own: after a cancelled wait no later write can overtake the one that is still under way.
    thread = ThreadPoolExecutor(1, f"project-{canton}")
    try:
        yield _Writer(projection, engine, canton, progress, thread)
    finally:
        thread.shutdown(wait=False)


class _ReadAhead:
    """Holds what was read and not yet taken."""

    def __init__(self) -> None:
        self.pages: asyncio.Queue[Sequence[Stored] | Exception | None] = asyncio.Queue(_PAGES_AHEAD)
        self._waiting: list[Stored] = []
        self._end: Exception | None = None
        self._ended = False

    async def take(self, limit: int) -> Sequence[Stored]:
        """Take everything that waits, at most ``limit`` entries; wait for one. Nothing: the source has ended.

        Raises what ended the source, after everything that came before.
        """
        if not self._waiting and not self._ended:
            self._accept(await self.pages.get())
        while len(self._waiting) < limit and not self._ended and not self.pages.empty():
            self._accept(self.pages.get_nowait())
        if self._end is not None and not self._waiting:
            raise self._end
        batch, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return batch

    def _accept(self, page: Sequence[Stored] | Exception | None) -> None:
        if page is None or isinstance(page, Exception):
            self._ended, self._end = True, page
        else:
            self._waiting.extend(page)


@asynccontextmanager
async def _reading_ahead(source: AsyncIterator[Sequence[Stored]]) -> AsyncGenerator[_ReadAhead]:
    ahead = _ReadAhead()

    async def read() -> None:
        try:
            async for page in source:
                await ahead.pages.put(page)
        except Exception as error:  # noqa: BLE001  # handed to whoever takes, behind what was read before it
            await ahead.pages.put(error)
        else:
            await ahead.pages.put(None)

    reader = asyncio.create_task(read())
    try:
        yield ahead
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader
        if isinstance(source, AsyncGenerator):
            await source.aclose()


async def _look(book: Book, progress: Progress) -> None:
    """Ask the leader for its head now and then: a reader that hangs must not look like a book at rest."""
    while True:
        with suppress(FailedError):  # the reader says so itself
            progress.saw(await book.head())
        await asyncio.sleep(_LOOK_S)


async def _wait(progress: Progress, error: FailedError, failures: int) -> None:
    progress.waiting = str(error)
    _log.warning("%s", progress.problem)
    await asyncio.sleep(min(0.05 * 2**failures, _LONGEST_PAUSE_S))
