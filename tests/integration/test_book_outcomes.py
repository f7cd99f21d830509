"""Lost answers: an append is settled by what stands in the book, never guessed, and never stored twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from nats.aio.client import Client

from landbuch.sdk.book.api import Mark
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book
from landbuch.sdk.errors import ConflictError, FailedError, OutcomeUnknownError
from landbuch.sdk.testing.events import after, informations
from tests.integration.book_suite.bench import entries_of, everything
from tests.line import Line, line_to
from tests.servers import Nats

ACK_TIMEOUT_S = 0.2


@dataclass
class Office:
    """A writer at the end of a line that can be disturbed, and another one whose line is sound."""

    canton: str
    line: Line
    client: Client
    book: JetStreamBook
    other: JetStreamBook


@pytest.fixture
async def office(nats: Nats) -> AsyncIterator[Office]:
    """Give an office with an empty book."""
    canton = nats.fresh_canton()
    operator, sound = await nats.connect("operator"), await nats.connect("ledger")
    await open_book(operator, canton, nats.replicas)
    async with line_to(nats.url) as line:
        client = await nats.connect("ledger", line.url)
        book = JetStreamBook(client, canton, ack_timeout_s=ACK_TIMEOUT_S, settle_limit_s=10.0)
        yield Office(canton, line, client, book, JetStreamBook(sound, canton))
        await client.close()
    await operator.close()
    await sound.close()


@pytest.mark.parametrize("size", [1, 2, 400])
async def test_an_append_that_was_stored_while_its_answer_was_lost_is_acknowledged_once(
    office: Office, size: int
) -> None:
    entries = informations(Mark(), size, canton=office.canton)
    office.line.lose_answers()
    office.line.repair_after(0.5)
    await office.book.append(entries, 0)
    assert entries_of(await everything(office.other)) == entries


@pytest.mark.parametrize("size", [1, 2, 400])
async def test_an_append_that_never_arrived_is_repeated_under_its_guard(office: Office, size: int) -> None:
    entries = informations(Mark(), size, canton=office.canton)
    office.line.lose_requests()
    office.line.repair_after(0.5)
    await office.book.append(entries, 0)
    assert entries_of(await everything(office.other)) == entries


@pytest.mark.parametrize("arrived", [10, 20_000, 319_000])
async def test_a_batch_that_is_cut_anywhere_is_stored_whole_and_once(office: Office, arrived: int) -> None:
    entries = informations(Mark(), 400, canton=office.canton)
    office.line.lose_requests(after_bytes=arrived)
    office.line.repair_after(0.4)
    await office.book.append(entries, 0)
    assert entries_of(await everything(office.other)) == entries


async def test_an_append_that_was_stored_is_recognised_although_others_wrote_behind_it(office: Office) -> None:
    entries = informations(Mark(), 1, canton=office.canton)
    behind = informations(after(Mark(), *entries), 2, canton=office.canton, writer="another")
    office.line.lose_answers()
    appending = asyncio.create_task(office.book.append(entries, 0))
    await asyncio.sleep(0.1)
    await office.other.append(behind, 1)
    office.line.repair()
    await appending
    assert entries_of(await everything(office.other)) == [*entries, *behind]


async def test_an_append_that_never_arrived_is_a_conflict_when_others_wrote_first(office: Office) -> None:
    entries = informations(Mark(), 3, canton=office.canton)
    others = informations(Mark(), 1, canton=office.canton, writer="another")
    office.line.lose_requests()
    appending = asyncio.create_task(office.book.append(entries, 0))
    await asyncio.sleep(0.1)
    await office.other.append(others, 0)
    office.line.repair()
    with pytest.raises(ConflictError):
        await appending
    assert entries_of(await everything(office.other)) == others


async def test_what_cannot_be_settled_in_time_is_reported_as_unknown(office: Office) -> None:
    book = JetStreamBook(office.client, office.canton, ack_timeout_s=ACK_TIMEOUT_S, settle_limit_s=1.0)
    entries = informations(Mark(), 1, canton=office.canton)
    office.line.lose_answers()
    began = time.monotonic()
    with pytest.raises(OutcomeUnknownError, match="repeat with the same command ids"):
        await book.append(entries, 0)
    assert 0.5 < time.monotonic() - began < 6
    assert entries_of(await everything(office.other)) == entries


async def test_a_connection_that_is_closed_before_the_append_fails_and_one_in_the_middle_leaves_it_unknown(
    office: Office,
) -> None:
    entries = informations(Mark(), 1, canton=office.canton)
    office.line.lose_answers()
    appending = asyncio.create_task(office.book.append(entries, 0))
    await asyncio.sleep(0.1)
    await office.client.close()
    with pytest.raises(OutcomeUnknownError):
        await appending
    with pytest.raises(FailedError, match="closed") as failed:
        await office.book.append(entries, 0)
    assert not isinstance(failed.value, OutcomeUnknownError)


async def test_a_cancelled_append_lets_go(office: Office) -> None:
    office.line.lose_answers()
    appending = asyncio.create_task(office.book.append(informations(Mark(), 1, canton=office.canton), 0))
    await asyncio.sleep(0.05)
    appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appending
