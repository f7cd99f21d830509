"""Following: nothing is lost or repeated, new entries are seen at once, rubbish does not stop anybody."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import pytest

from landbuch.contracts.entry import Entry, book_subject
from landbuch.contracts.judge import Void
from landbuch.sdk.book.api import BEGINNING, Book, Mark, Start, Stored
from landbuch.sdk.errors import ChainBrokenError
from landbuch.sdk.testing.events import after, information, informations
from tests.integration.book_suite.bench import Bench, entries_of

SOON_S = 5.0


async def taken(book: Book, count: int, start: Start = BEGINNING) -> list[Stored]:
    """Follow until so many entries have come."""
    stored: list[Stored] = []
    async with asyncio.timeout(SOON_S), aclosing(book.follow(start)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            stored.extend(batch)
            if len(stored) >= count:
                break
    return stored


async def test_a_follower_passes_from_what_stood_to_what_comes_without_loss_or_repetition(bench: Bench) -> None:
    entries = informations(Mark(), 1500, canton=bench.canton)
    book = await bench.opened()
    await book.append(entries[:500], 0)

    async def write() -> None:
        position = 500
        for size in (1, 2, 300, 1, 96, 100, 1, 499):
            await book.append(entries[position : position + size], position)
            position += size
            await asyncio.sleep(0.005)
        assert position == len(entries)

    follower = asyncio.create_task(taken(book, len(entries)))
    await write()
    assert entries_of(await follower) == entries


async def test_a_follower_of_an_empty_book_sees_its_first_entry(bench: Bench) -> None:
    book = await bench.opened()
    follower = asyncio.create_task(taken(book, 1))
    await asyncio.sleep(0.1)
    entries = informations(Mark(), 1, canton=bench.canton)
    await book.append(entries, 0)
    assert entries_of(await follower) == entries


async def test_a_follower_begins_behind_its_mark(bench: Bench) -> None:
    entries = informations(Mark(), 4, canton=bench.canton)
    book = await bench.holding(entries)
    stored = await taken(book, 2, Start(after(Mark(), *entries[:2])))
    assert [s.position for s in stored] == [3, 4]


async def test_a_new_entry_is_seen_within_50_milliseconds(bench: Bench) -> None:
    book = await bench.opened()
    seen: asyncio.Queue[float] = asyncio.Queue()

    async def watch() -> None:
        async for batch in book.follow():
            for _ in batch:
                seen.put_nowait(time.perf_counter())

    follower = asyncio.create_task(watch())
    await asyncio.sleep(0.2)
    delays = []
    for position, entry in enumerate(informations(Mark(), 20, canton=bench.canton)):
        await book.append([entry], position)
        written = time.perf_counter()
        delays.append(await asyncio.wait_for(seen.get(), SOON_S) - written)
    follower.cancel()
    median = sorted(delays)[len(delays) // 2]
    print(f"median {median * 1000:.2f} ms, longest {max(delays) * 1000:.2f} ms")
    assert median < 0.05


async def test_a_follower_hands_out_rubbish_that_arrives_while_it_watches_and_goes_on(bench: Bench) -> None:
    entries = informations(Mark(), 2, canton=bench.canton)
    book = await bench.holding(entries)
    follower = asyncio.create_task(taken(book, 6))
    await asyncio.sleep(0.2)
    bytes_ = Entry(book_subject(bench.canton, "_", "ledger", "Rubbish"), b"\xff")
    stranger = information(Mark(3, "ab" * 32), canton=bench.canton)
    rest = informations(after(Mark(), *entries, bytes_, stranger), 2, canton=bench.canton)
    await bench.add(book, bytes_, stranger, *rest)
    stored = await follower
    assert entries_of(stored) == [*entries, bytes_, stranger, *rest]
    reasons = [s.verdict.reason for s in stored if isinstance(s.verdict, Void)]
    assert reasons == ["not_canonical", "wrong_predecessor"]


async def test_a_follower_stops_at_a_misfit_that_stood_before_it_came(bench: Bench) -> None:
    entries = informations(Mark(), 2, canton=bench.canton)
    book = await bench.holding([*entries, information(Mark(2, "ab" * 32), canton=bench.canton)])
    with pytest.raises(ChainBrokenError, match="position 3"):
        await taken(book, 3)


async def test_a_cancelled_follower_ends_at_once_and_another_one_goes_on(bench: Bench) -> None:
    book = await bench.holding(informations(Mark(), 2, canton=bench.canton))
    for pause_s in (0.0, 0.001, 0.01, 0.1):
        follower = asyncio.create_task(taken(book, 3))
        await asyncio.sleep(pause_s)
        follower.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(SOON_S):
                await follower
    assert len(await taken(book, 2)) == 2


async def test_many_followers_see_the_same(bench: Bench) -> None:
    book = await bench.opened()
    entries = informations(Mark(), 50, canton=bench.canton)
    followers = [asyncio.create_task(taken(book, 50)) for _ in range(5)]
    for position, entry in enumerate(entries):
        await book.append([entry], position)
    for follower in followers:
        assert entries_of(await follower) == entries
