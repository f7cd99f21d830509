"""Reading: what was written comes back, verified, and whatever is wrong is said with its position."""

from __future__ import annotations

import time

import pytest

from landbuch.contracts.entry import Entry, book_subject, leaf_of
from landbuch.contracts.judge import Void
from landbuch.contracts.merkle import root
from landbuch.sdk.book.api import Book, Evidence, Mark, Start, Stored
from landbuch.sdk.errors import BeyondHeadError, BookMissingError, ChainBrokenError, GapError, UnavailableError
from landbuch.sdk.testing.events import after, information, informations
from landbuch.sdk.testing.faulty_book import FaultyBook
from tests.integration.book_suite.bench import Bench, entries_of, everything


async def test_an_empty_book_ends_at_0_and_gives_nothing(bench: Bench) -> None:
    book = await bench.opened()
    assert await book.head() == 0
    assert await everything(book) == []


@pytest.mark.parametrize("size", [1, 2, 999, 1000])
async def test_what_was_appended_in_one_batch_is_read_back(bench: Bench, size: int) -> None:
    book = await bench.opened()
    entries = informations(Mark(), size, canton=bench.canton)
    await book.append(entries, 0)
    stored = await everything(book)
    assert entries_of(stored) == entries
    assert [s.position for s in stored] == list(range(1, size + 1))
    assert [s.leaf for s in stored] == [leaf_of(entry) for entry in entries]


async def test_more_entries_than_a_page_holds_are_read_back(bench: Bench) -> None:
    book = await bench.opened()
    entries = informations(Mark(), 2345, canton=bench.canton)
    for first in range(0, len(entries), 1000):
        await book.append(entries[first : first + 1000], first)
    batches = [len(batch) async for batch in book.read()]
    assert entries_of(await everything(book)) == entries
    assert max(batches) <= 1000


@pytest.mark.parametrize(("known", "to"), [(0, 1), (0, 7), (3, 7), (6, 7), (7, 7), (3, 10)])
async def test_reading_begins_behind_the_mark_and_ends_where_it_is_told(bench: Bench, known: int, to: int) -> None:
    entries = informations(Mark(), 10, canton=bench.canton)
    book = await bench.holding(entries)
    stored = await everything(book, Start(after(Mark(), *entries[:known])), to)
    assert [s.position for s in stored] == list(range(known + 1, to + 1))


async def test_reading_behind_the_head_is_refused(bench: Bench) -> None:
    book = await bench.holding(informations(Mark(), 3, canton=bench.canton))
    with pytest.raises(BeyondHeadError, match="ends at position 3; position 4"):
        await everything(book, to=4)


async def test_a_book_that_nobody_opened_is_reported(bench: Bench) -> None:
    book = await bench.missing()
    with pytest.raises(BookMissingError):
        await book.head()
    with pytest.raises(BookMissingError):
        await everything(book)
    with pytest.raises(BookMissingError):
        await anext(aiter(book.follow()))


@pytest.mark.parametrize("position", [1, 3])
async def test_a_gap_is_reported_with_its_position(bench: Bench, position: int) -> None:
    book = await bench.with_hole(position, 5)
    handed_out: list[Stored] = []
    with pytest.raises(GapError, match=f"position {position} is missing") as gap:
        await collect(book, handed_out)
    assert gap.value.position == position
    assert len(handed_out) < position


async def test_a_follower_reports_a_gap_too(bench: Bench) -> None:
    book = await bench.with_hole(3, 5)
    with pytest.raises(GapError, match="position 3 is missing"):
        async for _ in book.follow():
            pass


async def test_a_book_that_ends_before_the_readers_mark_has_lost_entries(bench: Bench) -> None:
    entries = informations(Mark(), 5, canton=bench.canton)
    book = await bench.holding(entries[:3])
    with pytest.raises(GapError, match="ends at position 3, but position 5 was in it before") as gap:
        await everything(book, Start(after(Mark(), *entries)))
    assert gap.value.position == 4


async def test_a_book_that_ends_before_the_evidence_has_lost_entries(bench: Bench) -> None:
    entries = informations(Mark(), 5, canton=bench.canton)
    book = await bench.holding(entries[:3])
    with pytest.raises(GapError, match="ends at position 3, but position 5 was in it before"):
        await everything(book, Start(evidence=evidence(entries)))


async def test_a_position_that_was_used_again_is_found_by_the_readers_mark(bench: Bench) -> None:
    book = await bench.holding(informations(Mark(), 5, canton=bench.canton))
    elsewhere = informations(Mark(), 4, canton=bench.canton, writer="another history")
    with pytest.raises(ChainBrokenError, match="position 4") as broken:
        await everything(book, Start(after(Mark(), *elsewhere)))
    assert "was read before" in str(broken.value)


async def test_rubbish_is_void_and_reading_goes_on(bench: Bench) -> None:
    rubbish = Entry(book_subject(bench.canton, "_", "ledger", "Rubbish"), b"{not even JSON")
    entries = [*informations(Mark(), 2, canton=bench.canton), rubbish]
    entries += informations(after(Mark(), *entries), 2, canton=bench.canton)
    stored = await everything(await bench.holding(entries))
    assert entries_of(stored) == entries
    assert [isinstance(s.verdict, Void) for s in stored] == [False, False, True, False, False]


async def test_an_altered_entry_is_not_handed_out_when_the_next_one_contradicts_it(bench: Bench) -> None:
    book = await bench.holding(altered(bench.canton))
    handed_out: list[Stored] = []
    with pytest.raises(ChainBrokenError, match="position 4"):
        await collect(book, handed_out)
    assert [s.position for s in handed_out] in ([], [1, 2])


async def test_the_last_entry_of_a_page_is_held_back_until_the_next_one_vouches_for_it(bench: Bench) -> None:
    entries = informations(Mark(), 1003, canton=bench.canton)
    entries[999] = information(after(Mark(), *entries[:999]), canton=bench.canton, writer="a burglar")
    book = await bench.opened()
    await book.append(entries[:1000], 0)
    await book.append(entries[1000:], 1000)
    handed_out: list[Stored] = []
    with pytest.raises(ChainBrokenError, match="position 1001"):
        await collect(book, handed_out)
    assert len(handed_out) == 999


async def test_the_copy_tells_an_altered_entry_from_rubbish_behind_it(bench: Bench) -> None:
    good = informations(Mark(), 5, canton=bench.canton)
    book = await bench.holding(altered(bench.canton))
    with pytest.raises(ChainBrokenError, match="position 3") as broken:
        await everything(book, Start(evidence=evidence(good)))
    assert "A stored entry was altered" in str(broken.value)


@pytest.mark.parametrize("to", [None, 3, 4])
async def test_the_copy_tells_rubbish_from_an_altered_entry_also_when_reading_ends_before_it(
    bench: Bench, to: int | None
) -> None:
    entries = informations(Mark(), 2, canton=bench.canton)
    entries.append(information(Mark(2, "ab" * 32), canton=bench.canton))
    entries += informations(after(Mark(), *entries), 2, canton=bench.canton)
    book = await bench.holding(entries)
    stored = await everything(book, Start(evidence=evidence(entries)), to)
    assert [isinstance(s.verdict, Void) for s in stored] == [False, False, True, False, False][:to]


async def test_a_read_that_is_made_to_break_or_to_dawdle_does_so_once(bench: Bench) -> None:
    entries = informations(Mark(), 1500, canton=bench.canton)
    inner = await bench.opened()
    await inner.append(entries[:1000], 0)
    await inner.append(entries[1000:], 1000)
    book = FaultyBook(inner)
    handed_out: list[Stored] = []
    book.break_next_read()
    book.break_next_read(after_batches=1)
    with pytest.raises(UnavailableError):
        await collect(book, handed_out)
    assert handed_out == []
    with pytest.raises(UnavailableError):
        await collect(book, handed_out)
    assert 0 < len(handed_out) < len(entries)
    book.delay_reads(0.1)
    began = time.monotonic()
    assert entries_of(await everything(book)) == entries
    assert time.monotonic() - began >= 0.2


async def collect(book: Book, handed_out: list[Stored]) -> None:
    """Read a book and keep what it hands out before it raises."""
    async for batch in book.read():
        handed_out.extend(batch)


def altered(canton: str) -> list[Entry]:
    """Five entries, of which the third was exchanged on the disk."""
    entries = informations(Mark(), 5, canton=canton)
    entries[2] = information(after(Mark(), *entries[:2]), canton=canton, writer="a burglar")
    return entries


def evidence(entries: list[Entry]) -> Evidence:
    """What the ledger's copy says of entries."""
    return Evidence(len(entries), root(map(leaf_of, entries)))
