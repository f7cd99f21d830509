"""Followers and writers outlive their servers, and notice when a server comes back with less than it had."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from nats.aio.client import Client

from landbuch.contracts.entry import Entry
from landbuch.contracts.judge import Void
from landbuch.local.nats import NatsServers
from landbuch.sdk.book.api import Mark, Stored
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book
from landbuch.sdk.book.wire import ask
from landbuch.sdk.errors import ChainBrokenError, FailedError, GapError
from landbuch.sdk.testing.events import after, informations
from tests.integration.book_suite.bench import entries_of, everything
from tests.line import line_to
from tests.servers import Nats, nats_wheel

CANTON = "BL"
LONG_S = 20.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nats]:
    """Give a server that may be killed."""
    with nats_wheel(tmp_path / "nats") as running:
        yield running


@pytest.fixture
async def ledger(server: Nats) -> AsyncIterator[Client]:
    """Give the ledger's connection to a server with an empty book."""
    async with await server.connect("operator") as operator:
        await open_book(operator, CANTON, 1)
    async with await server.connect("ledger") as client:
        yield client


def children(server: Nats) -> NatsServers:
    """Give the processes."""
    assert server.own is not None
    return server.own


class Follower:
    """Follows in the background and keeps what it was given."""

    def __init__(self, book: JetStreamBook) -> None:
        self.stored: list[Stored] = []
        self._grown = asyncio.Event()
        self.task = asyncio.create_task(self._follow(book))
        self.task.add_done_callback(lambda _task: self._grown.set())

    async def _follow(self, book: JetStreamBook) -> None:
        async with aclosing(book.follow()) as batches:  # type: ignore[type-var]
            async for batch in batches:
                self.stored.extend(batch)
                self._grown.set()

    async def has(self, count: int, timeout_s: float = LONG_S) -> None:
        """Wait until so many entries were given; raises what the follower raises."""
        async with asyncio.timeout(timeout_s):
            while len(self.stored) < count:
                if self.task.done():
                    self.task.result()
                self._grown.clear()
                await self._grown.wait()


async def test_a_follower_and_a_writer_go_on_after_the_server_was_killed_and_restarted(
    server: Nats, ledger: Client
) -> None:
    book = JetStreamBook(ledger, CANTON)
    follower = Follower(book)
    mark = Mark()
    for round_ in range(3):
        entries = informations(mark, 200, canton=CANTON)
        writing = asyncio.create_task(write(book, entries, mark.position))
        await asyncio.sleep(0.05)
        children(server).kill()
        await asyncio.sleep(0.2 * round_)
        children(server).start()
        await writing
        mark = after(mark, *entries)
    await follower.has(600)
    assert [s.position for s in follower.stored] == list(range(1, 601))
    assert entries_of(follower.stored) == entries_of(await everything(book))
    assert not any(isinstance(s.verdict, Void) for s in follower.stored)
    follower.task.cancel()


async def write(book: JetStreamBook, entries: list[Entry], position: int) -> None:
    """Append ten one by one, ten at once, and so on."""
    for first in range(0, len(entries), 20):
        for index in range(first, first + 10):
            await book.append(entries[index : index + 1], position + index)
        await book.append(entries[first + 10 : first + 20], position + first + 10)


async def test_a_long_absence_of_the_server_goes_to_the_log_and_loses_nothing(
    server: Nats, ledger: Client, caplog: pytest.LogCaptureFixture
) -> None:
    book = JetStreamBook(ledger, CANTON)
    entries = informations(Mark(), 4, canton=CANTON)
    follower = Follower(book)
    await book.append(entries[:2], 0)
    await follower.has(2)
    with caplog.at_level(logging.INFO, "landbuch.sdk.book"):
        children(server).kill()
        await asyncio.sleep(4)
        children(server).start()
        await book.append(entries[2:], 2)
        await follower.has(4)
    assert entries_of(follower.stored) == entries
    assert "book BL cannot be read" in caplog.text
    assert "book BL can be read again" in caplog.text
    follower.task.cancel()


async def test_a_consumer_that_vanished_is_replaced_within_some_seconds(ledger: Client) -> None:
    book = JetStreamBook(ledger, CANTON)
    entries = informations(Mark(), 40, canton=CANTON)
    follower = Follower(book)
    await book.append(entries[:1], 0)
    await follower.has(1)
    await asyncio.sleep(0.1)
    for round_ in range(2):
        (consumer,) = (await ask(ledger, f"CONSUMER.NAMES.{book.stream}"))["consumers"]
        await ask(ledger, f"CONSUMER.DELETE.{book.stream}.{consumer}")
        await book.append(entries[1 + round_ : 2 + round_], 1 + round_)
        await follower.has(2 + round_, timeout_s=4)
    follower.task.cancel()


async def test_a_follower_whose_line_is_cut_again_and_again_loses_and_repeats_nothing(
    server: Nats, ledger: Client
) -> None:
    entries = informations(Mark(), 120, canton=CANTON)
    book = JetStreamBook(ledger, CANTON)
    async with line_to(server.url) as line, await server.connect("reader", line.url) as reader:
        follower = Follower(JetStreamBook(reader, CANTON))
        for position, entry in enumerate(entries):
            await book.append([entry], position)
            if position % 10 == 0:
                line.repair()  # cuts
                await asyncio.sleep(0.02)
        await follower.has(len(entries))
        assert entries_of(follower.stored) == entries
        follower.task.cancel()


async def test_a_follower_whose_connection_is_closed_ends_with_an_error(ledger: Client) -> None:
    follower = Follower(JetStreamBook(ledger, CANTON))
    await asyncio.sleep(0.2)
    await ledger.close()
    with pytest.raises(FailedError, match="closed"):
        await follower.has(1)


async def test_a_server_that_comes_back_without_its_last_entries_is_noticed(
    server: Nats, ledger: Client, tmp_path: Path
) -> None:
    book = JetStreamBook(ledger, CANTON, patience_s=1.0)
    entries = informations(Mark(), 10, canton=CANTON)
    follower = Follower(book)
    await book.append(entries[:5], 0)
    data = children(server).nodes["nats"].directory
    roll_back(server, data, tmp_path / "old", keep=True)
    await book.append(entries[5:], 5)
    await follower.has(10)
    roll_back(server, data, tmp_path / "old", keep=False)
    with pytest.raises(GapError, match="ends at position 5, but position 10 was in it before") as gap:
        await follower.has(11)
    assert gap.value.position == 6


async def test_positions_that_were_lost_and_used_again_are_noticed_at_the_next_entry(
    server: Nats, ledger: Client, tmp_path: Path
) -> None:
    book = JetStreamBook(ledger, CANTON)
    entries = informations(Mark(), 10, canton=CANTON)
    follower = Follower(book)
    await book.append(entries[:5], 0)
    data = children(server).nodes["nats"].directory
    roll_back(server, data, tmp_path / "old", keep=True)
    await book.append(entries[5:], 5)
    await follower.has(10)
    roll_back(server, data, tmp_path / "old", keep=False)
    await book.append(informations(after(Mark(), *entries[:5]), 6, canton=CANTON, writer="another"), 5)
    with pytest.raises(ChainBrokenError, match="position 10") as broken:
        await follower.has(11)
    assert "was read before" in str(broken.value)


def roll_back(server: Nats, data: Path, old: Path, *, keep: bool) -> None:
    """Stop the server; keep a copy of its data, or put the copy in their place; and start it again."""
    children(server).stop()
    if keep:
        shutil.copytree(data, old)
    else:
        shutil.rmtree(data)
        shutil.copytree(old, data)
    children(server).start()
    children(server).wait_ready()
