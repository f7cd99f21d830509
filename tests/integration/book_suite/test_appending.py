"""Appending: guarded by the position, all or none, and never twice."""

from __future__ import annotations

import asyncio

import pytest

from landbuch.contracts.entry import MAX_EVENT_BYTES, Entry, book_subject
from landbuch.sdk.book.api import Mark
from landbuch.sdk.errors import BookMissingError, ConflictError, OutcomeUnknownError, TooLargeError
from landbuch.sdk.testing.events import after, informations
from landbuch.sdk.testing.faulty_book import FaultyBook
from tests.integration.book_suite.bench import Bench, entries_of, everything


@pytest.mark.parametrize("size", [1, 2, 50])
@pytest.mark.parametrize("expected", [0, 2, 4, 1000])
async def test_a_guard_that_is_not_the_head_is_a_conflict_and_stores_nothing(
    bench: Bench, size: int, expected: int
) -> None:
    entries = informations(Mark(), 3, canton=bench.canton)
    book = await bench.holding(entries)
    with pytest.raises(ConflictError, match=str(expected)):
        await book.append(informations(Mark(expected, "ab" * 32), size, canton=bench.canton), expected)
    assert entries_of(await everything(book)) == entries


async def test_a_conflict_leaves_the_book_open_for_the_right_guard(bench: Bench) -> None:
    book = await bench.opened()
    first, second = informations(Mark(), 2, canton=bench.canton)
    await book.append([first], 0)
    with pytest.raises(ConflictError):
        await book.append([second], 0)
    await book.append([second], 1)
    assert entries_of(await everything(book)) == [first, second]


@pytest.mark.parametrize("size", [1, 7])
async def test_of_many_writers_at_one_position_exactly_one_wins(bench: Bench, size: int) -> None:
    book = await bench.opened()
    mark = Mark()
    for _ in range(10):
        tries = [informations(mark, size, canton=bench.canton, writer=f"writer {w}") for w in range(8)]
        outcomes = await asyncio.gather(
            *(book.append(entries, mark.position) for entries in tries), return_exceptions=True
        )
        winners = [entries for entries, outcome in zip(tries, outcomes, strict=True) if outcome is None]
        assert len(winners) == 1
        assert all(isinstance(outcome, ConflictError) for outcome in outcomes if outcome is not None)
        stored = [s for s in await everything(book) if s.position > mark.position]
        assert entries_of(stored) == winners[0]
        mark = after(mark, *winners[0])


@pytest.mark.parametrize("size", [1, 3])
async def test_the_same_entries_again_at_their_position_are_accepted_and_not_stored_twice(
    bench: Bench, size: int
) -> None:
    book = await bench.opened()
    entries = informations(Mark(), size, canton=bench.canton)
    await book.append(entries, 0)
    await book.append(entries, 0)
    assert await book.head() == size
    await book.append(informations(after(Mark(), *entries), 1, canton=bench.canton), size)
    await book.append(entries, 0)
    assert await book.head() == size + 1
    with pytest.raises(ConflictError):
        await book.append([*entries, *informations(Mark(size, "ab" * 32), 1, canton=bench.canton)], 0)


@pytest.mark.parametrize("size", [1, 3])
async def test_an_event_may_have_60000_bytes_and_not_one_more(bench: Bench, size: int) -> None:
    book = await bench.opened()
    subject = book_subject(bench.canton, "_", "ledger", "Long")
    others = informations(Mark(), size - 1, canton=bench.canton)
    with pytest.raises(TooLargeError, match="60001 bytes; it may have 60000, 1 too many"):
        await book.append([*others, Entry(subject, b"x" * (MAX_EVENT_BYTES + 1))], 0)
    assert await book.head() == 0
    largest = [*others, Entry(subject, b"x" * MAX_EVENT_BYTES)]
    await book.append(largest, 0)
    assert entries_of(await everything(book)) == largest


async def test_a_batch_of_1000_largest_events_is_stored_and_read_back(bench: Bench) -> None:
    book = await bench.opened()
    subject = book_subject(bench.canton, "_", "ledger", "Long")
    entries = [Entry(subject, str(number).encode().rjust(MAX_EVENT_BYTES)) for number in range(1000)]
    await book.append(entries, 0)
    assert entries_of(await everything(book)) == entries


@pytest.mark.parametrize("size", [0, 1001])
async def test_an_append_takes_1_to_1000_entries(bench: Bench, size: int) -> None:
    book = await bench.opened()
    with pytest.raises(ValueError, match=f"1 to 1000 entries, not {size}"):
        await book.append(informations(Mark(), size, canton=bench.canton), 0)
    assert await book.head() == 0


@pytest.mark.parametrize("subject", ["book.XX._.ledger.X", "command.ledger.X", "book.{}.*.ledger.X", "book.{}._. .X"])
async def test_an_entry_that_does_not_belong_into_the_book_is_a_mistake_of_the_caller(
    bench: Bench, subject: str
) -> None:
    book = await bench.opened()
    with pytest.raises(ValueError, match=r"subject|belong"):
        await book.append([Entry(subject.format(bench.canton), b"{}")], 0)
    assert await book.head() == 0


@pytest.mark.parametrize("size", [1, 2])
async def test_appending_to_a_book_that_nobody_opened_is_reported(bench: Bench, size: int) -> None:
    book = await bench.missing()
    with pytest.raises(BookMissingError):
        await book.append(informations(Mark(), size, canton=bench.canton), 0)


@pytest.mark.parametrize("size", [1, 5])
async def test_a_failed_append_and_one_that_failed_but_persisted_look_the_same_to_the_writer(
    bench: Bench, size: int
) -> None:
    book = FaultyBook(await bench.opened())
    entries = informations(Mark(), size, canton=bench.canton)
    book.fail_next_append()
    with pytest.raises(OutcomeUnknownError):
        await book.append(entries, 0)
    assert await book.head() == 0
    book.lose_next_answer()
    with pytest.raises(OutcomeUnknownError):
        await book.append(entries, 0)
    assert entries_of(await everything(book)) == entries


async def test_a_conflict_on_request_is_with_what_somebody_else_stored(bench: Bench) -> None:
    book = FaultyBook(await bench.opened())
    entries = informations(Mark(), 2, canton=bench.canton)
    foreign = informations(Mark(), 1, canton=bench.canton, writer="somebody else")
    book.conflict_next_append()
    with pytest.raises(ConflictError):
        await book.append(entries, 0)
    assert await book.head() == 0
    book.conflict_next_append(lambda _position: foreign)
    with pytest.raises(ConflictError):
        await book.append(entries, 0)
    assert entries_of(await everything(book)) == foreign
    assert book.appends == 2
