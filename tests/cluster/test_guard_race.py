"""Many writers race for positions, the leader is killed: the guard stays strict, nothing acknowledged is lost.

The same race on one node and on three replicas; wildcard guards are known to hold on one node only.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from landbuch.contracts.entry import Entry
from landbuch.contracts.judge import Void
from landbuch.sdk.book.api import Mark, Start
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book, stream_info
from landbuch.sdk.errors import ConflictError, OutcomeUnknownError
from landbuch.sdk.testing.events import after, informations
from tests.servers import Nats, nats_wheel

CANTON = "BL"
WRITERS = 8
FULL = os.environ.get("LANDBUCH_TEST_COUNTS") == "full"
APPENDS = 1_000 if FULL else 60
"""How many appends each writer tries after the leader came back, at least; it tries until the kill is over anyway."""
SEED = random.SystemRandom().randrange(10**6) if FULL else 2_024
STALE_SHARE = 0.1
LARGEST = 50


@dataclass
class Ledger:
    """What the writers believe."""

    acknowledged: list[tuple[int, list[Entry]]] = field(default_factory=list)
    unknown: list[tuple[int, list[Entry]]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    over: bool = False


async def catch_up(book: JetStreamBook, mark: Mark) -> Mark:
    """Read what others wrote."""
    async for batch in book.read(Start(mark)):
        mark = Mark(batch[-1].position, batch[-1].leaf.hex())
    return mark


async def compete(book: JetStreamBook, name: str, draw: random.Random, ledger: Ledger) -> None:
    """Append single entries and batches, now and then under a guard that is stale on purpose."""
    mark, tries = Mark(), 0
    while tries < APPENDS or not ledger.over:
        tries += 1
        size = draw.choice([1, 1, draw.randint(2, LARGEST)])
        entries = informations(mark, size, canton=CANTON, writer=f"{name}, try {tries}")
        aim = mark.position
        if aim and draw.random() < STALE_SHARE:
            aim = draw.randrange(aim)
            entries = informations(Mark(aim, "ab" * 32), size, canton=CANTON, writer=f"{name}, stale {tries}")
        try:
            await book.append(entries, aim)
        except ConflictError:
            ledger.counts["conflicts"] += 1
            await asyncio.sleep(draw.random() * 0.005)
            mark = await catch_up(book, mark)
        except OutcomeUnknownError:
            ledger.unknown.append((aim, entries))
            mark = await catch_up(book, mark)
        else:
            assert aim == mark.position, f"a stale guard at {aim} was accepted"
            ledger.acknowledged.append((aim, entries))
            mark = after(mark, *entries)


async def kill_the_leader(server: Nats, book: JetStreamBook, ledger: Ledger) -> None:
    """Kill the leader by -9 in the middle of the race, and start it again."""
    assert server.own is not None
    await asyncio.sleep(1.0)
    info = await stream_info(book._nc, book.stream)  # noqa: SLF001  # the same connection
    leader = info["cluster"]["leader"] if server.replicas > 1 else "nats"
    server.own.kill(leader)
    began = time.monotonic()
    await asyncio.sleep(0.1)  # answers that were on their way have arrived
    before = len(ledger.acknowledged)
    print(f"killed {leader} after {before} acknowledged appends")
    if server.replicas == 1:
        await asyncio.sleep(0.5)
        server.own.start(leader)
    while len(ledger.acknowledged) == before:  # noqa: ASYNC110  # the writers know nothing of events
        await asyncio.sleep(0.02)
    print(f"the next append was acknowledged {time.monotonic() - began:.1f} s later")
    if server.replicas > 1:
        await asyncio.sleep(2.0)
        server.own.start(leader)
        await asyncio.sleep(3.0)
    ledger.over = True


@pytest.mark.timeout(600 if FULL else 180)
@pytest.mark.parametrize("nodes", [1, 3])
async def test_every_entry_stands_where_its_writer_believes_it_although_the_leader_was_killed(
    nodes: int, tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    ledger = Ledger()
    with nats_wheel(tmp_path / "nats", nodes) as server:
        async with AsyncExitStack() as stack:
            operator = await stack.enter_async_context(await server.connect("operator"))
            await open_book(operator, CANTON, nodes)
            books = [
                JetStreamBook(
                    await stack.enter_async_context(await server.connect("ledger")),
                    CANTON,
                    settle_limit_s=20.0 if number % 2 else 0.2,  # every other writer gives up and is left in doubt
                )
                for number in range(WRITERS + 1)
            ]
            async with asyncio.TaskGroup() as race:
                for number, book in enumerate(books[:-1]):
                    race.create_task(compete(book, f"writer {number}", random.Random(SEED + number), ledger))
                race.create_task(kill_the_leader(server, books[-1], ledger))
            stored = [s async for batch in books[-1].read() for s in batch]
    print(
        f"{nodes} nodes: {len(ledger.acknowledged)} appends acknowledged, {ledger.counts['conflicts']} conflicts, "
        f"{len(ledger.unknown)} unknown, {len(stored)} entries"
    )
    assert not [s for s in stored if isinstance(s.verdict, Void)], "the chain is not whole"
    standing = [s.entry for s in stored]
    assert len(set(standing)) == len(standing), "an entry stands in the book twice"
    for aim, entries in ledger.acknowledged:
        assert standing[aim : aim + len(entries)] == entries, f"what was acknowledged behind {aim} stands elsewhere"
    unsettled = 0
    for aim, entries in ledger.unknown:
        there = standing[aim : aim + len(entries)] == entries
        assert there or not set(entries) & set(standing), f"half of what was tried behind {aim} stands there"
        unsettled += len(entries) if there else 0
    assert sum(len(entries) for _, entries in ledger.acknowledged) + unsettled == len(standing)
    assert ledger.counts["conflicts"] > 0
