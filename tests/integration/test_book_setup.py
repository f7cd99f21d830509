"""Opening, finding and checking streams, and what the server forbids whom."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from nats.aio.client import Client

from landbuch.contracts.entry import Entry, book_subject
from landbuch.sdk.book.api import Mark
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import check_stream, find_book, find_books, law, open_book, stream_info
from landbuch.sdk.book.wire import ServerError, ask
from landbuch.sdk.errors import BookMissingError, PermissionDeniedError, StreamDiffersError, TooLargeError
from landbuch.sdk.testing.events import informations
from tests.integration.book_suite.bench import everything
from tests.servers import Nats


@pytest.fixture
async def operator(nats: Nats) -> AsyncIterator[Client]:
    """Give the operator's connection."""
    async with await nats.connect("operator") as client:
        yield client


@pytest.fixture
async def ledger(nats: Nats) -> AsyncIterator[Client]:
    """Give the ledger's connection."""
    async with await nats.connect("ledger") as client:
        yield client


@pytest.fixture
def users(nats: Nats) -> None:
    """Demand a user per service, which a given server need not have."""
    if not nats.has_users:
        pytest.skip("the given NATS server has one user for everybody, with every right")


async def create(operator: Client, canton: str, name: str, **changes: Any) -> None:
    """Create a stream that differs from the law."""
    await ask(operator, f"STREAM.CREATE.{name}", law(canton, 1) | {"name": name} | changes)


async def test_a_new_book_has_the_stream_that_the_law_demands(nats: Nats, operator: Client, ledger: Client) -> None:
    canton = nats.fresh_canton()
    name = await open_book(operator, canton, nats.replicas)
    info = await stream_info(ledger, name)
    check_stream(info, nats.replicas)
    assert {key: info["config"][key] for key in law(canton, nats.replicas)} == law(canton, nats.replicas)
    assert (await find_books(ledger))[canton] == name
    assert await (await find_book(ledger, canton)).head() == 0


async def test_opening_twice_changes_nothing(nats: Nats, operator: Client, ledger: Client) -> None:
    canton = nats.fresh_canton()
    name = await open_book(operator, canton, nats.replicas)
    await JetStreamBook(ledger, canton).append(informations(Mark(), 2, canton=canton), 0)
    assert await open_book(operator, canton, nats.replicas) == name
    assert await JetStreamBook(ledger, canton).head() == 2


async def test_opening_where_the_stream_was_loosened_lists_what_differs(nats: Nats, operator: Client) -> None:
    canton = nats.fresh_canton()
    await create(operator, canton, f"BOOK-{canton}", max_msgs=100, deny_delete=False)
    with pytest.raises(StreamDiffersError) as differs:
        await open_book(operator, canton, nats.replicas)
    assert "max_msgs is 100; it must be -1: old entries would be dropped" in str(differs.value)
    assert "deny_delete is False; it must be True: single entries could be deleted" in str(differs.value)
    assert "refuses to work with it" in str(differs.value)


async def test_the_next_generation_of_a_book_is_found_by_its_subjects(
    nats: Nats, operator: Client, ledger: Client
) -> None:
    canton = nats.fresh_canton()
    await create(operator, canton, f"BOOK-{canton}-2")
    assert await open_book(operator, canton, nats.replicas) == f"BOOK-{canton}-2"
    book = await find_book(ledger, canton)
    await book.append(informations(Mark(), 3, canton=canton), 0)
    assert len(await everything(book)) == 3


async def test_a_stream_that_takes_a_part_of_a_book_is_reported(nats: Nats) -> None:
    canton = nats.fresh_canton()
    async with await nats.connect("operator") as operator:
        await create(operator, canton, f"PART-{canton}", subjects=[f"book.{canton}.KIP3.>"])
        try:
            with pytest.raises(StreamDiffersError, match=f"PART-{canton} captures book.{canton}.KIP3.>"):
                await find_books(operator)
        finally:
            nats.cantons.clear()  # nobody may delete it: the next test takes another server


async def test_a_canton_without_a_book_is_reported(nats: Nats, ledger: Client) -> None:
    canton = nats.fresh_canton()
    with pytest.raises(BookMissingError, match=f"there is no book for {canton}"):
        await find_book(ledger, canton)


@pytest.mark.usefixtures("users")
async def test_only_the_operator_opens_books(nats: Nats, ledger: Client) -> None:
    canton = nats.fresh_canton()
    began = time.monotonic()
    with pytest.raises(PermissionDeniedError, match=f"may not publish to .*STREAM.CREATE.BOOK-{canton}"):
        await open_book(ledger, canton, nats.replicas)
    assert time.monotonic() - began < 1


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("size", [1, 3])
async def test_a_service_that_writes_under_anothers_name_is_told_so_at_once(
    nats: Nats, operator: Client, size: int
) -> None:
    canton = nats.fresh_canton()
    await open_book(operator, canton, nats.replicas)
    async with await nats.connect("agreements") as agreements:
        began = time.monotonic()
        with pytest.raises(PermissionDeniedError, match=r"ledger\.InformationRecorded"):
            await JetStreamBook(agreements, canton).append(informations(Mark(), size, canton=canton), 0)
        assert time.monotonic() - began < 1
        assert await JetStreamBook(agreements, canton).head() == 0


@pytest.mark.usefixtures("users")
async def test_a_forbidden_subject_in_the_middle_of_a_batch_is_named_and_nothing_is_stored(
    nats: Nats, operator: Client
) -> None:
    canton = nats.fresh_canton()
    await open_book(operator, canton, nats.replicas)
    async with await nats.connect("agreements") as agreements:
        own = [Entry(book_subject(canton, "_", "agreements", "Own"), str(n).encode()) for n in range(2)]
        foreign = Entry(book_subject(canton, "_", "ledger", "Foreign"), b"x")
        book = JetStreamBook(agreements, canton)
        with pytest.raises(PermissionDeniedError, match=r"ledger\.Foreign"):
            await book.append([own[0], foreign, own[1]], 0)
        assert await book.head() == 0
        await book.append(own, 0)
        assert await book.head() == 2


@pytest.mark.usefixtures("users")
async def test_a_reader_may_read_and_follow_and_nothing_else(nats: Nats, operator: Client, ledger: Client) -> None:
    canton = nats.fresh_canton()
    await open_book(operator, canton, nats.replicas)
    entries = informations(Mark(), 3, canton=canton)
    await JetStreamBook(ledger, canton).append(entries, 0)
    async with await nats.connect("reader") as reader:
        book = await find_book(reader, canton)
        assert len(await everything(book)) == 3
        assert len(await anext(aiter(book.follow()))) >= 1
        with pytest.raises(PermissionDeniedError):
            await book.append(informations(Mark(3), 1, canton=canton), 3)


async def test_what_the_server_finds_too_large_is_reported_as_too_large(nats: Nats, operator: Client) -> None:
    canton = nats.fresh_canton()
    await create(operator, canton, f"BOOK-{canton}", max_msg_size=500)
    async with await nats.connect("ledger") as ledger:
        with pytest.raises(TooLargeError, match="10054"):
            await JetStreamBook(ledger, canton).append(informations(Mark(), 1, canton=canton, size=900), 0)


async def test_a_stream_without_atomic_batches_says_so(nats: Nats, operator: Client, ledger: Client) -> None:
    canton = nats.fresh_canton()
    await create(operator, canton, f"BOOK-{canton}", allow_atomic=False)
    with pytest.raises(ServerError, match="atomic publish is disabled"):
        await JetStreamBook(ledger, canton).append(informations(Mark(), 2, canton=canton), 0)


async def test_a_stream_whose_replicas_may_not_be_read_is_read_from_its_leader(
    nats: Nats, operator: Client, ledger: Client
) -> None:
    canton = nats.fresh_canton()
    await create(operator, canton, f"BOOK-{canton}", allow_direct=False)
    book = JetStreamBook(ledger, canton)
    entries = informations(Mark(), 5, canton=canton)
    await book.append(entries, 0)
    assert [s.entry for s in await everything(book)] == entries
