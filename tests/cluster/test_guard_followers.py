"""Followers on three nodes, each of which is killed in turn while somebody writes: nothing is lost or repeated."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from landbuch.contracts.judge import Void
from landbuch.sdk.book.api import Mark, Stored
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book
from landbuch.sdk.testing.events import after, information
from tests.servers import Nats, nats_wheel

CANTON = "BL"


@pytest.mark.timeout(240)
async def test_followers_see_every_entry_once_although_each_node_is_killed_in_turn(tmp_path: Path) -> None:
    with nats_wheel(tmp_path / "nats", 3) as server:
        async with AsyncExitStack() as stack:
            operator = await stack.enter_async_context(await server.connect("operator"))
            await open_book(operator, CANTON, 3)
            writer = JetStreamBook(
                await stack.enter_async_context(await server.connect("ledger")), CANTON, settle_limit_s=60.0
            )
            seen: list[list[Stored]] = [[] for _ in server.url.split(",")]
            followers = []
            for mine, url in zip(seen, server.url.split(","), strict=True):
                reader = await stack.enter_async_context(await server.connect("reader", url))
                followers.append(asyncio.create_task(follow(JetStreamBook(reader, CANTON), mine)))
            over = asyncio.Event()
            writing = asyncio.create_task(write(writer, over))
            await kill_each(server)
            over.set()
            written = await writing
            async with asyncio.timeout(60):
                while any(len(mine) < written for mine in seen):
                    for follower in followers:
                        assert not follower.done(), follower.exception()
                    await asyncio.sleep(0.05)
            for follower in followers:
                follower.cancel()
    print(f"{written} entries, each seen by {len(seen)} followers")
    for mine in seen:
        assert [s.position for s in mine] == list(range(1, written + 1))
        assert not any(isinstance(s.verdict, Void) for s in mine)


async def follow(book: JetStreamBook, mine: list[Stored]) -> None:
    """Keep what a follower is given."""
    async for batch in book.follow():
        mine.extend(batch)


async def write(book: JetStreamBook, over: asyncio.Event) -> int:
    """Append one entry every few milliseconds until it is over; gives how many."""
    mark = Mark()
    while not over.is_set():
        entry = information(mark, canton=CANTON)
        await book.append([entry], mark.position)
        mark = after(mark, entry)
        await asyncio.sleep(0.005)
    return mark.position


async def kill_each(server: Nats) -> None:
    """Kill one node after the other by -9; the next one only when the cluster is whole again."""
    assert server.own is not None
    for name in server.own.nodes:
        await asyncio.sleep(1.0)
        server.own.kill(name)
        await asyncio.sleep(2.0)
        server.own.start(name)
        await asyncio.to_thread(server.own.wait_ready)
